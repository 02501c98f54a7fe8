"""Keeping the ledger current, cheaply."""
