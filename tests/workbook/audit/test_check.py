"""`hpcval check`: each kind of finding caught once in a real file, and clean files clean."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter

import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from addin.calc.engine import convert
from addin.cli import main
from tests.places import ROOT
from workbook.audit.check import check
from workbook.audit.findings import LISTED
from workbook.cells import letters
from workbook.errors import WorkbookError
from workbook.formulas.traits import VOLATILE, traits
from workbook.model.sheets.facts.input_cells import COLUMN
from workbook.opc.package import open_package, read_parts, write_parts
from workbook.opc.raw_zip import COMPOUND_FILE
from workbook.opc.xml import MAIN, PACKAGE_RELATION, RELATION

XLSX = "xlsx:Calc MS Excel 2007 XML"


def hpcval(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def found(path):
    """Give the findings of a file as (kind, sheet, cell)."""
    return [(item.kind.name, item.sheet, item.cell) for item in check(path).found]


def written(path, cells, sheet="Sheet1", **settings):
    """Write a file with XlsxWriter: address to number, text, or (formula, stored value)."""
    with xlsxwriter.Workbook(path, settings) as book:
        page = book.add_worksheet(sheet)
        for address, cell in cells.items():
            if isinstance(cell, tuple):
                page.write_formula(address, cell[0], None, cell[1])
            elif isinstance(cell, str):
                page.write_string(address, cell)
            else:
                page.write(address, cell)
    return settled(path)


def settled(path):
    """Take out the request to recalculate, which XlsxWriter and openpyxl write into every file."""
    parts = read_parts(path)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    write_parts(path, parts)
    return path


def replaced(path, part, old, new):
    """Change bytes of one part."""
    parts = read_parts(path)
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    write_parts(path, parts)
    return path


SHEET1 = "xl/worksheets/sheet1.xml"


# --- clean files -------------------------------------------------------------------------------


def test_a_plain_model_made_by_xlsxwriter_is_clean(tmp_path):
    cells = {"A1": "MW", "B1": 600, "A2": "Option", "B2": ("=B1*B3", 3690), "B3": 6.15}
    report = check(written(tmp_path / "clean.xlsx", cells))
    assert (report.found, report.sheets, report.cells, report.formulas) == ([], 1, 5, 1)


def test_our_own_model_is_clean(model_of, tmp_path):
    model_of(tmp_path / "model.xlsx")
    report = check(tmp_path / "model.xlsx")
    # A price below the value without the option leaves nothing to be implied. What-if tries some
    # drivers, of the chosen miner or of all, and Inputs takes what it tries in their rows.
    differing = [one for one in report.found if one.kind.name == "differs from its neighbours"]
    assert Counter((one.sheet, one.cell.rstrip("0123456789")) for one in differing) == {
        **{("WhatIf", column): 1 for column in "GHJ"},
        ("Inputs", letters(COLUMN["yours in use"])): 7,
    }
    others = [one for one in report.found if one not in differing]
    assert {one.kind.name for one in others} == {"missing figure"}
    assert {one.sheet for one in others} == {"Implied", "Comps", "Checks"}
    assert report.formulas > 6000


@pytest.mark.engine
def test_a_file_saved_by_libreoffice_is_clean(tmp_path):
    source = written(tmp_path / "source.xlsx", {"A1": 2, "A2": ("=A1*A1", 0)})
    saved = convert(source, XLSX, tmp_path / "out")
    assert check(saved).found == []
    assert check(saved).formulas == 1


@pytest.mark.engine
def test_findings_in_a_file_saved_by_libreoffice(tmp_path):
    """LibreOffice computes the values and stores them in its own form."""
    with xlsxwriter.Workbook(tmp_path / "source.xlsx") as book:
        page, checks = book.add_worksheet("Model"), book.add_worksheet("Checks")
        page.write_formula("A1", "=B1/C1")
        page.write_formula("A2", "=TODAY()-45000")
        page.write_string("A3", "1,250")
        page.write_formula("A4", '=HPC_NOTHING("x")')
        checks.write_string("A1", "Adds up")
        checks.write_formula("B1", "=1=0")
        checks.write_formula("B2", "=1=1")
        book.define_name("Gone", "=Model!#REF!")
    saved = convert(tmp_path / "source.xlsx", XLSX, tmp_path / "out")
    assert set(found(saved)) == {
        ("error cell", "Model", "A1"),
        ("volatile function", "Model", "A2"),
        ("constant in a formula", "Model", "A2"),
        ("number stored as text", "Model", "A3"),
        ("error cell", "Model", "A4"),
        ("failing check", "Checks", "B1"),
        ("broken name", "", "Gone"),
    }


# --- one kind after the other ------------------------------------------------------------------


def test_a_false_on_the_sheet_checks_is_a_failing_check(tmp_path):
    cells = {"A1": "Balances", "B1": ("=1=1", True), "A2": "Agrees", "B2": ("=1=0", False)}
    for name in ("Checks", "HPC Checks"):
        checked = found(written(tmp_path / f"{name}.xlsx", cells, name))
        assert checked == [("failing check", name, "B2")]
    assert found(written(tmp_path / "other.xlsx", cells, "Flags")) == []


def test_where_the_label_speaks_of_failure_true_is_the_failing_one(tmp_path):
    cells = {
        "A1": "Any check fails", "B1": ("=1=0", False),
        "A2": "Failures upstream", "B2": ("=1=1", True),
        "C4": "Failed", "C5": ("=1=0", False), "C6": ("=1=1", True),
        "D4": "Passed", "D5": ("=1=1", True),
    }  # fmt: skip
    assert found(written(tmp_path / "checks.xlsx", cells, "checks")) == [
        ("failing check", "checks", "B2"),
        ("failing check", "checks", "C6"),
    ]


def test_the_word_fail_on_the_sheet_checks_is_a_failing_check(tmp_path):
    cells = {"B1": ('=IF(A1=0,"FAIL","OK")', "FAIL"), "B2": ('=IF(A1=0,"OK","FAIL")', "OK")}
    assert found(written(tmp_path / "checks.xlsx", cells, "Checks")) == [
        ("failing check", "Checks", "B1")
    ]


def test_error_cells_are_found_computed_or_typed(tmp_path):
    cells = {"A1": ("=B1/C1", "#DIV/0!"), "A2": ("=VLOOKUP(B1,C:D,2,FALSE)", "#N/A")}
    path = written(tmp_path / "errors.xlsx", cells)
    assert found(path) == [("error cell", "Sheet1", "A1"), ("error cell", "Sheet1", "A2")]
    book = Workbook()
    book.active["C3"] = "#REF!"
    book.save(tmp_path / "typed.xlsx")
    assert found(settled(tmp_path / "typed.xlsx")) == [("error cell", "Sheet", "C3")]


def test_a_figure_said_to_be_missing_is_a_note(tmp_path):
    cells = {
        "A1": ("=NA()", "#N/A"),
        "A2": ('=HPC_VALUE("CLSK")', "#N/A"),
        "A3": ('=HPC_VALUE("RIOT",B1)', "#NUM!"),
        "A4": ('=HPC_IMPLIED_PROB("CLSK")', "#NUM!"),
        "A5": ("=Sheet1!$A$3", "#NUM!"),
        "A6": ("=A3*B1", "#NUM!"),
    }
    assert found(written(tmp_path / "missing.xlsx", cells)) == [
        ("missing figure", "Sheet1", "A1"),
        ("missing figure", "Sheet1", "A2"),
        ("error cell", "Sheet1", "A3"),
        ("missing figure", "Sheet1", "A4"),
        ("missing figure", "Sheet1", "A5"),
        ("error cell", "Sheet1", "A6"),
    ]


def test_what_a_spilled_line_cannot_solve_is_a_note_in_each_of_its_cells(tmp_path):
    def cells(function):
        path = tmp_path / f"{function}.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet()
            page.write_dynamic_array_formula("A1:B1", f"={function}(C1:D1)")
        sheet = read_parts(path)[SHEET1]
        for address in (b"A1", b"B1"):
            sheet = sheet.replace(b'<c r="%s"' % address, b'<c r="%s" t="e"' % address)
        unsolved = sheet.replace(b"<v>0</v>", b"<v>#NUM!</v>")
        return [
            one
            for one in found(replaced(path, SHEET1, read_parts(path)[SHEET1], unsolved))
            if one[2]
        ]

    assert cells("HPC_IMPLIED_PROB") == [
        ("missing figure", "Sheet1", "A1"),
        ("missing figure", "Sheet1", "B1"),
    ]
    assert cells("HPC_VALUE") == [
        ("error cell", "Sheet1", "A1"),
        ("error cell", "Sheet1", "B1"),
    ]


def test_openpyxl_leaves_formulas_without_values(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["A2"] = 2, "=A1*A1"
    book.save(tmp_path / "bare.xlsx")
    assert found(tmp_path / "bare.xlsx") == [
        ("no stored value", "Sheet", "A2"),
        ("recalculates on opening", "", ""),
    ]


def test_an_empty_text_is_a_stored_value(tmp_path):
    path = written(tmp_path / "empty.xlsx", {"A1": ('=IF(B1=0,"",B1)', "text")})
    assert found(replaced(path, SHEET1, b"<v>text</v>", b"<v></v>")) == []


@pytest.mark.engine
def test_a_stale_value_is_found_by_recalculating(tmp_path):
    path = written(tmp_path / "stale.xlsx", {"A1": 2, "A2": ("=A1+A1", 5), "A3": ("=A1*A1", 4)})
    assert hpcval("check", path).exit_code == 0
    run = hpcval("check", path, "--recalc", "--json")
    report = json.loads(run.output)
    assert [(item["kind"], item["cell"], item["what"]) for item in report["findings"]] == [
        ("stale value", "A2", "stored 5.0, recalculated 4.0")
    ]
    assert (run.exit_code, report["recalculated"]) == (1, True)


def test_a_broken_name_is_found(tmp_path):
    book = Workbook()
    book.defined_names["Price"] = DefinedName("Price", attr_text="Sheet!#REF!")
    book.defined_names["Fine"] = DefinedName("Fine", attr_text="Sheet!$A$1")
    book.save(tmp_path / "names.xlsx")
    assert found(settled(tmp_path / "names.xlsx")) == [("broken name", "", "Price")]


def test_a_broken_reference_is_found_in_cells_and_rules(tmp_path):
    path = written(tmp_path / "ref.xlsx", {"A1": ("=SUM(#REF!)+B1", 3)})
    assert found(path) == [("broken reference", "Sheet1", "A1")]
    book = load_workbook(path)
    book.active["A1"] = None
    rule = DataValidation("list", formula1="#REF!")
    rule.add("B2:B9")
    book.active.add_data_validation(rule)
    book.save(path)
    assert found(settled(path)) == [("broken reference", "Sheet1", "B2:B9")]


def test_rules_that_excel_keeps_apart_are_read_too(tmp_path):
    """Excel stores validations and formats that look at other sheets in an extension."""
    path = written(tmp_path / "ext.xlsx", {"A1": 1})
    names = (
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"'
    )
    rules = "".join(
        f"<x14:{kind}><x14:{inner}><xm:f>{formula}</xm:f></x14:{inner}>"
        f"<xm:sqref>{place}</xm:sqref></x14:{kind}>"
        for kind, inner, formula, place in (
            ("dataValidation", "formula1", "#REF!", "B2:B9"),
            ("conditionalFormatting", "cfRule", "[1]Day!A1&gt;TODAY()", "C2"),
        )
    )
    end = f"<extLst><ext {names}>{rules}</ext></extLst></worksheet>".encode()
    replaced(path, SHEET1, b"</worksheet>", end)
    assert found(path) == [
        ("broken reference", "Sheet1", "B2:B9"),
        ("external link", "Sheet1", "C2"),
        ("volatile function", "Sheet1", "C2"),
    ]


def test_each_volatile_function_is_found(tmp_path):
    names = sorted(VOLATILE)
    cells = {f"A{row}": (f"={name}(B1)", 1) for row, name in enumerate(names, start=1)}
    assert found(written(tmp_path / "volatile.xlsx", cells)) == [
        ("volatile function", "Sheet1", f"A{row}") for row in range(1, len(names) + 1)
    ]


def test_a_volatile_name_and_a_volatile_range_end_are_found(tmp_path):
    book = Workbook()
    text = "OFFSET(Sheet!$A$1,0,0,COUNTA(Sheet!$A:$A),1)"
    book.defined_names["Moving"] = DefinedName("Moving", attr_text=text)
    book.save(tmp_path / "names.xlsx")
    assert found(settled(tmp_path / "names.xlsx")) == [("volatile function", "", "Moving")]
    assert traits("SUM(A1:OFFSET(B1,0,1))").volatile == ("OFFSET",)


def test_links_to_other_files_are_found(tmp_path):
    path = written(tmp_path / "links.xlsx", {"A1": ("='[prices.xlsx]Day'!B2", 4)})
    assert found(path) == [("external link", "Sheet1", "A1")]
    parts = read_parts(path)
    parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
    way = f'<Relationship Id="rId77" Type="{RELATION}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    ways = "xl/_rels/workbook.xml.rels"
    parts[ways] = parts[ways].replace(b"</Relationships>", f"{way}</Relationships>".encode())
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE_RELATION}"><Relationship Id="rId1" '
        'Target="file:///C:/prices.xlsx" TargetMode="External"/></Relationships>'
    ).encode()
    write_parts(path, parts)
    assert ("external link", "", "") in found(path)
    replaced(path, "xl/externalLinks/_rels/externalLink1.xml.rels", b"prices.xlsx", b"hpc.xlam")
    assert ("path to the add-in", "", "") in found(path)


@pytest.mark.parametrize(
    ("formula", "constants"),
    [
        ("=A1*1.3", "1.3"),
        ("=A1/12*4%", "12, 4%"),
        ("=A1+1E-5", "1E-5"),
        ("=SUM({2,3})", "2, 3"),
        ("=INDEX(A:A,B1*7)", "7"),
        ("=INDEX(A:A,1+1)", "1"),  # a 2 in disguise
        ("=A1*(1+1+1)", "1"),
        ("=(1+A1)^5", "5"),
        ("=2^A1", "2"),
    ],
)
def test_a_constant_in_a_formula_is_found(tmp_path, formula, constants):
    path = written(tmp_path / "constant.xlsx", {"D1": (formula, 1)})
    assert found(path) == [("constant in a formula", "Sheet1", "D1")]
    assert check(path).found[0].what == f"{constants} in {formula}"


@pytest.mark.parametrize(
    "formula",
    [
        "A1*-1+0",
        "IF(COUNT(A1:D1)=4,ROUND(A1,2),0)",
        "VLOOKUP(A1,B:F,5,FALSE)",
        "INDEX(A1:C9,MATCH(D1,A1:A9,-1),3)",
        "_xlfn.XLOOKUP(A1,B:B,C:C,NA(),-1,2)",
        "LEFT(A1,4)&LOG10(A1)&'Q4 2025'!B2",
        "Table1[[#All],[Year 2025]]",
        "SUM(A1:A9 $B$5:$C$7)",
        "A1^2+B1^-3",
        "1+1/A1+1*B1+1",  # the ones are not added to each other
        "(1-1/(1+A1)^B1)/A1",
    ],
)
def test_structure_is_not_a_constant(formula):
    assert traits(formula).constants == ()


def test_numbers_stored_as_text_are_found_and_codes_are_not(tmp_path):
    cells = {"A1": "1,250.5", "A2": "7%", "A3": "007", "A4": "2025-09-26", "A5": "RIOT 4"}
    assert found(written(tmp_path / "text.xlsx", cells)) == [
        ("number stored as text", "Sheet1", "A1"),
        ("number stored as text", "Sheet1", "A2"),
    ]


@pytest.mark.parametrize("prefix", ["[1]!", "'C:\\desk\\hpc.xlam'!", "hpc.xlam!", "_xll."])
def test_a_path_in_front_of_our_functions_is_found(tmp_path, prefix):
    path = written(tmp_path / "path.xlsx", {"A1": (f"={prefix}HPC_VALUE(B1)", 4)})
    assert found(path) == [("path to the add-in", "Sheet1", "A1")]
    plain = written(tmp_path / "plain.xlsx", {"A1": ("=HPC_VALUE(B1)", 4)})
    assert found(plain) == []


def test_a_function_of_another_add_in_is_a_link_to_another_file():
    found = traits("[2]!OTHER(A1)+[0]!OWN(A1)")
    assert (found.external, found.add_in) == (("[2]!OTHER",), ())


def test_dates_from_1904_are_found(tmp_path):
    book = Workbook()
    book.epoch = MAC_EPOCH
    book.save(tmp_path / "mac.xlsx")
    assert found(settled(tmp_path / "mac.xlsx")) == [("dates from 1904", "", "")]


def test_a_formula_that_cannot_be_read_is_said(tmp_path):
    path = written(tmp_path / "odd.xlsx", {"A1": ("=SUM(A2", 4)})
    path = replaced(path, SHEET1, b"SUM(A2", b"SUM(A2))")
    assert found(path) == [("formula not read", "Sheet1", "A1")]


# --- formulas that stand for several cells ----------------------------------------------------


def test_a_shared_formula_counts_in_each_of_its_cells(tmp_path):
    path = written(tmp_path / "shared.xlsx", {"A1": ("=B1*1.3", 1), "A2": ("=B2*1.3", 2)})
    replaced(path, SHEET1, b"<f>B1*1.3</f>", b'<f t="shared" ref="A1:A2" si="0">B1*1.3</f>')
    replaced(path, SHEET1, b"<f>B2*1.3</f>", b'<f t="shared" si="0"/>')
    assert found(path) == [
        ("constant in a formula", "Sheet1", "A1"),
        ("constant in a formula", "Sheet1", "A2"),
    ]


def test_an_error_inside_an_array_is_found_in_its_cell(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "array.xlsx") as book:
        page = book.add_worksheet("Sheet1")
        page.write_array_formula("A1:A2", "{=B1:B2/C1:C2}", None, 4)
        page.write_formula("A2", "=0", None, "#DIV/0!")
    path = settled(tmp_path / "array.xlsx")
    replaced(path, SHEET1, b"<f>0</f>", b"")
    assert found(path) == [("error cell", "Sheet1", "A2")]


def test_a_missing_figure_inside_a_spill_of_ours_is_a_note(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "spill.xlsx") as book:
        page = book.add_worksheet("Sheet1")
        page.write_array_formula("A1:A2", "{=HPC_VALUE(B1:B2)}", None, 4)
        page.write_formula("A2", "=0", None, "#N/A")
        page.write_formula("A3", "=0", None, "#N/A")
    path = settled(tmp_path / "spill.xlsx")
    replaced(path, SHEET1, b"<f>0</f>", b"")
    assert found(path) == [("missing figure", "Sheet1", "A2"), ("error cell", "Sheet1", "A3")]


def test_cells_without_an_address_stand_in_order(tmp_path):
    path = written(tmp_path / "bare.xlsx", {"A1": 1, "B1": ("=NOW()", 1)})
    replaced(path, SHEET1, b' r="A1"', b"")
    replaced(path, SHEET1, b' r="B1"', b"")
    assert found(path) == [("volatile function", "Sheet1", "B1")]


# --- laws --------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(codec="ascii", min_codepoint=32), max_size=12)
FUNCTION_NAMES = st.sampled_from([f"{name}(A1)" for name in sorted(VOLATILE)] + ["#REF!", "1.3*2"])


@given(ANY_TEXT, FUNCTION_NAMES, ANY_TEXT)
def test_what_stands_in_a_text_or_a_sheet_name_never_counts(before, name, after):
    inside = f"{before}{name}{after}"
    text = inside.replace('"', '""')
    sheet = "".join(letter for letter in inside if letter not in "[]!").replace("'", "''")
    clean = traits(f"""A1&"{text}"&B2""")
    assert (clean.volatile, clean.constants, clean.external, clean.broken) == ((), (), (), False)
    clean = traits(f"SUM('{sheet}'!A1,B2)")
    assert (clean.volatile, clean.constants, clean.external) == ((), (), ())


@given(ANY_TEXT, st.sampled_from(sorted(VOLATILE)), st.integers(1, 1_000_000))
def test_beside_a_text_a_function_and_a_constant_always_count(text, name, row):
    quoted = text.replace('"', '""')
    real = traits(f"""IF(A{row}="{quoted}",{name}(B{row}),{row}.5)""")
    assert (real.volatile, real.constants) == ((name,), (f"{row}.5",))


# --- size, and files that cannot be read --------------------------------------------------------


GROWTH_IN_MEGABYTES = """
import resource, sys
from pathlib import Path
from workbook.audit.check import check
from workbook.formulas.traits import traits

def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

traits("A1*1.3")
before = used()
report = check(Path(sys.argv[1]))
print(report.cells, report.counts["constant in a formula"], len(report.found), used() - before)
"""


def test_a_large_sheet_takes_little_memory(tmp_path):
    """200,000 cells take some 100 MB as a tree; read piece by piece they take next to nothing."""
    pytest.importorskip("resource", reason="measures memory as Linux does: run it there")
    path = written(tmp_path / "large.xlsx", {"A1": 1})
    row = b'<row><c r="A1"><f>B1*1.3</f><v>1</v></c><c r="B1"><v>2</v></c></row>'
    start, end = (
        b'<worksheet xmlns="%s"><sheetData>' % MAIN.encode(),
        b"</sheetData></worksheet>",
    )
    write_parts(path, read_parts(path) | {SHEET1: start + row * 100_000 + end})
    command = [sys.executable, "-c", GROWTH_IN_MEGABYTES, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    cells, constants, kept, grown = run.stdout.split()
    assert (int(cells), int(constants), int(kept)) == (200_000, 100_000, LISTED)
    assert float(grown) < 40


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an Excel workbook"),
        (b"not a workbook", "not an Excel workbook"),
        (COMPOUND_FILE + b"\0" * 600, "is in the old .xls format: save it as .xlsx"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_with_the_reason(tmp_path, content, reason):
    (tmp_path / "odd.xlsx").write_bytes(content)
    run = hpcval("check", tmp_path / "odd.xlsx")
    assert (run.exit_code, run.stdout) == (2, "")
    assert reason in run.stderr


def test_a_binary_and_a_strict_workbook_are_refused_with_the_reason(tmp_path):
    binary = written(tmp_path / "book.xlsb", {"A1": 1})
    plain = b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    replaced(binary, "[Content_Types].xml", plain, b"vnd.ms-excel.sheet.binary.macroEnabled.main")
    with pytest.raises(WorkbookError, match=r"book.xlsb is a binary workbook"):
        check(tmp_path / "book.xlsb")
    strict = written(tmp_path / "strict.xlsx", {"A1": 1})
    main_name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    replaced(strict, "xl/workbook.xml", main_name, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    with pytest.raises(WorkbookError, match="strict Open XML"):
        check(strict)


def test_a_damaged_part_is_refused_with_the_reason(tmp_path):
    path = written(tmp_path / "book.xlsx", {"A1": 1})
    parts = read_parts(path)
    parts[SHEET1] = parts[SHEET1][:-20]
    write_parts(path, parts)
    with pytest.raises(WorkbookError, match="is damaged"):
        check(path)
    parts[SHEET1] = (
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet xmlns="%s"><sheetData><row/></sheetData>'
        b"</worksheet>" % MAIN.encode()
    )
    write_parts(path, parts)
    with pytest.raises(WorkbookError, match="document type"):
        check(path)


def test_parts_are_read_only_when_asked_for(tmp_path):
    path = written(tmp_path / "book.xlsx", {"A1": 1})
    with open_package(path) as package:
        assert set(package) == set(read_parts(path))
        package.archive.read = None
        assert SHEET1 in package
        assert "xl/other.xml" not in package
        del package.archive.read
        assert package[SHEET1] == read_parts(path)[SHEET1]


# --- the command -------------------------------------------------------------------------------


def test_the_report_groups_by_kind_says_what_to_do_and_counts(tmp_path):
    cells = {f"A{row}": (f"=B{row}*1.3", 1) for row in range(1, 31)} | {"C1": ("=B1/0", "#DIV/0!")}
    run = hpcval("check", written(tmp_path / "book.xlsx", cells))
    lines = [line.rstrip() for line in run.output.splitlines()]
    assert lines[0].startswith("problem  error cell: 1  Trace the precedents")
    assert any(
        line.startswith("note  constant in a formula: 30  Move the number") for line in lines
    )
    assert "   ... and 18 more of constant in a formula: give --all to see them" in lines
    assert "1 problem(s), 30 note(s)" in lines
    assert lines[-1].startswith("Stored values were not recalculated")
    assert run.exit_code == 1
    assert "Sheet1!A30" in hpcval("check", "--all", tmp_path / "book.xlsx").output


def test_notes_alone_do_not_fail(tmp_path):
    run = hpcval("check", "--json", written(tmp_path / "book.xlsx", {"A1": ("=NOW()", 1)}))
    report = json.loads(run.output)
    assert (run.exit_code, report["problems"], report["notes"]) == (0, 0, 1)
    assert report["findings"][0] == {
        "kind": "volatile function",
        "severity": "note",
        "sheet": "Sheet1",
        "cell": "A1",
        "what": "NOW in =NOW()",
        "do": "Use an input cell, INDEX or a defined name instead.",
    }


def test_a_workbook_with_macros_is_read_too(tmp_path):
    path = written(tmp_path / "book.xlsx", {"A1": ("=NOW()", 1)})
    shutil.copy(path, tmp_path / "book.xlsm")
    assert hpcval("check", tmp_path / "book.xlsm").exit_code == 0


def test_without_libreoffice_recalculating_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("addin.calc.engine.find_office", lambda: None)
    run = hpcval("check", "--recalc", written(tmp_path / "book.xlsx", {"A1": 1}))
    assert run.exit_code == 2
    assert "LibreOffice with its Python bridge is needed" in run.stderr


def test_a_file_that_calculates_only_when_told_is_noted(tmp_path):
    path = written(tmp_path / "manual.xlsx", {"A1": 2, "A2": ("=A1*A1", 4)})
    replaced(path, "xl/workbook.xml", b"<calcPr ", b'<calcPr calcMode="manual" ')
    report = check(path)
    assert [one.kind.name for one in report.found] == ["calculates only when told"]
    assert (report.problems, report.notes) == (0, 1)
