"""A closed workbook is refreshed from a source: the cells that differ, all or nothing, and back."""

from __future__ import annotations

import shutil
from csv import DictReader

import pytest
import xlsxwriter
from click.testing import CliRunner
from lxml import etree
from openpyxl import load_workbook

from addin.boundary.desk import Desk
from addin.calc import engine
from addin.cli import main
from addin.closed.refresh import refresh, undo
from addin.sources import tables_from
from addin.sources.push import push
from tests.addin.closed.many_facts import write_many
from tests.addin.closed.stored import values
from tests.places import SHIPPED
from tests.valuation_core.book_files import add_rows
from valuation_core import load_book
from valuation_core.book import with_own_facts
from valuation_core.book.schema import TABLES
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.coverage import coverage
from valuation_core.target import target
from workbook.audit.check import check
from workbook.cells import ErrorValue, letters, place_of
from workbook.errors import WorkbookError
from workbook.formulas.calls import call_in
from workbook.model.build import build_model
from workbook.model.sheets.facts.book_tables import SHEETS
from workbook.model.sheets.facts.input_cells import AS_OF, COLUMN
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor, add_sheet, empty_sheet, store_result
from workbook.opc.stored import read_cells
from workbook.opc.xml import tag


def placed(found, sheet):
    """The cells of a sheet that hold something, by row and column."""
    return {
        place_of(at): value
        for (name, at), value in found.items()
        if name == sheet and value is not None
    }


def test_twenty_new_facts_are_twenty_rows_of_the_table_and_twenty_lines(book_of_many, many):
    before = values(book_of_many)
    write_many(many, dict.fromkeys(range(0, 100, 5), 1500.0))  # the first has an own value
    done = refresh(book_of_many, many, Desk(), recalculate=False)
    assert done.report.startswith("20 rows added (Facts 20) from folder ")
    assert "; 110 were there already" in done.report  # 100 facts and 10 miners
    after = values(book_of_many)
    assert {at: after[at] for at in before if at[0] == "Facts"} == {
        at: value for at, value in before.items() if at[0] == "Facts"
    }
    new = placed(after, "Facts").keys() - placed(before, "Facts").keys()
    assert {row for row, _ in new} == {1, *range(102, 122)}
    assert [placed(after, "Facts")[row, 3] for row in range(102, 122)] == [1500.0] * 20
    marks = {placed(after, "Facts")[row, 12] for row in range(102, 122)}
    assert placed(after, "Facts")[1, 12] == "brought by"
    (mark,) = marks
    assert mark.startswith("refresh 1, 20")
    log = placed(after, "Log")
    assert [(log[row, 3], log[row, 4]) for row in range(2, 22)] == [
        ("Facts", f"A{row}") for row in range(102, 122)
    ]
    assert max(row for row, _ in log) == 21
    again = book_of_many.read_bytes()
    done = refresh(book_of_many, many, Desk(), recalculate=False)
    assert (done.rows, done.backup) == ((), None)
    assert "; 130 were there already" in done.report
    assert book_of_many.read_bytes() == again


def test_the_table_of_excel_reaches_over_the_new_rows_and_they_look_as_those_above(
    book_of_many, many
):
    write_many(many, {3: 1500.5})
    refresh(book_of_many, many, Desk(), recalculate=False)
    sheet = load_workbook(book_of_many)["Facts"]
    assert sheet.tables["Facts"].ref == "A1:J102"
    assert sheet.tables["Facts"].autoFilter.ref == "A1:J102"
    assert sheet["F102"].value.isoformat() == "2025-09-02T00:00:00"
    for column in "ABCDFHI":
        assert sheet[f"{column}102"].style_id == sheet[f"{column}101"].style_id, column
    assert sheet.dimensions == "A1:L102"


def test_a_source_on_the_web_is_a_link_until_the_row_is_taken_off(book_of_many, many):
    write_many(many, {3: 1500, 4: 1600})
    text = (many / "inputs.csv").read_text()
    place = text.rindex("made up")
    address = "https://example.com/a b?b=1&c=2"
    (many / "inputs.csv").write_text(f"{text[:place]}{address}{text[place + 7 :]}")
    refresh(book_of_many, many, Desk(), recalculate=False)
    sheet = load_workbook(book_of_many)["Facts"]
    assert sheet["H103"].value == address
    assert sheet["H103"].hyperlink.target == address.replace(" ", "%20")
    assert sheet["H102"].hyperlink is None
    undo(book_of_many, Desk(), recalculate=False)
    after = read_parts(book_of_many)
    assert b"hyperlink" not in after[sheet_parts(after)["Facts"]]
    assert address.encode() not in b"".join(after.values())


def test_only_the_sheets_concerned_change_and_a_copy_stays(book_of_many, many):
    before, original = read_parts(book_of_many), book_of_many.read_bytes()
    write_many(many, {3: 1500})
    done = refresh(book_of_many, many, Desk(), recalculate=False)
    after = read_parts(book_of_many)
    changed = {part for part in after if after[part] != before.get(part)}
    named = sheet_parts(after)
    assert changed == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/tables/table1.xml",
        *(named[sheet] for sheet in ("Inputs", "Facts", "Keys", "Log")),
    }
    assert done.backup.read_bytes() == original


def test_without_an_engine_no_old_result_stands_beside_a_new_row(book_of_many, many):
    write_many(many, {3: 1500})
    done = refresh(book_of_many, many, Desk(), recalculate=False)
    assert done.report.endswith("Excel computes the figures when it opens the file")
    parts = read_parts(book_of_many)
    cells = read_cells(parts)["Inputs"]
    (handle,) = [cell for cell in cells.values() if "facts" in calls_of(cell)]
    assert handle.value is None
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]


def calls_of(cell):
    """Names of the arguments that a cell gives to HPC_BOOK."""
    if not cell.formula or not cell.formula.startswith("HPC_BOOK("):
        return set()
    names = [argument.name for argument in catalogue()["HPC_BOOK"].arguments]
    stated = call_in(cell.formula).arguments
    return {name for name, text in zip(names, stated, strict=False) if text}


def test_undo_takes_the_rows_off_and_is_itself_logged(book_of_many, many):
    before = values(book_of_many)
    write_many(many, {3: 1500, 4: 1600})
    refresh(book_of_many, many, Desk(), recalculate=False)
    done = undo(book_of_many, Desk(), recalculate=False)
    assert done.report.startswith("2 rows are off again that refresh 1 of ")
    after = values(book_of_many)
    facts = {at: value for at, value in before.items() if at[0] == "Facts"}
    assert {at: value for at, value in after.items() if at[0] == "Facts"} == facts
    assert load_workbook(book_of_many)["Facts"].tables["Facts"].ref == "A1:J101"
    log = placed(after, "Log")
    assert [log[row, 2] for row in range(2, 6)] == ["refresh 1"] * 2 + ["undo of refresh 1"] * 2
    with pytest.raises(WorkbookError, match="no refresh to take back"):
        undo(book_of_many, Desk(), recalculate=False)
    refresh(book_of_many, many, Desk(), recalculate=False)
    assert values(book_of_many)["Facts", "L102"].startswith("refresh 2, ")


def test_undo_takes_the_last_refresh_alone_and_leaves_what_was_typed_below(book_of_many, many):
    write_many(many, {3: 1500})
    refresh(book_of_many, many, Desk(), recalculate=False)
    write_many(many, {3: 1500, 4: 1600})
    refresh(book_of_many, many, Desk(), recalculate=False)
    typed = dict(zip("ABCDFHI", HEADER_OF_A_FACT, strict=True))
    put(book_of_many, "Facts", {f"{letter}104": value for letter, value in typed.items()})
    undo(book_of_many, Desk(), recalculate=False)
    found = placed(values(book_of_many), "Facts")
    assert {row for row, _ in found} == {*range(1, 103), 104}
    assert found[104, 3] == 12.0
    assert refresh(book_of_many, many, Desk(), recalculate=False).rows[0].line == 105


HEADER_OF_A_FACT = ("M001", "price", 12.0, "USD/share", 45931.0, "me", "high")


def put(path, sheet, cells):
    parts = read_parts(path)
    part = sheet_parts(parts)[sheet]
    editor = SheetEditor(sheet, parts[part])
    for address, value in cells.items():
        editor.put(address, value)
    write_parts(path, {**parts, part: editor.to_part()})


def test_a_sum_of_the_analyst_over_the_table_is_left_to_excel_when_rows_come_and_when_they_go(
    book_of_many, many
):
    """100 facts of 1,000 and one of 1,500 are 101,500; when the row is gone that is no sum."""
    write_many(many, {3: 1500})
    put_sum(book_of_many, 100_000.0)
    refresh(book_of_many, many, Desk(), recalculate=False)
    assert values(book_of_many)["Mine", "A1"] is None
    put_sum(book_of_many, 101_500.0)
    said = undo(book_of_many, Desk(), recalculate=False).report
    assert values(book_of_many)["Mine", "A1"] is None
    assert said.endswith("computed by Excel when it opens the file: Mine!A1")


def put_sum(path, value):
    """Let the analyst sum up the table on a sheet of their own."""
    parts = read_parts(path)
    part = sheet_parts(parts).get("Mine") or add_sheet(parts, "Mine", empty_sheet((9.0,)))
    editor = SheetEditor("Mine", parts[part])
    editor.put_formula("A1", "SUM(Facts[value])", value)
    write_parts(path, {**parts, part: editor.to_part()})


def test_a_brought_row_that_was_changed_since_is_not_taken_off(book_of_many, many):
    write_many(many, {3: 1500})
    refresh(book_of_many, many, Desk(), recalculate=False)
    put(book_of_many, "Facts", {"C102": 1501.0})
    original = book_of_many.read_bytes()
    with pytest.raises(WorkbookError, match="of sheet Facts was changed since refresh 1; nothing"):
        undo(book_of_many, Desk(), recalculate=False)
    assert book_of_many.read_bytes() == original


def test_a_dry_run_and_a_refresh_that_is_not_possible_write_nothing(book_of_many, many):
    original = book_of_many.read_bytes()
    write_many(many, {3: 1500})
    assert len(refresh(book_of_many, many, Desk(), dry_run=True).rows) == 1
    lock = book_of_many.with_name(f"~${book_of_many.name}")
    lock.touch()
    with pytest.raises(WorkbookError, match="open in another program"):
        refresh(book_of_many, many, Desk())
    lock.unlink()
    assert book_of_many.read_bytes() == original
    signed = read_parts(book_of_many) | {"_xmlsignatures/sig1.xml": b"<x/>"}
    write_parts(book_of_many, signed)
    with pytest.raises(WorkbookError, match="signed"):
        refresh(book_of_many, many, Desk())


def test_a_formula_of_the_analyst_where_a_row_would_go_is_left_and_nothing_changes(
    book_of_many, many
):
    put(book_of_many, "Facts", {"E102": 0.0})
    parts = read_parts(book_of_many)
    part = sheet_parts(parts)["Facts"]
    cell = b'<c r="E102"><v>0.0</v>'
    assert cell in parts[part]
    linked = parts[part].replace(cell, b'<c r="E102"><f>""</f><v></v>')
    write_parts(book_of_many, {**parts, part: linked})
    original = book_of_many.read_bytes()
    write_many(many, {6: 1500})  # it is on gross MW, which is a cell of column E
    with pytest.raises(WorkbookError, match="Facts!E102 holds a formula; nothing was changed"):
        refresh(book_of_many, many, Desk(), recalculate=False)
    assert book_of_many.read_bytes() == original


@pytest.mark.parametrize("ends", [b"J101", b"J102"])
def test_a_table_with_a_row_of_totals_gets_no_row_below_it_or_in_it(book_of_many, many, ends):
    """The facts end in row 101; a row 102 of totals may be blank but for a column of one's own."""
    parts = read_parts(book_of_many)
    table = parts["xl/tables/table1.xml"].replace(b"A1:J101", b"A1:" + ends)
    table = table.replace(b' headerRowCount="1"', b' totalsRowCount="1"')
    assert table.count(ends) == 2
    assert b'totalsRowCount="1"' in table
    write_parts(book_of_many, {**parts, "xl/tables/table1.xml": table})
    write_many(many, {3: 1500})
    with pytest.raises(WorkbookError, match="table Facts has a row of totals: take it off first"):
        refresh(book_of_many, many, Desk(), recalculate=False)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"<workbookPr/>", b'<workbookPr date1904="1"/>', "counts dates from 1904"),
        (b"<calcPr ", b'<calcPr fullPrecision="0" ', "with precision as displayed"),
    ],
)
def test_a_workbook_of_another_arithmetic_gets_no_row(book_of_many, many, old, new, reason):
    parts = read_parts(book_of_many)
    main = parts["xl/workbook.xml"]
    assert old in main
    write_parts(book_of_many, {**parts, "xl/workbook.xml": main.replace(old, new)})
    original = book_of_many.read_bytes()
    write_many(many, {3: 1500})
    with pytest.raises(WorkbookError, match=reason):
        refresh(book_of_many, many, Desk(), recalculate=False)
    assert book_of_many.read_bytes() == original


def test_a_wrong_row_typed_by_hand_is_named_and_nothing_is_added(book_of_many, many):
    put(book_of_many, "Facts", {"A103": "M001", "B103": "no_such_metric", "C103": 1.0})
    write_many(many, {3: 1500})
    with pytest.raises(WorkbookError, match="own tables are wrong: sheet Facts row 103 column"):
        refresh(book_of_many, many, Desk(), recalculate=False)


def without_a_table(folder):
    (folder / "deals.csv").unlink()


def of_another_format(folder):
    (folder / "format.csv").write_text("format\n3\n")


def wrong_in_a_column(folder):
    write_many(folder, {3: "1.500,00"})


def negative(folder):
    write_many(folder, {5: -1})


def cut_off(folder):
    text = (folder / "inputs.csv").read_bytes()
    (folder / "inputs.csv").write_bytes(text[: len(text) // 2])


def another_value(folder):
    text = (folder / "inputs.csv").read_text()
    (folder / "inputs.csv").write_text(text.replace("M000,cash,1000,", "M000,cash,1001,"))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (shutil.rmtree, "is not a folder"),
        (without_a_table, "deals.csv: is missing"),
        (of_another_format, "format.csv row 2 column format: must be 2, got '3'"),
        (wrong_in_a_column, "inputs.csv row 102 column value: decimal or thousands comma"),
        (negative, "inputs.csv row 102 column value: must be 0 or more, got -1"),
        (cut_off, "inputs.csv"),
        (another_value, "Facts row 3 (M000 cash): value is '1000' here and '1001' there"),
    ],
)
def test_a_source_that_goes_wrong_leaves_the_file_as_it_is(book_of_many, many, spoil, sentence):
    original, files = book_of_many.read_bytes(), sorted(book_of_many.parent.glob("*.xlsx"))
    spoil(many)
    result = CliRunner().invoke(main, ["refresh", str(book_of_many), "--from", str(many)])
    assert result.exit_code == 1
    assert sentence in result.output
    assert result.output.count("\n") == 1
    assert result.output.endswith("nothing was changed\n")
    assert book_of_many.read_bytes() == original
    assert sorted(book_of_many.parent.glob("*.xlsx")) == files


def test_a_database_that_is_down_leaves_the_file_as_it_is_and_keeps_the_password(book_of_many):
    original = book_of_many.read_bytes()
    url = "postgresql+psycopg://ann:s3cr3t@127.0.0.1:9/facts"
    result = CliRunner().invoke(main, ["refresh", str(book_of_many), "--from", url])
    assert result.exit_code == 1
    assert "database postgresql+psycopg://ann:***@127.0.0.1:9/facts" in result.output
    assert "s3cr3t" not in result.output
    assert book_of_many.read_bytes() == original


def test_the_date_stays_unless_another_is_given_and_undo_gives_it_back(book_of_many, many):
    write_many(many, {1: 1234}, day="2025-10-10")
    runner, file = CliRunner(), str(book_of_many)
    common = ["refresh", file, "--no-recalc"]
    said = runner.invoke(main, [*common, "--from", str(many)]).output
    assert "Facts!A102 M000 cash: 1234, 2025-10-10, made up\n1 row added (Facts 1)" in said
    assert values(book_of_many)[AS_OF.sheet, AS_OF.here] == 45926.0  # 26 September 2025
    later = runner.invoke(main, [*common, "--from", str(many), "--as-of", "2025-10-31"]).output
    assert "no row added" in later
    assert "the date is now 2025-10-31" in later
    assert values(book_of_many)[AS_OF.sheet, AS_OF.here] == 45961.0
    said = runner.invoke(main, [*common, "--undo"]).output
    assert said.startswith("the date is 2025-09-26 again, as before refresh 2; ")
    assert values(book_of_many)[AS_OF.sheet, AS_OF.here] == 45926.0


DAY = "2025-10-01"


def add(folder, metric, value, unit, basis=""):
    """State a fact of RIOT of the day of the workbook: the folder's newest one is older."""
    add_rows(folder, ("RIOT", metric, value, unit, basis, DAY, ""))


@pytest.mark.long
@pytest.mark.engine
def test_a_refreshed_model_has_true_figures_and_is_as_clean_as_before(folder, tmp_path):
    """From a database, on the model: probability 0.5 x 700 MW x 6.15 = 2,152.5 USD M for RIOT."""
    path, url = tmp_path / "model.xlsx", f"sqlite:///{tmp_path / 'facts.db'}"
    build_model(coverage(load_book(DAY), ["RIOT"]), path)
    findings = [(one.kind.name, one.sheet, one.cell) for one in check(path).found]
    add(folder, "hpc_mw_shopped", 700, "MW", "gross")
    push(url, tables_from(folder))
    done = refresh(path, url, Desk())
    assert ("RIOT hpc_mw_shopped", 700.0) in [
        (one.thing, one.row.get("value")) for one in done.rows
    ]
    assert done.report.endswith("the figures were computed by the valuation core")
    assert 2152.5 in [cell.value for cell in read_cells(read_parts(path))["HPC"].values()]
    assert [(one.kind.name, one.sheet, one.cell) for one in check(path).found] == findings


def test_each_target_that_changed_is_a_line_of_the_log_and_so_is_each_driver(folder, tmp_path):
    path = tmp_path / "model.xlsx"
    build_model(coverage(load_book(DAY), ["RIOT", "IREN"]), path)
    add(folder, "hpc_mw_shopped", 700, "MW", "gross")
    refresh(path, folder, Desk())
    log = placed(values(path), "Log")
    lines = [(log[row, 5], log[row, 6], log[row, 7]) for row, column in log if column == 6]
    book = load_book(DAY)
    before = target("RIOT", book=book)
    more = target("RIOT", book=with_own_facts(book, [("RIOT", "hpc_mw_shopped", 700.0)]))
    driver = "RIOT target: signed, shopped and cloud MW"
    moved = pytest.approx(before), pytest.approx(more)
    assert lines[1:] == [("RIOT target", *moved), (driver, *moved)]
    undo(path, Desk())
    log = placed(values(path), "Log")
    last = max(row for row, _ in log)
    for row, what in ((last - 1, "RIOT target"), (last, driver)):
        assert (log[row, 2], log[row, 5]) == ("undo of refresh 1", what)
        assert (log[row, 6], log[row, 7]) == (pytest.approx(more), pytest.approx(before))


def test_the_case_changes_what_a_refresh_brought(folder, tmp_path):
    """The case `base` halves probabilities: 0.6 in the source is 0.3 in use in the workbook."""
    path = tmp_path / "model.xlsx"
    build_model(coverage(load_book(DAY, case="base"), ["RIOT"]), path)
    add(folder, "hpc_probability", 0.6, "fraction")
    refresh(path, folder, Desk())
    cells = read_cells(read_parts(path))
    assert cells["Checks"]["B4"].value is True
    # 0.3 x 600 MW x (3.7 + 0.3 x (8.6 - 3.7))
    assert any(value == pytest.approx(930.6) for value in numbers(cells["HPC"]))


def numbers(cells):
    return [cell.value for cell in cells.values() if isinstance(cell.value, float)]


def test_a_source_without_the_case_of_the_workbook_is_no_matter_for_the_workbook_has_its_own(
    folder, tmp_path
):
    path = tmp_path / "model.xlsx"
    build_model(coverage(load_book(case="base"), ["RIOT"]), path)
    cases = folder / "cases.csv"
    cases.write_text(cases.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    done = refresh(path, folder, Desk(), dry_run=True)
    assert "cases" not in {one.table.name for one in done.rows}


def test_an_own_value_stored_as_an_error_leaves_the_figures_to_excel_and_is_left_itself(
    book_of_many, many, monkeypatch
):
    """A program without the function of a terminal stores #NAME? in its place."""
    monkeypatch.setattr(engine, "find_office", lambda: None)
    parts = read_parts(book_of_many)
    part = sheet_parts(parts)["Inputs"]
    row = next(
        at[1:]
        for at, one in read_cells(parts)["Inputs"].items()
        if at[0] == "E" and one.value == 77
    )
    read = f"{letters(COLUMN['value read'])}{row}"
    editor = SheetEditor("Inputs", parts[part])
    own = editor.cells[f"E{row}"]
    etree.SubElement(own, tag("f")).text = 'BDP("M000")'
    for cell in (own, editor.cells[read]):
        store_result(cell, ErrorValue("#NAME?"))
    write_parts(book_of_many, {**parts, part: editor.to_part()})
    write_many(many, {3: 1500})
    said = refresh(book_of_many, many, Desk()).report
    assert "your value for M000 btc_held is stored as #NAME?: let Excel with the add-in" in said
    cells = read_cells(read_parts(book_of_many))
    assert cells["Facts"]["C102"].value == 1500.0
    assert cells["Inputs"][f"E{row}"].formula == 'BDP("M000")'
    assert cells["Inputs"][f"E{row}"].value == ErrorValue("#NAME?")
    handle = next(one for one in cells["Inputs"].values() if "facts" in calls_of(one))
    assert handle.value is None, "no figure of before"
    undo(book_of_many, Desk())
    assert "C102" not in read_cells(read_parts(book_of_many))["Facts"]


def test_the_september_workbook_gets_every_row_of_the_shipped_folder_and_gives_them_back(
    model_of, tmp_path
):
    path = model_of(tmp_path / "model.xlsx")
    before = values(path)
    lacking = {}
    for name, (_, sheet) in SHEETS.items():
        known = TABLES[name].known
        with (SHIPPED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            days = [next((row[day] for day in known if row[day]), "") for row in DictReader(file)]
        if count := sum(day > "2025-09-26" for day in days):
            lacking[sheet] = count
    assert sum(lacking.values()) > 100
    done = refresh(path, SHIPPED, Desk())
    said = ", ".join(f"{sheet} {count}" for sheet, count in lacking.items())
    assert f"{sum(lacking.values())} rows added ({said}) from folder" in done.report
    assert done.report.endswith("the figures were computed by the valuation core")
    assert refresh(path, SHIPPED, Desk()).rows == ()
    undo(path, Desk())
    after = values(path)
    assert {at: value for at, value in after.items() if at[0] != "Log"} == before


def test_a_workbook_without_tables_of_the_book_is_told_what_to_do(tmp_path, many):
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Inputs").write_formula("C5", "=HPC_BOOK(C4,A9:C20)", None, "book:x")
    with pytest.raises(WorkbookError, match="does not carry its book in tables: build it anew"):
        refresh(path, many, Desk())
