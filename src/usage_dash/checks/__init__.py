"""Whether the figures can be trusted: checks that find by themselves what is wrong, why, and what to do about it."""
