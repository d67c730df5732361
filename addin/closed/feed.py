"""The prices of a terminal in a closed model: linked, taken off again, and kept as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from addin.boundary.desk import Desk
from addin.closed.carried import Carried
from addin.closed.core_figures import names_of
from addin.closed.figures import store_true_figures
from addin.closed.refresh import Refreshed, bring, decision_on
from addin.closed.workbook import ClosedWorkbook
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import Row, Tables, table_of
from workbook.cells import Ref, Value, letters, place_of
from workbook.formulas.dependents import Place
from workbook.formulas.renaming import quoted
from workbook.model.sheets.facts.control_cells import source_of
from workbook.model.sheets.facts.input_cells import CONTROL
from workbook.model.sheets.facts.input_cells import NAME as INPUTS
from workbook.opc.calc_chain import forget_cells
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_editor import store_result
from workbook.opc.sheet_list import tabs
from workbook.opc.stored import StoredCell, cells_of
from workbook.opc.xml import parse_xml
from workbook.refresh.decide import NewRows, RefreshError
from workbook.refresh.feed import (
    BY_ANALYST,
    FIELD,
    FIRST_ROW,
    HEADINGS,
    NAME,
    NOTE,
    PRICE,
    SAYS,
    TERMINALS,
    TICKER,
    USED,
    WIDTHS,
    Priced,
    Terminal,
    columns_of,
    formulas_of,
    is_blank,
    priced_in,
    rows_to_keep,
)

BACKUP: Final = "before-feed"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Fed:
    """What was done, in one sentence, and the copy of the file as it was."""

    report: str
    backup: Path


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of Feed and the cell of the own value that takes its price."""

    priced: Priced
    sheet: str
    address: str
    number: int
    stated: StoredCell | None

    @property
    def own(self) -> str:
        """The cell of the own value, as a formula of another sheet names it."""
        row, column = place_of(self.address)
        return quoted(self.sheet) + Ref(self.sheet, row, column, row, column).fixed

    def link(self, feed: str) -> str:
        """The formula of the own value: the price on Feed."""
        return quoted(feed) + Ref(feed, self.number, PRICE, self.number, PRICE).fixed

    def is_linked(self, feed: str) -> bool:
        """Tell whether the own value is taken from Feed."""
        formula = "" if self.stated is None else self.stated.formula or ""
        sheet, _, cell = formula.rpartition("!")
        return sheet.strip("'").replace("''", "'") == feed and cell.startswith("$")

    @property
    def is_free(self) -> bool:
        """Tell whether the analyst states nothing there."""
        stated = self.stated
        return stated is None or (is_blank(stated.value) and not stated.formula)


def feed(path: Path, terminal: str, desk: Desk) -> Fed:
    """Let a model take the share prices and the bitcoin price from a terminal, or from none.

    An own value that the analyst typed stays. Figures are those of the book until the file is
    opened where the terminal answers.

    Parameters
    ----------
    path : pathlib.Path
        The model, closed.
    terminal : str
        A name of `TERMINALS`, or "none".
    desk : Desk
        Where the functions find their facts.

    Raises
    ------
    WorkbookError
        When the file cannot be used. It is unchanged then.
    """
    with ClosedWorkbook.to_change(path) as workbook:
        title, there = workbook.ours_called(NAME)
        if terminal == NONE and not there:
            raise RefreshError(f"{path.name} has no feed; nothing was changed")
        lines = list(_lines(workbook))
        if there and terminal != NONE and not _is_as_written(workbook, title):
            raise RefreshError(
                f"a column of {title} stands elsewhere than it was written: take yours out of "
                "there, or take the terminal off (none) and delete the sheet; nothing was changed"
            )
        # Of old lines the tickers stay, which a person may have changed.
        tickers = _tickers(workbook, title) if there else {}
        figures = _taken_off(workbook, title, lines, desk) if there else ""
        if terminal == NONE:
            return Fed(f"no terminal any more; {figures}", workbook.save(BACKUP))
        asked = TERMINALS[terminal]
        fed = _written(workbook, asked, title, lines, tickers)
        own = [" ".join(one.priced.key) for one in lines if one not in fed]
        stays = f"; your own value stays for {', '.join(own)}" if own else ""
        report = f"{len(fed)} prices are taken from {asked.label}, line by line on {title}{stays}"
        return Fed(f"{report}; without the terminal the book's count", workbook.save(BACKUP))


def keep(path: Path, desk: Desk, day: date, *, dry_run: bool = False) -> Refreshed:
    """Add the prices of the terminal that a closed model shows to its facts, as of a day.

    Raises
    ------
    WorkbookError
        When it shows none, or has others for that day. The file is unchanged then.
    """

    def decide(carried: Carried, workbook: ClosedWorkbook) -> NewRows:
        title, there = workbook.ours_called(NAME)
        if not there:
            raise RefreshError(f"{path.name} has no feed: hpcval feed makes one")
        return kept(carried, rows_to_keep(workbook.grid(title), day), title)

    return bring(path, decide, desk, dry_run=dry_run)


def kept(carried: Carried, rows: list[Row], title: str) -> NewRows:
    """Decide which prices are new rows of the facts of a workbook."""
    tables: Tables = {name: table_of(name, rows if name == "inputs" else []) for name in TABLES}
    return decision_on(carried, tables, f"sheet {title}", None)


def _lines(workbook: ClosedWorkbook) -> Iterator[_Line]:
    """Find the facts that a terminal prices, and where their own values are typed."""
    called, _ = names_of(workbook.package, workbook.cells)
    inputs = called.get(INPUTS, "")
    if inputs not in workbook.cells:
        raise RefreshError("the workbook shows no facts of ours; nothing was changed")
    for number, one in enumerate(priced_in(workbook.grid(inputs)), start=FIRST_ROW):
        sheet, address = inputs, f"{letters(one.column)}{one.row}"
        cell = workbook.cells[inputs].get(address)
        source = source_of(cell.formula if cell else None)
        if source is not None:  # it is typed on Control
            sheet, address = called.get(CONTROL, source[0]), source[1]
        yield _Line(one, sheet, address, number, workbook.cells[sheet].get(address))


def _is_as_written(workbook: ClosedWorkbook, title: str) -> bool:
    """Tell whether the columns of Feed stand where we write them."""
    return columns_of(workbook.grid(title)) == tuple(range(1, len(HEADINGS) + 1))


def _tickers(workbook: ClosedWorkbook, title: str) -> dict[tuple[str, ...], tuple[Value, Value]]:
    """Give ticker and field of each line of Feed, by terminal, miner and fact."""
    grid = workbook.grid(title)
    miner, fact, terminal, ticker, field = columns_of(grid)[:FIELD]
    return {
        tuple(str(grid.get((row, at))) for at in (terminal, miner, fact)): (
            grid.get((row, ticker)),
            grid.get((row, field)),
        )
        for row in {row for row, _ in grid if row >= FIRST_ROW}
    }


def _taken_off(workbook: ClosedWorkbook, title: str, lines: list[_Line], desk: Desk) -> str:
    """Empty the own values that are taken from Feed; make figures true where one was a price."""
    package = workbook.package
    linked = [one for one in lines if one.is_linked(title)]
    feed_cells = workbook.cells[title]
    columns = columns_of(workbook.grid(title))[FIELD:]  # of an analyst's own formulas none
    gone = {
        (title, at)
        for at, cell in feed_cells.items()
        if cell.formula and place_of(at)[1] in columns
    }
    gone |= {(one.sheet, one.address) for one in linked}
    for sheet, address in gone:
        workbook.editor(sheet).clear(address)
    _read_none(workbook, linked)
    workbook.finish()
    root = parse_xml(package[package.main])
    numbers = {one.get("sheetId"): one.get("name") for one in tabs(root)}
    forget_cells(
        package, package.main, lambda number, address: (numbers.get(number), address) in gone
    )
    changed = {Place(sheet.lower(), *place_of(address)) for sheet, address in gone}
    priced = [one for one in linked if one.stated is not None and not is_blank(one.stated.value)]
    said = "the figures are as they were"
    if priced:
        said = store_true_figures(package, workbook.cells, changed, desk)
    parts = sheet_parts(package)
    workbook.editors.clear()
    for sheet in {sheet for sheet, _ in gone}:
        workbook.cells[sheet] = cells_of(package, parts[sheet])
    return said


def _read_none(workbook: ClosedWorkbook, lines: list[_Line]) -> None:
    """Let HPC_BOOK read no own value: by what it reads the book of the workbook is known."""
    called, _ = names_of(workbook.package, workbook.cells)
    inputs = workbook.editor(called[INPUTS])
    for line in lines:
        if line.priced.read is not None:
            address = f"{letters(line.priced.read)}{line.priced.row}"
            store_result(inputs.cells[address], "")
            inputs.changed.add(address)


def _written(
    workbook: ClosedWorkbook,
    terminal: Terminal,
    title: str,
    lines: list[_Line],
    tickers: Mapping[tuple[str, ...], tuple[Value, Value]],
) -> list[_Line]:
    """Write Feed and the links to it; give the lines that are linked."""
    called, _ = names_of(workbook.package, workbook.cells)
    inputs = workbook.editor(called[INPUTS])
    typed = workbook.editor(lines[0].sheet).style(lines[0].address)
    feed, _ = workbook.sheet_with(NAME, list(HEADINGS), WIDTHS)
    for address in list(feed.cells):
        row, column = place_of(address)
        if row > lines[-1].number and column <= len(HEADINGS):
            feed.remove(address)
    fed = []
    for line in lines:
        key = line.priced.key
        free = replace(line, stated=workbook.cells[line.sheet].get(line.address)).is_free
        asked = tickers.get((terminal.label, *key), (terminal.ticker(key), terminal.field))
        told = (*key, terminal.label, *asked)
        # A line looks like that of its fact on Inputs.
        label, price = (inputs.style(f"{one}{line.priced.row}") for one in ("A", "C"))
        for column, value in enumerate(told, start=1):
            style = typed if column in (TICKER, FIELD) else label
            feed.put(f"{letters(column)}{line.number}", value or None, style)
        computed = formulas_of(terminal, line.number, line.own, asks=bool(asked[0]))
        for column, (formula, shown) in computed.items():
            result = shown if free or column in (SAYS, PRICE) else _of_own(column)
            address = f"{letters(column)}{line.number}"
            style = price if column in (SAYS, PRICE) else label
            feed.put_formula(address, formula, result, style, always=column == SAYS)
        if free:
            fed.append(line)
            workbook.editor(line.sheet).put_formula(line.address, line.link(title), "")
    feed.put(f"A{lines[-1].number + 2}", NOTE)
    workbook.finish()
    return fed


def _of_own(column: int) -> Value:
    return BY_ANALYST if column == USED else ""
