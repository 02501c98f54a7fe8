"""Whether a dashboard is set up well, looked at from outside: what is good, and what to do about what is not."""
