"""After a refresh of a closed file our sheets show the figures of the core, without LibreOffice."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
import xlsxwriter

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.calc import engine, recalculate
from addin.calc.comparable import not_comparable
from addin.closed import planned_anew
from addin.closed.core_figures import names_of, plan_twice
from addin.closed.figures import COMPUTED
from addin.closed.refresh import refresh, undo
from addin.closed.snapshot_and_explain import snapshot
from tests.places import SHIPPED
from tests.valuation_core.book_files import add_rows
from valuation_core import load_book, with_own_facts
from valuation_core.bridge import bridge
from valuation_core.coverage import coverage
from workbook.attach.attach import attach
from workbook.cells import corners_of, letters, place_of, serial_of
from workbook.formulas.calls import call_in, cells_of
from workbook.formulas.dependents import Dependents
from workbook.formulas.words import words_of
from workbook.model.build import build_model, plan_model
from workbook.model.sheets.facts.book_tables import SHEETS
from workbook.model.sheets.front.checks import TOLERANCE_ROW
from workbook.opc.package import open_package, read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor, asks_for_calculation, store_results
from workbook.opc.stored import read_cells

MINERS = ["RIOT", "IREN", "CLSK"]
DAY = "2025-10-01"
"""Of the workbook; the newest facts of these miners in the shipped book are older."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book(DAY), MINERS), path)
    return path


@pytest.fixture
def model(made, tmp_path):
    return shutil.copy(made, tmp_path / "model.xlsx")


@pytest.fixture
def no_office(monkeypatch):
    monkeypatch.setattr(engine, "find_office", lambda: None)


@pytest.fixture
def source(folder):
    """RIOT shops 700 MW in place of 600, and costs USD 18; CLSK has USD 50 M of cash."""
    add_rows(
        folder,
        ("RIOT", "hpc_mw_shopped", "700", "MW", "gross", DAY, ""),
        ("RIOT", "price", "18", "USD/share", "", DAY, ""),
        ("CLSK", "cash", "50", "USD M", "", DAY, ""),
    )
    return folder


def cells(path):
    return read_cells(read_parts(path))


def line_of(found, sheet, label):
    return next(
        place_of(address)[0]
        for address, cell in found[sheet].items()
        if address.startswith("A") and cell.value == label
    )


def put(path, sheet, values):
    parts = read_parts(path)
    part = sheet_parts(parts)[sheet]
    editor = SheetEditor(sheet, parts[part])
    for address, value in values.items():
        editor.put(address, value)
    write_parts(path, {**parts, part: editor.to_part()})


def write_formula(path, sheet, address, formula, value):
    """Let the analyst write a formula of their own into a cell, and Excel compute it."""
    parts = read_parts(path)
    part = sheet_parts(parts)[sheet]
    editor = SheetEditor(sheet, parts[part])
    editor.cells[address].find("{*}f").text = formula
    editor.cells[address].find("{*}v").text = repr(value)
    write_parts(path, {**parts, part: editor.to_part()})


def test_the_figures_are_those_of_the_new_facts_and_said_to_be_the_cores(model, source, no_office):
    """0.5 x 700 MW x 6.15 USD M = 2,152.5 USD M is RIOT's option in the middle of the range."""
    before = cells(model)
    done = refresh(model, source, Desk())
    assert done.report.endswith(COMPUTED)
    now = cells(model)
    row = line_of(now, "HPC", "Option value, mid")
    assert now["HPC"][f"D{row}"].value == pytest.approx(2152.5)
    assert now["HPC"][f"E{row}"] == before["HPC"][f"E{row}"], "IREN's stays to the digit"
    parts, old = read_parts(model), read_parts(done.backup)
    untouched = {"Deals", "Miners", "Cases", "History", "Instruments"}
    paths = sheet_parts(parts)
    assert {
        paths[sheet] for sheet in untouched if parts[paths[sheet]] != old[paths[sheet]]
    } == set()
    assert not asks_for_calculation(parts)


def test_undo_brings_the_figures_of_before_back(model, source, no_office):
    before = cells(model)
    refresh(model, source, Desk())
    assert undo(model, Desk()).report.endswith(COMPUTED)
    after = cells(model)
    figures = {
        (sheet, address): (cell.value, after[sheet][address].value)
        for sheet, found in before.items()
        for address, cell in found.items()
        if cell.computed
    }
    assert {at: both for at, both in figures.items() if not recalculate.agree(*both)} == {}


def test_the_handle_is_the_one_that_hpc_book_gives_for_the_cells(model, source, no_office, desk):
    refresh(model, source, desk)
    found = cells(model)
    shown = found["Inputs"]["C5"]
    kept = Desk(store=desk.store).resolve(shown.value)
    assert kept.number("RIOT", "hpc_mw_shopped") == 700.0

    def given(reference):
        if reference is None:
            return OMITTED
        place = cells_of(reference)
        held = found[place.sheet or "Inputs"]
        (top, left), (bottom, right) = corners_of(f"{place.first}:{place.last}")
        rows = [
            [
                None if (cell := held.get(f"{letters(column)}{row}")) is None else cell.value
                for column in range(left, right + 1)
            ]
            for row in range(top, bottom + 1)
        ]
        return rows[0][0] if place.first == place.last else rows

    arguments = [given(text) for text in call_in(shown.formula).arguments]
    assert call(Desk(store=desk.store), "HPC_BOOK", arguments) == shown.value


def test_a_formula_of_the_analyst_on_our_sheet_and_what_rests_on_it_is_left_to_excel(
    model, source, no_office
):
    """RIOT's MW capped are doubled by hand: its option is Excel's to compute, IREN's is not."""
    found = cells(model)
    row = line_of(found, "HPC", "MW capped")
    option = line_of(found, "HPC", "Option value, mid")
    formula = f"2*({found['HPC'][f'D{row}'].formula})"
    write_formula(model, "HPC", f"D{row}", formula, 2 * found["HPC"][f"D{row}"].value)
    for at in (f"D{row}", f"D{option}"):
        assert found["HPC"][at].value is not None
    done = refresh(model, source, Desk())
    now = cells(model)
    assert [now["HPC"][at].value for at in (f"D{row}", f"D{option}")] == [None, None]
    assert COMPUTED in done.report
    assert "are yours or rest on such ones and are left to Excel: " in done.report
    row = line_of(now, "Targets", "Share price")
    assert now["Targets"][f"F{row}"].value == found["Targets"][f"F{row}"].value
    assert asks_for_calculation(read_parts(model))


def test_a_workbook_that_does_not_show_the_figures_of_its_facts_is_not_ours_to_compute(
    model, source, no_office
):
    row = line_of(cells(model), "HPC", "Option value, mid")
    write_formula(model, "HPC", f"D{row}", cells(model)["HPC"][f"D{row}"].formula, 1.0)
    said = refresh(model, source, Desk()).report
    assert f"the valuation core could not: HPC!D{row} does not show the figure of its facts" in said
    assert "Excel computes the figures when it opens the file" in said
    assert cells(model)["HPC"][f"D{row}"].value is None


def test_a_workbook_is_planned_again_only_where_what_it_is_planned_from_changed(
    model, source, no_office, monkeypatch
):
    """A snapshot adds rows to History alone: what each figure is follows from the same plan."""
    plans = []

    def counted(*arguments):
        plans.append(arguments)
        return plan_model(*arguments)

    monkeypatch.setattr(planned_anew, "plan_model", counted)
    snapshot(model, Desk())
    assert len(plans) == 1
    refresh(model, source, Desk())
    assert len(plans) == 3


APART = {
    "A1": ('=GETPIVOTDATA("x",J9)', 12.5),
    "A2": ('=BDP("RIOT US Equity","PX_LAST")', 12.5),
    "A3": ("=_xlfn.LET(_xlpm.x,2,_xlpm.x*3)", 12.5),
    "A4": ("='[prices.xlsx]Day'!B2", 12.5),
    "A5": ("=A6+1", 12.5),
    "A6": ("=A5+1", 12.5),
    "A7": ("=MyOwn(3)", 12.5),
}


def test_the_analysts_figures_stay_but_for_those_that_depend_on_ours(
    made, source, no_office, tmp_path
):
    path = tmp_path / "mine.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Mine")
        for address, (formula, value) in APART.items():
            page.write_formula(address, formula, None, value)
        page.write_formula("B1", "=Inputs!C5", None, "handle")
        page.write_formula("B2", "=LEN(B1)+A1", None, 9.0)
        page.write_formula("B3", "=BDP(Inputs!C5)", None, 9.0)
        book.add_worksheet("Inputs").write("C5", 3.0)
        book.add_worksheet("Deals")
    attach(path, read_parts(made), miners=MINERS)
    ours = next(name for name in sheet_parts(read_parts(path)) if name.endswith("Inputs"))
    write_formula(path, "Mine", "B1", "'HPC Inputs'!C5", 0.0)
    assert ours == "Inputs", "theirs comes first and keeps its name"
    said = refresh(path, source, Desk()).report
    found = cells(path)["Mine"]
    assert {at: found[at].value for at in APART} == dict.fromkeys(APART, 12.5)
    assert [found[at].value for at in ("B1", "B2", "B3")] == [None, None, 9.0]
    assert COMPUTED in said
    assert "cells of your sheets that depend on them, 2 in all" in said
    assert "Mine!B1, Mine!B2" in said


@pytest.mark.long
def test_beside_sheets_of_our_names_every_cell_of_ours_is_as_planned(made, tmp_path):
    """Ours are then called HPC Cover and so on, in the contents and in the ways back too."""
    path = tmp_path / "mine.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover")
        book.add_worksheet("Inputs")
    attach(path, read_parts(made), miners=MINERS)
    with open_package(path) as package:
        found = read_cells(package)
        plans = plan_twice(package, found, found)
    assert plans.called["Cover"] == "HPC Cover"
    assert not plans.differing
    assert plans.whole


@pytest.mark.engine
def test_every_figure_of_ours_is_what_a_recalculation_gives(source, tmp_path, monkeypatch):
    """With own values, one of a fact the book lacks."""
    own = [
        ("RIOT", "hpc_mw_shopped", 450.0),
        ("CLSK", "hpc_mw_shopped", 100.0),
        ("IREN", "price", 50.0),
    ]
    path = tmp_path / "own.xlsx"
    build_model(coverage(with_own_facts(load_book(DAY), own), MINERS), path)
    check_refreshed([path], source, monkeypatch)


@pytest.mark.engine
@pytest.mark.long
def test_so_it_is_plain_with_another_miner_chosen_and_under_a_case(
    made, source, tmp_path, monkeypatch
):
    paths = [tmp_path / f"{name}.xlsx" for name in ("plain", "chosen", "case")]
    shutil.copy(made, paths[0])
    shutil.copy(made, paths[1])
    build_model(coverage(load_book(DAY, case="reconstruction"), MINERS), paths[2])
    row = line_of(cells(made), "HPC", "Miner (choose)")
    put(paths[1], "HPC", {f"D{row}": "IREN"})
    (fresh,) = recalculate.recalculated_each(paths[1:2])
    with open_package(paths[1]) as package:
        stored = read_cells(package)
        computed = {address: fresh["HPC"][address].value for address in stored["HPC"]}
        store_results(package, stored, {"HPC": computed})
        parts = dict(package)
    write_parts(paths[1], parts)
    check_refreshed(paths, source, monkeypatch)


def check_refreshed(paths, source, monkeypatch):
    """Refresh without LibreOffice and compare every figure with what it computes."""
    with monkeypatch.context() as without:
        without.setattr(engine, "find_office", lambda: None)
        for path in paths:
            assert COMPUTED in refresh(path, source, Desk()).report, path.stem
    for path, fresh in zip(paths, recalculate.recalculated_each(paths), strict=True):
        with open_package(path) as package:
            stored = read_cells(package)
            known = Dependents(stored, words_of(package))
            unjudged = not_comparable(package, stored, fresh, lambda known=known: known)
            compared = recalculate.compare(stored, fresh, unjudged, lambda known=known: known)
        assert compared.compared > 8000
        assert compared.differences == (), path.stem


LATER = "2025-11-24"


@pytest.fixture(scope="module")
def moved(model_of, tmp_path_factory):
    """The workbook of September, which gets all rows of the shipped folder and a later date.

    Gives what it held before, the file after, and the report.
    """
    path = model_of(tmp_path_factory.mktemp("moved") / "model.xlsx")
    before = read_parts(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "find_office", lambda: None)
        done = refresh(path, SHIPPED, Desk(), as_of=date.fromisoformat(LATER))
    return before, path, done.report


def test_no_check_fails_in_the_workbook_of_september_that_was_moved_to_november(moved):
    _, path, _ = moved
    cells = read_cells(read_parts(path))["Checks"]
    failing = [cells[f"A{at[1:]}"].value for at, cell in cells.items() if cell.value is False]
    assert failing == []
    assert cells["B4"].value is True


def test_what_stands_beside_a_table_that_grows_is_computed_in_a_changed_workbook_too(
    model_of, tmp_path, no_office
):
    """The bars of Bridge read rows that HPC_BRIDGE did not fill before."""
    path = model_of(tmp_path / "model.xlsx")
    put(path, "Checks", {"A1": "Our checks"})
    put(path, "History", {"B5": "typed over"})
    done = refresh(path, SHIPPED, Desk(), as_of=date.fromisoformat(LATER))
    assert COMPUTED in done.report
    with open_package(path) as package:
        stored = read_cells(package)
        called, _ = names_of(package, stored)
    bars = [
        at
        for at in planned_anew.read_anew(stored, called).plan().sheets["Bridge"].items()
        if at[1].formula
    ]
    assert len(bars) > 300
    for (row, column), planned in bars:
        cell = stored["Bridge"][f"{letters(column)}{row}"]
        found = serial_of(planned.value) if isinstance(planned.value, date) else planned.value
        assert cell.value is None or recalculate.agree(cell.value, found), cell.address
    assert stored["Bridge"]["E55"].value == abs(stored["Bridge"]["B55"].value) > 0


OF_THE_LAYOUT = (
    *("Bridge", "History", "Functions", "Checks", "Sources", "Keys", "RowChecks"),
    *(sheet for _, sheet in SHEETS.values()),
)
"""Bridge compares the two books that are chosen on it; History has the editions of the day of the
build and Functions an example of that day, as they say; Checks and Sources count their rows, the
tables hold rows of later days too."""

COUNTED = ("Stale facts in use", "Facts of low confidence")
"""They count rows of Inputs, which has those of the day of the build."""


def by_meaning(sheet, cells):
    """Figures of a sheet by what stands before them and the column.

    How many lines are to spare and which comes first goes by the day of the build: blank lines are
    left out and alike ones taken together, and so are the columns of Leases, one for each deal.
    Left out too is in which row of its table something stands.
    """
    places = {at[1] for at, text in cells.items() if at[1] > 2 and text in PLACES}
    found = {}
    for (row, column), value in cells.items():
        if not isinstance(value, float) or value == 0.0 or column in places:
            continue
        labels = [cells.get((row, at)) for at in (1, 2)]
        label = tuple(one.rstrip("0123456789") for one in labels if one and isinstance(one, str))
        if "row" not in str(label).lower() and label[:1] not in [(one,) for one in COUNTED]:
            place = 0 if sheet == "Leases" else column
            found.setdefault((sheet, label, place), []).append(value)
    return {key: sorted(values) for key, values in found.items()}


PLACES = ("row in the book", "Row of AllDeals", "Row of the table", "Row of AllSites")


def plain_value(value):
    """Give a planned value as a file gives it."""
    if isinstance(value, date):
        return serial_of(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_a_refresh_that_moves_the_date_gives_every_figure_of_a_fresh_build(moved):
    _, path, report = moved
    assert COMPUTED in report
    assert "left to Excel" not in report
    fresh = plan_model(coverage(load_book(LATER), load_book().coverage))
    file, held, planned = cells(path), {}, {}
    for sheet in fresh.sheets:
        if sheet.name not in OF_THE_LAYOUT:
            stored = file[sheet.name]
            held |= by_meaning(sheet.name, {place_of(at): one.value for at, one in stored.items()})
            made = {at: plain_value(one.value) for at, one in sheet.cells.items()}
            planned |= by_meaning(sheet.name, made)
    only = {key for key in planned if key not in held}
    # Inputs has no row for a site that no book of before knew: that is of the layout.
    assert {key[0] for key in only} == {"Inputs"}
    assert {key[1][:2] for key in only} == {("CLSK/Austin County (Houston)", "hpc_probability")}
    differing = {
        key: (values, planned.get(key, []))
        for key, values in held.items()
        if values != pytest.approx(planned.get(key, []), rel=1e-9, abs=1e-8)
    }
    assert differing == {}
    assert sum(map(len, held.values())) > 4000


def test_the_steps_of_a_figure_have_a_line_more_where_the_facts_need_one(moved):
    """On 24 November values per MW are stated on critical MW: four steps more, ten before."""
    before, path, _ = moved
    areas = []
    for held in (read_cells(before)["HPC"], cells(path)["HPC"]):
        steps = next(one for one in held.values() if (one.formula or "").startswith("HPC_EXPLAIN"))
        first, last = corners_of(steps.area)
        areas.append((last[0] - first[0] + 1, held[f"A{last[0]}"].value))
    assert areas == [(10, "option value"), (14, "option value")]


@pytest.mark.long
def test_tables_grow_in_a_workbook_that_was_changed_and_one_in_whose_way_a_note_is_is_named(
    tmp_path, no_office
):
    """The tolerance of Checks is typed; a note stands below the facts behind the bridge."""
    path = tmp_path / "model.xlsx"
    build_model(coverage(load_book(), ["RIOT", "CIFR"]), path)
    before = cells(path)

    def area(found, sheet, call):
        return next(
            cell.area for cell in found[sheet].values() if (cell.formula or "").startswith(call)
        )

    explained = area(before, "Bridge", "HPC_EXPLAIN")
    (_, (last, _)) = corners_of(explained)
    put(path, "Bridge", {f"A{last + 1}": "my note"})
    put(path, "Checks", {f"B{TOLERANCE_ROW}": 0.5})
    report = refresh(path, SHIPPED, Desk(), as_of=date.fromisoformat(LATER)).report
    after = cells(path)
    first, _, _ = explained.partition(":")
    named = report.rpartition("once Excel computes the file: ")[2]
    assert named.startswith(f"Bridge!{first}:G")
    assert "," not in named, "the one table alone"
    assert after["Bridge"][first].value is None
    assert after["Bridge"][f"A{last + 1}"].value == "my note"
    # From the day of the build to that of Control, which the refresh moved, under another case.
    made = bridge("RIOT", load_book(), load_book(LATER, case="reconstruction")).rows
    grown = area(after, "Bridge", "HPC_BRIDGE")
    (top, _), (bottom, _) = corners_of(grown)
    assert bottom - top == len(made) > 10
    shown = [after["Bridge"][f"B{row}"].value for row in range(top + 1, bottom + 1)]
    known = [(value, row[1]) for value, row in zip(shown, made, strict=True) if row[1] is not None]
    assert [one for one, _ in known] == pytest.approx([one for _, one in known])


def test_undo_gives_back_the_date_the_figures_and_the_bytes_of_all_it_need_not_touch(
    moved, tmp_path, no_office
):
    before, used, _ = moved
    path = shutil.copy(used, tmp_path / "model.xlsx")
    refreshed = read_parts(path)
    undo(path, Desk())
    after = read_parts(path)
    touched = {part for part in before if refreshed[part] != before[part]}
    assert {part for part in before if after[part] != before[part]} <= touched
    assert after.keys() - before.keys() == refreshed.keys() - before.keys() != set()
    untouched = {"History", "Miners", "Cases"}
    assert {sheet_parts(before)[sheet] for sheet in untouched} & touched == set()
    one, other = (
        {
            (sheet, at): "" if cell.value is None else cell.value
            for sheet, held in read_cells(parts).items()
            if sheet != "Log"
            for at, cell in held.items()
        }
        for parts in (before, after)
    )
    assert {at for at in one if not recalculate.agree(one[at], other.get(at, ""))} == set()
    assert {at for at in other.keys() - one.keys() if other[at] != ""} == set()


def test_a_refresh_keeps_your_probability_of_a_site_and_computes_with_it(
    tmp_path, source, no_office
):
    """0.8 x 600 MW x 5.17 stays RIOT's option: the site offers what it did."""
    own = [("RIOT/Corsicana phase 2 (remaining)", "hpc_probability", 0.8)]
    path = tmp_path / "own.xlsx"
    build_model(coverage(with_own_facts(load_book(DAY, case="sites"), own), MINERS), path)
    done = refresh(path, source, Desk())
    assert done.report.endswith(COMPUTED)
    now = cells(path)
    row = line_of(now, "Pipeline", "RIOT: Corsicana phase 2 (remaining)")
    assert now["Pipeline"][f"D{row}"].value == 0.8
    row = line_of(now, "Pipeline", "Option site by site")
    assert now["Pipeline"][f"D{row}"].value == pytest.approx(0.8 * 600 * 5.17)
