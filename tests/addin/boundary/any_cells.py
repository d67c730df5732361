"""Cells of every kind, drawn by hypothesis, and what must hold of any answer."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from workbook.cells import ERROR_CODES, ErrorValue

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(-(10**400), 10**400),
    st.text(max_size=300),
    st.dates(),
    st.datetimes(),
    st.sampled_from([ErrorValue(code) for code in ERROR_CODES]),
    st.sampled_from(
        ["RIOT", "low", "critical", "target", "price", "ALL", "cash", "HPC_VALUE", "50%"]
    ),
)
ranges = st.lists(st.lists(cells, min_size=1, max_size=3), min_size=1, max_size=3)


def check_result(result):
    """Nothing but finite numbers, text that is not empty, and listed errors with a reason."""
    for cell in [cell for row in result for cell in row] if isinstance(result, list) else [result]:
        if isinstance(cell, ErrorValue):
            assert cell.code in ERROR_CODES
            assert not cell.reason.startswith("internal error")
            assert "\n" not in cell.reason
        elif isinstance(cell, str):
            assert 0 < len(cell) <= 255
        else:
            assert isinstance(cell, float)
            assert np.isfinite(cell)
