"""Figures of our sheets as the core computes them for the facts that the workbook holds.

Every cell of ours is compared with the plan first: only one whose formula is the plan's, and which
rests on nothing that differs from it, takes its figure from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from addin.calc.recalculate import agree
from addin.closed.carried import BOOK_CALL, Carried
from addin.closed.planned_anew import Cells, PlannedAnew, read_anew
from addin.closed.spills import Spill, resized_spills
from workbook.attach.mark import attached_as, find_mark
from workbook.attach.own_values import renamed_there
from workbook.cells import Ref, Value, letters, place_of, serial_of
from workbook.formulas.dependents import Dependents, Place
from workbook.formulas.ours import plain_formula
from workbook.formulas.renaming import Renaming, are_alike
from workbook.model.build import SHEETS
from workbook.model.plan import Cell
from workbook.model.sheets.facts.book_tables import SHEETS as TABLES
from workbook.model.sheets.facts.input_cells import CONTROL, NAME, OWN_VALUE
from workbook.model.sheets.facts.own_sites import PIPELINE
from workbook.model.write import FRONT
from workbook.opc.package import Package
from workbook.opc.stored import StoredCell
from workbook.opc.xml import parse_xml

_LEAST: Final = 0.5
"""Share of the cells asked for that must be as planned for the plan to be that of the workbook."""

_SAID: Final = ("title", "subtitle", "subtitle_wrapped", "note_ruled")
"""Styles of cells that say what a sheet is, of which day, and on what it rested then."""

_TABLE_SHEETS: Final = frozenset(sheet for _, sheet in TABLES.values())


@dataclass(frozen=True, slots=True)
class CoreFigures:
    """Figures by cell, for those asked for that are as planned, or why there are none."""

    values: Mapping[Place, Value]
    refusal: str = ""
    resized: tuple[Spill, ...] = ()
    """Formulas whose results have another size and are among the figures."""
    cut: tuple[Spill, ...] = ()
    """Those that Excel has to compute."""


@dataclass(frozen=True)
class Plans:
    """A workbook planned anew as it was before a change and as it is after it."""

    called: Mapping[str, str]
    """What the sheets of the model are called there."""
    old: PlannedAnew
    new: PlannedAnew
    before: Cells
    differing: Set[Place]
    """Cells of our sheets that the analyst, or another version, made otherwise."""
    own_values: Set[Place]
    """Own values that a formula makes."""
    spills: tuple[Spill, ...]
    """Formulas whose result has another size after the change."""

    @property
    def whole(self) -> bool:
        """Whether every cell of our sheets is as planned, so that the plans tell which change."""
        blocked = any(one.blocked for one in self.spills)
        return not self.differing and not self.own_values and not blocked

    @property
    def filled(self) -> set[Place]:
        """Cells of tables that have another size after the change, those they lost too."""
        return {place for one in self.spills for place in one.before | one.after}

    def changed(self) -> CoreFigures:
        """Give the figures that differ from those before; what a table lost is blank.

        All of a table of another size are among them: the file gets cells for it.
        """
        places = [place for one in self.spills for place in one.after]
        for model, new in self.new.sheets.items():
            if model in self.called:
                old, title = self.old.sheets[model], self.called[model].lower()
                unlike = {
                    at
                    for at in new.keys() | old.keys()
                    if not _shows_alike(new.get(at), old.get(at))
                }
                if unlike:
                    computed = _computed_in(new) | _computed_in(old)
                    places += [Place(title, *at) for at in unlike & computed]
        return self._figures(places)

    def wanted(self, wanted: Collection[Place], dependents: Dependents) -> CoreFigures:
        """Give the figures of those among some cells that rest on nothing made otherwise."""
        unlike = self.differing | self.own_values & set(wanted)
        unlike |= dependents.of(unlike, unknown=False)
        resized, cut = self.spills, tuple[Spill, ...]()
        # What rests on a table that is cut is not known either, another table among it.
        while lost := tuple(one for one in resized if one.blocked or one.first in unlike):
            resized, cut = tuple(one for one in resized if one not in lost), (*cut, *lost)
            places = {place for one in lost for place in one.before}
            unlike |= places | dependents.of(places, unknown=False)
        asked = {*wanted, *(place for one in resized for place in one.after)}
        titles = {self.called[model].lower() for model in self.new.sheets if model in self.called}
        known = [place for place in sorted(asked) if place not in unlike and place.sheet in titles]
        if len(known) < _LEAST * len(asked):
            return CoreFigures(
                {}, "its sheets are not as this version builds them", (), self.spills
            )
        figures = self._figures(known)
        if figures.refusal:
            return replace(figures, cut=self.spills)
        return replace(figures, resized=resized, cut=cut)

    def _figures(self, places: Collection[Place]) -> CoreFigures:
        titles = {title.lower(): model for model, title in self.called.items()}
        values: dict[Place, Value] = {}
        for place in places:
            model, at = titles[place.sheet], (place.row, place.column)
            address = f"{letters(place.column)}{place.row}"
            stored = self.before[self.called[model]].get(address)
            shown = None if stored is None else stored.value
            if not agree(_text_or(shown), _text_or(_plain(self.old.sheets[model].get(at)))):
                cell = f"{self.called[model]}!{address}"
                return CoreFigures({}, f"{cell} does not show the figure of its facts")
            values[place] = _plain(self.new.sheets[model].get(at))
        return CoreFigures(values)


def plan_twice(
    package: Package, before: Cells, after: Cells, carried: Carried | None = None
) -> Plans:
    """Plan a workbook from its stored cells before and after a change.

    What changes nothing that a plan goes by, such as a snapshot, needs one. The book `carried`
    before it is given where it was read already.

    Raises
    ------
    WorkbookError, ValuationError
        When it cannot be planned.
    """
    called, renaming = names_of(package, after)
    read = read_anew(before, called, carried=carried)
    then = read_anew(after, called, read.shown.laid_out)
    old = _as_called(read.plan(), renaming)
    new = old if then == read else _as_called(then.plan(), renaming)
    differing, own_values = _differing(after, called, new)
    spills = resized_spills(after, called, new)
    differing -= {place for one in spills if not one.blocked for place in one.after}
    return Plans(called, old, new, before, differing, own_values, spills)


def names_of(package: Package, cells: Cells) -> tuple[dict[str, str], Renaming]:
    """Give what the sheets of the model are called, and how formulas call sheets and names."""
    found = find_mark(package, package.main)
    if found is None:
        return {sheet: sheet for sheet in SHEETS if sheet in cells}, Renaming()
    called = attached_as(parse_xml(package[package.main]))
    return called, renamed_there(called, found[1])


def _as_called(planned: PlannedAnew, renaming: Renaming) -> PlannedAnew:
    """Give a plan whose formulas and texts call sheets and names as the workbook does."""
    if not renaming:
        return planned
    sheets = {
        model: {
            at: replace(
                cell,
                formula=cell.formula and renaming.everywhere(cell.formula),
                value=_shown(cell, renaming) if isinstance(cell.value, str) else cell.value,
            )
            for at, cell in sheet.items()
        }
        for model, sheet in planned.sheets.items()
    }
    return replace(planned, sheets=sheets)


def _shown(cell: Cell, renaming: Renaming) -> str:
    """Give the text of a cell; one that leads to a sheet shows what the sheet is called."""
    text = str(cell.value)
    linked = renaming.sheets.get(text) if isinstance(cell.link, Ref) else None
    return linked or renaming.in_words(text)


def _differing(
    cells: Cells, called: Mapping[str, str], planned: PlannedAnew
) -> tuple[set[Place], set[Place]]:
    """Give the cells of our sheets that are not as planned, and own values that a formula makes."""
    found: set[Place] = set()
    own_values: set[Place] = set()
    front = called.get(FRONT, FRONT)
    for model, title in called.items():
        if model not in planned.sheets:
            continue
        held = {place_of(address): cell for address, cell in cells[title].items()}
        plan = planned.sheets[model]
        for at in held.keys() | plan.keys():
            stored, cell = held.get(at), plan.get(at)
            if _is_to_the_letter(stored, cell):
                continue  # at a glance: most are
            place = Place(title.lower(), *at)
            if model in _TABLE_SHEETS and not (stored and stored.computed) and not _formula(cell):
                continue  # a row of a table, which is read as it stands
            if _is_own(model, at, cell) and not _formula(cell):
                # An own value is read as it stands; what it is made of may change.
                if stored and stored.computed:
                    own_values.add(place)
            elif not _is_planned(stored, cell) and not _is_way_back(at, stored, cell, front):
                found.add(place)
    # The figures of a data table go by the values beside it and by what is chosen on its sheet.
    touched = {place.sheet for place in found}
    for model, title in called.items():
        if title.lower() in touched and model in planned.sheets:
            found |= {Place(title.lower(), *at) for at in _tabled(planned.sheets[model])}
    return found, own_values


def _shows_alike(one: Cell | None, other: Cell | None) -> bool:
    """Tell whether two planned cells show the same figure."""
    if one and other and type(one.value) is type(other.value) and one.value == other.value:
        return True  # at a glance: most do
    return agree(_text_or(_plain(one)), _text_or(_plain(other)))


def _is_own(model: str, at: tuple[int, int], planned: Cell | None) -> bool:
    """Tell whether a cell is for an own value, on Inputs or where that takes it from."""
    if model in (CONTROL, PIPELINE):
        return planned is not None and planned.style == "own"
    return model == NAME and at[1] == OWN_VALUE


def _is_way_back(
    at: tuple[int, int], stored: StoredCell | None, planned: Cell | None, front: str
) -> bool:
    """Tell whether a cell is the way back to the first sheet, which is put when all is written."""
    return at[0] == 1 and planned is None and stored is not None and stored.value == front


def _formula(cell: Cell | None) -> str | None:
    return None if cell is None else cell.formula


def _tabled(plan: Mapping[tuple[int, int], Cell]) -> Iterator[tuple[int, int]]:
    """Give the cells that data tables fill."""
    for cell in plan.values():
        if cell.table is not None:
            box = cell.table.cells
            for row in range(box.row, box.last_row + 1):
                for column in range(box.column, box.last_column + 1):
                    yield row, column


def _computed_in(plan: Mapping[tuple[int, int], Cell]) -> set[tuple[int, int]]:
    """Give the planned cells that have a formula, or are filled by one or by a data table."""
    found = {at for at, cell in plan.items() if cell.formula} | set(_tabled(plan))
    for (top, left), cell in plan.items():
        height, width = cell.spill or (0, 0)
        found |= {(top + down, left + right) for down in range(height) for right in range(width)}
    return found


def _is_to_the_letter(stored: StoredCell | None, planned: Cell | None) -> bool:
    """Tell whether a cell has the very text of the formula that is planned there."""
    if stored is None or planned is None or stored.kind not in ("normal", "array"):
        return False
    return stored.formula is not None and stored.formula == planned.formula


def _is_planned(stored: StoredCell | None, planned: Cell | None) -> bool:
    """Tell whether a cell is as planned: its formula, or what it states where it has none."""
    if stored is not None and stored.kind == "dataTable":
        table = None if planned is None else planned.table
        return table is not None and table.cells.here == stored.area
    formula = None if stored is None else stored.formula
    wanted = None if planned is None else planned.formula
    if formula is None and wanted is None:
        if planned is not None and planned.style in _SAID:
            return True  # words about the day of the build, which no formula reads
        if stored is not None and stored.computed:
            return True  # it is filled by another one, which is looked at itself
        stated = None if stored is None else stored.value
        return agree(_text_or(stated), _text_or(_plain(planned)))
    if formula is None or wanted is None:
        return False
    if stored is not None and stored.source is not None:
        return False
    text, other = plain_formula(formula), wanted
    if text.startswith(BOOK_CALL) and other.startswith(BOOK_CALL):
        return True  # its own ranges were read
    return are_alike(text, other)


def _text_or(value: Any) -> Any:
    """Give a value in which a blank cell and one without a character are the same."""
    return "" if value is None else value


def _plain(cell: Cell | None) -> Any:
    """Give a planned value as a file stores it."""
    if cell is None:
        return None
    return serial_of(cell.value) if isinstance(cell.value, date) else cell.value
