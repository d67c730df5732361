"""Sheets that ask what if: scenarios, sensitivity, tornado."""
