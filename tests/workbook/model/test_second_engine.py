"""The model's native formulas in a second engine: formulon, which its author checks against Excel.

LibreOffice evaluates whole models, our functions included. Here the cells of our functions hold their
stored values, no other formula keeps its own, and a second engine computes them all.
"""

from __future__ import annotations

import pytest
from formulon import Workbook, error_display_name
from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple

from addin.calc.recalculate import agree
from valuation_core import load_book, with_own_facts
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue
from workbook.model.build import build_model
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.stored import read_cells
from workbook.opc.xml import tag

OTHER_FACTS = [
    ("ALL", "network_growth", 0.35),
    ("ALL", "mining_discount_rate", 0.12),
    ("ALL", "cost_of_equity", 0.1),
    ("NETWORK", "btc_price", 60_000.0),
    ("RIOT", "hpc_mw_shopped", 1000.0),  # above the cap
    ("MARA", "power_price", 90.0),  # switched off within the periods
    ("RIOT", "other_value", 5000.0),  # its notes convert
]


def with_native_formulas_alone(path, target, *, tables=()):
    """Write a copy that holds the values of our functions, and of native formulas the text alone.

    Data tables, each of whose cells computes the whole model anew, hold their values but for those
    of the sheets named.
    """
    parts = read_parts(path)
    native = set()
    for name, part in sheet_parts(parts).items():
        root = etree.fromstring(parts[part])
        for cell in root.iter(tag("c")):
            formula, stored = cell.find(tag("f")), cell.find(tag("v"))
            if formula is None:
                continue
            is_table = formula.get("t") == "dataTable"
            if "HPC_" in (formula.text or "") or (is_table and name not in tables):
                cell.remove(formula)
                cell.attrib.pop("cm", None)
            else:
                native.add((name, cell.get("r")))
                cell.attrib.pop("t", None)
                if stored is not None:
                    cell.remove(stored)
        parts[part] = etree.tostring(root)
    write_parts(target, parts)
    return native


def computed(path, addresses):
    """Give what formulon computes in cells."""
    with Workbook.load(path.read_bytes()) as book:
        book.recalc()
        sheets = {book.sheet_name(number): number for number in range(book.sheet_count())}
        return {
            (sheet, address): plain(book.get_value(sheets[sheet], row - 1, column - 1))
            for sheet, address in addresses
            for row, column in [coordinate_to_tuple(address)]
        }


def plain(value):
    if value.error_code is not None:
        return ErrorValue(error_display_name(value.error_code))
    return value.to_python()


@pytest.mark.parametrize(
    ("day", "case", "miners", "own", "at_least"),
    [
        pytest.param("2025-09-26", "plain", None, [], 9000, marks=pytest.mark.long),
        ("2025-09-26", "plain", ["RIOT", "MARA"], OTHER_FACTS, 5000),
        pytest.param("2025-11-24", "reconstruction", None, [], 9000, marks=pytest.mark.long),
        pytest.param(
            "2025-11-24",
            "base",
            ["CIFR", "CLSK"],
            [("ALL", "use_named", 0.0)],
            5000,
            marks=pytest.mark.long,
        ),
        pytest.param(
            "2025-11-24",
            "sites",
            None,
            [("IREN", "hpc_mw_shopped", 700.0)],
            9000,
            marks=pytest.mark.long,
        ),
    ],
    ids=["the shipped model", "on other facts", "named MW", "named MW set aside", "by site"],
)
def test_a_second_engine_computes_every_native_formula_alike(
    tmp_path, day, case, miners, own, at_least
):
    path, copy = tmp_path / "model.xlsx", tmp_path / "native.xlsx"
    build_model(coverage(with_own_facts(load_book(day, case=case), own), miners), path)
    native = with_native_formulas_alone(path, copy)
    stored = read_cells(read_parts(path))
    found = computed(copy, native)
    differing = [
        (sheet, address, cell.formula, cell.value, found[sheet, address])
        for sheet, address in sorted(native)
        for cell in [stored[sheet][address]]
        if not agree(cell.value, found[sheet, address])
    ]
    assert differing == []
    assert len(found) > at_least
