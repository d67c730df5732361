"""The model as parts, built once."""

import pytest

from workbook.opc.package import read_parts


@pytest.fixture(scope="session")
def ours(model_of, tmp_path_factory):
    """The model of two miners, as parts."""
    return read_parts(model_of(tmp_path_factory.mktemp("ours") / "model.xlsx", ["RIOT", "CIFR"]))
