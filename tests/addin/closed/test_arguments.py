"""The arguments of a call, where a handle was chosen among others before it came to the call."""

from __future__ import annotations

from addin.boundary.call import call
from addin.boundary.desk import Desk
from addin.closed.arguments import resolved
from addin.closed.sheet_cells import Source
from valuation_core import load_book, with_own_facts

OWN = with_own_facts(load_book(), [("NETWORK", "btc_price", 100_000.0)])
PLAIN = load_book()

FORMULAS = {
    "A1": 'IF(A5="in use",Used,A2)',
    "A2": 'HPC_BOOK("2025-09-26",F1:H1)',
    "A3": "Other!A4",
    "A4": 'HPC_BOOK("2025-09-26")',
}
VALUES = {
    "A1": OWN.handle,
    "A2": OWN.handle,
    "A3": PLAIN.handle,
    "A4": PLAIN.handle,
    "F1": "NETWORK",
    "G1": "btc_price",
    "H1": 100_000.0,
}


def test_a_handle_that_comes_by_way_of_other_cells_is_made_where_it_began():
    source = Source(
        lambda _, at: FORMULAS.get(at),
        lambda _, at: VALUES.get(at),
        lambda _: {},
        {("", "Used"): "Bridge!A4"},
        lambda _, __: None,
    )
    desk = Desk()
    asked = resolved(desk, source, "Bridge", 'HPC_BRIDGE("RIOT",A3,A1)')
    assert asked == ("HPC_BRIDGE", ["RIOT", PLAIN.handle, OWN.handle])
    rows = call(desk, *asked)
    moving = [row[0] for row in rows[1:] if isinstance(row[1], float) and row[1]]
    assert moving == ["price of bitcoin", "residual"]
