"""Ledgers to fill."""

from tests.unit.empty_ledgers import ledger, ledgers

__all__ = ["ledger", "ledgers"]
