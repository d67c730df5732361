"""Attach and detach: what is the analyst's stays to the byte, and ours arrives whole."""

from __future__ import annotations

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbook import analysts
from tests.workbook.packages import digest, entries
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.stored import read_cells
from workbook.opc.xml import parse_xml, tag

LISTS = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
}
"""All that may change of a workbook: the lists that new sheets must stand in."""


WITH_ALL = {"chart", "comments", "drawings", "dynamic", "macros", "names", "rich", "by_openpyxl"}
"""Workbooks to which every sheet is attached: parts of theirs are of a kind with ours."""


@pytest.mark.parametrize("name", analysts.CORPUS)
def test_only_lists_change_and_detach_gives_the_file_back(name, tmp_path, ours):
    path = analysts.make(name, tmp_path)
    original, before = digest(path), entries(path)
    outcome = attach(path, ours, sheets=() if name in WITH_ALL else ["Inputs"])
    after = entries(path)
    changed = {part for part, data in before.items() if after[part] != data}
    assert changed == set(outcome.changed)
    assert changed <= LISTS, "metadata is shared, not changed"
    assert set(after) - set(before) == set(outcome.added)
    assert digest(outcome.backup) == original
    assert attach(path, ours).backup is None, "nothing new, so nothing is written"
    detached = detach(path)
    assert detached.to_the_byte
    assert digest(path) == original


def test_our_sheets_arrive_with_every_value_and_formula(tmp_path, ours):
    path = analysts.make("rich", tmp_path)
    attach(path, ours)
    there, here = read_cells(read_parts(path)), read_cells(ours)
    assert list(sheet_parts(read_parts(path)))[-len(here) :] == list(here)
    for name, cells in here.items():
        assert there[name] == cells


def looks(path, sheet):
    """What a reader of the file sees of each cell: font, fill, border, number format, alignment."""
    from openpyxl import load_workbook

    cells = [cell for row in load_workbook(path)[sheet].iter_rows() for cell in row]
    return {
        cell.coordinate: tuple(
            repr(getattr(cell, name))
            for name in ("font", "fill", "border", "number_format", "alignment", "protection")
        )
        for cell in cells
    }


def test_our_cells_look_as_in_the_model(tmp_path, ours):
    path = analysts.make("formats", tmp_path)
    attach(path, ours)
    write_parts(tmp_path / "ours.xlsx", ours)
    assert looks(path, "HPC") == looks(tmp_path / "ours.xlsx", "HPC")


colors = st.sampled_from(["#FF0000", "#1F2A44", "#FFFDE9", "#000000"])
designs = st.fixed_dictionaries(
    {},
    optional={
        "bold": st.booleans(),
        "font_color": colors,
        "bg_color": colors,
        "font_size": st.integers(6, 20),
        "num_format": st.sampled_from(["0.0%", "yyyy-mm-dd", "0.00", "0.0##%", '0"x"', "@"]),
        "border": st.integers(0, 13),
        "align": st.sampled_from(["left", "right", "center"]),
        "indent": st.integers(0, 3),
        "locked": st.booleans(),
    },
)


@settings(max_examples=5)
@given(st.lists(designs, min_size=1, max_size=30))
def test_no_cell_of_the_analyst_changes_its_look(tmp_path_factory, ours, made):
    folder = tmp_path_factory.mktemp("look")
    with xlsxwriter.Workbook(folder / "model.xlsx") as book:
        sheet = book.add_worksheet("Sheet1")
        for row, design in enumerate(made):
            sheet.write(row, 0, row, book.add_format(design))
    before = looks(folder / "model.xlsx", "Sheet1")
    attach(folder / "model.xlsx", ours, sheets=["Inputs"])
    assert looks(folder / "model.xlsx", "Sheet1") == before


def test_the_sheets_that_formulas_need_come_too(tmp_path, ours):
    path = analysts.make("plain", tmp_path)
    outcome = attach(path, ours, sheets=["HPC"])
    assert {"Control", "Inputs", "HPC"} <= {*outcome.sheets}
    assert "Cover" not in outcome.sheets
    start, *others = outcome.notes[0].removesuffix(".").split("; ")
    assert start.startswith("Attached too, because formulas need it: for HPC: Control, ")
    assert "for Checks: Deals, Instruments, " in outcome.notes[0], "for whom each came"
    came = [name for one in (start, *others) for name in one.rpartition(": ")[2].split(", ")]
    assert sorted(["HPC", *came]) == sorted(outcome.sheets)


def test_no_tab_is_selected_beside_the_analysts(tmp_path, ours):
    path = analysts.make("windows", tmp_path)
    part = sheet_parts(ours)["Inputs"]
    view = ours[part].replace(b"<sheetView ", b'<sheetView tabSelected="1" ', 1)
    assert view != ours[part]
    attach(path, {**ours, part: view}, sheets=["Inputs"])
    parts = read_parts(path)
    selected = [
        name
        for name, part in sheet_parts(parts).items()
        for view in parse_xml(parts[part]).iter(tag("sheetView"))
        if view.get("tabSelected") == "1"
    ]
    assert selected == ["Other"]


def test_dynamic_arrays_of_theirs_keep_their_mark_and_ours_share_it(tmp_path, ours):
    path = analysts.make("dynamic", tmp_path)
    before = entries(path)["xl/metadata.xml"]
    attach(path, ours)
    assert entries(path)["xl/metadata.xml"] == before
    assert b'cm="1"' in entries(path)[sheet_parts(read_parts(path))["HPC"]]


def test_metadata_of_another_kind_is_added_to(tmp_path, ours):
    path = analysts.make("dynamic", tmp_path)
    parts = entries(path)
    other = parts["xl/metadata.xml"].replace(b'fDynamic="1"', b'fDynamic="0"')
    write_parts(path, {**parts, "xl/metadata.xml": other})
    original = digest(path)
    attach(path, ours)
    root = parse_xml(entries(path)["xl/metadata.xml"])
    assert [kind.get("name") for kind in root.iter(tag("metadataType"))] == ["XLDAPR"]
    cells = root.find(tag("cellMetadata"))
    assert [(r.get("t"), r.get("v")) for r in cells.iter(tag("rc"))] == [("1", "0"), ("1", "1")]
    assert b'cm="2"' in entries(path)[sheet_parts(read_parts(path))["HPC"]]
    assert detach(path).to_the_byte
    assert digest(path) == original
