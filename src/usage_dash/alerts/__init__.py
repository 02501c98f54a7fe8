"""Who is told, when, and of what: rules, what was sent, and the sending."""
