"""Which cells depend on which: directly, through others, through names, tables, arrays and fills."""

from __future__ import annotations

import pytest

from workbook.cells import letters, place_of
from workbook.formulas.cell_references import mentions_of
from workbook.formulas.dependents import Box, Dependents, Place, Words
from workbook.opc.stored import StoredCell


def sheet(**cells):
    """Cells of a sheet: a number, or the text of a formula."""
    return {
        at: StoredCell(at, one, 0.0, True)
        if isinstance(one, str)
        else StoredCell(at, None, one, False)
        for at, one in cells.items()
    }


def dependents(sheets, seed, words=None):
    name, address = seed.split("!")
    found = Dependents(sheets, words or Words()).of([Place(name.lower(), *place_of(address))])
    return {f"{one.sheet}!{letters(one.column)}{one.row}" for one in found}


@pytest.mark.parametrize(
    "formula",
    [
        "Data!B2",
        "'Data'!$B$2*2",
        "SUM(Data!A1:C3)",
        "SUM(Data!B:B)",
        "SUM(Data!2:2)",
        "SUM(Data!$A$1:Data!B2)",
        "SUM(Data!A1:Data!C3)",
        "SUM(First:Last)",
        "SUM(Data!B1 : Last)",
        "SUM(Data!$B$1:INDEX(Data!$B$3:$D$3,1))",
        "SUM(INDEX(Data!B1,1):(Data!B3))",
        "Scaled(2)",
        "\\rate*2",
        "IF(1,Data!B2,0)",
        'VLOOKUP("x",Data!A:C,2)',
        "Rate*2",
        "rate*2",
        "SUM(Table1[value])",
        "SUM(Table1[[#All],[value]:[as_of]])",
        "SUM(Data:Other!B2)",
        "SUM('Other:Data'!B1:B3)",
        'INDIRECT("Data!B"&2)',
        "SUM(OFFSET(A9,1,1))",
    ],
)
def test_every_way_to_read_a_cell_is_seen(formula):
    names = {
        "rate": "Data!$B$2",
        "\\rate": "Data!$B$2",
        "first": "Data!$B$1",
        "last": "Data!$B$3",
        "scaled": "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*Data!$B$2)",
    }
    words = Words(
        {(None, name): text for name, text in names.items()}, {"table1": Box("data", 1, 1, 9, 3)}
    )
    sheets = {"Data": sheet(B2=1.0), "Other": sheet(), "Mine": sheet(A1=formula)}
    assert dependents(sheets, "Data!B2", words) == {"mine!A1"}


@pytest.mark.parametrize(
    "formula",
    [
        "Data!B3",
        'IF(A2="Data!B2",1,0)',
        "[1]Data!B2",
        "'[prices.xlsx]Data'!B2",
        "B2",
        "Data!A1:A9",
        "DataB2",
        "Other_rate",
        "SUM(Data!A1:INDEX(Data!A9,MATCH(1,Data!C1:C9,0)))",
        "SUM(Data!A1:Data!A9)+SUM(Data!C1:Data!C9)",
        "RATE(1,2,3)",
        "SUM(Data:Other!C1:C3)",
    ],
)
def test_what_only_looks_like_it_is_not(formula):
    words = Words({(None, "rate"): "Data!$B$2"})
    sheets = {"Data": sheet(B2=1.0), "Mine": sheet(A1=formula)}
    assert dependents(sheets, "Data!B2", words) == set()


def test_dependents_of_dependents_are_found_through_sheets_and_loops():
    sheets = {
        "Data": sheet(A1=1.0, A2="A1+1"),
        "Mine": sheet(A1="Data!A2", A2="A1+A3", A3="A2", B9="A9"),
    }
    assert dependents(sheets, "Data!A1") == {"data!A2", "mine!A1", "mine!A2", "mine!A3"}


def test_a_filled_formula_moves_its_references_but_not_the_fixed_ones():
    cells = sheet(A1=1.0, A2=2.0, B1="A1*$A$9")
    cells["B2"] = StoredCell("B2", "", 0.0, True, source="B1", kind="shared")
    assert dependents({"Data": cells}, "Data!A2") == {"data!B2"}
    assert dependents({"Data": cells}, "Data!A9") == {"data!B1", "data!B2"}


def test_what_an_array_fills_depends_on_what_the_array_reads():
    cells = sheet(A1=1.0, D9="C2")
    cells["C1"] = StoredCell("C1", "A1:A2*2", 2.0, True, area="C1:C2", kind="array")
    cells["C2"] = StoredCell("C2", None, 4.0, True)
    assert dependents({"Data": cells}, "Data!A1") == {"data!C1", "data!C2", "data!D9"}


def test_a_data_table_may_depend_on_anything():
    cells = sheet(A1=1.0, F1="E5")
    cells["E5"] = StoredCell("E5", "", 4.0, True, area="E5:F6", kind="dataTable")
    assert dependents({"Data": cells}, "Data!A1") == {"data!E5", "data!F1"}


def test_a_name_of_a_sheet_wins_over_one_of_the_workbook_and_names_lead_to_names():
    words = Words(
        {(None, "rate"): "Data!A1", ("mine", "rate"): "Base*2", (None, "base"): "Data!A2"}
    )
    sheets = {"Data": sheet(A1=1.0, A2=2.0), "Mine": sheet(A1="Rate"), "Other": sheet(A1="Rate")}
    assert dependents(sheets, "Data!A2", words) == {"mine!A1"}
    assert dependents(sheets, "Data!A1", words) == {"other!A1"}


def test_a_long_chain_and_many_sums_over_the_same_column_take_little_time():
    cells = sheet(A1=1.0, **{f"A{row}": f"A{row - 1}+1" for row in range(2, 20_001)})
    cells |= sheet(**{f"C{row}": "SUM(A:A)" for row in range(1, 5_001)})
    assert len(dependents({"Data": cells}, "Data!A1")) == 24_999


def test_functions_and_links_are_named():
    found = mentions_of("_xlfn.XLOOKUP(A1,B:B,_xll.BDP(C1))+SUM([2]Prices!A1)+'C:\\x.xlam'!F(1)")
    assert found.functions == {"XLOOKUP", "BDP", "SUM", "F"}
    assert found.outside


def test_a_name_without_dollar_signs_moves_with_the_cell_that_uses_it():
    """Excel writes such a name as it holds for A1: the cell above A1 is the last of its column."""
    words = Words({(None, "same_row"): "Data!B1", (None, "above"): "Mine!A1048576"})
    sheets = {"Data": sheet(B1=1.0, B5=2.0), "Mine": sheet(A5="same_row*2", A6="above*2")}
    assert dependents(sheets, "Data!B5", words) == {"mine!A5", "mine!A6"}
    assert dependents(sheets, "Data!B1", words) == set()


def test_what_a_name_of_another_sheet_may_read_is_the_matter_of_the_cell_that_uses_it():
    words = Words({("other", "any"): 'INDIRECT("Data!B2")'})
    sheets = {"Data": sheet(B2=1.0), "Other": sheet(A1="7"), "Mine": sheet(A1="Other!Any")}
    assert dependents(sheets, "Data!B2", words) == {"mine!A1"}
