"""Sheets a reader sees first: cover, summary, checks, functions."""
