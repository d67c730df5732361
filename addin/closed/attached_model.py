"""The model to be attached: of the book, with all that the workbook it goes to holds of one's own.

The first time that is nothing. Again, it is the date, the case, the miners chosen, rows typed below
the tables or brought by a refresh, own values, and what is typed on WhatIf.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from addin.boundary.desk import Desk
from addin.closed.carried import NoBookError
from addin.closed.figures import store_true_figures
from addin.closed.planned_anew import carried_in, chosen_in, laid_out
from addin.closed.workbook import ClosedWorkbook
from valuation_core.book import Book, with_own_facts
from valuation_core.book.book import as_date
from valuation_core.book.tables import Tables, visible_on
from valuation_core.coverage import coverage
from workbook.attach.kept_rows import Joined, KeptRow, joined, not_of_the_book, put_marks
from workbook.attach.mark import find_mark
from workbook.attach.own_values import AttachedBefore, Grid, renamed_there
from workbook.attach.what_if_values import At, Typed, typed_on_what_if
from workbook.cells import letters, place_of
from workbook.errors import WorkbookError
from workbook.formulas.dependents import Place
from workbook.model.build import plan_model
from workbook.model.plan import Plan
from workbook.model.restate import OwnValue, in_rows, restated
from workbook.model.sheets.facts.input_cells import CONTROL
from workbook.model.sheets.facts.what_if_cells import NAME as WHAT_IF
from workbook.model.shown import Shown
from workbook.model.write import write
from workbook.opc.package import open_package
from workbook.opc.stored import StoredCell, read_cells
from workbook.refresh.decide import RefreshError


@dataclass(frozen=True, slots=True)
class Held:
    """What a workbook holds beside own values: nothing where none of our sheets is attached."""

    as_of: date | None = None
    reached: date | None = None
    """The last day of the rows of its book, which may lie after the date that it shows."""
    rows: tuple[KeptRow, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    """The miner chosen on a sheet, by its name in the model."""
    what_if: Grid = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """The model as parts, and what is to be remembered and said of it."""

    parts: dict[str, bytes]
    miners: tuple[str, ...]
    rows: tuple[str, ...]
    """Digests of the rows of its tables that are the book's."""
    lost: tuple[OwnValue, ...]
    """Own values that it has no row for."""
    notes: tuple[str, ...]


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
        what_if = workbook.cells.get(called.get(WHAT_IF, ""), {})
        swap = renamed_there(called, found[1]).both_ways
        return Held(
            carried.as_of,
            reached,
            tuple(rows),
            chosen_in(workbook.cells, called, found[1].miners),
            {
                place_of(address): replace(cell, formula=cell.formula and swap.of(cell.formula))
                for address, cell in what_if.items()
            },
        )


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
    _put(plan, typed)
    parts, said = _written(plan, typed, desk)
    notes = (*found.notes, *said)
    return Model(parts, tickers, found.of_the_book, tuple(lost), notes)


def _shown(held: Held, found: Joined, tickers: Sequence[str]) -> Shown:
    """Give what the plan takes from the workbook; rows of later days have room in it too."""
    if held.as_of is None:
        return Shown()
    counts = {name: len(table) for name, table in found.tables.items()}
    chosen = {sheet: miner for sheet, miner in held.chosen.items() if miner in tickers}
    return Shown(found.tables, counts, laid_out(found.tables, counts), chosen=chosen)


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


def _typed(held: Held, plan: Plan, tickers: Sequence[str]) -> Typed:
    """Give what is typed on WhatIf; what was tried for one miner is tried for no other."""
    (sheet,) = [sheet for sheet in plan.sheets if sheet.name == WHAT_IF]
    found = typed_on_what_if(held.what_if, sheet)
    if held.chosen.get(CONTROL) in tickers or not held.what_if:
        return found
    return Typed({}, (*found.lost, *(str(cell.value) for cell in found.cells.values())))


def _put(plan: Plan, typed: Typed) -> None:
    (sheet,) = [sheet for sheet in plan.sheets if sheet.name == WHAT_IF]
    for at, cell in typed.cells.items():
        sheet.cells[at] = replace(sheet.cells[at], value=cell.value, formula=cell.formula)


def _written(plan: Plan, typed: Typed, desk: Desk) -> tuple[dict[str, bytes], list[str]]:
    """Write the model, with what is typed on WhatIf; what rests on that is left to Excel."""
    said = []
    if typed.lost:
        said.append(f"Not kept of what you typed on {WHAT_IF}: {', '.join(typed.lost)}.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xlsx"
        write(plan, path)
        with open_package(path) as package:
            if typed.cells:
                changed = {Place(WHAT_IF.lower(), *at) for at in typed.cells}
                cells = read_cells(package)
                store_true_figures(package, cells, changed, desk, recalculate=False)
                said.append(
                    f"Kept on {WHAT_IF}: {_listed(typed.cells)}; Excel computes what rests on it."
                )
            return dict(package), said


def _listed(cells: Mapping[At, StoredCell]) -> str:
    return ", ".join(
        f"{letters(column)}{row} = {cell.value}" for (row, column), cell in cells.items()
    )
