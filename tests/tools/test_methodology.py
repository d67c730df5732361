"""The tables of the methodology page are what the model gives today."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.places import ROOT
from valuation_core import load_book
from valuation_core.book.book import shipped_tables
from valuation_core.distribution import distribution
from valuation_core.scorecard import LAST_TARGET, PRICE_AHEAD, scores
from valuation_core.target import target

TICKERS = ["RIOT", "IREN", "CLSK", "CIFR", "MARA"]
TEXT = (ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")


def row(first):
    line = next(line for line in TEXT.splitlines() if line.startswith(f"| {first}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("case", ["plain", "reconstruction"])
def test_the_targets_and_the_median_error_of_a_reading(case):
    made = target(TICKERS, book=load_book(case=case))
    published = np.array([19, 24, 14, 12, 20])
    error = np.median(np.abs(made / published - 1))
    assert row(case)[2:] == [*(f"{figure:.2f}" for figure in made), f"{error:.1%}"]


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2025-09-26", "2025-09-26 (chosen on it)"),
        ("2025-11-06", "2025-11-06"),
        ("2025-11-24", "2025-11-24"),
    ],
)
def test_the_record_of_the_reconstruction_on_an_edition(day, first):
    found = [
        one
        for one in scores(shipped_tables(), ["reconstruction"])
        if one.edition == date.fromisoformat(day)
    ]
    errors = {
        name: {one.ticker: one.error for one in found if one.forecast == name}
        for name in ("reconstruction", LAST_TARGET, PRICE_AHEAD)
    }
    median = {name: np.median(np.abs(list(part.values()))) for name, part in errors.items()}
    worst, miss = max(errors["reconstruction"].items(), key=lambda item: abs(item[1]))
    met = sum(one.rule == one.published_rating for one in found if one.forecast == "reconstruction")
    count = len(errors["reconstruction"])
    assert row(first)[1:] == [
        f"{count} of {count}",
        f"{median['reconstruction']:.1%}",
        f"{worst} {miss:+.1%}",
        f"{met} of {count}",
        f"{median[LAST_TARGET]:.1%}, {median[PRICE_AHEAD]:.1%}",
    ]


@pytest.mark.parametrize("ticker", ["RIOT", "IREN"])
def test_the_distribution_of_a_target(ticker):
    rows = distribution(ticker, [0.05, 0.25, 0.5, 0.75, 0.95]).rows
    at = {name: (chance, figure) for name, chance, _, figure in rows}
    figures = [figure for name, _, _, figure in rows if name == "percentile"]
    figures += [at["mean"][1], at["model's own"][1]]
    chances = [at["no deal"][0], at["at least the published target"][0]]
    found = [*(f"{one:.2f}" for one in figures), *(f"{one:.1%}" for one in chances)]
    assert row(f"{ticker}, USD per share")[1:] == found
