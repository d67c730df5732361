"""Addresses that stay when a formula is copied, and calculations that need every part."""

from __future__ import annotations

from collections.abc import Sequence

from workbook.cells import NOT_AVAILABLE, Ref, letters
from workbook.model.excel import Term


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


def number_down(column: int, first: int, line: int) -> Term:
    """Give the number of a line down a list, counted in a column that is blank beside the list.

    The cells of the list itself depend on that number, and Excel may take a formula that names
    such a cell for a circle even where it only counts rows.

    Examples
    --------
    >>> number_down(20, 5, 7)
    Term(text='ROWS($T$5:$T7)', value=3.0, rank=9)
    """
    name = letters(column)
    return Term(f"ROWS(${name}${first}:${name}{line})", float(line - first + 1))
