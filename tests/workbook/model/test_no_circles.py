"""No cell depends on itself, by every address that a formula names, read or only counted.

Excel: "When an Excel formula refers back to its own cell, either directly or indirectly, it creates a
circular reference" (Remove or allow a circular reference in Excel, support.microsoft.com). LibreOffice
and formulon follow only what they read, so a circle through a branch not taken, or through ROWS, is
none for them.
"""

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import pytest

from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.cells import Ref
from workbook.formulas.cell_references import mentions_of
from workbook.model.build import plan_model
from workbook.model.plan import Plan, Sheet


def dependence(plan):
    """Give what each formula and each range depends on; a cell that is filled, on what fills it."""
    filled = {}
    for sheet in plan.sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.formula:
                height, width = cell.spill or (1, 1)
                for i in range(height):
                    for j in range(width):
                        filled[sheet.name, row + i, column + j] = sheet.name, row, column
    columns = defaultdict(list)
    for sheet, row, column in filled:
        columns[sheet, column].append(row)
    graph = {}

    def node(sheet, first, last):
        key = sheet, *first, *last
        if key not in graph:
            graph[key] = {
                filled[sheet, row, column]
                for column in range(first[1], last[1] + 1)
                for row in columns.get((sheet, column), ())
                if first[0] <= row <= last[0]
            }
        return key

    for sheet in plan.sheets:
        for (row, column), cell in sheet.cells.items():
            if not cell.formula:
                continue
            found = mentions_of(cell.formula)
            areas = [(one.sheet or sheet.name, one.first[:2], one.last[:2]) for one in found.areas]
            named = [plan.names[one.word] for one in found.words if one.word in plan.names]
            areas += [
                (ref.sheet, (ref.row, ref.column), (ref.last_row, ref.last_column)) for ref in named
            ]
            graph[sheet.name, row, column] = {node(*area) for area in areas}
    return graph


@pytest.fixture(scope="module")
def planned():
    plan = plan_model(coverage(load_book("2025-11-24"), ["CIFR"]))
    return plan, dependence(plan)


@pytest.mark.long
def test_no_cell_of_the_model_depends_on_itself(planned):
    _, graph = planned
    assert len(graph) > 10_000
    TopologicalSorter(graph).prepare()


def areas_behind(graph, start):
    """Give every area that cells depend on, directly or through others."""
    seen, waiting = set(), list(start)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += graph.get(one, ())
    return [one for one in seen if len(one) == 5]


@pytest.mark.long
def test_what_a_data_table_puts_in_does_not_depend_on_where_it_puts_it(planned):
    """Excel computes the heads of a data table anew with each value it puts into an input cell, so a
    head that depends on such a cell is another one in each cell of the table; its corner must."""
    plan, graph = planned
    tables = [
        (sheet.name, cell.table)
        for sheet in plan.sheets
        for cell in sheet.cells.values()
        if cell.table is not None
    ]
    assert len(tables) == 7
    for name, table in tables:
        box = table.cells
        heads = {(name, box.row - 1, column) for column in range(box.column, box.last_column + 1)}
        heads |= {(name, row, box.column - 1) for row in range(box.row, box.last_row + 1)}
        corner = {(name, box.row - 1, box.column - 1)}
        for put_into in (table.across, table.down):
            held = [
                [
                    area
                    for area in areas_behind(graph, start)
                    if area[0] == name
                    and area[1] <= put_into.row <= area[3]
                    and area[2] <= put_into.column <= area[4]
                ]
                for start in (heads, corner)
            ]
            assert held[0] == [], (box.there, put_into.here)
            assert held[1] != [], (box.there, put_into.here)


@pytest.mark.parametrize(
    "formula",
    ["A1+1", "IF(TRUE,1,A1)", "ROWS($A$1:A1)", "SUM(A:A)", "Book*2"],
    ids=lambda text: text,
)
def test_a_circle_is_found_where_it_is_only_named(formula):
    sheet = Sheet("One", (10,))
    sheet.put(1, 1, 1.0, formula=formula)
    with pytest.raises(CycleError):
        TopologicalSorter(dependence(Plan("", [sheet], {"Book": Ref("One", 1, 1, 1, 1)}))).prepare()
