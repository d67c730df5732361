"""The command line: `hpcval`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.cli import main
from addin.cli.company import _upside_in_use
from addin.cli.screen import show_coverage
from tests.addin.boundary.cases import CASES, approximately, every_case
from valuation_core import __version__, load_book, with_own_facts
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue


def hpcval(*arguments):
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def as_text(cell):
    """Write a cell the way a person types it in a shell."""
    if cell is OMITTED:
        return "_"
    return json.dumps(as_json(cell))


def as_json(cell):
    if isinstance(cell, list):
        return [as_json(item) for item in cell]
    return {"error": cell.code} if isinstance(cell, ErrorValue) else cell


def shown(value):
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value["error"] if isinstance(value, dict) else value


@every_case
def test_every_case_on_the_command_line(case):
    run = hpcval("call", case.function, *map(as_text, case.cells))
    answer = json.loads(run.output)
    assert run.output.count("\n") == 1
    if "error" in answer:
        assert (answer["error"], run.exit_code) == (case.expected, 1)
        assert answer["reason"]
    else:
        assert shown(answer["value"]) == approximately(case.expected)
        assert run.exit_code == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("HPC_VALUE RIOT 0.5 600", {"value": 1845.0}),
        ("hpc_value riot 0.5 600", {"value": 1845.0}),
        ("HPC_VALUE RIOT 50% 461.538461538 _ critical", {"value": 1844.999999998155}),
        ("HPC_VALUE RIOT 0.5 -5", {"error": "#NUM!", "reason": "mw must be 0 or more, got -5"}),
        ("HPC_VALUE RIOT null 600", {"error": "#N/A", "reason": "prob is a blank cell"}),
        (
            "HPC_VALUE RIOT NaN 600",
            {"error": "#VALUE!", "reason": "prob must be a number, got 'NaN'"},
        ),
        ("HPC_VALUE RIOT 0.5 1e999", {"error": "#NUM!", "reason": "mw must be 0 or more, got inf"}),
        ('HPC_VALUE RIOT {"error":"#REF!"}', {"error": "#REF!", "reason": "prob is #REF!"}),
        (
            "HPC_VALUE RIOTT",
            {"error": "#N/A", "reason": "unknown miner 'RIOTT'; did you mean RIOT?"},
        ),
        (
            "HPC_VALUE RIOT [[0.25],[1.7]] 600",
            {
                "value": [
                    [922.5],
                    [{"error": "#NUM!", "reason": "prob must be between 0 and 1, got 1.7"}],
                ]
            },
        ),
    ],
)
def test_call_prints_one_line_of_json(line, expected):
    assert json.loads(hpcval("call", *line.split()).output) == expected


def test_python_dash_m_addin_is_the_same_command():
    run = subprocess.run(
        [sys.executable, "-m", "addin", "call", "HPC_VALUE", "RIOT", "0.5", "600"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == '{"value": 1845.0}\n'


def test_book_show_gives_value_unit_date_confidence_and_source():
    run = hpcval("book", "show", "riot")
    assert "hpc_mw_shopped" in run.output
    assert "Gross, at Corsicana" in run.output
    assert "rating N to OW, target 15.0 to 19.0 USD" in run.output
    assert "16.74" in run.output


def test_book_show_looks_back_to_a_date():
    assert "19,273" in hpcval("book", "show", "RIOT", "--as-of", "2025-08-30").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("book", "show", "RIOTT"), "unknown miner 'RIOTT'; did you mean RIOT?"),
        (("book", "show", "RIOT", "--as-of", "soon"), "not a date as YYYY-MM-DD: 'soon'"),
        (("functions", "HPC_VALU"), "did you mean HPC_VALUE?"),
        (("build", "--miners", "RIOT,NOBODY", "--out", "x.xlsx"), "unknown miner 'NOBODY'"),
        (("--book", "/nowhere", "book", "show", "RIOT"), "is not a folder"),
    ],
)
def test_an_error_is_one_sentence_and_not_a_traceback(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    run = hpcval(*arguments)
    assert run.exit_code == 1
    assert message in run.output
    assert "Traceback" not in run.output


def test_functions_are_listed_and_described():
    assert "HPC_VALUE(miner, [prob]" in hpcval("functions").output
    assert "Probability that the MW are let, 0 to 1." in hpcval("functions", "hpc_value").output


def test_the_version_is_the_packages():
    assert __version__ in hpcval("--version").output


def test_build_prints_the_coverage_table_and_the_path(tmp_path):
    out = tmp_path / "new folder" / "model.xlsx"
    run = hpcval("build", "--out", str(out))
    assert run.exit_code == 0
    figures = next(line for line in run.output.splitlines() if line.strip().startswith("IREN"))
    expected = "IREN 46.29 UW 24.00 -48.2 2,000 800 1,480 2,460 3,440 5.44 7.88 10.23"
    assert " ".join(figures.split()) == expected
    assert "the edition applies no probability to CLSK: give prob" in run.output
    assert f"Workbook: {out}" in run.output
    assert out.exists()


def test_build_replaces_a_workbook_only_when_told(tmp_path):
    out = tmp_path / "model.xlsx"
    out.write_text("the analyst's own")
    refused = hpcval("build", "--out", str(out))
    assert refused.exit_code == 1
    assert "is already there: give --force to replace it" in refused.output
    assert out.read_text() == "the analyst's own"
    assert hpcval("build", "--out", str(out), "--force").exit_code == 0


def test_a_build_that_fails_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    import workbook.model.write

    out = tmp_path / "model.xlsx"
    out.write_text("old")
    monkeypatch.setattr(workbook.model.write, "finish", lambda *_: 1 / 0)
    run = hpcval("build", "--out", str(out), "--force")
    assert (run.exit_code, run.output.count("\n")) == (2, 1)
    assert run.output == (
        f"Error: {out}: this failed in a way nobody foresaw (ZeroDivisionError: division by zero); "
        "nothing was changed. HPCVAL_DEBUG=1 shows where\n"
    )
    monkeypatch.setenv("HPCVAL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        hpcval("build", "--out", str(out), "--force")
    assert [path.name for path in tmp_path.iterdir()] == ["model.xlsx"]
    assert out.read_text() == "old"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"not a workbook", "not an Excel workbook"), (b"", "not an Excel workbook")],
)
def test_recalc_refuses_what_is_not_a_workbook(tmp_path, content, message):
    path = tmp_path / "model.xlsx"
    path.write_bytes(content)
    run = hpcval("recalc", str(path))
    assert run.exit_code == 2
    assert message in run.output


def test_recalc_refuses_a_missing_file_a_folder_and_a_zip_of_something_else(tmp_path):
    import zipfile

    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "hello")
    for path, message in (
        (tmp_path / "nothing.xlsx", "does not exist"),
        (tmp_path, "is a folder"),
        (other, "is a zip file, but not an Excel workbook"),
    ):
        run = hpcval("recalc", str(path))
        assert (run.exit_code, message in run.output) == (2, True)


def test_the_cases_hold_every_row_of_the_error_table():
    codes = {case.expected for case in CASES if isinstance(case.expected, str)}
    assert {"#N/A", "#VALUE!", "#NUM!", "#DIV/0!"} <= codes


def test_value_shows_the_parts_and_the_target_beside_the_published_one():
    run = hpcval("value", "RIOT")
    assert "value per share" in run.output
    lines = {line.split()[0]: line.split() for line in run.output.splitlines() if line.split()}
    assert lines["mining"][1] == "1,172.75"
    assert lines["target,"][2:] == ["12.41", "19.00"]
    assert lines["upside"][1:] == ["-25.9%", "13.5%"]
    assert lines["when"][1:] == ["published,", "upside", "-", "13.5%"]
    assert lines["rating"][1:] == ["UW", "OW"]
    assert "-34.71" in run.output


def test_value_and_build_show_the_published_upside_at_both_prices(capsys):
    # 19 / 19.50 - 1 = -2.6% with a price of 19.50 in use, 19 / 16.74 - 1 = 13.5% when published
    book = with_own_facts(load_book(), [("RIOT", "price", 19.50)])
    desk = Desk()
    handle = desk.publish(book)
    assert _upside_in_use(desk, "riot", handle) == pytest.approx(-0.0256, abs=5e-5)
    table = coverage(book, ["RIOT"])
    assert table.upside.values[0] == _upside_in_use(desk, "RIOT", handle)
    assert table.upside_published.values[0] == pytest.approx(0.135, abs=5e-5)
    show_coverage(table)
    printed = capsys.readouterr().out
    assert "-2.6" in printed
    assert "+13.5" in printed
    assert _upside_in_use(desk, "WULF", handle).code == "#N/A"


def test_value_takes_the_option_and_the_price_of_bitcoin_from_the_shell():
    from valuation_core.target import target

    answer = json.loads(
        hpcval("value", "RIOT", "--prob", "75%", "--btc-price", "150000", "--json").output
    )
    assert answer["Target"][0]["model"] == target("RIOT", 0.75, btc_price=150_000)


def test_rank_implied_solve_and_deals_print_what_the_functions_give():
    rows = json.loads(hpcval("rank", "--json").output)["Coverage by upside of the model"]
    assert [row["ticker"] for row in rows] == ["MARA", "RIOT", "CIFR", "CLSK", "IREN"]
    implied = json.loads(hpcval("implied", "IREN", "--price", "46.29", "--json").output)
    high = implied["What the price of IREN pays for"][2]
    assert high["MW (certain or at --prob)"] == pytest.approx(1482.54, abs=0.01)
    assert high["capex of them, USD M"] > 10_000
    solved = json.loads(hpcval("solve", "RIOT", "btc_price", "--target", "19", "--json").output)
    assert solved["Solved for RIOT"][0]["now"] == 109107
    (deal,) = json.loads(hpcval("deals", "CIFR", "--json").output)["Signed deals"]
    assert deal["USD per kW-month"] == pytest.approx(148.81, abs=0.01)


def test_explain_shows_the_steps_as_a_table_or_as_json():
    assert "option value" in hpcval("explain", "HPC_VALUE", "RIOT", "0.5").output
    steps = json.loads(hpcval("explain", "--json", "HPC_VALUE", "RIOT", "0.5", "-5").output)
    ((reason,),) = [list(steps.values())[0:1][0]]
    assert reason["formula"] == "mw must be 0 or more, got -5"


@pytest.mark.parametrize(
    "line", ["value WULF", "implied RIOTT", "solve RIOT hpc_probability --target 19", "deals RIOT"]
)
def test_what_cannot_be_valued_says_why_and_fails(line):
    run = hpcval(*line.split())
    assert run.exit_code == 1
    assert any(
        word in run.output for word in ("WULF: no", "unknown miner", "is not reached", "no deals")
    )
