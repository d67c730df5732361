"""The date is a cell: changing it changes facts and what they make to those of a fresh build."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from addin.calc.recalculate import agree, recalculated_cells, recalculated_each
from tests.workbook.cases import FIVE, figure, find, input_row, with_cells
from tests.workbook.model.conftest import DAYS, DAYS_TOGETHER, EACH_DAY
from valuation_core import load_book
from valuation_core.book import METRICS, Book
from valuation_core.book.schema import TABLES
from valuation_core.book.tables import table_of
from valuation_core.coverage import coverage
from valuation_core.freshness import stale_facts
from valuation_core.mining import mining_value
from valuation_core.published import price_of
from workbook.cells import ErrorValue, letters
from workbook.model.build import plan_model
from workbook.model.excel_values import number
from workbook.model.sheets.facts.input_cells import AS_OF, COLUMN
from workbook.model.sheets.facts.input_sections import IDLE

pytestmark = pytest.mark.engine

BUILT = DAYS[-1]
NA = ErrorValue("#N/A")


@pytest.fixture(scope="module")
def model(model_of_five):
    return model_of_five


@pytest.fixture(scope="module", params=EACH_DAY)
def day(request):
    return request.param


@pytest.fixture
def cells(on_day, day):
    return on_day(day)


@pytest.fixture(scope="module")
def book(day):
    return load_book(day)


@pytest.fixture(scope="module")
def fresh(book):
    """The plan of a fresh build of the date, for the same miners."""
    return plan_model(coverage(book, FIVE))


def planned(plan, ref):
    """Give what a cell of a plan should hold, as an engine gives it."""
    sheet = next(sheet for sheet in plan.sheets if sheet.name == ref.sheet)
    return as_computed(sheet.cells[ref.row, ref.column].value)


def as_computed(value):
    if isinstance(value, ErrorValue):
        return ErrorValue(value.code)
    return value if isinstance(value, str | bool | None) else number(value)


def test_each_fact_on_inputs_is_that_of_the_date_with_all_that_stands_beside_it(cells, book):
    scopes = {"ALL", "NETWORK", *FIVE}
    known = {
        (scope, metric): fact
        for (scope, metric), fact in book.facts.items()
        if scope in scopes and metric not in IDLE
    }
    assert len(known) > 20
    for (scope, metric), fact in known.items():
        row = input_row(cells, scope, metric)

        def beside(heading, row=row):
            return cells["Inputs"][f"{letters(COLUMN[heading])}{row}"].value

        assert beside("in use") == number(fact.value), (scope, metric)
        assert beside("as of") == number(fact.as_of)
        assert beside("age, days") == (book.as_of - fact.as_of).days
        told = (beside("confidence"), beside("source"), beside("note") or "")
        assert told == (fact.confidence, fact.source, fact.note or "")
        assert beside("basis") == (fact.basis or "-")
        assert beside("status") == "ok"


def test_a_fact_that_is_not_known_on_the_date_is_blank_and_said_to_be_missing(cells, book, day):
    rows = book_rows(cells)
    # A site without a probability of its own has that of its stage: nothing is missing there.
    missing = [key for key in rows if key not in book.facts and "/" not in key[0]]
    # On 31 August hardly anything was known: 42 facts, of the bank's framework none.
    assert (len(missing) > 60) == (day == DAYS[0])
    for key in missing:
        shown = {
            heading: cells["Inputs"][f"{letters(COLUMN[heading])}{rows[key]}"].value or ""
            for heading in ("in use", "in the book", "as of", "confidence", "status")
        }
        blank = {"in use": "", "in the book": "", "as of": "-"}
        assert shown == {**blank, "confidence": "missing", "status": "not in the book"}, key


def book_rows(cells):
    """Give the rows of the facts on Inputs."""
    inputs, found = cells["Inputs"], {}
    for at in inputs:
        if at[0] == "B" and at[1:].isdigit() and inputs[at].value in METRICS:
            found.setdefault((inputs[f"A{at[1:]}"].value, inputs[at].value), int(at[1:]))
    return found


def test_published_figures_are_of_the_newest_edition_on_the_miner_by_the_date(cells, book):
    fields = {
        "Edition": "edition_date",
        "Published reference price": "ref_price",
        "Target before": "old_target",
        "Published target": "new_target",
        "Rating before": "old_rating",
        "Published rating": "new_rating",
    }
    for ticker in FIVE:
        for label, field in fields.items():
            stated = book.edition[ticker][field]
            wanted = "n/a" if stated in (None, "") else as_computed(stated)
            assert figure(cells, "Targets", label, ticker) == wanted, (ticker, label)
    newest = max(row["edition_date"] for row in book.edition.values())
    said = f"{newest.day} {newest:%B %Y}, JPM, as reported by press"
    assert cells["Cover"][find(cells, "Cover", "Newest edition")].value == said


def test_the_price_is_the_edition_s_on_its_own_day_and_else_the_newest(cells, book, day):
    for ticker in FIVE:
        shown = [
            figure(cells, "Targets", label, ticker)
            for label in ("Share price", "Day of that price")
        ]
        if day == DAYS[0]:
            assert shown == [NA, "n/a"]
            continue
        price = price_of(book, ticker)
        assert shown == [price.value, number(price.as_of)], ticker


def test_summary_says_for_whom_no_price_is_known_and_calls_no_price_fresh(cells, day):
    said = cells["Summary"]["A3"].value
    if day == DAYS[0]:
        names = "RIOT, IREN, CLSK, CIFR, MARA,"
        assert said.rstrip() == f"No price is known for {names} so there is no upside."
    else:
        assert "No price" not in said


def test_what_is_not_known_on_a_date_is_not_available_and_no_cell_has_another_error(cells):
    """The lease chosen on Leases is signed on the day of the build and unknown on the first."""
    shown = [
        (sheet, address, cell.value)
        for sheet, found in cells.items()
        for address, cell in found.items()
        if isinstance(cell.value, ErrorValue) and cell.value.code not in ("#N/A", "#NUM!")
    ]
    assert shown == []


def test_mining_and_the_lease_are_those_of_a_fresh_build(cells, fresh):
    compared = 0
    for sheet in fresh.sheets:
        if sheet.name not in ("Mining", "Lease"):
            continue
        for (row, column), cell in sheet.cells.items():
            if cell.formula is None and cell.style != "function":
                continue
            address = f"{letters(column)}{row}"
            found = cells[sheet.name][address].value if address in cells[sheet.name] else None
            assert agree(as_computed(cell.value), found), (sheet.name, address, cell.value, found)
            compared += 1
    assert compared > 1500


def test_summary_tells_the_date_and_the_facts_that_are_stale_on_it(cells, book, day):
    summary = cells["Summary"]
    assert summary["A2"].value.startswith(f"As of {book.as_of.day} {book.as_of:%B %Y}, case plain.")
    header = find(cells, "Summary", "missing facts", offset=-1)
    for ticker in FIVE if day != DAYS[0] else ():
        row = next(
            at[1:]
            for at, cell in summary.items()
            if at[0] == "A" and cell.value == ticker and int(at[1:]) > int(header[1:])
        )
        stale = [f"{fact.metric} {fact.age(book.as_of)} days" for fact in stale_facts(book, ticker)]
        assert sorted(summary[f"O{row}"].value.split(", ")) == sorted(stale or ["-"]), ticker


@DAYS_TOGETHER
def test_every_figure_that_has_a_name_follows_and_every_check_passes(on_day, days):
    built = plan_model(coverage(load_book(BUILT), FIVE)).names
    differing, compared = [], 0
    for day in days:
        cells = on_day(day)
        fresh = plan_model(coverage(load_book(day), FIVE))
        if cells["Checks"]["B4"].value is not True:
            differing.append((day, "Checks"))
        assert cells["Inputs"]["C5"].value == load_book(day).handle
        for name in built.keys() & fresh.names.keys():
            ref = built[name]
            if ref != ref.to(ref) or ref.row != ref.last_row or ref.column != ref.last_column:
                continue
            wanted, found = planned(fresh, fresh.names[name]), cells[ref.sheet][ref.here].value
            compared += 1
            if not agree(wanted, found):
                differing.append((day, name, wanted, found))
    assert differing == []
    assert compared > 200 * len(days)


@pytest.mark.long
def test_where_next_to_nothing_is_known_an_error_is_one_of_a_missing_fact(model, tmp_path):
    """On 10 December 2024 there is an edition, and no bitcoin price, deal or lease."""
    early = with_cells(
        model, tmp_path / "early.xlsx", {AS_OF.sheet: {AS_OF.here: date(2024, 12, 10)}}
    )
    cells = recalculated_cells(early)
    assert cells["Checks"]["B4"].value is True
    errors = {
        (sheet, at): cell.value.code
        for sheet, found in cells.items()
        for at, cell in found.items()
        if isinstance(cell.value, ErrorValue)
    }
    assert {at for at, code in errors.items() if code not in ("#N/A", "#NUM!")} == set()


def test_a_row_typed_below_a_table_counts_from_its_day_on_in_cells_and_functions(model, tmp_path):
    """RIOT's fleet of 40 EH/s, and a target of 30 USD, become known on 1 December."""
    today = date(2025, 12, 1)
    source = {"source": "https://example.org/riot", "confidence": "medium", "note": ""}
    hashrate = {
        "scope": "RIOT",
        "metric": "hashrate",
        "value": 40.0,
        "unit": "EH/s",
        "basis": "",
        "as_of": date(2025, 11, 30),
        "known_on": today,
        **source,
    }
    tables = dict(load_book(BUILT).tables)
    blank = {one.name: "" if one.kind == "text" else None for one in TABLES["editions"].columns}
    edition = blank | {
        "edition_date": today,
        "broker": "JPM",
        "ticker": "RIOT",
        "new_rating": "OW",
        "new_target": 30.0,
        **source,
    }
    typed = openpyxl.load_workbook(model)
    for name, sheet, row in (
        ("inputs", typed["Facts"], hashrate),
        ("editions", typed["Editions"], edition),
    ):
        sheet.append([row[column] or None for column in tables[name].columns])
        tables[name] = table_of(name, [*tables[name].rows(), row])
    paths = {}
    for day in (today, date(2025, 11, 30)):
        typed[AS_OF.sheet][AS_OF.here] = day
        paths[day] = tmp_path / f"{day}.xlsx"
        typed.save(paths[day])
    for day, cells in zip(paths, recalculated_each(list(paths.values())), strict=True):
        book = Book.at(tables, day)
        assert cells["Inputs"]["C5"].value == book.handle
        row = input_row(cells, "RIOT", "hashrate")
        assert cells["Inputs"][f"C{row}"].value == book.number("RIOT", "hashrate")
        mining = [
            figure(cells, *place, "RIOT")
            for place in (("SOTP", "Mining"), ("Mining", "HPC_MINING_VALUE"))
        ]
        assert mining == pytest.approx([mining_value("RIOT", book=book)] * 2, rel=1e-9)
        published = figure(cells, "Targets", "Published target", "RIOT")
        assert published == book.edition["RIOT"]["new_target"]
    assert [Book.at(tables, day).number("RIOT", "hashrate") for day in paths] == [40.0, 36.5]


def test_a_fact_of_a_kind_that_inputs_has_no_row_for_fails_a_check_that_names_it(model, tmp_path):
    typed = openpyxl.load_workbook(model)
    row = {"scope": "RIOT", "metric": "window_months", "value": 6.0, "unit": "months"}
    known = {"as_of": date(2025, 11, 1), "source": "assumption", "confidence": "low"}
    names = load_book().tables["inputs"].columns
    typed["Facts"].append([{**row, **known}.get(column) for column in names])
    typed.save(tmp_path / "typed.xlsx")
    checks = recalculated_cells(tmp_path / "typed.xlsx")["Checks"]
    label = "Facts without a row on Inputs, which cells do not see"
    at = next(at[1:] for at, cell in checks.items() if cell.value == label)
    assert checks[f"E{at}"].value is False
    assert checks[f"C{at}"].value == "RIOT|window_months: build the workbook anew"
