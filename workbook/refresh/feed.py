"""Prices of a terminal in a model: which cells they stand in, and which of them are prices. Pure.

The sheet Feed asks the terminal, line by line, and says whether its answer is a price: only a
number above zero is. The analyst's own value takes it from there; where there is none the own
value is blank, so that the book's counts, and Feed says "book".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from valuation_core.book.metrics import METRICS, NETWORK
from valuation_core.book.tables import Row
from workbook.cells import ErrorValue, Value
from workbook.refresh.decide import Grid, RefreshError
from workbook.refresh.inputs import NEEDED

NAME: Final = "Feed"
HEADINGS: Final = (
    *("miner", "fact", "terminal", "ticker there", "field there", "terminal says", "price"),
    *("in use", "why the book's"),
)
WIDTHS: Final = (10, 11, 11, 20, 16, 24, 12, 15, 40)
MINER, FACT, TERMINAL, TICKER, FIELD, SAYS, PRICE, USED, WHY = range(1, len(HEADINGS) + 1)
"""Columns of the sheet."""

FIRST_ROW: Final = 2
BITCOIN: Final = (NETWORK, "btc_price")
SHARE: Final = "price"

BY_TERMINAL: Final = "terminal"
BY_BOOK: Final = "book"
BY_ANALYST: Final = "your own value"

NOTHING: Final = "the terminal gives nothing"
NOT_LINKED: Final = "not linked to your own value: run hpcval feed again"
NO_TICKER: Final = "no ticker: fill it in"

NOTE: Final = (
    "Change ticker and field to what your terminal calls them. An answer that is no number above "
    "zero, such as a text, an error or nothing, is no price: then the book's counts."
)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Terminal:
    """How a terminal is asked for a price."""

    label: str
    function: str
    field: str
    share: str
    """Ticker of a share listed in the United States, by that of the book."""
    bitcoin: str
    """Ticker of bitcoin in USD; blank where it is for the desk to fill in."""

    def ticker(self, key: Key) -> str:
        """Give the ticker that is asked for at first."""
        return self.bitcoin if key == BITCOIN else self.share.format(key[0])


TERMINALS: Final[Mapping[str, Terminal]] = {
    "bloomberg": Terminal("Bloomberg", "BDP", "PX_LAST", "{} US Equity", "XBTUSD Curncy"),
    "factset": Terminal("FactSet", "FDS", "P_PRICE(0)", "{}-US", ""),
    "capiq": Terminal("Capital IQ", "CIQ", "IQ_CLOSEPRICE", "NasdaqCM:{}", ""),
    "lseg": Terminal("LSEG", "TR", "CF_LAST", "{}.O", "BTC="),
}


@dataclass(frozen=True, slots=True)
class Priced:
    """A fact that a terminal may price, and where it stands on the sheet of inputs."""

    key: Key
    row: int
    column: int
    """Column of the analyst's own value."""
    read: int | None
    """Column of the own value as HPC_BOOK reads it, where the sheet has one."""


def priced_in(grid: Grid) -> tuple[Priced, ...]:
    """Find the prices of the miners and of bitcoin on the sheet of inputs, in their order."""
    headings = sorted({row for (row, _), value in grid.items() if value == NEEDED[0]})
    for line in headings:
        # The published figures have headings of their own.
        end = next((row for row in headings if row > line), max(row for row, _ in grid) + 1)
        columns = {value: at for (row, at), value in grid.items() if row == line}
        if set(NEEDED) <= columns.keys():
            scope, metric = columns[NEEDED[0]], columns[NEEDED[1]]
            found = [
                Priced(
                    (str(grid.get((row, scope))), str(value)),
                    row,
                    columns["your value"],
                    columns.get("value read"),
                )
                for (row, at), value in sorted(grid.items(), key=lambda cell: cell[0])
                if at == metric and line < row < end and value in (SHARE, BITCOIN[1])
            ]
            return tuple(one for one in found if one.key[1] == SHARE or one.key == BITCOIN)
    raise RefreshError("the workbook shows no facts of ours; nothing was changed")


def formulas_of(
    terminal: Terminal, line: int, own: str, *, asks: bool = True
) -> dict[int, tuple[str, Value]]:
    """Write what a line of Feed computes, with what it shows without a terminal.

    `own` is the cell of the analyst's own value; a line `asks` where it has a ticker.

    Examples
    --------
    >>> formulas_of(TERMINALS["bloomberg"], 2, "Inputs!$E$60")[SAYS]
    ('IF(D2="","",IFERROR(BDP(D2,E2),""))', '')
    >>> formulas_of(TERMINALS["bloomberg"], 2, "Inputs!$E$60")[PRICE]
    ('IF(ISNUMBER(F2),IF(F2>0,F2,""),"")', '')
    """
    used = f'IF({own}="","{BY_BOOK}",IF({own}=G{line},"{BY_TERMINAL}","{BY_ANALYST}"))'
    why = (
        f'IF(H{line}<>"{BY_BOOK}","",IF(D{line}="","{NO_TICKER}",'
        f'IF(G{line}<>"","{NOT_LINKED}",IF(F{line}="","{NOTHING}","no price: "&F{line}))))'
    )
    return {
        SAYS: (f'IF(D{line}="","",IFERROR({terminal.function}(D{line},E{line}),""))', ""),
        PRICE: (f'IF(ISNUMBER(F{line}),IF(F{line}>0,F{line},""),"")', ""),
        USED: (used, BY_BOOK),
        WHY: (why, NOTHING if asks else NO_TICKER),
    }


def rows_to_keep(grid: Grid, day: date) -> list[Row]:
    """Give the prices of a terminal that Feed shows in use as rows of the table of inputs.

    Raises
    ------
    RefreshError
        When it shows none, nothing being a price of a terminal then, or a line does not say of
        what.
    """
    columns = columns_of(grid)
    rows = [
        _kept([grid.get((line, column)) for column in columns], line, day)
        for line in sorted({row for row, _ in grid if row >= FIRST_ROW})
        if grid.get((line, columns[USED - 1])) == BY_TERMINAL
        and _is_price(grid.get((line, columns[PRICE - 1])))
    ]
    if not rows:
        raise RefreshError(
            f"the sheet {NAME} shows no price of a terminal, so there is none to keep; nothing was "
            "changed"
        )
    return rows


def columns_of(grid: Grid) -> tuple[int, ...]:
    """Give where the columns of Feed stand, in our order: a person may have put one between."""
    found = {value: column for (row, column), value in grid.items() if row == 1}
    return tuple(found.get(name, place) for place, name in enumerate(HEADINGS, start=1))


def _kept(cells: Sequence[Any], line: int, day: date) -> Row:
    scope, metric, *asked = cells[:FIELD]
    if not scope or (metric != SHARE and (scope, metric) != BITCOIN):
        raise RefreshError(
            f"row {line} of sheet {NAME} prices {scope or 'no miner'} {metric or 'nothing'}, which "
            f"is neither a share's {SHARE} nor {' '.join(BITCOIN)}; nothing was changed"
        )
    return {
        "scope": str(scope),
        "metric": metric,
        "value": float(cells[PRICE - 1]),
        "unit": METRICS[metric].unit,
        "basis": "",
        "as_of": day,
        "known_on": None,
        "source": " ".join(str(word) for word in asked if word),
        "confidence": "high",
        "note": "Kept from the terminal as it stood.",
    }


def _is_price(value: object) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and value > 0


def is_feed(first_row: Iterable[object]) -> bool:
    """Tell by its first row whether a sheet is the Feed that we wrote."""
    return set(HEADINGS) <= set(first_row)


def is_blank(value: Value | ErrorValue) -> bool:
    """Tell whether a cell shows nothing."""
    return value is None or value == ""
