"""Where usage documents come from."""
