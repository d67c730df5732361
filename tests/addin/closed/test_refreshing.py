"""A closed workbook is refreshed from a source: the cells that differ, all or nothing, and back."""

from __future__ import annotations

import shutil
from string import ascii_uppercase

import pytest
from click.testing import CliRunner

from addin.boundary.desk import Desk
from addin.cli import main
from addin.closed.refresh import refresh, undo
from addin.sources.push import push
from tests.addin.closed.many_facts import write_many
from tests.addin.closed.stored import values
from tests.workbook.cases import inputs_of
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.audit.check import check
from workbook.cells import letters, place_of
from workbook.errors import WorkbookError
from workbook.model.build import build_model
from workbook.model.plan import Plan
from workbook.model.sheets.facts.input_cells import COLUMN, FIRST_ROW
from workbook.model.write import write
from workbook.opc.package import read_parts, write_parts
from workbook.opc.stored import read_cells


def test_twenty_of_five_hundred_facts_are_twenty_cells_and_twenty_lines(
    book_of_many, many, tmp_path
):
    before = values(book_of_many)
    write_many(many, dict.fromkeys(range(0, 500, 25), 1500.0))  # the first has an own value
    done = refresh(book_of_many, many, Desk(), recalculate=False)
    assert done.report.startswith("20 of 500 facts changed, from folder ")
    assert "as of 2025-09-26; 480 unchanged" in done.report
    after = values(book_of_many)
    inputs = {at for at in after if at[0] == "Inputs" and after[at] is not None}
    different = {at for at in inputs if after[at] != before.get(at)}
    stamp = {("Inputs", f"{letter}7") for letter in "ACD"}
    assert {at[1][0] for at in different - stamp} == {"D"}
    assert len(different - stamp) == 20
    own = {at: value for at, value in before.items() if at[1][0] == "E" and value == 77.0}
    assert {at: after[at] for at in own} == own
    times = {
        after[at] for at in after if at[0] == "Log" and at[1].startswith("A") and at[1] != "A1"
    }
    rows = {at[1][1:] for at in after if at[0] == "Log" and at[1].startswith("A")} - {"1"}
    assert (len(times), len(rows)) == (1, 20)
    again = book_of_many.read_bytes()
    assert refresh(book_of_many, many, Desk(), recalculate=False).changes == ()
    assert book_of_many.read_bytes() == again


def test_only_the_sheets_concerned_change_and_a_copy_stays(book_of_many, many):
    before, original = read_parts(book_of_many), book_of_many.read_bytes()
    write_many(many, {3: 1500})
    done = refresh(book_of_many, many, Desk(), recalculate=False)
    after = read_parts(book_of_many)
    changed = {part for part in after if after[part] != before.get(part)}
    assert changed == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet10.xml",  # the Log, after Inputs and the tables of the book
    }
    assert done.backup.read_bytes() == original


def test_without_an_engine_no_old_result_stands_beside_a_new_input(book_of_many, many):
    write_many(many, {3: 1500})
    before = read_cells(read_parts(book_of_many))["Inputs"]
    done = refresh(book_of_many, many, Desk(), recalculate=False)
    assert done.report.endswith("Excel computes the figures when it opens the file")
    parts = read_parts(book_of_many)
    cells = read_cells(parts)["Inputs"]
    (change,) = done.changes
    row, _ = place_of(change.address)
    emptied = {at for at, cell in cells.items() if cell.computed and cell.value is None}
    header = next(place_of(at)[0] for at, cell in cells.items() if cell.value == "scope")
    assert {line for line, _ in map(place_of, emptied) if line > header} == {row}
    kept = {at for at, cell in before.items() if cell.computed} - emptied
    assert {at: cells[at].value for at in kept} == {at: before[at].value for at in kept}
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]


def test_a_number_with_decimals_is_shown_with_them(book_of_many, many):
    from openpyxl import load_workbook

    write_many(many, {3: 1500.5})
    (change,) = refresh(book_of_many, many, Desk(), recalculate=False).changes
    sheet = load_workbook(book_of_many)["Inputs"]
    assert sheet[change.address].number_format == "#,##0.####"
    assert sheet[change.address.replace("D", "C")].number_format == "#,##0.####"
    assert sheet[change.address].font.color == sheet["D9"].font.color


def test_undo_restores_the_facts_and_is_itself_logged(book_of_many, many):
    before = values(book_of_many)
    write_many(many, {3: 1500, 4: 1600})
    refresh(book_of_many, many, Desk(), recalculate=False)
    done = undo(book_of_many, Desk(), recalculate=False)
    assert done.report.startswith("2 facts are as they were before the refresh of ")
    after = values(book_of_many)
    stated = {
        letters(column)
        for heading, column in COLUMN.items()
        if heading == "your value" or heading.endswith("in the book")
    }
    facts = [
        (sheet, at)
        for sheet, at in before
        if sheet == "Inputs"
        and at.rstrip("0123456789") in stated
        and int(at.lstrip(ascii_uppercase)) >= FIRST_ROW
    ]
    assert len(facts) > 1000
    assert {at: after[at] for at in facts} == {at: before[at] for at in facts}
    assert after["Log", "I4"].startswith("undo of ")
    with pytest.raises(WorkbookError, match="no refresh to take back"):
        undo(book_of_many, Desk(), recalculate=False)


def test_a_dry_run_and_a_refresh_that_is_not_possible_write_nothing(book_of_many, many):
    original = book_of_many.read_bytes()
    write_many(many, {3: 1500})
    assert len(refresh(book_of_many, many, Desk(), dry_run=True).changes) == 1
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


def test_a_fact_cell_with_a_formula_of_the_analyst_is_left_and_nothing_changes(book_of_many, many):
    parts = read_parts(book_of_many)
    linked = parts["xl/worksheets/sheet1.xml"].replace(
        b't="n"><v>1000</v>', b"><f>500*2</f><v>1000</v>"
    )
    write_parts(book_of_many, {**parts, "xl/worksheets/sheet1.xml": linked})
    original = book_of_many.read_bytes()
    write_many(many, {3: 1500})
    with pytest.raises(WorkbookError, match="Inputs!D.* holds a formula; nothing was changed"):
        refresh(book_of_many, many, Desk(), recalculate=False)
    assert book_of_many.read_bytes() == original


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


def older(folder):
    text = (folder / "inputs.csv").read_text()
    (folder / "inputs.csv").write_text(text.replace("2025-09-01", "2025-08-31"))


def later_only(folder):
    text = (folder / "inputs.csv").read_text()
    (folder / "inputs.csv").write_text(text.replace("2025-09-01", "2025-12-31"))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (shutil.rmtree, "is not a folder"),
        (without_a_table, "deals.csv: is missing"),
        (of_another_format, "format.csv row 2 column format: must be 2, got '3'"),
        (wrong_in_a_column, "inputs.csv row 5 column value: decimal or thousands comma"),
        (negative, "inputs.csv row 7 column value: must be 0 or more, got -1"),
        (cut_off, "inputs.csv"),
        (older, "is older than Inputs"),
        (later_only, "no facts on or before 2025-09-26"),
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


def test_a_refresh_to_a_later_date_goes_on_from_there(book_of_many, many):
    text = (many / "inputs.csv").read_text()
    line = "M000,cash,1234,USD M,,2025-10-10,,made up,high,\n"
    (many / "inputs.csv").write_text(text + line)
    runner, file = CliRunner(), str(book_of_many)
    common = ["refresh", file, "--from", str(many), "--no-recalc"]
    assert "0 of 500 facts changed" in runner.invoke(main, common).output
    later = runner.invoke(main, [*common, "--as-of", "2025-10-31"]).output
    assert "M000 cash: 1,000 -> 1,234  (made up)" in later
    assert "as of 2025-10-31; 499 unchanged" in later
    assert "0 of 500 facts changed" in runner.invoke(main, common).output  # as of 2025-10-31 again


@pytest.mark.engine
def test_a_refreshed_model_has_true_figures_and_is_as_clean_as_before(folder, tmp_path):
    """From a database, on the model: probability 0.5 x 700 MW x 6.15 = 2,152.5 USD M for RIOT."""
    path, url = tmp_path / "model.xlsx", f"sqlite:///{tmp_path / 'facts.db'}"
    build_model(coverage(load_book(), ["RIOT"]), path)
    findings = [(one.kind.name, one.sheet, one.cell) for one in check(path).found]
    text = (folder / "inputs.csv").read_text(encoding="utf-8")
    text = text.replace("RIOT,hpc_mw_shopped,600,", "RIOT,hpc_mw_shopped,700,")
    (folder / "inputs.csv").write_text(text, encoding="utf-8")
    from addin.sources import tables_from

    push(url, tables_from(folder))
    done = refresh(path, url, Desk())
    assert [(change.metric, change.new) for change in done.changes] == [("hpc_mw_shopped", 700.0)]
    assert done.report.endswith("the figures were computed by the valuation core")
    assert 2152.5 in [cell.value for cell in read_cells(read_parts(path))["HPC"].values()]
    assert [(one.kind.name, one.sheet, one.cell) for one in check(path).found] == findings


@pytest.mark.engine
def test_a_refresh_changes_what_is_in_the_book_and_the_case_changes_that(folder, tmp_path):
    """The case `base` halves probabilities: 0.6 in the source is 0.3 in use in the workbook."""
    path = tmp_path / "model.xlsx"
    build_model(coverage(load_book(case="base"), ["RIOT"]), path)
    assert refresh(path, folder, Desk()).changes == ()
    text = (folder / "inputs.csv").read_text(encoding="utf-8")
    text = text.replace("RIOT,hpc_probability,0.5,", "RIOT,hpc_probability,0.6,")
    (folder / "inputs.csv").write_text(text, encoding="utf-8")
    (change,) = refresh(path, folder, Desk()).changes
    assert (change.metric, change.old, change.new) == ("hpc_probability", 0.5, 0.6)
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
    original = path.read_bytes()
    cases = folder / "cases.csv"
    cases.write_text(cases.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert refresh(path, folder, Desk()).changes == ()
    assert path.read_bytes() == original


@pytest.mark.engine
def test_the_same_decision_is_made_on_a_sheet_that_a_real_program_saved(folder, tmp_path):
    """LibreOffice writes cells, styles and digits its own way; the facts are found all the same."""
    from addin.calc.engine import convert
    from workbook.cells import place_of
    from workbook.refresh.decide import decide, find_inputs

    path = tmp_path / "model.xlsx"
    sheet, cells, names, tables = inputs_of(load_book(), ["RIOT"])
    write(Plan("Inputs", [sheet, *tables], {"Book": cells.book, **names}, cells.source.as_of), path)
    saved = convert(path, "xlsx:Calc MS Excel 2007 XML", tmp_path / "out")
    grids = {
        name: {place_of(address): cell.value for address, cell in found.items()}
        for name, found in read_cells(read_parts(saved)).items()
    }
    text = (folder / "inputs.csv").read_text(encoding="utf-8")
    text = text.replace("RIOT,hpc_mw_shopped,600,", "RIOT,hpc_mw_shopped,700,")
    (folder / "inputs.csv").write_text(text, encoding="utf-8")
    table = find_inputs(grids)
    assert decide(table, load_book(), "shipped").changes == ()
    (change,) = decide(table, load_book(folder=folder), "folder").changes
    assert (change.old, change.new) == (600.0, 700.0)
