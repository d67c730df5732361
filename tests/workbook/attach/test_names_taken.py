"""A sheet of the analyst with a name of ours: the advice that is given works."""

from __future__ import annotations

import re

import pytest
import xlsxwriter

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.attach.attach import attach
from workbook.errors import WorkbookError
from workbook.model.build import build_model
from workbook.opc.package import read_parts, sheet_parts


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book()), path)
    return read_parts(path)


def with_sheets(path, *names):
    with xlsxwriter.Workbook(path) as book:
        for name in names:
            book.add_worksheet(name)
    return path


def said(path, ours, sheets=()):
    with pytest.raises(WorkbookError) as error:
        attach(path, ours, sheets=sheets)
    return str(error.value)


@pytest.mark.parametrize("name", ["Inputs", "cover", "Scenarios", "Checks", "Targets"])
def test_every_advice_that_is_given_can_be_followed(ours, tmp_path, name):
    path = with_sheets(tmp_path / "mine.xlsx", name, "Data")
    before = path.read_bytes()
    message = said(path, ours)
    assert f"a sheet {name} of its own" in message
    assert path.read_bytes() == before
    if listed := re.search(r"--sheets (\S+)", message):
        attach(path, ours, sheets=listed[1].split(","))
        assert set(listed[1].split(",")) <= set(sheet_parts(read_parts(path)))
    renamed = with_sheets(tmp_path / "renamed.xlsx", f"My {name}", "Data")
    attach(renamed, ours)
    assert "Targets" in sheet_parts(read_parts(renamed))


def test_inputs_cannot_be_left_out_so_nothing_says_so(ours, tmp_path):
    assert "--sheets" not in said(with_sheets(tmp_path / "mine.xlsx", "Inputs"), ours, ["Targets"])


def test_all_names_that_are_taken_are_told_at_once(ours, tmp_path):
    message = said(with_sheets(tmp_path / "mine.xlsx", "Checks", "Cover"), ours)
    assert "sheets" in message
    assert re.search(r"Cover, Checks|Checks, Cover", message)
