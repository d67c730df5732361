"""What is lost, linked or fed from outside is found beside the cells as well as in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workbook.audit.test_check import found, hpcval, written
from tests.workbook.pointing import KINDS, MAIN_NAMES, Kind, point
from workbook.audit.check import check
from workbook.opc.package import read_parts, write_parts
from workbook.opc.relations import add_relation, set_content_type
from workbook.opc.xml import RELATION

REFERENCES = [
    kind for kind in KINDS if "{ref}" in str(kind.xml) and not kind.name.startswith("text read")
]
every_kind = pytest.mark.parametrize("kind", REFERENCES, ids=[kind.name for kind in REFERENCES])


def pointing(path, kind, ref):
    """Write a file whose Sheet1 holds one pointer of a kind."""
    written(path, {"A1": 1})
    write_parts(path, point(read_parts(path), kind, ref))
    return path


def findings(path):
    """Give what is found but for what the kinds of pointers are in themselves."""
    passed_over = ("outside source", "volatile function")
    return [one for one in check(path).found if one.kind.name not in passed_over]


@every_kind
@pytest.mark.parametrize("lost", ["Sheet1!#REF!", "#REF!"])
def test_a_lost_reference_is_found_wherever_it_stands(tmp_path, kind, lost):
    (one,) = findings(pointing(tmp_path / "model.xlsx", kind, lost))
    assert (one.kind.name, one.sheet) == ("broken reference", "Sheet1")
    assert lost in one.what
    assert one.cell in kind.place


@every_kind
def test_a_link_to_another_file_is_found_wherever_it_stands(tmp_path, kind):
    (one,) = findings(pointing(tmp_path / "model.xlsx", kind, "[1]Day!$A$1"))
    assert (one.kind.name, one.sheet) == ("external link", "Sheet1")


@every_kind
@pytest.mark.parametrize("sound", ["Sheet1!$C$9", "Rate"])
def test_what_is_sound_is_no_finding(tmp_path, kind, sound):
    assert findings(pointing(tmp_path / "model.xlsx", kind, sound)) == []


@pytest.mark.parametrize("name", ["hyperlink", "text box", "chart", "validation", "form control"])
def test_a_sheet_that_is_not_there_is_a_lost_reference(tmp_path, name):
    kind = next(one for one in KINDS if one.name == name)
    (one,) = check(pointing(tmp_path / "model.xlsx", kind, "Gone!$A$1")).found
    assert one.kind.name == "broken reference"
    assert one.what.endswith("Gone!$A$1, and there is no sheet Gone")


def test_each_lost_reference_and_link_of_a_file_of_them_is_found():
    path = Path(__file__).parent / "files" / "references_beside_cells.xlsx"
    assert [(one.kind.name, one.cell, one.what) for one in check(path).found] == [
        ("broken reference", "A1:A9", "conditional format: #REF!"),
        ("external link", "A1:A9", "conditional format: [1]Rates!$A$1"),
        ("broken reference", "C1", "sparkline: Model!#REF!"),
        ("broken reference", "", "column a of table T1: #REF!+1"),
        ("external link", "", "column b of table T1: [2]Book!A1:A9"),
    ]
    assert "     Model   " in hpcval("check", path).output


# --- sources outside ---------------------------------------------------------------------------


def with_part(path, name, content, xml, kind):
    """Add a part that the workbook leads to."""
    parts = read_parts(path)
    parts[name] = xml.encode()
    add_relation(parts, "xl/workbook.xml", f"{RELATION}/{kind}", name)
    set_content_type(
        parts, name, f"application/vnd.openxmlformats-officedocument.spreadsheetml.{content}+xml"
    )
    write_parts(path, parts)
    return path


@pytest.mark.parametrize(
    ("connection", "what"),
    [
        ('type="4"><webPr url="https://example.com/p"/>', "https://example.com/p"),
        ('type="6"><textPr sourceFile="D:\\day.csv"/>', "D:\\day.csv"),
        ('type="5"><dbPr connection="Provider=X;Data Source=desk;Password=owl"/>', "desk"),
        ('type="1"><dbPr connection="DRIVER=X;PWD=owl"/>', "ODBC"),
        ('type="3" sourceFile="D:\\facts.mdb">', "D:\\facts.mdb"),
    ],
)
def test_a_connection_is_noted_with_its_source_and_without_its_password(tmp_path, connection, what):
    path = written(tmp_path / "book.xlsx", {"A1": 1})
    xml = f'<connections {MAIN_NAMES}><connection id="1" name="Prices" {connection}</connection></connections>'
    report = check(with_part(path, "xl/connections.xml", "connections", xml, "connections"))
    assert [(one.kind.name, one.what) for one in report.found] == [
        ("outside source", f"connection Prices: {what}")
    ]
    assert report.problems == 0


def test_a_pivot_table_fed_from_outside_is_noted(tmp_path):
    path = written(tmp_path / "book.xlsx", {"A1": 1})
    xml = (
        f'<pivotCacheDefinition {MAIN_NAMES}><cacheSource type="external"/></pivotCacheDefinition>'
    )
    with_part(path, "xl/pivotCache/p1.xml", "pivotCacheDefinition", xml, "pivotCacheDefinition")
    assert found(path) == [("outside source", "", "")]


PIVOT = next(kind for kind in KINDS if kind.name == "pivot source").xml
SOURCE = '<cacheSource type="worksheet"><worksheetSource r:id="rId1" sheet="Day" ref="A1:C9"/></cacheSource>'


def test_a_pivot_table_over_another_workbook_is_a_link(tmp_path):
    path = written(tmp_path / "book.xlsx", {"A1": 1})
    table, (name, relation, content, xml) = PIVOT
    xml = xml.replace(xml[xml.index("<cacheSource") : xml.index("</pivotCache")], SOURCE)
    outside = ("", "externalLinkPath", "", "prices.xlsx")
    parts = point(read_parts(path), Kind("", "", (table, (name, relation, content, xml), outside)))
    write_parts(path, parts)
    (one,) = check(path).found
    assert (one.kind.name, one.sheet) == ("external link", "Sheet1")
    assert one.what == "pivot table Pivot 1: '[prices.xlsx]Day'!A1:C9"


@pytest.mark.parametrize(
    ("target", "noted"),
    [
        ("file:///D:/notes.docx", True),
        ("prices.xlsx", True),
        ("https://example.com/", False),
        ("mailto:ann@example.com", False),
        ("#Sheet1!A1", False),
    ],
)
def test_a_hyperlink_to_a_file_is_noted_and_one_to_a_page_is_not(tmp_path, target, noted):
    path = written(tmp_path / "book.xlsx", {"A1": 1})
    parts = point(read_parts(path), Kind("", "", (("", "hyperlink", "", target),)))
    write_parts(path, parts)
    assert [kind for kind, _, _ in found(path)] == ["outside source"] * noted


def test_a_link_through_dde_names_its_program(tmp_path):
    path = written(tmp_path / "book.xlsx", {"A1": 1})
    xml = f'<externalLink {MAIN_NAMES}><ddeLink ddeService="Terminal" ddeTopic="RIOT"/></externalLink>'
    with_part(path, "xl/externalLinks/externalLink1.xml", "externalLink", xml, "externalLink")
    (one,) = check(path).found
    assert (one.kind.name, one.what) == ("external link", "linked file Terminal|RIOT")


def test_a_rule_that_cannot_be_read_is_said(tmp_path):
    kind = next(one for one in KINDS if one.name == "validation")
    path = pointing(tmp_path / "model.xlsx", kind, "SUM(A1))")
    assert found(path) == [("formula not read", "Sheet1", "C5:C6")]


def test_progress_is_told_sheet_by_sheet(tmp_path):
    told = []
    path = written(tmp_path / "book.xlsx", {"A1": 1}, sheet="Model")
    check(path, told.append)
    assert told == ["Model"]
