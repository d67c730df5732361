"""Sites, leases and comparables on the command line: pipeline, deals, comps."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from addin.cli import main
from tests.valuation_core.book_files import change_row
from valuation_core import load_book
from valuation_core.deal_lease import deal_value
from valuation_core.deals import deal

CORSICANA = "RIOT/Corsicana phase 2 (remaining).hpc_probability=0.8"
LATER = ("--as-of", "2025-11-24")
FLUIDSTACK = "CIFR-fluidstack-barber-lake"


def hpcval(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def given(*arguments):
    run = hpcval(*arguments, "--json")
    assert run.exit_code == 0, run.output
    return json.loads(run.output)


def table_of(*arguments):
    return next(iter(given(*arguments).values()))


def lines_of(output):
    return [" ".join(line.split()) for line in output.splitlines()]


def test_comps_shows_what_the_market_pays_for_each_miner():
    lines = lines_of(hpcval("comps").output)
    # 16.74 x 409.61 M shares; 200 of debt less 255.4 of cash; 19,309 coins at 109,107; 1,700 MW
    assert "RIOT 16.74 2025-09-26 6,857 -55 6,801 4,695 n/a 4.00 1.35 30.7% 19.00" in lines
    assert "other brokers, not mixed in: RIOT, Citi 2025-09-26: Buy, 24 USD" in lines
    assert "other brokers, not mixed in: IREN, Bernstein 2025-09-22: OP, 75 USD" in lines


def test_comps_says_which_prices_are_old_and_what_is_assumed():
    shown = hpcval("comps").output
    assert "prices older than 5 days: APLD 21 days" in shown
    assert "assumptions: btc_held (IREN, MARA), price (MARA), shares_basic (MARA)" in shown
    assert "median error 31.5% on 2025-09-26" in hpcval("comps", "--case", "base").output


def test_comps_fits_a_screen_of_140_characters():
    lines = hpcval("comps", "--all").output.splitlines()
    table = lines[: lines.index("")]
    assert len(table) == 5 + 18
    assert max(map(len, table)) <= 105


def test_miners_without_any_figure_are_left_out_and_named_in_one_line():
    lines = hpcval("comps").output.splitlines()
    (named,) = [line for line in lines if line.startswith("left out")]
    assert "no price, no btc_held, nothing published (ARBK, BTBT, BTDR, CANG, GREE, SDIG)" in named
    assert not [line for line in lines if line.startswith("ARBK")]
    everyone = hpcval("comps", "--all").output
    assert "left out" not in everyone
    assert any(line.startswith("ARBK") for line in everyone.splitlines())
    assert [row["ticker"] for row in table_of("comps", "--all")] == list(load_book().tickers)


def test_what_a_miner_lacks_is_said_with_its_name():
    (lacking,) = [line for line in hpcval("comps").output.splitlines() if line.startswith("n/a:")]
    assert "no signed MW (CLSK, IREN, MARA, RIOT)" in lacking
    assert "no cash (WULF)" in lacking


@pytest.mark.parametrize(
    ("column", "name"),
    [("EV, USD M", "EV, USD M"), ("ev", "EV, USD M"), ("approved", "EV per approved gross MW"),
     ("price date", "price date")],
)  # fmt: skip
def test_comps_is_sorted_from_the_largest_and_newest_with_what_lacks_last(column, name):
    cells = [row[name] for row in table_of("comps", "--sort", column)]
    known = [cell for cell in cells if not isinstance(cell, dict)]
    assert known == sorted(known, reverse=True)
    assert len({*known}) > 3
    assert cells[: len(known)] == known


def test_comps_is_sorted_by_name_from_a():
    found = [row["ticker"] for row in table_of("comps", "--sort", "ticker")]
    assert found == sorted(found)


def test_a_column_that_is_none_or_several_is_refused():
    run = hpcval("comps", "--sort", "coins")
    assert run.exit_code == 1
    assert 'which of "EV less coins, USD M", "coins / market value"?' in run.output
    assert "did you mean price?" in hpcval("comps", "--sort", "prize").output


def test_comps_as_json_is_unrounded_with_dates_and_reasons():
    rows = {row["ticker"]: row for row in table_of("comps")}
    assert rows["RIOT"]["price date"] == "2025-09-26"
    assert rows["RIOT"]["EV, USD M"] == pytest.approx(6801.46, abs=0.005)
    assert rows["WULF"]["net debt, USD M"]["reason"].startswith("WULF: no cash")


def test_the_pipeline_stands_beside_the_company_rule_with_the_reason():
    run = hpcval("pipeline", "IREN")
    # 0.35 x 800 x 6.15; with 323.48 at Sweetwater 2 that makes 2,045.48
    assert "1,722.00" in run.output
    assert "secured 2027-12-31 600.0 600.0 10.0%" in " ".join(run.output.split())
    assert " 1.26 6.150 323.48" in " ".join(run.output.split())
    assert "sum by site - - - - - - - - 2,045.48" in lines_of(run.output)
    assert "company rule - - - - - - - - 2,460.00" in lines_of(run.output)
    assert "MW 1,400 against 800 (+1,845.0)" in run.output  # 0.5 x 600 x 6.15
    site = table_of("pipeline", "IREN")[1]
    assert (site["energized on"], site["probability"]) == ("2027-12-31", 0.1)


def test_the_pipeline_of_a_miner_without_sites_or_of_nobody():
    run = hpcval("pipeline", "CLSK")
    assert "by the company rule none: no hpc_probability on or before 2025-09-26" in run.output
    nobody = hpcval("pipeline", "RIOTT")
    assert (nobody.exit_code, nobody.output.count("\n")) == (1, 1)
    assert "unknown miner" in nobody.output


def test_a_probability_of_a_site_is_an_own_fact_on_the_command_line():
    """0.8 x 600 x 5.17, the value per MW of the case; 0.35 before."""
    site = table_of("pipeline", "RIOT", "--case", "sites", "--set", CORSICANA)[0]
    assert (site["probability"], site["probability from"]) == (0.8, "own")
    assert site["USD M"] == pytest.approx(0.8 * 600 * 5.17)
    own = given("value", "RIOT", "--case", "sites", "--set", CORSICANA)
    parts = {row["part"]: row["USD M"] for row in own["Sum of the parts of RIOT, sites + own"]}
    assert parts["option"] == site["USD M"]


def test_a_site_whose_name_holds_dots_and_an_equals_sign_can_be_set(folder):
    for table in ("sites", "deals"):
        path = folder / f"{table}.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("Corsicana phase 2 (remaining)", "St. Mary = No. 2"), "utf-8")
    setting = "RIOT/St. Mary = No. 2.hpc_probability=0.25"
    site = table_of("pipeline", "RIOT", "--book", folder, "--set", setting)[0]
    assert (site["site"], site["probability"]) == ("St. Mary = No. 2", 0.25)


def test_a_site_that_is_none_is_refused_by_the_option_that_names_it():
    setting = "RIOT/Corsicana phase 3.hpc_probability=0.8"
    run = hpcval("pipeline", "RIOT", "--set", setting)
    assert (run.exit_code, run.output.count("\n")) == (1, 1)
    assert f"--set {setting}: unknown site of RIOT 'Corsicana phase 3'" in run.output


def test_deals_show_what_each_yields_on_its_own_terms():
    lines = lines_of(hpcval("deals", "CIFR").output)
    assert f"{FLUIDSTACK} 2025-09-25 168.0 10 3,000.00 1.558 12.9% 32.2% 6.515" in lines
    (row,) = table_of("deals", "CIFR")
    assert row["first-year rent, USD M per critical MW"] == deal(FLUIDSTACK, "first_year_rent")
    assert row["yield on cost"] == deal(FLUIDSTACK, "yield_on_cost")
    assert row["equity return"] == deal(FLUIDSTACK, "equity_return")
    assert row["value, USD M per critical MW"] == deal_value(FLUIDSTACK)


def test_deals_say_which_terms_are_the_books_and_whose_target_counts_them():
    shown = hpcval("deals").output
    assert "low confidence): noi_margin 0.825 for CORZ-coreweave-six-sites, APLD-" in shown
    assert "debt_years 15, exit_cap_rate 0.08 for every lease" in shown
    assert "signed_by_lease 0 (CORZ, WULF, GLXY, APLD, CIFR)" in shown
    assert "signed_by_lease" not in hpcval("deals", "--case", "sites").output
    (row,) = table_of("deals", "CIFR")
    assert row["terms from the book"].startswith("escalator, loan_to_cost, debt_rate")
    assert "capex" not in row["terms from the book"]  # it states 9 to 11


def test_a_term_that_a_deal_states_is_no_longer_the_books(folder):
    change_row(folder, "deals", FLUIDSTACK, escalator="0.02")
    run = hpcval("deals", "CIFR", "--book", folder)
    assert "loan_to_cost 0.8" in run.output
    assert not re.search(r"low confidence\).*escalator", run.output)


def test_a_contract_of_the_cloud_has_no_figure_of_a_lease():
    rows = {row["deal"]: row for row in table_of("deals", *LATER)}
    cloud = rows["IREN-microsoft-childress-horizon-1-4"]
    assert "contract of the cloud" in cloud["yield on cost"]["reason"]
    assert cloud["terms from the book"] == "-"
    assert "n/a: IREN-microsoft-childress-horizon-1-4 is a contract of the cloud" in (
        hpcval("deals", *LATER).output
    )
