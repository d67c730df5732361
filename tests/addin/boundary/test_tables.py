"""The tables of a workbook as arguments of HPC_BOOK, as a spreadsheet hands them over."""

from __future__ import annotations

from datetime import date

import pytest

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from valuation_core.book.book import shipped_tables
from valuation_core.book.schema import TABLES
from workbook.cells import ErrorValue, serial_of

ORDER = ("inputs", "deals", "instruments", "sites", "editions", "cases", "miners", "market")


def cell_of(value, dates):
    if isinstance(value, date):
        return serial_of(value) if dates == "serials" else value
    return None if value == "" else value


def range_of(name, dates="serials"):
    """A shipped table as a sheet holds it: blank cells, serial numbers for dates."""
    header = [column.name for column in TABLES[name].columns]
    rows = shipped_tables()[name].rows()
    return [header, *([cell_of(row[column], dates) for column in header] for row in rows)]


def book(desk, as_of=OMITTED, case=OMITTED, **tables):
    given = [tables.get(name, OMITTED) for name in ORDER]
    return call(desk, "HPC_BOOK", [as_of, OMITTED, case, *given])


@pytest.mark.parametrize("dates", ["serials", "dates"])
def test_a_sheet_that_holds_the_shipped_tables_gives_the_shipped_book(desk, dates):
    everything = {name: range_of(name, dates) for name in ORDER}
    assert book(desk, **everything) == call(desk, "HPC_BOOK", [])


def test_a_day_in_the_table_is_the_same_as_a_serial_number_and_as_text(desk):
    rows = range_of("inputs")
    place = rows[0].index("metric"), rows[0].index("value")
    halving = next(row for row in rows if row[place[0]] == "halving_date")
    handles = []
    for stated in (serial_of(date(2028, 4, 11)), date(2028, 4, 11), "2028-04-11"):
        halving[place[1]] = stated
        handles.append(book(desk, inputs=rows))
    assert handles[0] == handles[1] == handles[2] != call(desk, "HPC_BOOK", [])


def test_the_handle_of_a_table_is_read_by_every_function(desk):
    rows = range_of("inputs")
    hashrate = next(row for row in rows if row[:2] == ["RIOT", "hashrate"])
    hashrate[2] *= 2
    made = book(desk, inputs=rows)
    plain = call(desk, "HPC_MINING_VALUE", ["RIOT"])
    assert call(desk, "HPC_MINING_VALUE", ["RIOT", OMITTED, made]) == pytest.approx(2 * plain)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (ErrorValue("#DIV/0!"), "is the error #DIV/0!: put the fact there"),
        ("abc", "not a number: 'abc'"),
        (True, "not a number: 'TRUE'"),
    ],
)
def test_a_wrong_cell_turns_the_handle_into_na_and_is_named(desk, cell, says):
    rows = range_of("deals")
    rows[3][rows[0].index("mw_critical")] = cell
    made = book(desk, deals=rows)
    assert made.code == "#N/A"
    assert made.reason.startswith(f"table deals row 4 column mw_critical: {says}")


def test_what_is_no_table_is_refused(desk):
    assert book(desk, deals=[["deal_id"]]).code == "#VALUE!"
    assert book(desk, deals="deals").code == "#VALUE!"
    assert book(desk, deals=None).code == "#N/A"
    assert book(desk, deals=ErrorValue("#REF!")).code == "#REF!"


@pytest.mark.parametrize("whole", [10**400, -(10**400)], ids=["positive", "negative"])
def test_a_whole_number_that_no_float_holds_is_refused_where_it_stands(desk, whole):
    rows = range_of("deals")
    rows[3][rows[0].index("mw_critical")] = whole
    made = book(desk, deals=rows)
    assert made.reason.startswith("table deals row 4 column mw_critical: not a number: ")
    assert book(desk, cases=[[None, whole]]).reason.startswith("table cases: ")
