"""The command line: `hpcval`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from addin.boundary.cells import OMITTED
from addin.cli import main
from addin.cli.overview import show_coverage
from tests.addin.boundary.cases import CASES, approximately, every_case
from valuation_core import __version__, load_book, with_own_facts
from valuation_core.book import DEFAULT_DATE
from valuation_core.book.book import shipped_tables
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
    expected = "IREN 46.29 2025-09-26 USD M 1,480 2,460 3,440 plain 15.46 -66.6% UW -8.54 -35.6%"
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


@pytest.mark.parametrize("macros", [(), pytest.param(("--xlsm",), marks=pytest.mark.long)])
def test_build_sets_the_sheets_up_for_the_paper_asked_for(tmp_path, macros):
    out = tmp_path / ("model.xlsm" if macros else "model.xlsx")
    built = ("build", "--miners", "RIOT", "--out", str(out), *macros)
    for paper, number in (("a4", "9"), ("letter", "1")):
        assert hpcval(*built, "--paper", paper, "--force").exit_code == 0
        sheets = load_workbook(out).worksheets
        shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
        assert {str(sheet.page_setup.paperSize) for sheet in shown} == {number}


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


def lines_of(output):
    return [" ".join(line.split()) for line in output.splitlines()]


def test_value_shows_the_parts_and_the_targets_beside_the_published_one():
    lines = lines_of(hpcval("value", "RIOT").output)
    for line in (
        "mining 1,172.75 3.17",
        "named 0.00 0.00",
        "land 0.00 0.00",
        "roll-forward to the target date 0.00 0.00",
        "plain reconstruction published",
        "target, USD 12.41 19.67 19.00",
        "upside at the price in use -25.9% 17.5% 13.5%",
        "upside when published - - 13.5%",
        "rule on the upside UW OW OW",
        "rating - - OW",
        "residual, USD -6.59 0.67 -",
        "residual, % of published -34.7% 3.5% -",
        "price 16.74 USD of 2025-09-26, of the book's date",
        "other brokers, not mixed in: Citi 2025-09-26: Buy, 24 USD",
    ):
        assert line in lines


def test_value_of_a_case_tells_where_the_case_was_chosen_and_how_it_does_elsewhere():
    output = hpcval("value", "IREN", "--case", "base").output
    assert "plain base published" in lines_of(output)
    assert "target, USD 15.46 16.97 24.00" in lines_of(output)
    assert "base: an analyst's assumptions, not the bank's; median error 31.5% on" in output
    chosen = hpcval("value", "IREN", "--case", "reconstruction").output
    assert "selected on 2025-09-26; median error 3.5% on 2025-09-26, no evidence" in chosen
    assert "4.6% on 2025-11-24" in chosen
    assert "circular for RIOT" in chosen


def test_the_published_upside_is_shown_at_both_prices(capsys):
    # 19 / 19.50 - 1 = -2.6% with a price of 19.50 in use, 19 / 16.74 - 1 = 13.5% when published
    both = "published upside 13.5% when published on 2025-09-26, -2.6% now"
    output = hpcval("value", "RIOT", "--set", "RIOT.price=19.50").output
    assert both in output
    assert "upside when published - - 13.5%" in lines_of(output)
    assert "upside at the price in use -36.4% -36.4% -2.6%" in lines_of(output)  # 12.41 / 19.50
    book = with_own_facts(load_book(), [("RIOT", "price", 19.50)])
    show_coverage(coverage(book, ["RIOT"]), shipped_tables())
    assert f"RIOT: {both}" in capsys.readouterr().out
    assert f"RIOT: {both}" in hpcval("rank", "--set", "RIOT.price=19.50").output


def test_value_of_a_miner_nobody_published_on_has_a_target_and_nothing_beside_it(folder):
    path = folder / "editions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if ",JPM,RIOT," not in line), encoding="utf-8")
    run = hpcval("value", "RIOT", "--book", str(folder), "--json")
    table = json.loads(run.output)["Target of RIOT"]
    assert "nothing published on or before 2025-09-26" in table[0]["published"]["reason"]
    assert "nothing published" in table[5]["plain"]["reason"]  # no residual either
    assert table[0]["plain"] == pytest.approx(12.406, abs=5e-4)


def test_value_takes_the_option_and_the_price_of_bitcoin_from_the_shell():
    from valuation_core.target import target

    answer = json.loads(
        hpcval("value", "RIOT", "--prob", "75%", "--btc-price", "150000", "--json").output
    )
    shown = answer["Target of RIOT"][0]
    assert shown["plain + own"] == target("RIOT", 0.75, btc_price=150_000)
    assert shown["plain"] == target("RIOT")


def test_rank_implied_solve_and_deals_print_what_the_functions_give():
    rows = json.loads(hpcval("rank", "--json").output)["Coverage by upside of the model"]
    assert [row["ticker"] for row in rows] == ["MARA", "RIOT", "CIFR", "CLSK", "IREN"]
    implied = json.loads(hpcval("implied", "IREN", "--price", "46.29", "--json").output)
    high = implied["What the price of IREN pays for, plain"][-1]
    assert high["USD M per MW gross"] == 8.6
    assert high["MW gross"] == pytest.approx(1495.35, abs=0.01)
    assert high["capex, USD M"] == pytest.approx(high["MW gross"] / 1.3 * 10)
    solved = json.loads(hpcval("solve", "RIOT", "btc_price", "--target", "19", "--json").output)
    assert solved["Solved for RIOT"][0]["now"] == 109107
    (deal,) = json.loads(hpcval("deals", "CIFR", "--json").output)["Signed deals"]
    assert deal["USD per kW-month"] == pytest.approx(148.81, abs=0.01)


def test_explain_shows_the_steps_as_a_table_or_as_json():
    assert "option value" in hpcval("explain", "HPC_VALUE", "RIOT", "0.5").output
    steps = json.loads(hpcval("explain", "--json", "HPC_VALUE", "RIOT", "0.5", "-5").output)
    ((reason,),) = [list(steps.values())[0:1][0]]
    assert reason["formula"] == "mw must be 0 or more, got -5"


def test_a_long_explanation_folds_texts_and_leaves_no_other_column_less_than_it_needs():
    """Confidence was cut to its first letter, so that `l` had to be read as low."""
    heading, *lines = hpcval("explain", "HPC_TARGET", "RIOT").output.splitlines()[1:]
    assert heading.split()[-1] == "confidence"
    at = heading.index("confidence")
    assert {"low", "medium", "high", "-"} <= {line[at:].strip() for line in lines}


def test_help_says_the_date_that_is_taken_by_default():
    assert f"where no file has one, {DEFAULT_DATE}." in " ".join(
        hpcval("value", "--help").output.split()
    )


def test_what_the_price_pays_for_is_one_sentence_under_any_case():
    sentence = (
        "IREN at 46.29 pays for 1,377 MW gross let for certain (1,059 critical), 10.6 USD bn of "
        "capex; one tenant has taken 800 so far"
    )
    assert sentence in hpcval("implied", "IREN", "--case", "reconstruction").output
    assert "pays for 2,091 MW gross let for certain" in hpcval("implied", "IREN").output
    # at 50% twice the MW: 2 x 1,377.35
    assert (
        "pays for 2,755 MW gross let at 50%"
        in hpcval("implied", "IREN", "--prob", "0.5", "--case", "reconstruction").output
    )
    # the bull case lets two tenants in; what one has taken stays a fact
    assert "has taken 800 so far" in hpcval("implied", "IREN", "--case", "bull").output
    low = hpcval("implied", "IREN", "--price", "5", "--case", "reconstruction")
    assert "IREN at 5.00 pays for no MW: it is below the 10.4" in low.output


def test_the_price_is_set_against_the_value_per_mw_from_low_to_high():
    lines = lines_of(hpcval("implied", "IREN", "--case", "reconstruction").output)
    for line in (
        "3.700 3,201.4 24,626.20 400.2%",  # 3,201.4 x 3.7 = 1,377.3 x 8.6
        "6.150 1,926.0 14,815.76 240.8%",
        "8.600 1,377.3 10,594.99 172.2%",  # 1,377.3 over the 800 of one tenant
    ):
        assert line in lines


@pytest.mark.parametrize(
    "line", ["value WULF", "implied RIOTT", "solve RIOT hpc_probability --target 19", "deals RIOT"]
)
def test_what_cannot_be_valued_says_why_and_fails(line):
    run = hpcval(*line.split())
    assert run.exit_code == 1
    assert any(
        word in run.output for word in ("WULF: no", "unknown miner", "is not reached", "no deals")
    )
