"""The model to be attached: of the book, with all that the workbook it goes to holds of one's own.

The first time that is nothing. Again, it is the date, the case, the miners chosen, rows typed below
the tables or brought by a refresh, own values, and what is typed into any other input cell.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from addin.boundary.desk import Desk
from addin.closed.carried import NoBookError
from addin.closed.figures import store_true_figures
from addin.closed.planned_anew import carried_in, chosen_in, compared_in, laid_out
from addin.closed.workbook import ClosedWorkbook
from valuation_core.book import Book, with_own_facts
from valuation_core.book.book import as_date
from valuation_core.book.tables import Tables, visible_on
from valuation_core.coverage import coverage
from workbook.attach.kept_rows import Joined, KeptRow, joined, not_of_the_book, put_marks
from workbook.attach.mark import attached_as, find_mark
from workbook.attach.own_values import AttachedBefore, Grid, renamed_there
from workbook.attach.typed_cells import (
    SheetBefore,
    Typed,
    Written,
    plain,
    said,
    typed_on,
    written_in,
)
from workbook.cells import Value, letters, place_of
from workbook.errors import WorkbookError
from workbook.formulas.dependents import Place
from workbook.model.build import plan_model
from workbook.model.plan import Plan, Sheet
from workbook.model.restate import OwnValue, in_rows, restated
from workbook.model.sheets.facts.input_cells import CONTROL
from workbook.model.sheets.facts.what_if_cells import NAME as WHAT_IF
from workbook.model.sheets.valuation.deal_leases import NAME as LEASES
from workbook.model.sheets.what_if.bridge_choices import NAME as BRIDGE
from workbook.model.shown import Shown
from workbook.model.write import write
from workbook.opc.package import open_package
from workbook.opc.stored import StoredCell, read_cells
from workbook.opc.xml import parse_xml
from workbook.refresh.decide import RefreshError

_LEFT: Final = "; Excel computes what rests on it"


@dataclass(frozen=True, slots=True)
class Held:
    """What a workbook holds beside own values: nothing where none of our sheets is attached."""

    as_of: date | None = None
    reached: date | None = None
    """The last day of the rows of its book, which may lie after the date that it shows."""
    rows: tuple[KeptRow, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    """The miner chosen on a sheet, by its name in the model."""
    compared: Mapping[tuple[int, int], Value] = field(default_factory=dict)
    """What is typed into the cells that choose the two books of the sheet Bridge."""
    sheets: Mapping[str, SheetBefore] = field(default_factory=dict)
    """Our sheets, by their names in the model."""


@dataclass(frozen=True, slots=True)
class TypedOn:
    """What was typed on a sheet, in words: what is kept, what follows from it, what is lost."""

    sheet: str
    kept: str
    then: str
    lost: str


@dataclass(frozen=True, slots=True)
class Model:
    """The model as parts, and what is to be remembered and said of it."""

    parts: dict[str, bytes]
    miners: tuple[str, ...]
    rows: tuple[str, ...]
    """Digests of the rows of its tables that are the book's."""
    inputs: Mapping[str, Written]
    """What we write into its input cells, by sheet and address."""
    lost: tuple[OwnValue, ...]
    """Own values that it has no row for."""
    joined: Joined
    """Its tables, with the rows that the workbook had."""
    typed: tuple[TypedOn, ...]

    def told(self, called: Mapping[str, str]) -> Iterator[str]:
        """Say what was kept and what was not, where the sheets that came are called so."""
        yield from self.joined.told(called)
        for one in self.typed:
            if one.kept and one.sheet in called:
                yield f"Kept on {called[one.sheet]}: {one.kept}{one.then}."
            elif one.kept:
                yield (
                    f"Not kept, as the sheet {one.sheet} was not asked for: {one.kept}; "
                    "it is in the file as it was."
                )
            if one.lost:
                title = called.get(one.sheet, one.sheet)
                yield f"Not kept of what you typed on {title}: {one.lost}."


def held_in(path: Path, book: Tables) -> Held:
    """Read what an attached workbook holds; `book` are the tables of today, of all days.

    Raises
    ------
    WorkbookError
        When its tables are wrong: a row that cannot be read cannot be kept.
    """
    with ClosedWorkbook.to_read(path) as workbook:
        found = find_mark(workbook.package, workbook.package.main)
        if found is None:
            return Held()
        called = workbook.attached
        try:
            carried = carried_in(workbook.cells, called)
        except NoBookError:
            return Held()
        except RefreshError as error:
            raise WorkbookError(f"{error}: correct or clear it first") from None
        rows, reached = not_of_the_book(carried.held, found[1].rows, book)
        mark = found[1]
        swap = renamed_there(called, mark).both_ways
        none: Written | None = {} if mark.inputs else None  # a sheet without one to type into
        sheets = {
            model: SheetBefore(_grid(workbook.cells[title]), mark.inputs.get(model, none), swap)
            for model, title in called.items()
        }
        return Held(
            carried.as_of,
            reached,
            tuple(rows),
            chosen_in(workbook.cells, called, mark.miners),
            _compared(sheets.get(BRIDGE), compared_in(workbook.cells, called)),
            sheets,
        )


def _grid(cells: Mapping[str, StoredCell]) -> Grid:
    return {place_of(address): cell for address, cell in cells.items()}


def _compared(
    bridge: SheetBefore | None, held: Mapping[tuple[int, int], Value]
) -> dict[tuple[int, int], Value]:
    """Leave out what we wrote into the cells of Bridge: the new model has its own there."""
    return {
        at: value
        for at, value in held.items()
        if bridge is not None and not bridge.is_as_written(f"{letters(at[1])}{at[0]}")
    }


def model_for(
    desk: Desk,
    before: AttachedBefore,
    held: Held,
    *,
    as_of: str | None,
    case: str | None,
    miners: Sequence[str],
) -> Model:
    """Build the model that a workbook gets.

    Parameters
    ----------
    desk : Desk
        Whose book it is of.
    before : AttachedBefore
        What an earlier attachment left.
    held : Held
        What the workbook holds beside that.
    as_of : str, optional
        A date, in place of the one that the workbook shows.
    case : str, optional
        A case, likewise.
    miners : sequence of str
        Tickers, likewise; none for those of the workbook, or else those that the book covers.
    """
    day = as_date(as_of) if as_of or held.as_of is None else held.as_of
    # A date set back does not take rows off that are known later.
    reached = day if as_of else max(day, held.reached or day)
    found = joined({name: visible_on(one, reached) for name, one in desk.tables.items()}, held.rows)
    book = Book.at(found.tables, day, case or before.case)
    tickers = tuple(miners) or before.miners or book.coverage
    if not tickers:
        raise WorkbookError(f"no edition by {book.as_of}: name the miners with --miners")
    plan, lost = _planned(book, tickers, _shown(held, found, tickers), before.own)
    put_marks(plan, found)
    typed = _typed(held, plan, tickers)
    own = {name: {*one.cells, *one.planned} for name, one in typed.items()}
    inputs = written_in(plan, own)
    changed = _put(plan, typed)
    parts = _written(plan, changed, desk)
    said = tuple(_in_words(plan, typed, changed))
    return Model(parts, tickers, found.of_the_book, inputs, tuple(lost), found, said)


def _shown(held: Held, found: Joined, tickers: Sequence[str]) -> Shown:
    """Give what the plan takes from the workbook; rows of later days have room in it too."""
    if held.as_of is None:
        return Shown()
    counts = {name: len(table) for name, table in found.tables.items()}
    chosen = {
        sheet: name for sheet, name in held.chosen.items() if sheet == LEASES or name in tickers
    }
    laid = laid_out(found.tables, counts)
    return Shown(found.tables, counts, laid, chosen=chosen, compared=held.compared)


def _planned(
    book: Book, tickers: Sequence[str], shown: Shown, own: Sequence[OwnValue]
) -> tuple[Plan, list[OwnValue]]:
    """Plan the model with own values; give those too that it has no row for."""
    plan = plan_model(coverage(book, tickers), shown)
    kept, lost = in_rows(plan, own)
    if kept:
        effective = with_own_facts(book, [one.row for one in kept])
        plan = restated(plan_model(coverage(effective, tickers), shown), kept)
    return plan, lost


def _typed(held: Held, plan: Plan, tickers: Sequence[str]) -> dict[str, Typed]:
    """Give what is typed on each sheet; what was tried for one miner is tried for no other."""
    sheets = {sheet.name: sheet for sheet in plan.sheets}
    found = {
        name: typed_on(before, sheets[name], sheets, held.compared if name == BRIDGE else ())
        for name, before in held.sheets.items()
        if name in sheets
    }
    if CONTROL in found:
        found[CONTROL] = _of_control(found[CONTROL], sheets[CONTROL])
    if WHAT_IF in found and held.chosen.get(CONTROL) not in tickers:
        tried = found[WHAT_IF]
        lost = [f"{cell.address} = {said(cell)}" for cell in tried.cells.values()]
        found[WHAT_IF] = Typed({}, {}, (*tried.lost, *lost))
    return found


def _of_control(typed: Typed, sheet: Sheet) -> Typed:
    """Leave out date, case and miner where options name others; a formula that gives them stays."""
    cells = {
        at: cell
        for at, cell in typed.cells.items()
        if cell.formula and cell.value == plain(sheet, at)
    }
    return Typed(cells, {}, ())


def _put(plan: Plan, typed: Mapping[str, Typed]) -> set[Place]:
    """Put what is typed into a plan, and give the cells whose value is another then."""
    changed = set()
    for sheet in plan.sheets:
        for at, cell in typed[sheet.name].cells.items() if sheet.name in typed else ():
            if cell.value != plain(sheet, at):
                changed.add(Place(sheet.name.lower(), *at))
            sheet.cells[at] = replace(sheet.cells[at], value=cell.value, formula=cell.formula)
    return changed


def _written(plan: Plan, changed: set[Place], desk: Desk) -> dict[str, bytes]:
    """Write the model; what rests on the cells that were changed in its plan is left to Excel."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xlsx"
        write(plan, path)
        with open_package(path) as package:
            if changed:
                store_true_figures(package, read_cells(package), changed, desk, recalculate=False)
            return dict(package)


def _in_words(plan: Plan, typed: Mapping[str, Typed], changed: set[Place]) -> Iterator[TypedOn]:
    """Say what is kept and what is not, sheet by sheet."""
    for sheet in plan.sheets:
        found = typed.get(sheet.name, Typed({}, {}, ()))
        kept = ", ".join(
            f"{letters(column)}{row} = {said(cell, sheet.cells[row, column].number_format)}"
            for (row, column), cell in sorted({**found.planned, **found.cells}.items())
        )
        rests = any(place.sheet == sheet.name.lower() for place in changed)
        yield TypedOn(sheet.name, kept, _LEFT if rests else "", ", ".join(found.lost))


def called_in(path: Path) -> dict[str, str]:
    """Give what the attached sheets of a workbook are called, by their names in the model."""
    with open_package(path) as package:
        return attached_as(parse_xml(package[package.main]))
