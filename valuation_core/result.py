"""The result of a table function: a header row and rows of numbers, text, dates or errors."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from valuation_core.errors import NOT_FINITE, domain

if TYPE_CHECKING:
    import pandas as pd


def _checked(cell: Any) -> Any:
    """Give a cell, or the error it is where it is a float that is not finite."""
    if isinstance(cell, float) and not isfinite(cell):
        return domain("result", NOT_FINITE, cell)
    return cell


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table that spills into cells.

    An element may be a `ValuationError`: hosts show it as an error cell.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __post_init__(self) -> None:
        # Whatever made it, no cell of a table holds infinity or NaN.
        rows = tuple(tuple(map(_checked, row)) for row in self.rows)
        object.__setattr__(self, "rows", rows)

    def frame(self) -> pd.DataFrame:
        """Give the table as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.header))
