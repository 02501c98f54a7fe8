"""The Dash page."""
