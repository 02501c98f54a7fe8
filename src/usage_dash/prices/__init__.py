"""What models cost by the price lists of their providers, as of any time."""
