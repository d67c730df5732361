"""What a plan takes in memory is given back at once."""

from __future__ import annotations

import gc
import weakref

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import plan_model


def test_a_plan_that_nobody_holds_is_gone_without_a_pass_of_the_collector():
    """A figure that cannot be given is an error that stays, and must not hold who asked for it."""
    gc.disable()
    try:
        sheets = [weakref.ref(one) for one in plan_model(coverage(load_book())).sheets]
        assert [one().name for one in sheets if one()] == []
    finally:
        gc.enable()
