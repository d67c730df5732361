"""Sheets of facts: inputs and the tables of the book."""
