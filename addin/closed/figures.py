"""Figures of a changed workbook stay true: ours are computed, the analyst's are left to Excel.

After a change the stored results of what depends on it are those of before. On our sheets the core
computes them anew, from the book and the facts that the workbook holds; where a workbook is not as
this version builds it, LibreOffice does, if it is there and can know them. Nobody but Excel
computes a cell of the analyst, on whatever sheet: one that depends on a changed cell of ours loses
its stored result, so that no old figure stands beside a new one, and Excel computes it on opening.
Every other figure stays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from addin.boundary.desk import Desk
from addin.closed.carried import Carried
from addin.closed.core_figures import Plans, plan_twice
from addin.closed.own_sheets import ADDED, ours_called
from addin.closed.spills import Spill, resize
from valuation_core.errors import ValuationError
from workbook.attach.mark import attached_as, find_mark
from workbook.cells import ErrorValue, corners_of, letters, place_of
from workbook.errors import WorkbookError
from workbook.formulas.dependents import Dependents, Place
from workbook.formulas.words import words_then_and_now
from workbook.model.build import SHEETS
from workbook.opc.package import Package, sheet_parts
from workbook.opc.sheet_editor import recalculate_on_opening, store_results
from workbook.opc.stored import StoredCell, cells_of, within
from workbook.opc.xml import parse_xml

COMPUTED: Final = "the figures were computed by the valuation core"
RECALCULATED: Final = "the figures were recalculated by LibreOffice"
LEFT_TO_EXCEL: Final = "Excel computes the figures when it opens the file"
NOTHING_DEPENDS: Final = "no formula depends on them"
_SHOWN: Final = 5

_KEEP: Final = object()
"""Said of a cell whose stored result is the right one."""

Cells = Mapping[str, Mapping[str, StoredCell]]


def our_sheets(package: Package) -> set[str]:
    """Give the sheets of a workbook that are ours: attached by us, or of a model that we built."""
    parts = sheet_parts(package)
    called = [
        ours_called(one, parts, lambda name: _first_row(package, parts[name])) for one in ADDED
    ]
    added = {title for title, there in called if there}
    if find_mark(package, package.main) is None:
        return added.union(SHEETS & parts.keys())
    return added.union(attached_as(parse_xml(package[package.main])).values())


def _first_row(package: Package, part: str) -> list[Any]:
    return [cell.value for at, cell in cells_of(package, part).items() if place_of(at)[0] == 1]


@dataclass
class _Affected:
    """Cells that depend on a change: ours, the analyst's, and those of which nobody can tell."""

    ours: set[Place] = field(default_factory=set)
    theirs: set[Place] = field(default_factory=set)
    unknown: set[Place] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Computed:
    """Results of our cells, `_KEEP` where they are as stored, and whose they are, in words."""

    values: Mapping[Place, Any]
    by: str = LEFT_TO_EXCEL
    left: str = ""
    """What follows the number of our cells that have no result."""
    resized: tuple[Spill, ...] = ()
    """Tables for which the file is to get cells, or fewer of them."""
    cut: tuple[str, ...] = ()
    """Cells of tables whose number of rows is Excel's to tell."""


def store_true_figures(
    package: Package,
    before: Cells,
    changed: Collection[Place],
    desk: Desk,
    *,
    recalculate: bool = True,
    carried: Carried | None = None,
) -> str:
    """Store results that belong to their inputs, and say in words whose they are.

    Parameters
    ----------
    package : Package
        The workbook with the changes in it.
    before : mapping
        Its stored cells before them.
    changed : collection of Place
        Cells of ours that were changed.
    desk : Desk
        Where the functions find their facts.
    recalculate : bool, optional
        Whether our figures are computed here; else they are left to Excel.
    carried : Carried, optional
        The book that it carried before them, where that was read already.
    """
    stored = _after(package, before, {place.sheet for place in changed})
    plans = _plans(package, before, stored, carried) if recalculate else ""
    told = None
    if isinstance(plans, Plans) and plans.whole:
        told = _told_by_plans(package, plans, stored, changed, desk)
    found, computed = told or _told_by_formulas(package, plans, stored, changed, desk)
    if computed.resized:
        stored = _after(package, stored, resize(package, computed.resized))
        found.ours |= {place for one in computed.resized for place in one.after}
    if not (found.ours or found.theirs or found.unknown):
        return NOTHING_DEPENDS
    known = computed.values
    replaced: dict[Place, Any] = dict.fromkeys(found.theirs | (found.ours - known.keys()))
    replaced |= known
    titles = {sheet.lower(): sheet for sheet in stored}
    results: dict[str, dict[str, Any]] = {}
    for place, value in replaced.items():
        if value is not _KEEP:
            address = f"{letters(place.column)}{place.row}"
            results.setdefault(titles[place.sheet], {})[address] = value
    store_results(package, stored, results)
    left = found.theirs | found.unknown | (found.ours - known.keys())
    if left or computed.cut:
        recalculate_on_opening(package)
    return _said(stored, found, computed)


def _plans(package: Package, before: Cells, stored: Cells, carried: Carried | None) -> Plans | str:
    """Plan the workbook before and after the change, or say why that cannot be."""
    try:
        return plan_twice(package, before, stored, carried)
    except (WorkbookError, ValuationError) as error:
        return str(error).removesuffix("; nothing was changed")


def _told_by_plans(
    package: Package, plans: Plans, stored: Cells, changed: Collection[Place], desk: Desk
) -> tuple[_Affected, _Computed] | None:
    """Take what changes on our sheets from the plans, so that only the others have to be followed.

    None where the workbook did not show the figures of its facts.
    """
    figures = plans.changed()
    if figures.refusal:
        return None
    ours = set(plans.called.values())
    others = {title: {} if title in ours else cells for title, cells in stored.items()}
    dependents = Dependents(others, words_then_and_now(package))
    found = _affected(package, stored, {*changed, *figures.values}, dependents)
    found.ours = set(figures.values)
    desk.publish(plans.new.book)
    return found, _Computed(figures.values, COMPUTED, resized=plans.spills)


def _told_by_formulas(
    package: Package, plans: Plans | str, stored: Cells, changed: Collection[Place], desk: Desk
) -> tuple[_Affected, _Computed]:
    """Follow all formulas; our cells that are as planned get the figures of the core."""
    dependents = Dependents(stored, words_then_and_now(package))
    filled = set() if isinstance(plans, str) else plans.filled
    found = _affected(package, stored, {*changed, *filled}, dependents)
    found.ours |= {one for one in filled if (cell := _cell(stored, one)) and cell.computed}
    if not plans or not found.ours:
        return found, _Computed({})
    return found, _from_core(package, plans, stored, found.ours, dependents, desk)


def _after(package: Package, before: Cells, changed: set[str]) -> Cells:
    """Read the sheets that were changed; the cells of the others are known."""
    return {
        title: before[title]
        if title in before and title.lower() not in changed
        else cells_of(package, part)
        for title, part in sheet_parts(package).items()
    }


def _from_core(
    package: Package,
    plans: Plans | str,
    stored: Cells,
    ours: set[Place],
    dependents: Dependents,
    desk: Desk,
) -> _Computed:
    """Let the core compute our cells, or LibreOffice where the workbook is not as we build it."""
    refusal = plans if isinstance(plans, str) else ""
    cut = _tables(stored, ours)
    if isinstance(plans, Plans):
        figures = plans.wanted(ours, dependents)
        refusal, cut = figures.refusal, [one.range for one in figures.cut]
        if not refusal:
            desk.publish(plans.new.book)
            known = _as_stored(stored, figures.values)
            left = ours - known.keys()
            said = f" are yours or rest on such ones and are left to Excel: {_listed(stored, left)}"
            return _Computed(known, COMPUTED, said, figures.resized, tuple(cut))
    known = _known(package, stored, _from_engine(package, desk), dependents, ours)
    by = RECALCULATED if known else LEFT_TO_EXCEL
    said = ", which LibreOffice cannot know, are left to Excel"
    by = f"{by}; the valuation core could not: {refusal}"
    return _Computed(known, by, said, cut=tuple(cut) if known else ())


def _tables(stored: Cells, places: set[Place]) -> list[str]:
    """Give the cells that functions fill with tables, of those whose first one is among some."""
    return [
        f"{title}!{cell.area}"
        for title, cells in stored.items()
        for address, cell in cells.items()
        if cell.kind == "array"
        and cell.area
        and corners_of(cell.area)[0][0] < corners_of(cell.area)[1][0]
        and Place(title.lower(), *place_of(address)) in places
    ]


def _as_stored(stored: Cells, fresh: Mapping[Place, Any]) -> dict[Place, Any]:
    """Let results that are as stored keep their bytes."""
    from addin.calc.recalculate import agree

    return {
        place: _KEEP if (cell := _cell(stored, place)) and agree(cell.value, value) else value
        for place, value in fresh.items()
    }


def _affected(
    package: Package, stored: Cells, changed: Collection[Place], dependents: Dependents
) -> _Affected:
    titles = our_sheets(package)
    ours = {sheet.lower() for sheet in titles}
    certain = dependents.of(changed, unknown=False)
    if any(place.sheet in ours for place in certain):
        # What a data table shows follows from everything behind the figure that it repeats.
        shown = {one for title in titles & stored.keys() for one in _of_data_tables(title, stored)}
        certain |= shown | dependents.of(shown, unknown=False)
    possible = dependents.of(changed) - certain
    computed = {
        place for place in certain if (cell := _cell(stored, place)) is not None and cell.computed
    }
    return _Affected(
        {place for place in computed if place.sheet in ours},
        {place for place in computed if place.sheet not in ours},
        {place for place in possible if place.sheet not in ours},
    )


def _of_data_tables(title: str, stored: Cells) -> Iterator[Place]:
    cells = stored[title]
    areas = [cell.area for cell in cells.values() if cell.kind == "dataTable" and cell.area]
    for address in within(areas, cells):
        yield Place(title.lower(), *place_of(address))


def _cell(cells: Cells, place: Place) -> StoredCell | None:
    for name, found in cells.items():
        if name.lower() == place.sheet:
            return found.get(f"{letters(place.column)}{place.row}")
    return None


def _known(
    package: Package,
    stored: Cells,
    fresh: Cells | None,
    dependents: Dependents,
    ours: set[Place],
) -> dict[Place, Any]:
    """Give the results of our cells that LibreOffice can know; `_KEEP` where they are as stored."""
    from addin.calc.comparable import not_comparable

    if fresh is None:
        return {}
    unjudged = not_comparable(package, stored, fresh, lambda: dependents)
    found = ((place, _cell(fresh, place)) for place in ours - unjudged.keys())
    return _as_stored(stored, {place: cell.value for place, cell in found if cell is not None})


def _from_engine(package: Package, desk: Desk) -> Cells | None:
    """Let LibreOffice compute the workbook; None where it cannot."""
    from addin.calc.engine import EngineError, find_office
    from addin.calc.recalculate import recalculated_cells

    if find_office() is None:
        return None
    with tempfile.TemporaryDirectory(prefix="hpcval-figures-") as folder:
        path = Path(folder) / "workbook.xlsx"
        with path.open("wb") as stream:
            package.write(stream)
        try:
            return recalculated_cells(path, source=desk.source)
        except EngineError:
            return None


def _said(stored: Cells, found: _Affected, computed: _Computed) -> str:
    """Say whose the figures are, and which cells are left to Excel."""
    known = computed.values
    parts = [computed.by] if found.ours else []
    if known:
        if left := len(found.ours) - len(known):
            parts.append(f"{left} of them{computed.left}")
        lost = {
            place
            for place, value in known.items()
            if isinstance(value, ErrorValue)
            and (cell := _cell(stored, place)) is not None
            and not isinstance(cell.value, ErrorValue | None)
        }
        if lost:
            which = f"{len(lost)}, {_listed(stored, lost)}"
            parts.append(f"cells that show an error and did not before: {which}")
    if computed.cut:
        shown, more = ", ".join(computed.cut[:_SHOWN]), len(computed.cut) - _SHOWN
        parts.append(
            "tables that may have another number of rows once Excel computes the file: "
            f"{shown}{f' and {more} more' if more > 0 else ''}"
        )
    if found.theirs:
        parts.append(
            f"cells of your sheets that depend on them, {len(found.theirs)} in all, are "
            f"computed by Excel when it opens the file: {_listed(stored, found.theirs)}"
        )
    if found.unknown:
        parts.append(
            f"cells of your sheets that may depend on them, {len(found.unknown)} in all, which "
            f"only Excel can tell (INDIRECT, OFFSET, data tables): {_listed(stored, found.unknown)}"
        )
    return "; ".join(parts)


def _listed(stored: Cells, places: set[Place]) -> str:
    titles = {sheet.lower(): sheet for sheet in stored}
    first = sorted(places)[:_SHOWN]
    shown = [f"{titles[one.sheet]}!{letters(one.column)}{one.row}" for one in first]
    more = len(places) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
