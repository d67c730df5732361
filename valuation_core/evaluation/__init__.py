"""How one function runs on cells and arrays: checks, broadcasting, errors, facts."""
