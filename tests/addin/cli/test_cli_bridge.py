"""The bridge on the command line: why a target moved, between dates, between cases, by own facts."""

from __future__ import annotations

import pytest

from tests.addin.cli.test_cli_cases import given, hpcval, lines_of
from valuation_core import load_book, with_own_facts
from valuation_core.bridge import bridge
from valuation_core.target import target

TITLE = "Why the target of RIOT moved"


def changes(answer, title=TITLE):
    return {row["driver"]: row["change, USD per share"] for row in answer[title]}


def as_the_core(first, second, method="order"):
    return {name: "-" if change is None else change
            for name, change, _ in bridge("RIOT", first, second, method).rows}  # fmt: skip


@pytest.mark.parametrize("method", ["order", "shapley"])
@pytest.mark.parametrize("case", ["plain", "reconstruction"])
def test_between_two_dates_under_a_case(method, case):
    first, second = (load_book(day, case=case) for day in ("2025-09-26", "2025-11-24"))
    dates = ("--from", "2025-09-26", "--to", "2025-11-24")
    answer = given("bridge", "riot", *dates, "--case", case, "--method", method)
    assert changes(answer) == as_the_core(first, second, method)


def test_between_two_cases_of_a_date():
    first, second = load_book("2025-11-24"), load_book("2025-11-24", case="base")
    answer = given("bridge", "RIOT", "--from", "plain", "--to", "base", "--as-of", "2025-11-24")
    assert changes(answer) == as_the_core(first, second)
    assert any(remark.startswith("base: ") for remark in answer["remarks"])


def test_own_facts_are_facts_after():
    own = with_own_facts(load_book(), [("RIOT", "hashrate", 40.0)])
    answer = given("bridge", "RIOT", "--set", "RIOT.hashrate=40")
    assert changes(answer) == as_the_core(load_book(), own)
    moved = changes(answer)["hashrate and power cost"]
    assert moved == pytest.approx(target("RIOT", book=own) - target("RIOT"), rel=1e-12)


def test_the_screen_shows_what_moved_the_target_and_names_what_did_not():
    run = hpcval("bridge", "RIOT", "--from", "2025-09-26", "--to", "2025-11-24")
    lines = lines_of(run.output)
    assert lines[0] == TITLE
    assert "price of bitcoin -2.42 9.99" in lines
    assert "site Corsicana HPC buildings 1-2, new 0.00 9.72" in lines
    assert "target, 2025-11-24, plain - 12.56" in lines
    assert not any(line.startswith("land") for line in lines)
    (still,) = [line for line in lines if line.startswith("not moved by: ")]
    assert still.endswith("probability; land; roll-forward; other")


def test_each_driver_is_explained_by_the_facts_before_and_after():
    run = hpcval("bridge", "RIOT", "--set", "RIOT.hashrate=40", "--explain")
    lines = lines_of(run.output)
    before = lines.index("hashrate before: fact of RIOT 36.4 EH/s ng.investing.com 2025-08-31 high")
    assert lines[before + 1] == "hashrate after: fact of RIOT 40 EH/s own fact 2025-09-26 own"
    assert lines[before + 2].startswith("hashrate and power cost change of the target by what is")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bridge RIOT", "both ends are the same book: give --from and --to, or own facts with --set"),
        ("bridge RIOTT --to base", "unknown miner 'RIOTT'; did you mean RIOT?"),
        ("bridge RIOT --to bse", "case is none of plain, reconstruction, base, bear, bull, sites"),
        ("bridge RIOT --to 2025-19-01", "as_of: not a date as YYYY-MM-DD: '2025-19-01'"),
        ("bridge RIOT --to 2020-01-01", "no facts on or before 2020-01-01"),
        ("bridge RIOT --to base --method mean", "method must be one of order, shapley, got 'mean'"),
        ("bridge WULF --to base", "WULF: no "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(line, reason):
    run = hpcval(*line.split())
    assert run.exit_code == 1
    assert run.output.startswith("Error: ")
    assert reason in run.output
    assert run.output.count("\n") == 1
