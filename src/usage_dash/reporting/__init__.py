"""Questions to the ledger, answered as view models."""
