"""Inputs changed one by one in a real engine: cells, functions and core stay together."""

from __future__ import annotations

from datetime import date

import pytest

from addin.calc.recalculate import recalculated_each
from tests.workbook.cases import FIVE, check_against_core, with_inputs
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import build_model

pytestmark = [pytest.mark.long, pytest.mark.engine]

OF_A_MINER = {
    "btc_held": 5000.0,
    "cash": -50.0,
    "cloud_mw": 25.0,
    "efficiency": 30.0,
    "hashrate": 80.0,
    "hpc_mw_shopped": 750.0,
    "hpc_probability": 0.35,
    "other_value": 123.0,
    "power_price": -10.0,
    "price": 9.5,
    "shares_basic": 100.0,
    "uptime": 0.9,
}
OF_ALL = {
    "capex_per_mw": 13.0,
    "cloud_value": 3.0,
    "colo_value_high": 20.0,
    "colo_value_low": 1.0,
    "colo_value_position": 0.9,
    "cost_of_equity": 0.15,
    "gpu_life": 4.0,
    "gpu_price": 1.9,
    "gross_to_critical": 1.0,
    "guided_hashrate_share": 1.0,
    "hodl_premium": 1.7,
    "land_power_value": 0.5,
    "lease_build_years": 2.0,
    "lease_debt_years": 25.0,
    "lease_equity_return": 0.0,
    "lease_exit_cap_rate": 0.0,
    "lease_loan_to_cost": 0.0,
    "lease_rent": 1.9,
    "lease_years": 15.0,
    "mining_discount_rate": 0.1,
    "network_growth": 0.5,
    "option_by_site": 1.0,
    "rating_overweight_from": -0.05,
    "rating_underweight_below": -0.5,
    "target_date": date(2027, 6, 30),
    "tenant_cap": 250.0,
    "window_months": 4.0,
}
OF_THE_NETWORK = {
    "block_subsidy": 1.5625,
    "blocks_per_day": 160.0,
    "btc_price": 60_000.0,
    "fee_share": 0.05,
    "halving_date": date(2025, 9, 28),
    "network_hashrate": 1500.0,
}
# Every metric once, the miners in turn; what no sheet reads (such as volatility) is left out.
CHANGES = [
    (FIVE[index % len(FIVE)], metric, value)
    for index, (metric, value) in enumerate(OF_A_MINER.items())
]
CHANGES += [("ALL", metric, value) for metric, value in OF_ALL.items()]
CHANGES += [("NETWORK", metric, value) for metric, value in OF_THE_NETWORK.items()]
BATCH = 14


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book()), path)
    return path


@pytest.mark.parametrize("start", range(0, len(CHANGES), BATCH))
def test_each_input_changed_alone_moves_the_workbook_as_it_moves_the_core(model, tmp_path, start):
    batch = CHANGES[start : start + BATCH]
    paths = [with_inputs(model, tmp_path / f"{one[0]}-{one[1]}.xlsx", [one]) for one in batch]
    for one, cells in zip(batch, recalculated_each(paths, timeout=600), strict=True):
        check_against_core(cells, load_book(), [one])
