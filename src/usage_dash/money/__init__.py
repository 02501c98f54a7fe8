"""Where the cost is heading: budgets, the forecast, and what is unusual and why."""
