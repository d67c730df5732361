"""Figures of our sheets as the core computes them for the facts that the workbook holds.

Every cell of ours is compared with the plan first: only one whose formula is the plan's, and which
rests on nothing that differs from it, takes its figure from there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from addin.boundary.desk import Desk
from addin.calc.recalculate import agree
from addin.closed.carried import BOOK_CALL
from addin.closed.planned_anew import Cells, PlannedAnew, plan_anew
from valuation_core.errors import ValuationError
from workbook.attach.mark import attached_as, find_mark
from workbook.cells import Value, letters, place_of, serial_of
from workbook.errors import WorkbookError
from workbook.formulas.dependents import Dependents, Place
from workbook.formulas.ours import plain_formula
from workbook.formulas.renaming import Renaming
from workbook.model.build import SHEETS
from workbook.model.plan import Cell
from workbook.model.sheets.facts.book_tables import SHEETS as TABLES
from workbook.model.sheets.facts.input_cells import NAME, OWN_VALUE
from workbook.opc.package import Package
from workbook.opc.stored import StoredCell
from workbook.opc.xml import parse_xml

_LEAST: Final = 0.5
"""Share of the cells asked for that must be as planned for the plan to be that of the workbook."""

_TABLE_SHEETS: Final = frozenset(sheet for _, sheet in TABLES.values())


@dataclass(frozen=True, slots=True)
class CoreFigures:
    """Figures by cell, for those asked for that are as planned, or why there are none."""

    values: Mapping[Place, Value]
    refusal: str = ""


def core_figures(
    package: Package,
    before: Cells,
    after: Cells,
    wanted: Collection[Place],
    dependents: Dependents,
    desk: Desk,
) -> CoreFigures:
    """Compute cells of ours after a change.

    Parameters
    ----------
    package : Package
        The workbook.
    before, after : mapping
        Its stored cells before and after the change.
    wanted : collection of Place
        The cells of ours that depend on the change.
    dependents : Dependents
        Which cell depends on which.
    desk : Desk
        Where the book behind the new handle is kept, for functions to find.
    """
    called, renaming = names_of(package, after)
    try:
        old = plan_anew(before, called)
        new = plan_anew(after, called)
    except (WorkbookError, ValuationError) as error:
        return CoreFigures({}, str(error))
    differing = _differing(after, called, renaming, new, wanted)
    unlike = differing | dependents.of(differing, unknown=False)
    titles = {called[model].lower(): model for model in old.sheets if model in called}
    known = [place for place in sorted(wanted) if place not in unlike and place.sheet in titles]
    if len(known) < _LEAST * len(wanted):
        return CoreFigures({}, "its sheets are not as this version builds them")
    values = {}
    for place in known:
        model, at = titles[place.sheet], (place.row, place.column)
        address = f"{letters(place.column)}{place.row}"
        stored = before[called[model]].get(address)
        if not agree(None if stored is None else stored.value, _plain(old.sheets[model].get(at))):
            cell = f"{called[model]}!{address}"
            return CoreFigures({}, f"{cell} does not show the figure of its facts")
        values[place] = _plain(new.sheets[model].get(at))
    desk.publish(new.book)
    return CoreFigures(values)


def names_of(package: Package, cells: Cells) -> tuple[dict[str, str], Renaming]:
    """Give what the sheets of the model are called, and how formulas call sheets and names."""
    found = find_mark(package, package.main)
    if found is None:
        return {sheet: sheet for sheet in SHEETS if sheet in cells}, Renaming()
    called = attached_as(parse_xml(package[package.main]))
    renamed = {model: present for model, present in called.items() if model != present}
    return called, Renaming(renamed, found[1].stands_for)


def _differing(
    cells: Cells,
    called: Mapping[str, str],
    renaming: Renaming,
    planned: PlannedAnew,
    wanted: Collection[Place],
) -> set[Place]:
    """Give the cells of our sheets that the analyst, or another version, made otherwise."""
    found = set()
    for model, title in called.items():
        if model in _TABLE_SHEETS or model not in planned.sheets:
            continue
        held = {place_of(address): cell for address, cell in cells[title].items()}
        plan = planned.sheets[model]
        for at in held.keys() | plan.keys():
            place = Place(title.lower(), *at)
            if model == NAME and at[1] == OWN_VALUE:
                # An own value is read as it stands; what it is made of counts where the change
                # reaches it.
                if place in wanted:
                    found.add(place)
            elif not _is_planned(held.get(at), plan.get(at), renaming):
                found.add(place)
    return found


def _is_planned(stored: StoredCell | None, planned: Cell | None, renaming: Renaming) -> bool:
    """Tell whether a cell is as planned: its formula, or what it states where it has none."""
    formula = None if stored is None else stored.formula
    wanted = None if planned is None else planned.formula
    if formula is None and wanted is None:
        if stored is not None and stored.computed:
            return True  # it is filled by another one, which is looked at itself
        stated = None if stored is None else stored.value
        return agree(_text_or(stated), _text_or(_plain(planned)))
    if formula is None or wanted is None:
        return False
    if stored is not None and stored.source is not None:
        return False
    text, other = plain_formula(formula), renaming.of(wanted)
    if text.startswith(BOOK_CALL) and other.startswith(BOOK_CALL):
        return True  # its own ranges were read
    return text.replace("'", "") == other.replace("'", "")


def _text_or(value: Any) -> Any:
    """Give a value in which a blank cell and one without a character are the same."""
    return "" if value is None else value


def _plain(cell: Cell | None) -> Any:
    """Give a planned value as a file stores it."""
    if cell is None:
        return None
    return serial_of(cell.value) if isinstance(cell.value, date) else cell.value
