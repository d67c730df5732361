"""Every kind of file that is written, judged by the schema and read by others than us.

openxml-audit holds the schema of Office's own SDK. It does not look at numbers that point into other
parts, nor at the order of rows: `loose_ends` does.
"""

from __future__ import annotations

import re
import shutil
import sys

import pytest
from click.testing import CliRunner
from lxml import etree
from oletools.olevba import VBA_Parser
from openpyxl import Workbook
from openpyxl.styles import Font
from openxml_audit import OpenXmlValidator
from pyopenvba import ExcelFile
from pyopenvba.integrity import check_file

from addin.cli import main
from addin.excel.setup.places import find_places
from tests.places import SHIPPED
from tests.workbook import analysts
from tests.workbook.test_rebind import moved
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.xml import tag

ACCEPTED = {
    "the order within a font": (
        "/xl/styles.xml",
        r"/styleSheet\[1\]/fonts\[1\]/font\[\d+\]",
        r"Unexpected element '(b|color)' found",
    ),
    "texts within their cells": (
        r"/xl/worksheets/sheet\d+.xml",
        "",
        r"Worksheet .* has \d+ inline-string cell\(s\).*",
    ),
}
"""What is found in every file of openpyxl too, as part, path and sentence, and may stay.

The standard lets what describes a font stand in any order; the schema of the SDK knows one order.
A text within its cell is as good as a shared one, and where our sheets go into an analyst's file it
leaves that file's shared texts as they are.
"""


def findings(path):
    """Give what the schema forbids, but for what is accepted."""
    found = OpenXmlValidator(max_errors=0).validate(str(path)).errors
    return [str(one) for one in found if reason(one) is None]


def reason(finding):
    """Give the name under which a finding is accepted."""
    texts = finding.part_uri, finding.path, finding.description
    for name, patterns in ACCEPTED.items():
        if all(map(re.fullmatch, patterns, texts)):
            return name
    return None


def loose_ends(parts):
    """Say what leads nowhere or stands in the wrong order."""
    styles = etree.fromstring(parts["xl/styles.xml"])
    held = {etree.QName(listing).localname: len(listing) for listing in styles}
    for element, attribute in (("fonts", "fontId"), ("fills", "fillId"), ("borders", "borderId")):
        for one in styles.iter(tag("xf")):
            if int(one.get(attribute, 0)) >= held[element]:
                yield f"a format names {attribute} {one.get(attribute)}"
    for name, part in sheet_parts(parts).items():
        root = etree.fromstring(parts[part])
        rows = [int(row.get("r")) for row in root.iter(tag("row"))]
        if rows != sorted(set(rows)):
            yield f"{name}: rows not in order"
        for row in root.iter(tag("row")):
            columns = [cell.get("r").removesuffix(row.get("r")) for cell in row]
            if columns != sorted(set(columns), key=lambda letters: (len(letters), letters)):
                yield f"{name}: cells of row {row.get('r')} not in order"
        yield from (
            f"{name}!{cell.get('r')}: format {cell.get('s')}"
            for cell in root.iter(tag("c"))
            if int(cell.get("s", 0)) >= held["cellXfs"]
        )
        yield from (
            f"{name}: conditional format {rule.get('dxfId')}"
            for rule in root.iter(tag("cfRule"))
            if int(rule.get("dxfId", -1)) >= held.get("dxfs", 0)
        )
        if any(cell.get("cm") for cell in root.iter(tag("c"))) and "xl/metadata.xml" not in parts:
            yield f"{name}: a dynamic array without metadata"
    types = etree.fromstring(parts["[Content_Types].xml"])
    known = {one.get("PartName") or one.get("Extension") for one in types}
    for part in parts.keys() - {"[Content_Types].xml"}:
        # The type of .xml is no type of Office: only a ribbon does without a better one.
        kind = part.rpartition(".")[2]
        plain = kind in known and (kind != "xml" or part.startswith("customUI/"))
        if f"/{part}" not in known and not plain:
            yield f"{part} has no content type"


def run(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def written(folder):
    """A file of every kind, by what was done last to it."""
    files = {}

    def keep(name, path):
        files[name] = shutil.copy(path, folder / f"{name}{path.suffix}")

    model, macros = folder / "model.xlsx", folder / "model.xlsm"
    run("build", "--out", model, "--miners", "RIOT,CIFR")
    keep("build", model)
    run("build", "--out", macros, "--miners", "RIOT,CIFR", "--xlsm")
    keep("build --xlsm", macros)
    refresh_and_snapshot(model, keep, "a model")
    run("freeze", macros, "--out", folder / "frozen.xlsm")
    keep("freeze a model", folder / "frozen.xlsm")

    theirs = analysts.write(folder / "theirs.xlsx", *analysts.RICH)
    run("attach", theirs, "--miners", "RIOT,CIFR")
    keep("attach", theirs)
    run("attach", theirs, "--miners", "RIOT,CIFR,IREN")
    keep("attach again", theirs)
    run("freeze", theirs, "--out", folder / "frozen.xlsx")
    keep("freeze attached sheets", folder / "frozen.xlsx")
    refresh_and_snapshot(theirs, keep, "attached sheets")
    run("feed", "lseg", theirs)
    keep("feed", theirs)
    run("detach", theirs)
    keep("detach", theirs)

    run("excel-check", "--out", folder / "check.xlsx")
    keep("excel-check", folder / "check.xlsx")
    away = folder / "moved.xlsx"
    write_parts(away, moved(away))
    run("rebind", away)
    keep("rebind", away)
    run("install", "--profile", folder / "ann", "--python", sys.executable)
    keep("install", find_places(folder / "ann").addin)
    return files


def refresh_and_snapshot(path, keep, whose):
    """Refresh from the shipped folder, which knows more than a workbook of September."""
    run("snapshot", path)
    keep(f"snapshot of {whose}", path)
    run("refresh", path, "--from", SHIPPED, "--no-recalc")
    keep(f"refresh of {whose}", path)
    run("refresh", path, "--undo", "--no-recalc")
    keep(f"refresh of {whose}, undone", path)


QUICK = ("freeze a model", "refresh of attached sheets", "detach", "rebind")
"""Kinds between which every way to write a part is taken: what is frozen was built with macros."""


@pytest.mark.parametrize(
    "kinds", [QUICK, pytest.param(None, marks=pytest.mark.long)], ids=["quick", "all"]
)
def test_no_file_that_is_written_breaks_the_schema(written, kinds):
    assert len(written) == 17
    found = {name: findings(written[name]) for name in kinds or written}
    assert {name: said for name, said in found.items() if said} == {}


def test_no_file_that_is_written_points_nowhere(written):
    found = {name: list(loose_ends(read_parts(path))) for name, path in written.items()}
    assert {name: ends for name, ends in found.items() if ends} == {}


@pytest.mark.long
@pytest.mark.engine
def test_a_file_whose_figures_were_recalculated_keeps_the_schema(tmp_path):
    path = tmp_path / "model.xlsx"
    run("build", "--out", path, "--miners", "RIOT,CIFR")
    run("refresh", path, "--from", SHIPPED)
    assert (findings(path), list(loose_ends(read_parts(path)))) == ([], [])


def test_a_frozen_copy_keeps_the_schema_where_the_file_itself_did_not(written, tmp_path):
    """Version 0.1 left a text both in the cell and beside its formula."""
    path, frozen = tmp_path / "model.xlsx", tmp_path / "frozen.xlsx"
    parts = read_parts(written["build"])
    part = sheet_parts(parts)["Functions"]
    twice = rb'(<c [^>]*t="str"[^>]*><f[^>]*>HPC_[^<]*</f>)<v>'
    parts[part], count = re.subn(twice, rb"\1<is><t>text</t></is><v>", parts[part])
    assert count > 0
    write_parts(path, parts)
    assert any("Unexpected element 'v'" in one for one in findings(path))
    run("freeze", path, "--out", frozen)
    assert findings(frozen) == []


def test_what_is_accepted_is_found_in_a_file_of_openpyxl_that_nobody_touched(tmp_path):
    book = Workbook()
    book.active["A1"] = "Revenue"
    book.active["A1"].font = Font(bold=True, color="FF0000")
    book.save(tmp_path / "plain.xlsx")
    found = OpenXmlValidator(max_errors=0).validate(str(tmp_path / "plain.xlsx")).errors
    assert {reason(one) for one in found} == set(ACCEPTED)


@pytest.mark.parametrize("kind", ["build --xlsm", "install", "freeze a model"])
def test_other_programs_read_the_macros_without_a_finding(written, kind):
    """olevba finds no source that differs from its compiled form, and one macro that starts itself."""
    path = written[kind]
    report = check_file(path)
    assert (report.issues, report.complete) == ((), True)
    parser = VBA_Parser(str(path))
    found = {name.removesuffix(".bas"): text for *_, name, text in parser.extract_macros()}
    starting = {word for kind, word, _ in parser.analyze_macros() if kind == "AutoExec"}
    assert (parser.detect_vba_stomping(), starting) == (False, {"Workbook_Open"})
    parser.close()
    with ExcelFile(path) as book:
        assert book.module_names() == [name.removesuffix(".cls") for name in found]
        for name, text in found.items():
            read = book.get_module(name.removesuffix(".cls"))
            assert text.splitlines() == read.splitlines()[-len(text.splitlines()) :]
