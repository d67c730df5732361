"""A model of two miners, built once for the tests of a file."""

from __future__ import annotations

import pytest

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import build_model


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book(), ["RIOT", "IREN"]), path)
    return path
