"""Signing in: ways to tell who somebody is, the session that remembers it, and the gate before everything."""
