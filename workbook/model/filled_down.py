"""Cells between two of a column that are alike but for the row in which they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from workbook.model.excel import Term

_DIGITS: Final = re.compile(r"(\d+)")


def filled_down(first: Term, last: Term, lines: range) -> Iterator[Term] | None:
    """Give the cells of some rows from the first and the last of them; None where these differ.

    They must show one value, and each number in their texts must be the same in both, or count the
    rows between them: as in a formula that a spreadsheet fills down.

    Examples
    --------
    >>> first, last = Term("INDEX(Facts!$B:$B,ROW())&A$7&B8", ""), Term("x", "")
    >>> below = Term("INDEX(Facts!$B:$B,ROW())&A$7&B10", "")
    >>> [term.text for term in filled_down(first, below, range(8, 11))][1]
    'INDEX(Facts!$B:$B,ROW())&A$7&B9'
    >>> filled_down(first, last, range(8, 11)) is None
    True
    """
    one, other = _DIGITS.split(first.text), _DIGITS.split(last.text)
    if len(one) != len(other) or one[::2] != other[::2]:
        return None
    if type(first.value) is not type(last.value) or first.value != last.value:
        return None
    written, moving = "", []
    for place, piece in enumerate(one):
        if place % 2 and piece != other[place]:
            if int(other[place]) - int(piece) != lines[-1] - lines[0]:
                return None
            moving.append(int(piece) - lines[0])
            written += "%d"
        else:
            written += piece.replace("%", "%%")
    rank, value = first.rank, first.value
    return (Term(written % tuple(line + at for at in moving), value, rank) for line in lines)
