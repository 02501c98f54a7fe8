"""What can be taken along, written as files."""
