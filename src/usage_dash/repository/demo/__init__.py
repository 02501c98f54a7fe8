"""Sample data that lives."""
