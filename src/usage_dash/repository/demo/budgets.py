"""What the made-up team may spend a month, so that a sample shows how budgets stand."""

from __future__ import annotations

from typing import Final

from usage_dash.settings.budgets import Budgets

BUDGETS: Final = Budgets(1_700.0, {"Support": 550.0, "Research": 900.0, "Sales": 200.0}, 250.0)
