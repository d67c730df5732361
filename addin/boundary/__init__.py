"""Cells to the core and back: the only way."""
