"""How amounts, days and times read, on the page and wherever else they are told."""
