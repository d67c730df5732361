"""The model as parts, built once."""

import pytest

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import build_model
from workbook.opc.package import read_parts


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    """The model of two miners, as parts."""
    path = tmp_path_factory.mktemp("ours") / "model.xlsx"
    build_model(coverage(load_book(), ["RIOT", "CIFR"]), path)
    return read_parts(path)
