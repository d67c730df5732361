"""Whatever points at our cells is found wherever it stands and however the file spells it."""

from __future__ import annotations

import io
import re

import pytest
import xlsxwriter

from tests.workbook import analysts
from tests.workbook.pointing import KINDS, Kind, point
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.errors import WorkbookError
from workbook.formulas.references import pointers
from workbook.opc.package import open_package, read_parts, sheet_parts, write_parts

BY_NAME = {kind.name: kind for kind in KINDS}
every_kind = pytest.mark.parametrize("kind", KINDS, ids=BY_NAME)


@pytest.fixture(scope="module")
def attached(tmp_path_factory, ours):
    """An analyst's workbook with two sheets, and ours behind them."""
    path = tmp_path_factory.mktemp("pointing") / "model.xlsx"
    analysts.write(path, analysts.plain, analysts.plain)
    attach(path, ours, sheets=["Inputs"])
    return read_parts(path)


def refusal(tmp_path, parts):
    """Give what detach says against taking the sheets off; empty when it takes them."""
    path = tmp_path / "model.xlsx"
    write_parts(path, parts)
    before = path.read_bytes()
    try:
        detach(path)
    except WorkbookError as error:
        assert path.read_bytes() == before
        return str(error)
    return ""


def test_what_a_real_program_writes_is_found(tmp_path):
    """XlsxWriter decides here which parts hold what, and how they are named."""
    path = tmp_path / "model.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page, _ = book.add_worksheet("My model"), book.add_worksheet("Inputs")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Inputs!$C$10:$C$12"})
        page.insert_chart("B2", chart)
        page.insert_textbox("B20", "x", {"textlink": "=Inputs!$C$10"})
        image = {"image_data": io.BytesIO(analysts.png()), "url": "internal:Inputs!C10"}
        page.insert_image("B9", "dot.png", image)
        page.add_sparkline("D1", {"range": "Inputs!A1:C1"})
        page.add_table("H1:H3", {"columns": [{"header": "a", "formula": "=Inputs!$C$10"}]})
        page.write_url("A2", "internal:'Inputs'!B5")
        book.define_name("Mine", "=Inputs!$C$10")
    with open_package(path) as package:
        ours = {sheet_parts(package)["Inputs"]}
        found = pointers(package, package.main, {"Inputs"}, set(), ours)
        assert {f"{one.place} ={one.formula}" for one in found} == {
            "name Mine =Inputs!$C$10",
            "My model!H2 =Inputs!$C$10",
            "My model!H3 =Inputs!$C$10",
            "My model!A2 (hyperlink) ='Inputs'!B5",
            "My model!D1 (sparkline) =Inputs!A1:C1",
            "chart Chart 2 on My model =Inputs!$C$10:$C$12",
            "picture Picture 1 on My model =Inputs!C10",
            "text box TextBox 3 on My model =Inputs!$C$10",
            "column a of table Table1 on My model =Inputs!$C$10",
        }


@every_kind
def test_detach_refuses_and_names_the_place(kind, tmp_path, attached):
    said = refusal(tmp_path, point(attached, kind))
    assert f": {kind.place} =" in said
    assert "Inputs" in said


@every_kind
@pytest.mark.parametrize("other", ["Sheet2", "Inputs2", "My.Inputs"])
def test_another_sheet_is_none_of_ours(kind, other, tmp_path, attached):
    assert refusal(tmp_path, point(attached, kind, f"{other}!$C$10", other)) == ""


@pytest.mark.parametrize("text", ['"Inputs!$C$10"', '"a ""Inputs!C10"" b"&A1', "[1]Inputs!$C$10",
                                  "'[Inputs!.xlsx]Sheet2'!C10", "Inputs.C10", "XInputs!C10",
                                  "_xlpm.Inputs", "Table1[Inputs!C10]"])  # fmt: skip
def test_a_text_that_only_looks_like_it_is_none(text, tmp_path, attached):
    escaped = text.replace("&", "&amp;")
    for name in ("formula", "conditional format", "validation kept apart", "chart"):
        assert refusal(tmp_path, point(attached, BY_NAME[name], escaped)) == ""


@pytest.mark.parametrize(
    "spelled",
    ["'Inputs'!C10", "INPUTS!c10", "inputs!C:C", "&#73;nputs!C10", "<![CDATA[Inputs!C10]]>",
     "\n  Inputs!C10 ", "Sheet2!A1+Inputs!C10", "[0]!RIOT_price", "riot_PRICE", "Sheet2!RIOT_price",
     "'Inputs'!#REF!", "SUM(Inputs!C10#)", "IF(A1=\"it's\",Inputs!C10,0)"],
)  # fmt: skip
def test_every_spelling_is_read(spelled, tmp_path, attached):
    for name in ("formula", "conditional format", "data bar kept apart", "chart", "new chart"):
        assert BY_NAME[name].place in refusal(tmp_path, point(attached, BY_NAME[name], spelled))


@pytest.mark.parametrize("spelled", ["&apos;Inputs&apos;!C10", "&#x49;nputs!C10", "RIOT_price"])
def test_every_spelling_is_read_in_attributes(spelled, tmp_path, attached):
    for name in ("colour scale", "hyperlink", "text box", "form control", "linked picture"):
        assert BY_NAME[name].place in refusal(tmp_path, point(attached, BY_NAME[name], spelled))


def test_prefixes_and_the_order_of_attributes_do_not_matter(tmp_path, attached):
    parts = point(attached, BY_NAME["validation"])
    part = sheet_parts(parts)["Sheet1"]
    text = parts[part].decode().replace("<", "<m:").replace("<m:/", "</m:")
    parts[part] = text.replace("xmlns=", "xmlns:m=").encode()
    assert "Sheet1!C5:C6 (validation) =Inputs!$C$10" in refusal(tmp_path, parts)


def test_parts_are_found_by_what_they_hold(tmp_path, attached):
    """A chart in another folder, with another ending, is a chart all the same."""
    parts = point(attached, BY_NAME["chart"])
    for name, data in list(parts.items()):
        parts[name] = data.replace(b"/xl/charts/chart9.xml", b"/Parts/C10.dat")
    parts["Parts/C10.dat"] = parts.pop("xl/charts/chart9.xml")
    assert "chart Chart 1 on Sheet1 =Inputs!$C$10" in refusal(tmp_path, parts)


def test_cells_without_an_address_are_named_by_their_order(tmp_path, attached):
    bare = "<sheetData><row><c><v>1</v></c><c><f>Inputs!C10</f></c></row></sheetData>"
    said = refusal(tmp_path, point(attached, Kind("", "", bare)))
    assert said.endswith(": Sheet1!B1 =Inputs!C10")


@pytest.mark.parametrize(("file", "points"), [("model.xlsx", True), ("other.xlsx", False)])
def test_a_link_by_the_name_of_the_file_leads_back_into_it(file, points, tmp_path, attached):
    click = BY_NAME["link of a picture"].xml[0]
    link = Kind("", "", (click, ("", "hyperlink", "", f"{file}#Inputs!C10")))
    assert bool(refusal(tmp_path, point(attached, link))) is points
    source = '<worksheetSource r:id="rId1" sheet="Inputs" ref="A1:C10"/>'
    table, (name, way, content, xml) = BY_NAME["pivot source"].xml
    xml = xml.replace('<worksheetSource sheet="{sheet}" ref="A1:C10"/>', source)
    pivot = Kind("", "", (table, (name, way, content, xml), ("", "externalLinkPath", "", file)))
    assert bool(refusal(tmp_path, point(attached, pivot))) is points
    dde = BY_NAME["dynamic data exchange"].xml[0]
    asked = Kind("", "", ((*dde[:3], dde[3].replace("model.xlsx", file)),))
    assert bool(refusal(tmp_path, point(attached, asked))) is points
    query = BY_NAME["range that a connection reads"].xml[0]
    reads = Kind("", "", ((*query[:3], query[3].replace("model.xlsx", file)),))
    assert bool(refusal(tmp_path, point(attached, reads))) is points


def test_a_link_within_the_file_need_not_say_that_it_leads_out_of_the_package(tmp_path, attached):
    parts = point(attached, BY_NAME["link of a picture"])
    ways = "xl/drawings/_rels/drawing9.xml.rels"
    inside = parts[ways].replace(b' TargetMode="External"', b"")
    assert inside != parts[ways]
    assert "picture Photo on Sheet1 =Inputs!$C$10" in refusal(tmp_path, {**parts, ways: inside})


def named(parts, definitions):
    """Add defined names to a workbook."""
    end = f"{definitions}</definedNames>".encode()
    main = parts["xl/workbook.xml"].replace(b"</definedNames>", end)
    assert main != parts["xl/workbook.xml"]
    return {**parts, "xl/workbook.xml": main}


def test_names_of_the_analyst_are_named_with_their_sheet(tmp_path, attached):
    definitions = (
        '<definedName name="Mine">Inputs!$C$10*2</definedName>'
        '<definedName name="_xlnm.Print_Titles" localSheetId="0">Inputs!$1:$2</definedName>'
        '<definedName name="RIOT_price" localSheetId="1">Inputs!$C$10</definedName>'
        '<definedName name="Other">Sheet2!$C$10&amp;"Inputs!C10"</definedName>'
    )
    said = refusal(tmp_path, named(attached, definitions))
    assert "name Mine =Inputs!$C$10*2; name Print Titles on Sheet1 =Inputs!$1:$2; " in said
    assert "name RIOT_price on Sheet2 =Inputs!$C$10" in said
    assert "Other" not in said


def test_a_name_of_a_sheet_wins_over_ours_of_the_same_spelling(tmp_path, attached):
    local = '<definedName name="RIOT_price" localSheetId="0">Sheet1!$A$1</definedName>'
    parts = named(point(attached, BY_NAME["formula"], "RIOT_price"), local)
    assert refusal(tmp_path, parts) == ""
    local = local.replace('"0"', '"1"')
    parts = named(point(attached, BY_NAME["formula"], "RIOT_price"), local)
    assert "Sheet1!C5 =SUM(RIOT_price)+A1" in refusal(tmp_path, parts)


@pytest.mark.parametrize(
    ("formula", "points"),
    [
        ("indirect( &quot;Inputs!C&quot;&amp;A1 )", True),
        ("INDIRECT(&quot;Inputs!&quot;&amp;A1)", True),
        ("INDIRECT(&quot;Inputs2!&quot;&amp;A1)", False),
        ("IF(A1=&quot;Inputs!C10&quot;,INDIRECT(A2),0)", False),
        ("&quot;INDIRECT(&quot;&quot;Inputs!C10&quot;&quot;)&quot;", False),
    ],
)
def test_a_text_that_begins_a_reference_is_read_as_one(formula, points, tmp_path, attached):
    said = refusal(tmp_path, point(attached, BY_NAME["formula"], formula))
    assert ("Sheet1!C5 =SUM(" in said) is points


def test_a_sheet_with_a_quote_in_its_name_is_found(tmp_path):
    path = analysts.write(tmp_path / "model.xlsx", analysts.odd_names)
    title = 'Ann\'s "P&L" <new>'
    parts = read_parts(path)
    formula = "'Ann''s &quot;P&amp;L&quot; &lt;new&gt;'!C10"
    write_parts(path, point(parts, BY_NAME["formula"], formula))
    with open_package(path) as package:
        found = list(pointers(package, package.main, {title}, set(), set()))
    assert [one.place for one in found] == ["Sheet1!C5"]


def test_a_sum_through_sheets_that_lie_around_ours_is_seen(tmp_path, attached):
    parts = point(attached, Kind("", "", BY_NAME["formula"].xml), "Sheet1:Sheet2!C10")
    assert refusal(tmp_path, parts) == "", "ours lies behind both"
    main = parts["xl/workbook.xml"]
    sheets = re.findall(rb"<(?:\w+:)?sheet [^>]*/>", main)
    assert b'name="Control"' in sheets[2]
    moved = main.replace(sheets[2], b"").replace(sheets[1], sheets[2] + sheets[1])
    parts["xl/workbook.xml"] = moved.replace(b'localSheetId="2"', b'localSheetId="1"')
    assert "Sheet1!C5 =SUM(Sheet1:Sheet2!C10)+A1" in refusal(tmp_path, parts)


def test_a_web_page_made_of_our_cells_is_named(tmp_path, attached):
    page = '<webPublishObjects><webPublishObject id="1" sourceObject="Inputs!$C$10"/></webPublishObjects>'
    main = attached["xl/workbook.xml"].replace(b"</workbook>", f"{page}</workbook>".encode())
    said = refusal(tmp_path, {**attached, "xl/workbook.xml": main})
    assert said.endswith(": web page =Inputs!$C$10")


def test_a_custom_view_that_shows_our_sheet_is_named(tmp_path, attached):
    number = re.search(rb'name="Inputs" sheetId="(\d+)"', attached["xl/workbook.xml"])[1].decode()
    view = f'<customWorkbookViews><customWorkbookView name="Ann" activeSheetId="{number}"/></customWorkbookViews>'
    main = attached["xl/workbook.xml"].replace(b"</workbook>", f"{view}</workbook>".encode())
    said = refusal(tmp_path, {**attached, "xl/workbook.xml": main})
    assert "custom view Ann ='Inputs'!$1:$1048576" in said
    other = main.replace(f'activeSheetId="{number}"'.encode(), b'activeSheetId="1"')
    assert refusal(tmp_path, {**attached, "xl/workbook.xml": other}) == ""


def with_table(attached):
    """Give our sheet a table, as the analyst's sheets may name it."""
    table = next(kind for kind in KINDS if kind.name == "total of a table")
    return point(attached, table, "A1", on="Inputs")


@pytest.mark.parametrize("formula", ["Facts[a]", "SUM(facts[[#All],[a]])", "Facts"])
def test_a_table_of_ours_is_ours(formula, tmp_path, attached):
    parts = point(with_table(attached), BY_NAME["formula"], formula)
    assert f"Sheet1!C5 =SUM({formula})+A1" in refusal(tmp_path, parts)
    assert refusal(tmp_path, point(with_table(attached), BY_NAME["formula"], "Facts2[a]")) == ""


@pytest.mark.parametrize(("number", "said"), [("9", "slicer Miner on Sheet1 =Facts"), ("99", "")])
def test_a_slicer_of_a_table_of_ours_is_named(number, said, tmp_path, attached):
    slicer = (
        '<slicerCacheDefinition name="Miner" xmlns="urn:x14"><x15:tableSlicerCache '
        f'xmlns:x15="urn:x15" tableId="{number}"/></slicerCacheDefinition>'
    )
    way = (("slicerCaches/slicerCache9.xml", "slicerCache", "application/x+xml", slicer),)
    found = refusal(tmp_path, point(with_table(attached), Kind("", "", way)))
    assert found.endswith(said)
    assert bool(found) is bool(said)


def test_a_slicer_of_a_pivot_table_on_our_sheet_is_named(tmp_path, attached):
    number = re.search(rb'name="Inputs" sheetId="(\d+)"', attached["xl/workbook.xml"])[1].decode()
    slicer = (
        '<slicerCacheDefinition name="Miner" xmlns="urn:x14"><pivotTables>'
        '<pivotTable tabId="{}" name="P"/></pivotTables></slicerCacheDefinition>'
    )
    for tab, said in ((number, "slicer Miner on Sheet1 ='Inputs'!"), ("1", "")):
        xml = slicer.format(tab)
        way = (("slicerCaches/slicerCache9.xml", "slicerCache", "application/x+xml", xml),)
        found = refusal(tmp_path, point(attached, Kind("", "", way)))
        assert said in found
        assert bool(found) is bool(said)


@pytest.fixture(scope="module")
def moved(ours):
    """The model with another label at the row of Inputs that the pointers name."""
    part = sheet_parts(ours)["Inputs"]
    other = ours[part].replace(b">btc_price</t>", b">hash_price</t>")
    assert other != ours[part]
    return {**ours, part: other}


def said_by_attach(tmp_path, parts, model):
    path = tmp_path / "model.xlsx"
    write_parts(path, parts)
    before = path.read_bytes()
    try:
        attach(path, model, sheets=["Inputs"])
    except WorkbookError as error:
        assert path.read_bytes() == before
        return str(error)
    return ""


CELLS = [kind for kind in KINDS if kind.name != "pivot chart"]


@pytest.mark.parametrize("kind", CELLS, ids=[kind.name for kind in CELLS])
def test_attach_again_sees_that_a_cell_would_mean_something_else(kind, tmp_path, attached, moved):
    said = said_by_attach(tmp_path, point(attached, kind), moved)
    assert f"would mean something else: {kind.place} =" in said


def test_what_points_at_cells_that_keep_their_meaning_goes_on(tmp_path, attached, moved, ours):
    for kind in (BY_NAME["formula"], BY_NAME["chart"], BY_NAME["pivot source"]):
        assert said_by_attach(tmp_path, point(attached, kind), ours) == ""
    lower = point(attached, BY_NAME["formula"], "Inputs!$C$11")
    assert said_by_attach(tmp_path, lower, moved) == ""


@pytest.mark.parametrize("name", ["shared formula", "conditional format", "validation"])
@pytest.mark.parametrize(("ref", "moves"), [("Inputs!C9", True), ("Inputs!C$9", False)])
def test_a_formula_moves_along_the_cells_it_holds_for(ref, moves, name, tmp_path, attached, moved):
    """What holds for C5:C6 and names C9 looks at C10 in its second cell."""
    parts = point(attached, BY_NAME[name], ref)
    assert ("something else" in said_by_attach(tmp_path, parts, moved)) is moves
