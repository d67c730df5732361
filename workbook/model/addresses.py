"""Addresses that stay when a formula is copied, and calculations that need every part."""

from __future__ import annotations

from collections.abc import Sequence

from workbook.cells import NOT_AVAILABLE, Ref


def needs(parts: Sequence[str], text: str) -> str:
    """Write a calculation that says "n/a" while one of its parts is not a number.

    Examples
    --------
    >>> needs(("C5", "C6"), "{0}*{1}")
    'IF(COUNT(C5,C6)=2,C5*C6,"n/a")'
    """
    count = f"COUNT({','.join(parts)})={len(parts)}"
    return f'IF({count},{text.format(*parts)},"{NOT_AVAILABLE}")'


def row_absolute(ref: Ref) -> str:
    """Give an address whose column stays when the formula is copied across."""
    return "$" + ref.here


def column_absolute(ref: Ref) -> str:
    """Give an address whose row stays when the formula is copied down."""
    return f"{ref.here.rstrip('0123456789')}${ref.row}"
