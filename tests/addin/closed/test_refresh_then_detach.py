"""A refresh of attached sheets is no other program: attach again and detach still know the file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from addin.boundary.desk import Desk
from addin.closed.refresh import refresh, undo
from tests.places import ROOT
from tests.valuation_core.book_files import add_rows
from workbook.attach.attach import attach
from workbook.attach.detach import detach
from workbook.opc.package import (
    WORKBOOK_PART,
    open_package,
    read_parts,
    sheet_parts,
    write_parts,
)
from workbook.opc.sheet_editor import SheetEditor, asks_for_calculation
from workbook.opc.sheet_list import add_name, names
from workbook.opc.stored import read_cells
from workbook.opc.xml import parse_xml, to_bytes
from workbook.refresh.log import HEADINGS


@pytest.fixture(scope="module")
def ours(model_of, tmp_path_factory):
    path = model_of(tmp_path_factory.mktemp("ours") / "model.xlsx", ["RIOT"])
    return read_parts(path)


@pytest.fixture
def source(folder):
    """Facts in which the price of RIOT is 21."""
    add_rows(folder, ("RIOT", "price", "21", "USD/share", "", "2025-09-26", ""))
    return folder


@pytest.fixture
def path(tmp_path):
    """A workbook that does not ask Excel to compute it on opening."""
    return Path(shutil.copy(ROOT / "tests" / "odd_files" / "z0_plain.xlsx", tmp_path))


def log_of(path):
    with open_package(path) as package:
        return [cell.value for cell in read_cells(package)["Log"].values()]


def test_detach_after_a_refresh_and_its_undo_gives_the_file_back_to_the_byte(path, ours, source):
    before = path.read_bytes()
    attach(path, ours, sheets=["Inputs"])
    refresh(path, source, Desk(), recalculate=False)
    undo(path, Desk(), recalculate=False)
    assert detach(path).to_the_byte
    assert path.read_bytes() == before


def test_attach_after_a_refresh_keeps_the_log_and_is_then_up_to_date(path, ours, source):
    before = path.read_bytes()
    attach(path, ours, sheets=["Inputs"])
    refresh(path, source, Desk(), recalculate=False)
    log = log_of(path)
    assert {"RIOT price", 21.0} <= set(log)
    notes = attach(path, ours).notes
    *lost, asked = notes
    assert asked == "Excel computes the file when it opens it."
    assert lost[0].startswith("Rows of Facts that the new one does not have: ")
    assert log_of(path) == log
    assert attach(path, ours).backup is None, "up to date"
    with open_package(path) as package:
        assert asks_for_calculation(package)
        part = sheet_parts(package)["Log"]
        assert not any(
            cell.get("s") for cell in SheetEditor("Log", package[part]).cells.values()
        ), "a number of a format may be another one in the new table"
    refresh(path, source, Desk(), recalculate=False)
    assert len(log_of(path)) == 2 * len(log) - len(HEADINGS), "one more line below"
    assert detach(path).to_the_byte
    assert path.read_bytes() == before


def test_a_name_that_another_program_added_in_between_stays(path, ours, source):
    attach(path, ours, sheets=["Inputs"])
    parts = read_parts(path)
    root = parse_xml(parts[WORKBOOK_PART])
    add_name(root, "Theirs", "Model!$B$2")
    write_parts(path, {**parts, WORKBOOK_PART: to_bytes(root)})
    refresh(path, source, Desk(), recalculate=False)
    assert not detach(path).to_the_byte
    with open_package(path) as package:
        assert [name.get("name") for name in names(parse_xml(package[package.main]))] == ["Theirs"]
