"""A model of two miners, built once for the tests of a file."""

from __future__ import annotations

import pytest

from valuation_core import load_book
from valuation_core.coverage import coverage


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from workbook.model.build import build_model

    path = tmp_path_factory.mktemp("model") / "model.xlsx"
    build_model(coverage(load_book(), ["RIOT", "IREN"]), path)
    return path
