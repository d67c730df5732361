"""Attach and detach: what is the analyst's stays to the byte, and ours arrives whole."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest
import xlwings

from tests.workbook import analysts
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.attach import attach
from workbook.detach import detach
from workbook.model import build_model
from workbook.package import read_cells, read_parts, sheet_parts

LISTS = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
}
"""All that may change of a workbook: the lists that new sheets must stand in."""


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    """The model of two miners, as parts."""
    path = tmp_path_factory.mktemp("ours") / "model.xlsx"
    build_model(coverage(load_book(), ["RIOT", "CIFR"]), path)
    return read_parts(path)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def shipped(name):
    return Path(xlwings.__file__).parent / name


WRITTEN = {feature.__name__: (feature,) for feature in analysts.FEATURES}
CORPUS = [*WRITTEN, "rich", "by_openpyxl", "quickstart.xlsm", "quickstart_standalone.xlsm"]


def make(name, folder):
    if name.endswith(".xlsm"):
        return Path(shutil.copy(shipped(name), folder / name))
    suffix = ".xlsm" if name == "macros" else ".xlsx"
    path = folder / f"{name}{suffix}"
    if name == "by_openpyxl":
        return analysts.by_openpyxl(path)
    if name == "rich":
        return analysts.write(path, *analysts.RICH)
    return analysts.write(path, *WRITTEN[name])


@pytest.mark.parametrize("name", CORPUS)
def test_only_lists_change_and_detach_gives_the_file_back(name, tmp_path, ours):
    path = make(name, tmp_path)
    original, before = digest(path), entries(path)
    outcome = attach(path, ours)
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
    path = make("rich", tmp_path)
    attach(path, ours)
    there, here = read_cells(read_parts(path)), read_cells(ours)
    assert list(sheet_parts(read_parts(path)))[-len(here) :] == list(here)
    for name, cells in here.items():
        assert there[name] == cells
