"""Freeze: values stay with type and look, formulas become notes, all else is the file's."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from addin.calc.engine import convert
from tests.workbook import analysts
from tests.workbook.packages import digest, entries
from workbook.attach.attach import attach
from workbook.audit.check import check
from workbook.audit.findings import ERROR_CELL, MISSING_FIGURE
from workbook.cells import ErrorValue
from workbook.errors import WorkbookError
from workbook.formulas.ours import calls_ours
from workbook.freeze import Frozen, freeze
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.stored import read_cells
from workbook.opc.xml import parse_xml, tag, to_bytes

XLSX = "xlsx:Calc MS Excel 2007 XML"


@pytest.fixture(scope="module")
def frozen(tmp_path_factory, ours):
    """A workbook with our sheets, and its frozen copy."""
    folder = tmp_path_factory.mktemp("frozen")
    path = analysts.write(folder / "model.xlsx", *analysts.RICH)
    attach(path, ours)
    out = folder / "share.xlsx"
    before = digest(path)
    done = freeze(path, out)
    assert digest(path) == before
    return path, out, done


def test_every_value_stays_and_no_function_of_ours_is_left(frozen):
    path, out, done = frozen
    before, after = read_cells(read_parts(path)), read_cells(read_parts(out))
    count = 0
    for sheet, cells in before.items():
        for address, cell in cells.items():
            other = after[sheet][address]
            if says_of_functions(before, sheet, address):
                assert (other.value, other.formula) == (None, None)
                continue
            if not counts_checks(sheet, address):
                assert other.value == cell.value, (sheet, address)
            if cell.formula and calls_ours(cell.formula):
                count += 1
                assert other.formula is None
            else:
                assert other.formula == cell.formula
    assert count == done.cells > 50
    assert done.errors == []


def says_of_functions(cells, sheet, address):
    """Whether a cell is part of a check of functions: on its row, or beside the line checked."""
    if sheet == "Checks" and address[0] in "CDE" and address[1:].isdigit():
        state = cells[sheet].get(f"E{address[1:]}")
        return bool(state and state.formula and '"not run"' in state.formula)
    text = cells[sheet][address].formula or ""
    return text.startswith("IF(COUNTIF(Checks!$E$")


def counts_checks(sheet, address):
    return (sheet, address) in {
        *(("Checks", f"B{row}") for row in (3, 4, 5, 6)),
        ("Cover", "A3"),
        ("Control", "A3"),
        ("Summary", "A4"),
    }


def test_a_frozen_copy_holds_no_check_of_functions_and_counts_the_others(frozen):
    path, out, _ = frozen
    before, after = read_cells(read_parts(path)), read_cells(read_parts(out))
    left = [
        address
        for address, cell in before["Checks"].items()
        if address[0] == "E" and cell.formula and "not run" not in cell.formula
    ]
    assert len(left) > 5
    assert [a for a, cell in after["Checks"].items() if a[0] == "E" and cell.formula] == left
    assert [after["Checks"][f"B{row}"].value for row in (3, 4, 5, 6)] == [0, True, len(left), 0]
    for sheet, address in (("Cover", "A3"), ("Summary", "A4")):
        assert after[sheet][address].value == f"All {len(left)} checks pass"
    beside = [cell for a, cell in after["HPC"].items() if a[0] == "C" and int(a[1:]) > 4]
    assert {cell.formula for cell in beside} == {None}
    parts = read_parts(out)
    rows = parse_xml(parts[sheet_parts(parts)["Checks"]]).iter(tag("row"))
    hidden = {row.get("r") for row in rows if row.get("hidden") == "1"}
    assert hidden.isdisjoint(address[1:] for address in left)
    silent = {a[1:] for a, cell in before["Checks"].items() if a[0] == "E" and cell.formula} - {
        address[1:] for address in left
    }
    assert silent <= hidden


def test_a_false_check_is_still_counted_in_a_frozen_copy(tmp_path, ours):
    path = analysts.write(tmp_path / "model.xlsx", *analysts.RICH)
    attach(path, ours)
    parts = read_parts(path)
    name = sheet_parts(parts)["Checks"]
    root = parse_xml(parts[name])
    results = (cell for cell in root.iter(tag("c")) if cell.get("r").startswith("E"))
    first = next(cell for cell in results if cell.find(tag("f")) is not None)
    first.find(tag("v")).text = "0"
    write_parts(path, {**parts, name: to_bytes(root)})
    freeze(path, tmp_path / "out.xlsx")
    after = read_cells(read_parts(tmp_path / "out.xlsx"))
    count = after["Checks"]["B5"].value
    assert [after["Checks"][f"B{row}"].value for row in (3, 4)] == [1, False]
    assert after["Cover"]["A3"].value == f"1 of {count:.0f} CHECKS FAIL; see sheet Checks"


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_every_formula_is_a_note_of_its_cell(frozen):
    path, out, _ = frozen
    before = read_cells(read_parts(path))
    book = load_workbook(out)
    for sheet, cells in before.items():
        for address, cell in cells.items():
            silent = says_of_functions(before, sheet, address)
            if cell.formula and calls_ours(cell.formula) and not silent:
                assert f"={cell.formula}" in book[sheet][address].comment.text
    assert "Ask Ann." in book["Sheet5"]["B2"].comment.text


def test_nothing_else_is_touched(frozen):
    path, out, done = frozen
    before, after = entries(path), entries(out)
    changed = {name for name in before if before[name] != after.get(name)}
    sheets = {sheet_parts(before)[name] for name in done.sheets}
    relations = {name.replace("worksheets/", "worksheets/_rels/") + ".rels" for name in sheets}
    spoken = {sheet_parts(before)[name] for name in ("Cover", "Control", "Summary", "Checks")}
    assert changed <= {*sheets, *spoken, *relations, "[Content_Types].xml"}
    assert sheets <= changed
    added = set(after) - set(before) - relations
    assert all("comments" in name or "vmlDrawing" in name for name in added)


def test_no_mark_of_an_array_is_left_on_a_constant(frozen):
    _, out, done = frozen
    parts = read_parts(out)
    for name in done.sheets:
        for cell in parse_xml(parts[sheet_parts(parts)[name]]).iter(tag("c")):
            assert "cm" not in cell.attrib or cell.find(tag("f")) is not None


def small(path, cells, **more):
    """A workbook with hand-made cells on Sheet1, which has a comment on B2."""
    analysts.write(path, analysts.comments)
    parts = entries(path)
    sheet = parts["xl/worksheets/sheet1.xml"]
    start, end = sheet.index(b"<sheetData"), sheet.index(b"<legacyDrawing")
    rows = "".join(f'<row r="{row}">{text}</row>' for row, text in cells.items())
    middle = sheet[start:end][sheet[start:end].index(b"<pageMargins") :]
    body = f"<sheetData>{rows}</sheetData>".encode()
    parts["xl/worksheets/sheet1.xml"] = sheet[:start] + body + middle + sheet[end:]
    write_parts(path, {**parts, **more})
    return path


def test_a_spill_becomes_values_and_a_shared_formula_is_noted_in_each_cell(tmp_path):
    path = small(
        tmp_path / "model.xlsx",
        {
            1: '<c r="A1"><f t="array" ref="A1:A2">HPC_SOTP("RIOT")</f><v>1</v></c>'
            '<c r="B1"><f t="shared" ref="B1:B2" si="0">HPC_VALUE(A1)</f><v>5</v></c>',
            2: '<c r="A2"><v>2</v></c><c r="B2"><f t="shared" si="0"/><v>6</v></c>'
            '<c r="C2"><f>A1*2</f><v>2</v></c>',
        },
    )
    done = freeze(path, tmp_path / "out.xlsx")
    cells = read_cells(read_parts(tmp_path / "out.xlsx"))["Sheet1"]
    assert [cells[a].value for a in ("A1", "A2", "B1", "B2")] == [1, 2, 5, 6]
    assert [cell.address for cell in cells.values() if cell.formula is not None] == ["C2"]
    assert done.cells == 3
    sheet = load_workbook(tmp_path / "out.xlsx")["Sheet1"]
    assert sheet["A1"].comment.text == '=HPC_SOTP("RIOT") over A1:A2'
    assert sheet["B2"].comment.text == "Ask Ann.\n=HPC_VALUE(A1) as filled from B1"
    assert sheet["B3"].comment.text == "Checked."


def test_texts_truths_and_errors_keep_their_type(tmp_path):
    path = small(
        tmp_path / "model.xlsx",
        {
            1: '<c r="A1" t="str"><f>HPC_RATING("RIOT")</f><v> OW</v></c>'
            '<c r="B1" t="b"><f>HPC_X(1)</f><v>1</v></c>'
            '<c r="C1" t="e"><f>[1]!HPC_X(2)</f><v>#N/A</v></c>'
            '<c r="D1" t="str"><f>HPC_X(3)</f><v></v></c>'
        },
    )
    done = freeze(path, tmp_path / "out.xlsx")
    cells = read_cells(read_parts(tmp_path / "out.xlsx"))["Sheet1"]
    assert [cells[f"{c}1"].value for c in "ABCD"] == [" OW", True, ErrorValue("#N/A"), ""]
    assert done.errors == ["Sheet1!C1 #N/A"]


def test_a_check_takes_an_error_that_was_an_answer_for_one_and_a_typed_error_for_a_problem(
    tmp_path,
):
    """A1:A2 spilled from a function of ours, D1 is a typed error: only that is a problem."""
    path = small(
        tmp_path / "model.xlsx",
        {
            1: '<c r="A1" t="e"><f t="array" ref="A1:A2">HPC_VALUE(X1:X2)</f><v>#N/A</v></c>'
            '<c r="B1" t="e"><f>HPC_SOLVE("RIOT","btc_price",1)</f><v>#NUM!</v></c>'
            '<c r="C1" t="e"><f>HPC_VALUE("RIOT")</f><v>#VALUE!</v></c>'
            '<c r="D1" t="e"><v>#N/A</v></c>',
            2: '<c r="A2" t="e"><v>#N/A</v></c>',
        },
    )
    freeze(path, tmp_path / "out.xlsx")
    report = check(tmp_path / "out.xlsx")
    assert {one.cell for one in report.of(ERROR_CELL)} == {"C1", "D1"}
    assert {one.cell for one in report.of(MISSING_FIGURE)} == {"A1", "A2", "B1"}


def test_a_formula_without_a_value_is_refused(tmp_path):
    path = small(tmp_path / "model.xlsx", {1: '<c r="A1"><f>HPC_X(1)</f></c>'})
    with pytest.raises(WorkbookError, match="Sheet1!A1: no value is stored"):
        freeze(path, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_a_cell_that_calls_through_a_name_is_frozen_and_the_name_reported(tmp_path):
    path = small(tmp_path / "model.xlsx", {1: '<c r="A1"><f>Option*2</f><v>4</v></c>'})
    name_there(path, Option="HPC_X(1)")
    done = freeze(path, tmp_path / "out.xlsx")
    assert read_cells(read_parts(tmp_path / "out.xlsx"))["Sheet1"]["A1"].formula is None
    assert done.left == ["the name Option"]


def test_names_that_lead_to_such_a_name_or_are_a_lambda_call_too(tmp_path):
    cells = {"A1": "Twice+1", "A2": "Scaled(3)", "A3": "Value*2", "A4": 'VALUE("3")', "A5": "Rate"}
    texts = (f'<c r="{at}"><f>{text}</f><v>4</v></c>' for at, text in cells.items())
    path = small(tmp_path / "model.xlsx", {1: "".join(texts)})
    scaled = "_xlfn.LAMBDA(_xlpm.n,_xlpm.n*Value)"
    name_there(path, Twice="Value*2", Scaled=scaled, Value="HPC_X(1)", Rate="0.1")
    done = freeze(path, tmp_path / "out.xlsx")
    kept = read_cells(read_parts(tmp_path / "out.xlsx"))["Sheet1"]
    assert {at: kept[at].formula is None for at in cells} == {
        **dict.fromkeys(("A1", "A2", "A3"), True),
        **dict.fromkeys(("A4", "A5"), False),
    }
    assert sorted(done.left) == ["the name Scaled", "the name Twice", "the name Value"]


def name_there(path, **named):
    """Define names in a workbook."""
    parts = entries(path)
    texts = (f'<definedName name="{name}">{text}</definedName>' for name, text in named.items())
    said = f"<definedNames>{''.join(texts)}</definedNames><calcPr".encode()
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<calcPr", said)
    write_parts(path, parts)


def test_the_calculation_chain_forgets_frozen_cells_alone(tmp_path):
    path = small(
        tmp_path / "model.xlsx",
        {1: '<c r="A1"><f>HPC_X(1)</f><v>4</v></c><c r="B1"><f>1+1</f><v>2</v></c>'},
    )
    parts = entries(path)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    chain = f'<calcChain xmlns="{main}"><c r="A1" i="1"/><c r="B1"/></calcChain>'
    parts["xl/calcChain.xml"] = chain.encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    way = f'<Relationship Id="rId99" Type="{kind}" Target="calcChain.xml"/></Relationships>'
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = parts[name].replace(b"</Relationships>", way.encode())
    write_parts(path, parts)
    freeze(path, tmp_path / "out.xlsx")
    root = parse_xml(entries(tmp_path / "out.xlsx")["xl/calcChain.xml"])
    assert [(cell.get("r"), cell.get("i")) for cell in root] == [("B1", "1")]


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
@pytest.mark.engine
def test_an_engine_opens_the_copy_and_shows_values_and_notes(frozen, tmp_path):
    _, out, done = frozen
    opened = convert(out, XLSX, tmp_path)
    before, after = read_cells(read_parts(out)), read_cells(read_parts(opened))
    assert after["Inputs"]["C5"].value == before["Inputs"]["C5"].value
    book = load_workbook(opened)
    assert "=HPC_BOOK(" in book["Inputs"]["C5"].comment.text
    notes = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment]
    assert len(notes) == done.cells + 2


def test_the_summary_counts_and_names_the_first_with_what_still_calls_us_first():
    done = Frozen(31, ("A",), ["A!B2: #NAME?", "A!B3: #N/A"], ["the name X"], [])
    assert done.summary(Path("m.frozen.xlsx")).splitlines() == [
        "31 cells frozen on 1 sheet: m.frozen.xlsx",
        "Still calls our functions, or is otherwise not as in the file: 1, first the name X",
        "An error is what is stored: 2, first A!B2: #NAME?",
    ]
