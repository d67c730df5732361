"""A model of two miners, one for the tests of a file."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def built(model_of, tmp_path_factory):
    return model_of(tmp_path_factory.mktemp("model") / "model.xlsx", ["RIOT", "IREN"])
