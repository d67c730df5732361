"""Cases and own facts on the command line; ladder, cases, scorecard and fit; dates and digits."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from addin.cli import main
from valuation_core import load_book, with_own_facts
from valuation_core.target import target


def hpcval(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def given(*arguments):
    run = hpcval(*arguments, "--json")
    assert run.exit_code == 0, run.output
    return json.loads(run.output)


def lines_of(output):
    return [" ".join(line.split()) for line in output.splitlines()]


def test_call_reads_the_book_of_a_case_with_own_facts_and_a_bitcoin_price():
    book = with_own_facts(
        load_book(case="reconstruction"),
        [("RIOT", "hpc_mw_shopped", 400.0), ("NETWORK", "btc_price", 100_000.0)],
    )
    options = ("--case", "reconstruction", "--set", "RIOT.hpc_mw_shopped=400")
    run = hpcval("call", "HPC_TARGET", "RIOT", *options, "--btc-price", "100000")
    assert json.loads(run.output) == {"value": target("RIOT", book=book)}


def test_own_facts_may_stand_before_the_command_and_behind_it_and_add_up():
    """300 x 0.25 x 6.15 = 461.25."""
    run = hpcval(
        "--set", "RIOT.hpc_mw_shopped=300", "call", "HPC_VALUE", "RIOT",
        "--set", "riot platforms.hpc_probability=25%",
    )  # fmt: skip
    assert run.output == '{"value": 461.25}\n'


def test_an_own_fact_may_be_on_critical_mw_or_a_date():
    """200 critical MW are 260 gross; at a position of 0.5 and probability 0.5: 130 x 6.15."""
    run = hpcval("call", "HPC_VALUE", "RIOT", "--set", "RIOT.hpc_mw_shopped=200@critical")
    assert json.loads(run.output)["value"] == pytest.approx(799.5)
    shown = hpcval(
        "explain", "HPC_DATA", "ALL", "target_date", "--set", "ALL.target_date=2027-06-30"
    )
    assert "2027-06-30" in shown.output


def test_without_options_a_handle_is_what_it_was():
    assert hpcval("call", "HPC_BOOK").output.strip() == json.dumps({"value": load_book().handle})
    same = hpcval("ladder", "RIOT", "--json").output
    assert hpcval("ladder", "RIOT", "--case", "plain", "--json").output == same


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("value RIOT --case bearish", "case is none of plain, reconstruction, base"),
        ("scorecard --case bearish", "case is none of plain, reconstruction, base"),
        ("value RIOT --set RIOT.colo_value_mid=6", "--set RIOT.colo_value_mid=6: colo_value_mid is gone: state colo_value_position"),
        ("value RIOT --set RIOT.hashrat=6", "--set RIOT.hashrat=6: unknown metric 'hashrat'; did you mean hashrate?"),
        ("value RIOT --set RIOTT.hashrate=6", "--set RIOTT.hashrate=6: unknown miner 'RIOTT'; did you mean RIOT?"),
        ("value RIOT --set RIOT.hashrate=many", "--set RIOT.hashrate=many: hashrate must be a number, got 'many'"),
        ("value RIOT --set RIOT.hpc_probability=1.7", "RIOT hpc_probability must be between 0 and 1, got 1.7"),
        ("value RIOT --set RIOT.hpc_mw_shopped=5@net", "basis must be gross or critical, got 'net'"),
        ("value RIOT --set ALL.target_date=soon", "--set ALL.target_date=soon: target_date must be a date"),
        ("value RIOT --set hashrate=6", "--set hashrate=6: must be SCOPE.METRIC=VALUE, such as RIOT.hashrate=40"),
        ("value RIOT --set RIOT.hashrate=", "must be SCOPE.METRIC=VALUE"),
        ("value RIOT --set RIOT.hashrate=1 --set RIOT.hashrate=2", "--set RIOT.hashrate=2: states RIOT hashrate a second time"),
        ("value RIOT --btc-price much", "--btc-price much: btc_price must be a number, got 'much'"),
        ("fit hodl_premium,land_power_value,other_value --edition 2025-09-26", "inputs must be 2 or fewer for 5 targets: half of them, got 3"),
        ("fit hodl_premium --edition 2025-09-25", "edition is none of 2024-06-04"),
        ("fit hodl_premium --edition soon", "not a date as YYYY-MM-DD: 'soon'"),
        ("fit target_date --edition 2025-09-26", "input must be a number, not a date"),
        ("fit hodl --edition 2025-09-26", "unknown input 'hodl'"),
        ("ladder WULF", "WULF: no"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(line, reason):
    run = hpcval(*line.split())
    assert run.exit_code == 1
    assert (run.output.count("\n"), reason in run.output) == (1, True), run.output


def test_options_that_mean_nothing_are_refused():
    assert "scorecard takes no --set" in hpcval("--set", "RIOT.cash=1", "scorecard").output
    assert "scorecard takes no --as-of" in hpcval("--as-of", "2025-09-26", "scorecard").output
    assert "recalc takes no --case" in hpcval("--case", "base", "recalc", "x.xlsx").output
    run = hpcval("call", "HPC_VERSION", "--case", "base")
    assert "HPC_VERSION takes no book, so no --case" in run.output
    run = hpcval("call", "HPC_DATA", "RIOT", "cash", "book:x", "--case", "base")
    assert "give either --case or the argument book of HPC_DATA" in run.output


def test_a_folder_of_format_1_is_refused_in_one_sentence(folder):
    (folder / "format.csv").write_text("version\n1\n", encoding="utf-8")
    run = hpcval("value", "RIOT", "--book", folder)
    assert (run.exit_code, run.output.count("\n")) == (1, 1)
    assert "format" in run.output


def test_the_ladder_adds_up_from_plain_to_published():
    (rows,) = [
        value for name, value in given("ladder", "RIOT", "--case", "reconstruction").items()
        if name.startswith("Ladder")
    ]  # fmt: skip
    changes = [row["change, USD per share"] for row in rows[1:-1]]
    assert 12.4059680305602 + sum(changes) == pytest.approx(19.0, abs=1e-12)
    assert [row["step"] for row in rows][-3:] == ["roll-forward", "residual", "published"]


def test_cases_tells_which_changes_have_no_effect():
    (rows,) = [value for name, value in given("cases").items() if name.startswith("Cases")]
    effect = {(row["case"], row["metric"]): row["facts changed"] for row in rows}
    assert effect["bull", "hpc_probability"] == 3  # CIFR, IREN, RIOT
    assert effect["bull", "hpc_value_named"] == 0  # none is named yet
    later = given("cases", "--as-of", "2025-11-24")["Cases as of 2025-11-24"]
    named = [row for row in later if (row["case"], row["metric"]) == ("bull", "hpc_value_named")]
    assert named[0]["facts changed"] > 0
    shown = lines_of(hpcval("cases").output)
    assert "bear NETWORK btc_price times 0.7 1 assumption: Ours." in shown
    assert "plain: published parameters only, no changes" in shown


def test_the_scorecard_is_of_every_edition_and_names_what_lacks_facts():
    shown = lines_of(hpcval("scorecard", "--case", "plain", "--case", "reconstruction").output)
    assert "2025-09-26 plain 5 of 5 37.4% -50.5% 1 of 5 -" in shown
    assert "2025-09-26 reconstruction 5 of 5 3.5% -10.5% 5 of 5 chosen on it" in shown
    assert "2025-11-24 reconstruction 5 of 5 4.6% 19.6% 3 of 5 -" in shown
    assert "2025-11-24 price x 1.1 5 of 5 17.8% -23.5% 4 of 5 -" in shown
    assert not [line for line in shown if line.startswith("2024")]
    assert "n/a on 2024-08-23: no halving_date (CLSK, IREN, MARA, RIOT)" in shown
    assert "reconstruction was selected on 2025-09-26: that edition is no evidence for it" in shown
    assert "base" not in hpcval("scorecard", "--case", "plain").output
    before = hpcval("--case", "plain", "scorecard").output
    assert before == hpcval("scorecard", "--case", "plain").output


def test_the_scorecard_as_json_has_every_forecast_with_its_date():
    found = given("scorecard", "--case", "base")
    assert {row["edition"] for row in found["Scorecard"]} >= {"2024-06-04", "2025-11-24"}
    assert found["Forecasts"][0]["target"]["error"] == "#N/A"


def test_fit_shows_values_errors_by_name_left_out_and_other_editions_and_changes_nothing():
    found = given("fit", "land_power_value", "--edition", "2025-09-26", "--case", "reconstruction")
    (value,) = found["Fitted to 2025-09-26 on top of reconstruction"]
    assert value["before"] == 1.18
    assert value["after"] == pytest.approx(1.43, abs=0.005)
    assert [row["ticker"] for row in found["Targets that were fitted"]] == [
        "RIOT", "IREN", "CLSK", "CIFR", "MARA",
    ]  # fmt: skip
    riot = found["Targets that were fitted"][0]
    assert riot["error before"] == pytest.approx(19.67 / 19 - 1, abs=5e-4)
    assert riot["left out"] != riot["after"]
    others = found["Targets of every other edition, not fitted"]
    assert {row["edition"] for row in others} == {"2025-11-06", "2025-11-24"}
    assert "5 targets, 1 inputs: 4 degrees of freedom" in found["remarks"][0]
    assert "this changes nothing" in found["remarks"][-1]


@pytest.mark.parametrize("line", ["rank", "explain HPC_TARGET RIOT", "deals", "book show ALL"])
def test_no_date_is_a_serial_number(line):
    output = hpcval(*line.split()).output
    assert re.search(r"\b2025-\d\d-\d\d\b", output)
    assert not re.search(r"\b4[56],?\d{3}(\.00?)?\b", output)
    answer = hpcval(*line.split(), "--json").output
    assert not re.search(r": 4[56]\d{3}\.0\b", answer)


def test_a_fact_keeps_the_digits_of_its_source_and_a_result_those_of_its_unit():
    shown = lines_of(hpcval("explain", "HPC_TARGET", "RIOT").output)
    assert [
        line for line in shown if line.startswith("block_subsidy") and " 3.125 BTC/block " in line
    ]
    assert [
        line for line in shown if line.startswith("target_date") and " 2026-12-31 date " in line
    ]
    assert [
        line for line in shown if line.startswith("mining hashrate") and " 1,172.75 USD M " in line
    ]
    assert any(re.match("efficiency fact of RIOT 21 J/TH ", line) for line in shown)
    chances = re.findall(r"(\d+\.\d+)%", hpcval("implied", "IREN").output.split("IREN at")[0])
    assert len(chances) == 5
    assert {len(chance.split(".")[1]) for chance in chances} == {1}


def test_an_assumption_says_what_it_is_and_no_address_stands_behind_it():
    steps = given("explain", "HPC_TARGET", "RIOT", "--case", "reconstruction")
    sources = {row["step"]: row["source"] for row in steps["How HPC_TARGET is made"]}
    assert sources["uptime"] == "assumption: deployed hashrate counted in full."
    assumed = [source for source in sources.values() if source.startswith("assumption")]
    assert len(assumed) > 8
    assert not [source for source in assumed if "://" in source]
    formulas = {row["step"]: row["formula"] for row in steps["How HPC_TARGET is made"]}
    assert formulas["colo_value_position"] == "fact of ALL, case reconstruction"


def test_rank_sets_plain_case_and_published_side_by_side_for_the_coverage():
    shown = lines_of(hpcval("rank", "--case", "base").output)
    assert "IREN 46.29 2025-09-26 plain 15.46 -66.6% UW -8.54 -35.6%" in shown
    assert "base 16.97 -63.3% UW -7.03 -29.3%" in shown
    assert "published 24.00 -48.2% UW" in shown
    assert any(line.startswith("stale facts: ") for line in shown)
    row = given("rank")["Coverage by upside of the model"][0]
    assert (row["ticker"], row["price date"]) == ("MARA", "2025-09-26")
    assert row["residual, % of published"] == pytest.approx(row["target"] / 20 - 1)


def test_prices_of_different_days_are_told():
    remark = "prices are of different dates: "
    assert remark in hpcval("rank", "--as-of", "2025-11-06").output
    assert remark not in hpcval("rank").output
