"""Bridge: why the target of one miner differs between two dates or cases, driver by driver.

One function gives the drivers, another the facts behind each. Cells beside the drivers pick the
largest for the chart, which is a waterfall on its side: names of drivers are long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from valuation_core.bridge import bridge
from valuation_core.catalogue.catalogue import explain, formula
from valuation_core.errors import ValuationError
from valuation_core.result import ResultTable
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.figures import Figures, as_value
from workbook.model.lines import Pair
from workbook.model.plan import Sheet
from workbook.model.sheets.what_if.bridge_chart import Waterfall
from workbook.model.sheets.what_if.bridge_choices import NAME, Compared, plan_choices
from workbook.style import DATE, PER_SHARE, PLAIN

FUNCTION: Final = "HPC_BRIDGE"
WIDTHS: Final = (38, 31, 31, 15, 26, 11.5, 11.5, 10, 10, 9, 14)
NOTHING: Final = "-"
"""Shown by a function for what is left open."""
CHART_ROW, CHART_ROWS = 14, 28
ROOM: Final = 48
"""Rows for the drivers, new deals, notes and sites among them."""
ANY: Final = "#,##0.00##"


@dataclass(frozen=True)
class BridgeSheet:
    """The planned sheet, what Checks compares on it, and the books that it compares."""

    sheet: Sheet
    pairs: list[Pair]
    compared: Compared


def plan_bridge(
    figures: Figures,
    miner: str,
    tables: Mapping[str, Ref],
    cases: Ref,
    chosen: Mapping[tuple[int, int], Value],
) -> BridgeSheet:
    """Plan the sheet; for the arguments see `plan_choices`."""
    sheet = Sheet(NAME, WIDTHS)
    sheet.put(1, 1, "Bridge of the target", "title")
    said = (
        "Why the target of the miner differs between two dates or cases, in USD per share. Drivers "
        "act on each other: in another order they are of other sizes; they always add up."
    )
    sheet.put(2, 1, said, "subtitle")
    compared = plan_choices(sheet, figures, miner, tables, cases, chosen)
    _section(sheet, CHART_ROW - 1, "Waterfall of the largest drivers")
    row = CHART_ROW + CHART_ROWS + 1
    sheet.page_breaks.append(row)
    _section(sheet, row, "Every driver (HPC_BRIDGE); each new deal, note and site is its own line")
    given = {
        "from_book": compared.cells[0].fixed,
        "to_book": compared.cells[1].fixed,
        "method": compared.method.fixed,
    }
    call = formula(FUNCTION, miner=compared.miner.fixed, **given)
    books = *compared.books, compared.way
    _spill(sheet, row + 1, _rows(bridge, miner, *books), call, (PLAIN, PER_SHARE, PER_SHARE))
    below = row + 2 + ROOM
    chart = Waterfall(sheet, Ref(NAME, row + 2, 1, below - 1, 3), below)
    place = Ref(NAME, CHART_ROW, 1, CHART_ROW + CHART_ROWS - 1, len(WIDTHS))
    pairs = chart.plan(place)
    row = chart.row + 1
    _section(sheet, row, "Facts behind each driver, before and after, with their sources")
    call = f'HPC_EXPLAIN("{FUNCTION}",{call.partition("(")[2]}'
    looks = (PLAIN, PLAIN, ANY, PLAIN, PLAIN, DATE, PLAIN)
    _spill(sheet, row + 1, _rows(explain, FUNCTION, miner, *books), call, looks)
    return BridgeSheet(sheet, pairs, compared)


def _section(sheet: Sheet, row: int, title: str) -> None:
    for column in range(1, len(WIDTHS) + 1):
        sheet.put(row, column, title if column == 1 else None, "section")


def _rows(function: Callable[..., ResultTable], *given: Any) -> list[list[Value]]:
    """Give a table with its headings; what fails, or a book that is none, is one cell."""
    for one in given:
        if isinstance(one, ErrorValue):
            return [[one]]
    try:
        made = function(*given)
    except ValuationError as error:
        return [[as_value(error)]]
    rows = [[as_value(cell) for cell in row] for row in made.rows]
    shown: list[list[Value]] = [[NOTHING if c in (None, "") else c for c in row] for row in rows]
    return [list(made.header), *shown]


def _spill(
    sheet: Sheet, row: int, rows: list[list[Value]], call: str, looks: Sequence[str]
) -> None:
    """Spill a table, its headings in the first row, texts on the left."""
    table = sheet.put_spill(row, 1, rows, call, "function_left")
    for column, look in enumerate(looks[: table.last_column], start=1):
        right = look in (PER_SHARE, ANY)
        sheet.restyle(row, column, "heading" if right else "heading_left", PLAIN)
        for line in range(row + 1, table.last_row + 1):
            sheet.restyle(line, column, "function" if right else "function_left", look)
