"""Every published figure of the account comes out of a documented call."""

from __future__ import annotations

import csv

import pytest

from addin.boundary.desk import Desk
from tests.places import ROOT
from tools.figures import CHECKS, FIGURES, results
from workbook.cells import ErrorValue

EXPECTED = {
    "RIOT rating 2025-09-26": ["N", "OW"],
    "RIOT target": [15, 19],
    "RIOT upside to target": [0.135],
    "RIOT move that day": [0.0045],
    "IREN rating": ["N", "UW"],
    "IREN target": [16, 24],
    "IREN move that day": [-0.0981],
    "CLSK rating": ["OW", "N"],
    "CLSK target": [15, 14],
    "CLSK move that day": [-0.0899],
    "CLSK hashrate": [50],
    "CIFR rating": ["N"],
    "CIFR target": [6, 12],
    "MARA rating": ["OW"],
    "MARA target": [22, 20],
    "Probability of new colocation deals": [0.5],
    "Single-tenant demand cap": [800],
    "Equity per MW, colocation": [3.7, 8.6],
    "Equity per MW, GPU cloud": [5.3],
    "CIFR-Fluidstack critical IT": [168],
    "CIFR-Fluidstack term and value": [10, 3000],
    "with extensions": [7000],
    "Google backstop": [1400],
    "Google warrants": [24.18, 0.053],
    "Tenant's potential HPC cost reduction": [0.4],
    "Aggregate market value August 2025, 13 names": [39.1, 23, 3.5, 13],
    "Window for deals": [9],
    "Grid backlog": [6],
    "Sector power": [5000, 6000],
}


def test_every_published_figure_has_its_calls():
    with (ROOT / "docs" / "published_figures.csv").open(newline="", encoding="utf-8") as file:
        published = [row["figure"] for row in csv.DictReader(file)]
    assert len(published) == 32
    assert [figure.name for figure in FIGURES] == published


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_the_calls_of_a_figure_give_it(desk, figure):
    found = results(desk, figure)
    assert not any(isinstance(value, ErrorValue) for value in found), found
    if figure.name in EXPECTED:
        expected = [
            value
            if isinstance(value, str)
            else pytest.approx(value, abs=0.0005 * max(1, abs(value)) * 2)
            for value in EXPECTED[figure.name]
        ]
        assert found == expected


def test_the_computed_figures_exceed_what_was_published():
    by_name = {figure.name: results(Desk(), figure)[0] for figure in FIGURES}
    assert by_name["IREN MW priced in at Sweetwater"] > 1000
    assert by_name["IREN capex of such a deal"] > 10_000
    sites = {row[0]: row[3] for row in by_name["RIOT Rockdale / Corsicana"]}
    assert sites["Rockdale"] == 700
    assert sites["Corsicana phase 1"] + sites["Corsicana phase 2 (remaining)"] == 1000


def test_the_reconstruction_meets_statements_that_its_choice_did_not_see():
    mining, mw, capex, upsides = (results(Desk(), figure) for figure, _ in CHECKS)
    assert mining == [pytest.approx(2403.22, abs=0.005)]
    assert mw == [pytest.approx(1377.3, abs=0.05)]
    assert capex == [pytest.approx(1377.349 / 1.3 * 10, abs=0.1)]
    assert upsides[2] == max(upsides)
