"""Inputs changed one by one in a real engine: cells, functions and core stay together."""

from __future__ import annotations

import pytest

from addin.calc.recalculate import recalculated_cells
from tests.workbook.test_model import (
    check_against_core,
    input_address,
    with_input,
)
from tests.workbook.test_model import (
    model as model,
)
from valuation_core import load_book
from workbook.package import read_cells, read_parts

pytestmark = [pytest.mark.long, pytest.mark.engine]

CHANGES = [
    (scope, metric, value)
    for scope in ("RIOT", "IREN", "CLSK", "CIFR", "MARA")
    for metric, value in (
        ("hpc_mw_shopped", 750.0),
        ("hpc_mw_shopped", 0.0),
        ("hpc_probability", 0.35),
        ("hpc_probability", 1.0),
        ("shares_basic", 100.0),
    )
] + [
    ("ALL", metric, value)
    for metric, value in (
        ("colo_value_low", 1.0),
        ("colo_value_mid", -2.0),
        ("colo_value_high", 20.0),
        ("tenant_cap", 250.0),
        ("gross_to_critical", 1.0),
        ("capex_per_mw", 13.0),
        ("window_months", 4.0),
    )
]


@pytest.mark.parametrize(("scope", "metric", "value"), CHANGES)
def test_an_input_changed_alone(model, tmp_path, scope, metric, value):
    address = input_address(read_cells(read_parts(model)), scope, metric)
    changed = with_input(model, tmp_path / "changed.xlsx", address, value)
    check_against_core(recalculated_cells(changed), load_book(), (scope, metric, value))
