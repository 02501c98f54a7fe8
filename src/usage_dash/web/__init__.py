"""HTTP around the page."""
