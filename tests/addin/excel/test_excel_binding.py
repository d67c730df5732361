"""Excel: every card through xlwings' own decorators and its own call_udf, pywin32 stubbed."""

from __future__ import annotations

import io
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.addin.boundary.cases import approximately, every_case
from tests.hosts.windows_stubs import MISSING, as_com, shown_by_excel, windows_xlwings
from valuation_core.catalogue.catalogue import catalogue

MODULE = "addin.excel.functions"


@pytest.fixture(scope="module")
def udfs():
    with windows_xlwings() as module:
        yield module


@every_case
def test_every_case_through_xlwings(udfs, case):
    cells = [as_com(cell) for cell in case.cells]
    card = catalogue()[case.function]
    if not card.arguments[-1].repeats:
        cells += [MISSING] * (len(card.arguments) - len(cells))
    found = udfs.call_udf(MODULE, case.function, tuple(cells))
    assert shown_by_excel(found) == approximately(case.expected)


def test_every_function_is_bound_with_category_and_help_per_argument(udfs):
    module = udfs.get_udf_module(MODULE, None)
    for card in catalogue().values():
        bound = getattr(module, card.name).__xlfunc__
        assert bound["category"] == f"HPC: {card.group}"
        assert bound["ret"]["doc"] == card.summary
        assert [argument["doc"] for argument in bound["args"]] == [
            argument.help for argument in card.arguments
        ]
        assert not bound["volatile"]
        assert all(argument["options"]["convert"] == "raw" for argument in bound["args"])


def test_xlwings_generates_a_wrapper_for_every_function(udfs):
    module = udfs.get_udf_module(MODULE, None)
    text = io.StringIO()
    udfs.generate_vba_wrapper(MODULE, module, text, SimpleNamespace(Name="model.xlsm"))
    for card in catalogue().values():
        assert f"Function {card.name}(" in text.getvalue()
    assert "Function HPC_WINDOW(prob, months, Optional window, Optional book)" in text.getvalue()
    assert "Function HPC_EXPLAIN(function, ParamArray arguments())" in text.getvalue()


def test_explain_takes_as_many_arguments_as_the_function(udfs):
    table = udfs.call_udf(MODULE, "HPC_EXPLAIN", ("HPC_VALUE", "RIOT", 0.5, ((600.0,),)))
    assert table[-1][2] == 1845.0


def test_binding_where_the_decorators_do_nothing_is_refused():
    code = "from addin.boundary.desk import Desk; from addin.excel.bind import bind; bind(Desk())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "RuntimeError: xlwings binds functions on Windows with pywin32 only" in run.stderr
