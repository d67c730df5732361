"""How every command behaves: where options may stand, what a terminal gets, how it fails."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from addin.cli import attach as attach_commands
from addin.cli import main
from addin.cli.say import visible
from tests.valuation_core.book_files import add_rows
from valuation_core.book.book import shipped_tables
from workbook.errors import WorkbookError

ESCAPE = "\x1b[31m"


def hpcval(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def commands(group=main, path=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())
MEANINGLESS = {
    "--book": {"functions", "install", "uninstall", "doctor", "rebind", "excel-check"}
    | {"detach", "freeze", "snapshot", "source", "serve", "upgrade"},
    "--as-of": {"functions", "install", "uninstall", "doctor", "rebind", "excel-check"}
    | {"detach", "freeze", "snapshot", "source", "serve", "check", "push", "recalc"}
    | {"explain-cell", "scorecard", "fit", "upgrade", "feed", "edgar"},
}
READ_A_BOOK = {"value", "rank", "implied", "solve", "explain", "deals", "ladder", "cases"} | {
    "pipeline",
    "comps",
    "bridge",
    "simulate",
    "call",
    "build",
    "show",
    "export",
    "tearsheet",
    "slides",
}
"""Commands that take a case and own facts."""


@pytest.mark.parametrize("option", MEANINGLESS)
def test_every_command_takes_the_options_that_mean_something_there(option):
    without = {
        path[-1]
        for path, command in ALL.items()
        if not any(option in parameter.opts for parameter in command.params)
    }
    assert without <= MEANINGLESS[option]


@pytest.mark.parametrize("option", ["--case", "--set", "--btc-price"])
def test_every_command_that_reads_a_book_takes_a_case_and_own_facts(option):
    taking = {
        path[-1]
        for path, command in ALL.items()
        if any(option in parameter.opts for parameter in command.params)
    }
    # scorecard and fit forecast with cases, each edition with the facts of its own day; what is
    # attached is of a case, and own facts are stated on its sheet Inputs
    cases_too = {"scorecard", "fit", "attach"} if option == "--case" else set()
    assert taking == READ_A_BOOK | cases_too


@pytest.mark.parametrize(
    "line",
    [
        "value RIOT",
        "rank",
        "implied IREN",
        "solve RIOT btc_price --target 19",
        "explain HPC_VALUE RIOT",
        "deals",
        "pipeline RIOT",
        "comps --sort approved",
        "ladder RIOT",
        "bridge RIOT",
        "cases",
        "book show RIOT",
        "call HPC_TARGET RIOT",
    ],
)
def test_options_stand_before_the_command_or_after_it(folder, tmp_path, line):
    add_rows(folder, ("RIOT", "hpc_probability", "0.4", "fraction", "", "2025-09-25", ""))
    options = ["--book", folder, "--cache", tmp_path, "--as-of", "2025-09-27", "--json"]
    options += ["--case", "base", "--set", "RIOT.hpc_mw_shopped=400", "--btc-price", "100000"]
    before = hpcval(*options, *line.split())
    after = hpcval(*line.split(), *options)
    mixed = hpcval(*options[:4], *line.split(), *options[4:])
    assert before.exit_code == 0, before.output
    assert before.output == after.output == mixed.output
    assert json.loads(before.output)


def test_a_book_named_after_the_command_is_the_one_that_is_read(folder):
    """RIOT's option on 200 MW in place of 600: a third of 1,845."""
    path = folder / "inputs.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("RIOT,hpc_mw_shopped,600", "RIOT,hpc_mw_shopped,200"), "utf-8")
    assert hpcval("call", "HPC_VALUE", "RIOT", "--book", folder).output == '{"value": 615.0}\n'


def test_what_is_typed_comes_before_the_environment(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("HPCVAL_BOOK", str(tmp_path / "nowhere"))
    assert "nowhere" in hpcval("call", "HPC_VALUE", "RIOT").output
    assert hpcval("call", "HPC_VALUE", "RIOT", "--book", folder).output == '{"value": 1845.0}\n'


@pytest.mark.parametrize(
    "arguments",
    [
        ("--book", "a", "value", "RIOT", "--book", "b"),
        ("value", "RIOT", "--book", "a", "--book", "b"),
        ("--book", "a", "--book", "b", "value", "RIOT"),
    ],
)
def test_an_option_given_twice_with_different_values_is_refused(arguments):
    run = hpcval(*arguments)
    assert run.exit_code == 2
    assert "--book is given twice, as 'a' and as 'b'" in run.output


def test_the_same_value_twice_is_fine(folder):
    assert hpcval("--book", folder, "value", "RIOT", "--book", folder).exit_code == 0
    run = hpcval("book", "check", folder, "--book", "elsewhere")
    assert "give either SOURCE or --book" in run.output


def test_an_option_that_means_nothing_to_a_command_is_refused():
    assert "freeze takes no --json" in hpcval("--json", "freeze", "x.xlsx").output
    assert "check takes no --as-of" in hpcval("--as-of", "2025-09-26", "check", "x.xlsx").output


def test_call_and_explain_take_the_book_of_a_date():
    """Bitcoin of RIOT: 19,273 on 30 August, 19,309 a day later."""
    found = hpcval("call", "HPC_DATA", "RIOT", "btc_held", "--as-of", "2025-08-30").output
    assert found == '{"value": 19273.0}\n'
    assert (
        "19,273"
        in hpcval("explain", "HPC_DATA", "RIOT", "btc_held", "--as-of", "2025-08-30").output
    )
    run = hpcval("call", "HPC_VERSION", "--as-of", "2025-08-31")
    assert "HPC_VERSION takes no book, so no --as-of" in run.output
    run = hpcval("call", "HPC_DATA", "RIOT", "cash", "book:x", "--as-of", "2025-08-31")
    assert "give either --as-of or the argument book of HPC_DATA" in run.output


def test_json_says_what_the_tables_say(folder):
    facts = json.loads(hpcval("book", "show", "RIOT", "--json").output)
    assert {fact["metric"]: fact["value"] for fact in facts}["hpc_mw_shopped"] == 600
    assert json.loads(hpcval("functions", "hpc_value", "--json").output)[0]["gives"]
    good = json.loads(hpcval("book", "check", "--json").output)
    count = len(shipped_tables()["inputs"])
    assert (good["valid"], good["rows"]["inputs"]) == (True, count)
    add_rows(folder, ("RIOT", "cash", "x", "USD M", "", "2025-09-26", ""))
    run = hpcval("book", "check", "--json", folder)
    (problem,) = json.loads(run.output)["problems"]
    assert (run.exit_code, problem["column"], problem["row"]) == (1, "value", count + 2)


def test_no_name_of_a_deal_is_split():
    assert "IREN-3-25-convertible-2030" in hpcval("explain", "HPC_IMPLIED_MW", "IREN").output
    shown = hpcval("deals").output
    for row in json.loads(hpcval("deals", "--json").output)["Signed deals"]:
        assert row["deal"] in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("book", "check", f"no{ESCAPE}where"),
        ("value", f"RIOT{ESCAPE}"),
        ("explain", "HPC_VALUE", "RIOT", f"x{ESCAPE}"),
        ("call", "HPC_VALUE", f"RI\x9bOT{ESCAPE}"),
        ("functions", ESCAPE),
        ("check", f"no{ESCAPE}where.xlsx"),
        ("attach", f"no{ESCAPE}where.xlsx"),
        ("explain-cell", f"no{ESCAPE}where.xlsx", "A!A1"),
        (f"val{ESCAPE}ue",),
        ("--book", ESCAPE, "value", "RIOT", "--book", f"{ESCAPE}x"),
        ("build", "--miners", ESCAPE, "--out", "x.xlsx"),
    ],
)
def test_no_text_gives_orders_to_a_terminal(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    run = hpcval(*arguments)
    assert "\x1b" not in run.output
    assert "\x9b" not in run.output
    assert "x1b" in run.output or "u001b" in run.output


def test_a_heading_of_a_folder_is_shown_and_not_sent(folder):
    path = folder / "inputs.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("note", f"no{ESCAPE}te", 1))
    run = hpcval("book", "check", folder)
    assert "column no\\x1b[31mte: unknown column" in run.output


def test_json_with_a_control_character_is_read_back_as_it_was():
    run = hpcval("call", "HPC_VALUE", "RI\x9bOT\u202e")
    assert json.loads(run.output)["reason"].startswith("unknown miner 'RI\\x9bOT")
    assert visible("a\rb\tc\x9b") == "a\\rb\tc\\x9b"


@pytest.mark.parametrize("broken", [ZeroDivisionError("x"), KeyError("part"), MemoryError()])
def test_what_nobody_foresaw_names_the_file_and_says_that_nothing_was_changed(
    tmp_path, monkeypatch, broken
):
    path = tmp_path / "theirs.xlsx"
    path.write_bytes(b"theirs")

    def fail(file):
        raise broken

    monkeypatch.setattr("workbook.attach.detach.detach", fail)
    run = hpcval("detach", path)
    assert (run.exit_code, run.output.count("\n")) == (2, 1)
    assert f"{path}: this failed in a way nobody foresaw ({type(broken).__name__}" in run.output
    assert "; nothing was changed. HPCVAL_DEBUG=1 shows where" in run.output


def test_a_file_that_was_changed_before_the_command_broke_is_not_called_unchanged(
    tmp_path, monkeypatch
):
    path = tmp_path / "theirs.xlsx"
    path.write_bytes(b"theirs")

    def fail(file):
        file.write_bytes(b"another content")
        raise ZeroDivisionError

    monkeypatch.setattr("workbook.attach.detach.detach", fail)
    run = hpcval("detach", path)
    assert f"{path} was changed, and as it was it stands beside" in run.output
    assert "nothing was changed" not in run.output


def test_a_workbook_that_is_refused_is_one_line_in_every_command(monkeypatch):
    def refuse(*_):
        raise WorkbookError("the reason")

    monkeypatch.setattr(attach_commands, "_names", refuse)
    monkeypatch.setattr("workbook.attach.own_values.attached_before", refuse)
    assert hpcval("attach", "x.xlsx").output == "Error: the reason\n"
