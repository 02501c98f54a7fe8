"""The parts of the page; each is a pure function from plain data to layout."""
