"""`python -m usage_dash` does what `usage-dash` does."""

from usage_dash.cli import main

main()
