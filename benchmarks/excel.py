"""The Excel boundary: what it adds to xlwings' own call, and how fast ranges come in."""

from __future__ import annotations

import ctypes
import importlib
import subprocess
import sys
import tempfile
import types
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest import mock

import numpy as np

from addin.boundary.cells import to_argument
from addin.calc.engine import SYSTEM_PATH
from addin.excel.com import from_com
from benchmarks.timing import Row, compare, show
from tests.hosts.windows_stubs import windows_xlwings
from valuation_core.catalogue.catalogue import card_named
from valuation_core.evaluation.lookup import default_book

OURS, FLOOR = "addin.excel.functions", "floor"


def run() -> Iterator[Row]:
    """Give the rows of this module."""
    with windows_xlwings() as udfs:
        yield _call(udfs)
        with _windows_cleaning():
            yield from _ranges()
    yield _cold()


def _call(udfs: Any) -> Row:
    """Compare a call from cells with xlwings' bare call and the valuation, one after the other."""
    _bind_floor(udfs)
    value = card_named("HPC_VALUE").function
    named = {"miner": "RIOT", "prob": 0.5, "mw": 600.0, "book": default_book()}
    cells = ("RIOT", 0.5, 600.0)
    many = range(500)

    def floor() -> None:
        for _ in many:
            udfs.call_udf(FLOOR, "nothing", cells)
            value.evaluate(named)

    return compare(
        "500 scalar calls through call_udf against call_udf of nothing + the valuation",
        lambda: [udfs.call_udf(OURS, "HPC_VALUE", cells) for _ in many],
        floor,
        "1.2x",
    )


def _bind_floor(udfs: Any) -> None:
    """Bind a function that does nothing, raw as ours are."""
    import xlwings

    def nothing(miner: Any, prob: Any, mw: Any) -> float:  # noqa: ARG001  as many as ours takes
        return 1845.0

    bound: Any = nothing
    for name in ("miner", "prob", "mw"):
        bound = xlwings.arg(name, "raw")(bound)
    bound = xlwings.func(xlwings.ret("raw")(bound))
    module = types.ModuleType(FLOOR)
    module.nothing = bound  # type: ignore[attr-defined]
    udfs.udf_modules[FLOOR] = {"filename": FLOOR, "filetime": None, "module": module}


@contextmanager
def _windows_cleaning() -> Iterator[None]:
    """Let xlwings' converters clean cells by its own Windows code, loaded on further stand-ins."""
    import xlwings

    made = {name: types.ModuleType(name) for name in ("win32con", "win32gui", "win32process")}
    stand_ins = {name: mock.MagicMock() for name in ("windll", "oledll", "PyDLL")}
    client, zone = types.ModuleType("win32com.client"), types.ModuleType("win32timezone")
    for name in ("CDispatch", "CoClassBaseClass", "Dispatch", "DispatchBaseClass", "DispatchEx"):
        setattr(client, name, type(name, (), {}))
    zone.TimeZoneInfo = object  # type: ignore[attr-defined]
    sys.modules["pythoncom"].__file__ = "pythoncom"
    sys.modules["pywintypes"].TimeType = type("TimeType", (), {})  # type: ignore[attr-defined]
    modules = {**made, "win32com.client": client, "win32timezone": zone}
    with ExitStack() as patches:
        patches.enter_context(mock.patch.dict(sys.modules, modules))
        for name, value in stand_ins.items():
            patches.enter_context(mock.patch.object(ctypes, name, value, create=True))
        sys.modules.pop("xlwings._xlwindows")
        real = importlib.import_module("xlwings._xlwindows")
        impl = xlwings.engines.engines_by_name["excel"].impl
        impl.clean_value_data = real.Engine.clean_value_data
        yield


def _ranges() -> Iterator[Row]:
    """Bring a million cells in, against NumPy itself and against xlwings' converters."""
    from xlwings.conversion import read

    rows = tuple(map(tuple, np.linspace(0.0, 1.0, 1_000_000).reshape(-1, 1000).tolist()))
    argument = card_named("HPC_VALUE").argument("prob")

    def ours() -> Any:
        return to_argument(argument, from_com(rows))

    yield compare("1e6 cells in, against np.array", ours, lambda: np.array(rows), "2x", 5)
    for name, options in (("list", {"ndim": 2}), ("array", {"convert": np.array, "ndim": 2})):
        yield compare(
            f"1e6 cells in, against xlwings' {name} converter",
            ours,
            lambda options=options: read(None, rows, dict(options)),  # type: ignore[misc]
            "0.2x",
            5,
        )


def _cold() -> Row:
    """Time the first value of a fresh process, against a fresh Python that imports NumPy."""
    first = "from addin.boundary.call import call; from addin.boundary.desk import Desk;"
    first += "print(call(Desk(), 'HPC_VALUE', ['RIOT', 0.5, 600.0]))"
    with tempfile.TemporaryDirectory() as cache:

        def timed(code: str) -> float:
            start = perf_counter()
            subprocess.run(  # noqa: S603  this interpreter
                [sys.executable, "-c", code],
                check=True,
                capture_output=True,
                cwd=Path(__file__).parents[1],
                env={"HPCVAL_CACHE": cache, "PATH": SYSTEM_PATH},
            )
            return perf_counter() - start

        ours = median(timed(first) for _ in range(5))
        bare = median(timed("import numpy") for _ in range(5))
    return (
        "first value of a cold process, against importing numpy",
        show(ours),
        show(bare),
        (f"{ours / bare:.2f}x"),
        "-",
    )
