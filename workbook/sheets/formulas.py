"""Addresses that stay when a formula is copied across or down."""

from __future__ import annotations

from workbook.plan import Ref


def row_absolute(ref: Ref) -> str:
    """Give an address whose column stays when the formula is copied across."""
    return "$" + ref.here


def column_absolute(ref: Ref) -> str:
    """Give an address whose row stays when the formula is copied down."""
    return f"{ref.here.rstrip('0123456789')}${ref.row}"
