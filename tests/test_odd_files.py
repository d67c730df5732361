"""Valid workbooks of a form that is seldom seen, through every command that takes a workbook.

A command works as on the plain workbook, or gives one honest sentence. None ends in a traceback, and
none says that all is well of something it did not see.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from addin.calc.recalculate import recalculated_each
from addin.cli import main
from addin.closed import attached_model
from tests.places import SHIPPED
from workbook.opc.package import open_package, sheet_parts
from workbook.opc.relations import content_types
from workbook.opc.stored import read_cells

FOLDER = Path(__file__).with_name("odd_files")
NAMES = sorted(path.stem for path in FOLDER.glob("*.xlsx"))
UNREAD = {"k4_rel_missing"}
"""What no command can read as a whole: all refuse it, with the same sentence."""

STORED = {"z11_minimal": ["Revenue", 600.0], "z24_rels_override": ["a", 600.0, "b", 1200.0]}
"""Values of the cells where they are not those of the plain workbook."""

SENTENCE = "lists a sheet Gone that the file does not hold: open it in Excel, let Excel repair it"
COMMANDS = {
    "check": ("check", "FILE"),
    "attach": ("attach", "FILE", "--sheets", "Inputs"),
    "detach": ("detach", "FILE"),
    "freeze": ("freeze", "FILE"),
    "refresh": ("refresh", "FILE", "--from", str(SHIPPED)),
    "undo": ("refresh", "FILE", "--undo"),
    "snapshot": ("snapshot", "FILE"),
    "explain-cell": ("explain-cell", "FILE", "Model!D9"),
    "rebind": ("rebind", "FILE"),
}
ON_PLAIN = {
    "detach": "nothing of ours is attached",
    "refresh": "no cell makes the handle of the workbook's facts",
    "undo": "no cell makes the handle of the workbook's facts",
    "snapshot": "no sheet Targets",
    "explain-cell": "Model!D9 holds no formula",
}
"""Commands that have nothing to do in a workbook without anything of ours, and what they say."""


def run(path, *words):
    result = CliRunner().invoke(main, [str(path) if word == "FILE" else word for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


@pytest.fixture(scope="module")
def made():
    """The models that were made to be attached, by what they were made of."""
    return {}


@pytest.fixture(autouse=True)
def _each_model_is_made_once(made, monkeypatch):
    """Every form gets the same model: what may differ is how it goes into the file."""
    make = attached_model.model_for

    def model_for(desk, *held, **chosen):
        key = repr((held, chosen))
        if key not in made:
            made[key] = make(desk, *held, **chosen)
        return replace(made[key], parts=dict(made[key].parts))

    monkeypatch.setattr(attached_model, "model_for", model_for)


@pytest.fixture
def copied(tmp_path):
    return lambda name: Path(shutil.copy(FOLDER / f"{name}.xlsx", tmp_path / f"{name}.xlsx"))


def test_the_table_is_not_empty():
    assert len(NAMES) >= 18


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_command_works_as_on_the_plain_workbook_or_says_why_not(copied, name, command):
    path = copied(name)
    before = path.read_bytes()
    result = run(path, *COMMANDS[command])
    if name in UNREAD:
        assert result.exit_code in (1, 2)
        assert SENTENCE in result.output
    elif command in ON_PLAIN:
        assert result.exit_code == 1
        assert ON_PLAIN[command] in result.output
    elif not (command == "freeze" and name == "k12_inline_value"):
        assert result.exit_code == 0 or command == "check", result.output
    if command != "attach":
        assert path.read_bytes() == before


@pytest.mark.engine
def test_libreoffice_computes_every_form_and_agrees_with_what_is_stored():
    paths = [FOLDER / f"{name}.xlsx" for name in NAMES if name not in UNREAD]
    for path, fresh in zip(paths, recalculated_each(paths), strict=True):
        with open_package(path) as package:
            stored = read_cells(package)["Model"]
        compared = {at: cell.value for at, cell in stored.items() if cell.formula}
        known = {at: value for at, value in compared.items() if "HPC_" not in stored[at].formula}
        assert {at: fresh["Model"][at].value for at in known} == known, path.name


@pytest.mark.parametrize("name", sorted(set(NAMES) - UNREAD))
def test_what_a_formula_reads_is_told_of_every_form(copied, name):
    """B2 doubles the 600 of B1, where it is a formula."""
    result = run(copied(name), "explain-cell", "FILE", "Model!B2", "--json")
    if result.exit_code:
        assert "Model!B2 holds no formula" in result.output
    else:
        told = json.loads(result.output)["Model!B2: =B1*2"]
        assert [step["value"] for step in told] == [600.0, 1200.0]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("z")])
def test_no_sheet_and_no_cell_is_passed_over(copied, name):
    with open_package(copied(name)) as package:
        cells = read_cells(package)
    values = [cell.value for cell in cells["Model"].values()]
    assert values == STORED.get(name, ["Revenue", 600.0, "7,500", 1200.0])


@pytest.mark.parametrize("name", sorted(set(NAMES) - UNREAD))
def test_attach_and_detach_give_the_bytes_back(copied, name):
    path = copied(name)
    before = path.read_bytes()
    assert run(path, *COMMANDS["attach"]).exit_code == 0
    assert "Inputs" in sheet_names(path)
    assert run(path, "attach", "FILE").exit_code == 0, "again, with every sheet"
    assert run(path, "detach", "FILE").exit_code == 0
    assert path.read_bytes() == before


def sheet_names(path):
    with open_package(path) as package:
        return list(sheet_parts(package))


@pytest.mark.parametrize("name", sorted(set(NAMES) - UNREAD))
def test_every_part_of_an_attached_workbook_has_a_content_type(copied, name):
    path = copied(name)
    run(path, *COMMANDS["attach"])
    with open_package(path) as package:
        typed = content_types(package)
        untyped = {part for part in package if part not in typed and "Content_Types" not in part}
        assert {part for part in untyped if part.casefold() != "[content_types].xml"} == set()


@pytest.mark.parametrize("name", ["z0_plain", "z11_minimal", "z24_rels_override", "z8_workbook2"])
def test_openpyxl_opens_what_was_attached_to(copied, name):
    path = copied(name)
    run(path, *COMMANDS["attach"])
    assert "Inputs" in openpyxl.load_workbook(path).sheetnames


def test_new_parts_take_the_usual_names_where_they_are_free(copied):
    path = copied("z11_minimal")
    run(path, *COMMANDS["attach"])
    assert {"xl/styles.xml", "xl/metadata.xml"} <= set(zipfile.ZipFile(path).namelist())


def test_refresh_and_snapshot_work_beside_sheets_of_a_minimal_writer(copied):
    path = copied("z11_minimal")
    assert run(path, "attach", "FILE").exit_code == 0
    assert run(path, "refresh", "FILE", "--from", str(SHIPPED)).exit_code == 0
    assert run(path, "snapshot", "FILE").exit_code == 0


def test_a_result_stored_inline_is_a_stored_value(copied):
    path = copied("k12_inline_value")
    assert "no stored value" not in run(path, "check", "FILE").output
    assert "1 cell frozen" in run(path, "freeze", "FILE").output
    frozen = path.with_name("k12_inline_value.frozen.xlsx")
    with open_package(frozen) as package:
        assert read_cells(package)["Model"]["B1"].value == "ab"


def test_a_symbolic_link_is_followed(copied, tmp_path):
    shared = copied("z0_plain")
    link = tmp_path / "desk" / "model.xlsx"
    link.parent.mkdir()
    link.symlink_to(shared)
    before = shared.read_bytes()
    assert run(link, *COMMANDS["attach"]).exit_code == 0
    assert link.is_symlink()
    assert "Inputs" in sheet_names(shared)
    backup = shared.with_name("z0_plain.before-attach.xlsx")
    assert not backup.is_symlink()
    assert backup.read_bytes() == before
    assert sorted(path.name for path in link.parent.iterdir()) == ["model.xlsx"]


def test_a_damaged_part_that_the_workbook_does_not_lead_to_stops_no_command(copied):
    path = copied("z0_plain")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("docProps/core.xml", "<coreProperties a=1")
    assert run(path, "check", "FILE").exit_code == 0
    assert run(path, *COMMANDS["attach"]).exit_code == 0
    assert run(path, "detach", "FILE").exit_code == 0
