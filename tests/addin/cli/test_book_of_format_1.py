"""A book of the first format, asked how sure a target is or why it moved: one sentence."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from addin.boundary.call import call
from addin.boundary.desk import Desk
from addin.cli import main
from tests.places import ROOT
from workbook.cells import ErrorValue

FIRST = ROOT / "tests" / "format_1_book"
SAID = (
    "format.csv row 2 column format: is 1, the first format: "
    f"convert the book with hpcval book upgrade {FIRST} NEW-FOLDER"
)


@pytest.mark.parametrize(
    "command",
    [
        ["call", "HPC_DISTRIBUTION", "RIOT"],
        ["call", "HPC_HISTOGRAM", "RIOT"],
        ["call", "HPC_SIMULATE", "RIOT"],
        ["simulate", "RIOT", "--paths", "1000"],
        ["bridge", "RIOT", "--from", "2025-09-26", "--to", "2025-11-24"],
        ["bridge", "RIOT", "--from", "plain", "--to", "reconstruction", "--method", "shapley"],
    ],
)
def test_a_command_says_how_to_convert_it_in_one_sentence(command, tmp_path):
    run = CliRunner().invoke(main, ["--book", str(FIRST), "--cache", str(tmp_path), *command])
    assert run.exit_code == 1
    assert run.output.count("\n") == 1
    assert SAID in run.output
    assert list(tmp_path.iterdir()) == [], "nothing is half-written"


@pytest.mark.parametrize("name", ["HPC_DISTRIBUTION", "HPC_HISTOGRAM", "HPC_SIMULATE"])
def test_a_cell_shows_an_error_and_nothing_else(name):
    assert isinstance(call(Desk(FIRST), name, ["RIOT"]), ErrorValue)
