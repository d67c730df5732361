"""What is said of a wrong row of a table: by cells as by the reader of books, table and row named."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from addin.calc.recalculate import recalculated_cells
from tests.workbook.model.test_second_engine import computed, with_native_formulas_alone
from valuation_core import ValuationError, load_book
from valuation_core.book import Book
from valuation_core.book.ranges import with_given
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import table_of
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue, letters, serial_of
from workbook.model.build import build_model
from workbook.model.sheets.facts.book_tables import SHEETS, plan_book_tables
from workbook.model.sheets.facts.row_checks import FINE, RESULT, plan_row_checks
from workbook.model.sheets.facts.row_faults import rules_of

DAY = date(2025, 11, 20)
BOOK = load_book("2025-11-24")
DEAL = {
    "deal_id": "RIOT-new", "ticker": "RIOT", "counterparty": "X", "site": "Rockdale",
    "kind": "colo", "announced": DAY, "mw_gross": 100.0, "as_of": DAY,
}  # fmt: skip
FACT = {"scope": "RIOT", "metric": "hashrate", "value": 50.0, "unit": "EH/s", "as_of": DAY}
POWER = {
    "metric": "hpc_mw_shopped", "value": 500.0, "unit": "MW", "basis": "gross",
}  # fmt: skip
NOTE = {
    "instrument_id": "RIOT-new", "ticker": "RIOT", "instrument": "X", "kind": "convertible",
    "principal_usd_m": 500.0, "shares_m": 20.0, "strike_usd": 25.0, "issue_date": DAY,
    "recourse": "corporate", "as_of": DAY,
}  # fmt: skip
SITE = {
    "ticker": "RIOT", "site": "New", "status": "secured", "mw_gross": 100.0, "ownership": 1.0,
    "as_of": DAY,
}  # fmt: skip
CASE = {"case": "mine", "scope": "RIOT", "change": "set", **POWER}
MINER = {"ticker": "ABCD", "name": "Abcd Mining", "aliases": "Abcd; Alphabet"}
GOOD = {
    "deals": DEAL, "inputs": FACT, "instruments": NOTE, "sites": SITE, "cases": CASE,
    "miners": MINER,
}  # fmt: skip

WRONG = [
    # Another spelling is another thing to functions, and the same one to cells.
    ("deals", {"ticker": "riot"}, "unknown ticker"),
    ("inputs", {"scope": "all"}, "unknown scope"),
    ("inputs", {"metric": "Hashrate"}, "unknown metric"),
    ("inputs", {"unit": "eh/s"}, "unit is not the metric's"),
    ("deals", {"deal_id": "cifr-AWS-black-pearl", "ticker": "CIFR"}, "deal_id is spelt otherwise"),
    ("sites", {"site": "rockdale"}, "ticker or site is spelt otherwise in another row"),
    ("cases", {"case": "Bear"}, "case is spelt otherwise in another row"),
    ("deals", {"deal_id": "CIFR-aws-black-pearl"}, "deal_id is that of another miner"),
    ("miners", {"aliases": "Abcd; RIOT"}, "name or alias belongs to another miner"),
    ("miners", {"name": "riot platforms"}, "name or alias belongs to another miner"),
    # 50 for 50%, and what cannot be.
    ("inputs", {"metric": "hpc_probability", "value": 50.0, "unit": "fraction"}, "value is outside"),
    ("inputs", {"metric": "shares_basic", "value": 0.0, "unit": "M shares"}, "value is outside the metric"),
    ("inputs", {"scope": "ALL", "metric": "btc_price", "unit": "USD"}, "scope is NETWORK for facts"),
    ("inputs", {"scope": "NETWORK"}, "scope is NETWORK for facts"),
    ("inputs", {"metric": "lease_years", "unit": "years"}, "scope is ALL for a parameter that all"),
    ("cases", {"metric": "lease_rent", "unit": "USD M/MW/year", "value": 2.0}, "scope is ALL for"),
    ("inputs", {"scope": "ALL", "metric": "lease_years", "unit": "years", "value": 201.0}, "value is"),
    ("deals", {"term_years": 201.0}, "term_years must be above 0 and at most 200"),
    ("inputs", {"basis": "gross"}, "the metric has no MW basis"),
    ("inputs", POWER | {"basis": ""}, "basis is empty"),
    ("cases", {"basis": ""}, "basis is empty"),
    ("cases", {"case": "plain"}, "plain is the case without changes"),
    ("deals", {"mw_gross": -100.0}, "mw_gross must be above 0"),
    ("deals", {"mw_critical": 200.0}, "mw_gross is below mw_critical"),
    ("sites", {"ownership": 50.0}, "ownership must be between 0 and 1"),
    ("sites", {"part_of": "New"}, "part_of is the site itself"),
    ("instruments", {"strike_usd": 5.0}, "principal / shares is far from strike_usd"),
    ("instruments", {"retired_on": date(2025, 1, 1)}, "retired_on is before issue_date"),
    ("inputs", {"as_of": serial_of(DAY) + 0.6}, "as_of is not a day: it holds a time"),
]  # fmt: skip

SPACED = [
    ("deals", {"deal_id": "CIFR-aws-black-pearl ", "ticker": "CIFR"}, "deal_id has a space"),
    ("deals", {"site": "Rockdale\u00a0"}, "site has a space before or after it"),
    ("sites", {"site": " Rockdale"}, "site has a space before or after it"),
    ("inputs", {"metric": " hashrate"}, "metric has a space before or after it"),
]


def row_of(table, changes):
    blank = {c.name: "" if c.kind == "text" else None for c in TABLES[table].columns}
    provenance = {"source": "typed", "confidence": "medium", "note": ""}
    known = {name: value for name, value in provenance.items() if name in blank}
    return blank | known | GOOD[table] | changes


def said_of(table, changes):
    """What cells say of a row typed below a table: of itself, and by the rules of the table."""
    rows = [*BOOK.tables[table].rows(), row_of(table, changes)]
    typed = Book(BOOK.as_of, {**BOOK.tables, table: table_of(table, rows)})
    tables = plan_book_tables(typed)[1]
    checked = plan_row_checks({name: tables[name] for name in {table, "miners"}})[1][table]
    sheet, rules = checked.columns.sheet, checked.rules
    last = len(rows) + 1
    broken = [
        sheet.cells[line, rules.column + 1].value
        for line in range(rules.row, rules.last_row + 1)
        if sheet.cells[line, rules.column].value == last
    ]
    return [checked.columns.span(RESULT).values[last - 1], *broken]


def read(table, changes):
    names = [column.name for column in TABLES[table].columns]
    rows = [*BOOK.tables[table].rows(), row_of(table, changes)]
    given = [names, *([row[name] for name in names] for row in rows)]
    return with_given(BOOK.tables, {table: given})


@pytest.mark.parametrize("table", GOOD)
def test_a_row_as_it_should_be_is_fine(table):
    assert said_of(table, {}) == [FINE]
    assert read(table, {})


@pytest.mark.parametrize(("table", "changes", "said"), WRONG)
def test_a_row_that_the_reader_refuses_is_named_with_what_is_wrong(table, changes, said):
    with pytest.raises(ValuationError, match=f"row {len(BOOK.tables[table]) + 2}"):
        read(table, changes)
    assert any(one.startswith(said) for one in said_of(table, changes))


@pytest.mark.parametrize(("table", "changes", "said"), SPACED)
def test_a_space_that_functions_take_off_and_cells_do_not_is_named(table, changes, said):
    assert read(table, changes)
    assert any(one.startswith(said) for one in said_of(table, changes))


def test_there_is_a_rule_for_each_number_that_has_a_domain_and_each_day():
    for schema in TABLES.values():
        said = " ".join(rule.said for rule in rules_of(schema))
        for column in schema.columns:
            bounded = column.kind == "number" and column.domain.rule != "must be a finite number"
            if column.kind == "date" or bounded:
                assert column.name in said, (schema.name, column.name)


@pytest.mark.long
@pytest.mark.engine
def test_two_engines_say_of_each_wrong_row_what_the_plan_says(tmp_path):
    """All of them in one workbook: each table names the last of its wrong rows."""
    model = tmp_path / "model.xlsx"
    build_model(coverage(BOOK, ["RIOT"]), model)
    book = openpyxl.load_workbook(model)
    tables = {name: [*BOOK.tables[name].rows()] for name in GOOD}
    for table, changes, _ in (*WRONG, *SPACED):
        row = row_of(table, changes)
        tables[table].append(row)
        book[SHEETS[table][1]].append([None if one == "" else one for one in row.values()])
    book.save(model)
    cells = recalculated_cells(model)
    native = with_native_formulas_alone(model, tmp_path / "native.xlsx")
    second = computed(tmp_path / "native.xlsx", [at for at in native if at[0] == "RowChecks"])
    made = {name: table_of(name, rows) for name, rows in tables.items()}
    planned = plan_row_checks(plan_book_tables(Book(BOOK.as_of, {**BOOK.tables, **made}))[1])[1]
    for name, checked in planned.items():
        said, rules = checked.columns.columns[RESULT], checked.rules
        places = [(line, said) for line in range(2, len(tables.get(name, ())) + 2)]
        places += [(line, rules.column) for line in range(rules.row, rules.last_row + 1)]
        for line, column in places:
            value = checked.columns.sheet.cells[line, column].value
            at = f"{letters(column)}{line}"
            found = cells["RowChecks"][at].value, second["RowChecks", at]
            assert found == (value, value), (name, line, value, found)
    rows = {cell.value: at[1:] for at, cell in cells["Checks"].items() if at.startswith("A")}
    for name, (_, sheet) in SHEETS.items():
        for told in ("rows that can be read", "numbers, days and names that can be"):
            row = rows[f"{sheet}: {told}"]
            holds, named = (cells["Checks"][f"{column}{row}"].value for column in "EC")
            assert (named == "-") is holds, (name, told, named)
    assert cells["Inputs"]["C5"].value == ErrorValue("#N/A")
