"""Inputs: every fact used, the analyst's own values beside them, and the book made of both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, isfinite
from typing import Final

from valuation_core.book import METRICS, OWN, Book, with_own_facts
from valuation_core.catalogue.catalogue import formula
from valuation_core.errors import ValuationError
from valuation_core.instruments import instruments_of
from workbook.cells import Ref, Value, letters
from workbook.model.plan import Highlight, Sheet, Validation
from workbook.model.sheets.facts.constants import plan_constants
from workbook.model.sheets.facts.defined_names import defined_names
from workbook.model.sheets.facts.input_cells import (
    ABSENT,
    COLUMN,
    CONFIDENCE,
    IN_USE,
    NAME,
    OK,
    OWN_VALUE,
    STATUS,
    VALID,
    WIDTHS,
    InputCells,
    basis_of,
)
from workbook.model.sheets.facts.published import plan_published, put_source
from workbook.style import DATE

NEEDED: Final = (
    "btc_held",
    "cash",
    "cloud_mw",
    "efficiency",
    "hashrate",
    "hpc_mw_shopped",
    "hpc_probability",
    "other_value",
    "power_price",
    "price",
    "shares_basic",
    "uptime",
)
"""Facts of a miner that get a row even where the book has none, to be filled by the analyst."""

NEEDED_OF_ALL: Final = (
    "capex_per_mw",
    "cloud_value",
    "colo_value_high",
    "colo_value_low",
    "colo_value_mid",
    "cost_of_equity",
    "gpu_capex",
    "gpu_life",
    "gpu_opex_share",
    "gpu_per_mw",
    "gpu_price",
    "gpu_utilisation",
    "gross_to_critical",
    "hodl_premium",
    "lease_build_years",
    "lease_debt_rate",
    "lease_debt_years",
    "lease_equity_return",
    "lease_escalator",
    "lease_exit_cap_rate",
    "lease_loan_to_cost",
    "lease_noi_margin",
    "lease_rent",
    "lease_years",
    "mining_discount_rate",
    "network_growth",
    "rating_overweight_from",
    "rating_underweight_below",
    "target_date",
    "tenant_cap",
    "window_months",
)
"""Parameters of the framework that get a row in any case."""

NEEDED_OF_NETWORK: Final = (
    "block_subsidy",
    "blocks_per_day",
    "btc_price",
    "fee_share",
    "halving_date",
    "network_hashrate",
)

FIRST_ROW: Final = 9
CHARACTERS_A_LINE: Final = 70

_NUMBER: Final = "#,##0.####"


def plan_inputs(book: Book, tickers: Sequence[str]) -> tuple[Sheet, InputCells, dict[str, Ref]]:
    """Plan the sheet: facts in one block, then fixed numbers, then published figures.

    Returns
    -------
    tuple of (Sheet, InputCells, dict of str to Ref)
        The sheet, where facts landed, and the defined name of each.
    """
    sheet = Sheet(
        NAME,
        tuple(WIDTHS.values()),
        freeze=f"D{FIRST_ROW}",
        repeat_rows=(FIRST_ROW - 1, FIRST_ROW - 1),
    )
    sheet.put(1, 1, "Inputs", "title")
    sheet.put(
        2,
        1,
        "State your own value in the yellow column: it wins, and cells and functions follow. "
        "Amber rows rest on low confidence. Every value in use has a name such as RIOT_hashrate.",
        "subtitle",
    )
    keys = _keys(book, tickers)
    last = FIRST_ROW + len(keys) - 1
    table = Ref(NAME, FIRST_ROW, COLUMN["scope"], last, IN_USE)
    sheet.put(4, COLUMN["scope"], "Date of the book", "label_bold")
    sheet.put(4, COLUMN["metric"], None, "label")
    as_of = sheet.put(4, IN_USE, book.as_of, "fact", DATE)
    sheet.put(
        4, COLUMN["in the book"], "fixed: build another workbook for another date", "subtitle"
    )
    sheet.put(5, COLUMN["scope"], "Handle of these facts", "label_bold")
    sheet.put(5, COLUMN["metric"], None, "label")
    effective = with_own_facts(book, [(*key, _value(book, key)) for key in keys])
    call = formula("HPC_BOOK", as_of=as_of.fixed, facts=table.fixed)
    handle = sheet.put(5, IN_USE, effective.handle, "function_left", formula=call)
    sheet.put(6, 1, "Values are in the unit and on the MW basis of their row.", "subtitle")
    _put_headings(sheet, FIRST_ROW - 1)
    facts = {
        key: _put_fact(sheet, FIRST_ROW + offset, key, book) for offset, key in enumerate(keys)
    }
    _highlight(sheet, last)
    constants, row = plan_constants(sheet, last + 3)
    published = plan_published(sheet, book, tickers, row + 2)
    cells = InputCells(handle, as_of, facts, published, book, constants, _blocks(keys, FIRST_ROW))
    return sheet, cells, defined_names(facts)


def _put_headings(sheet: Sheet, row: int) -> None:
    numbers = ("in use", "in the book", "your value", "from", "to")
    for heading, column in COLUMN.items():
        sheet.put(row, column, heading, "heading" if heading in numbers else "heading_left")


def _keys(book: Book, tickers: Sequence[str]) -> list[tuple[str, str]]:
    framework = {key for key in book.facts if key[0] in ("ALL", "NETWORK")}
    framework |= {("ALL", metric) for metric in NEEDED_OF_ALL}
    framework |= {("NETWORK", metric) for metric in NEEDED_OF_NETWORK}
    keys = sorted(framework)
    shared = {metric for scope, metric in book.facts if scope == "ALL"}
    for ticker in tickers:
        own = {metric for scope, metric in book.facts if scope == ticker}
        needed = set(NEEDED) - shared
        if _reports_debt(book, ticker):
            needed.add("debt_reported")
        keys += [(ticker, metric) for metric in sorted(own | needed)]
    return keys


def _reports_debt(book: Book, ticker: str) -> bool:
    """Whether a miner's debt is the reported one, for want of a debt instrument."""
    try:
        return instruments_of(book, ticker).loans is None
    except ValuationError:
        return False


def _blocks(keys: list[tuple[str, str]], first: int) -> dict[str, tuple[Ref, Ref, Ref]]:
    blocks = {}
    for scope in dict.fromkeys(scope for scope, _ in keys):
        rows = [first + offset for offset, key in enumerate(keys) if key[0] == scope]
        blocks[scope] = (
            Ref(NAME, rows[0], COLUMN["metric"], rows[-1], COLUMN["metric"]),
            Ref(NAME, rows[0], STATUS, rows[-1], STATUS),
            Ref(NAME, rows[0], VALID, rows[-1], VALID),
        )
    return blocks


def _value(book: Book, key: tuple[str, str]) -> float | date | None:
    fact = book.facts.get(key)
    return None if fact is None else fact.value


def _put_fact(sheet: Sheet, row: int, key: tuple[str, str], book: Book) -> Ref:
    metric, fact = METRICS[key[1]], book.facts.get(key)
    value: Value = None if fact is None else fact.value
    number_format = _number_format(metric.unit, value)
    sheet.put(row, COLUMN["scope"], key[0], "label")
    sheet.put(row, COLUMN["metric"], key[1], "label")
    stated = sheet.put(row, COLUMN["in the book"], value, "fact", number_format)
    own = sheet.put(row, OWN_VALUE, None, "input", number_format)
    chosen = f'IF({own.here}<>"",{own.here},IF({stated.here}<>"",{stated.here},""))'
    used = sheet.put(
        row, IN_USE, "" if value is None else value, "calculation", number_format, chosen
    )
    sheet.put(row, COLUMN["unit"], metric.unit, "unit")
    sheet.put(row, COLUMN["basis"], basis_of(book, key) or "-", "unit")
    sheet.put(row, COLUMN["as of"], fact.as_of if fact else "-", "unit")
    confidence = fact.confidence if fact else "missing"
    stated_as = sheet.put(row, COLUMN["confidence in the book"], confidence, "unit").here
    whose = f'IF({own.here}<>"","{OWN}",{stated_as})'
    sheet.put(row, CONFIDENCE, confidence, "unit", formula=whose)
    bounds = _put_bounds(sheet, row, key[1])
    _put_status(sheet, row, used, bounds, fact is not None)
    sheet.put(row, COLUMN["meaning"], metric.meaning, "label_wrap")
    put_source(sheet, row, fact.source if fact else "not in the book: state a value to use it")
    note = fact.note if fact else ""
    sheet.put(row, COLUMN["note"], note or None, "note")
    sheet.heights[row] = max(13.5, 11.5 * ceil(len(note) / CHARACTERS_A_LINE))
    _validate(sheet, own, key[1])
    return used


def _put_bounds(sheet: Sheet, row: int, name: str) -> list[str]:
    """Plan the domain of a metric and give the conditions it makes."""
    metric = METRICS[name]
    conditions = []
    domain = metric.domain
    sides = (("from", domain.low, ">" if domain.above else ">="), ("to", domain.high, "<="))
    for heading, bound, relation in sides:
        finite = isfinite(bound) and metric.unit != "date"
        ref = sheet.put(row, COLUMN[heading], float(bound) if finite else None, "fact", "General")
        if finite:
            conditions.append(f"{relation}{ref.here}")
    return conditions


def _put_status(sheet: Sheet, row: int, used: Ref, bounds: list[str], stated: bool) -> None:
    """Plan what is to be said of a value, and whether a check may pass with it."""
    inside = f'"{OK}"'
    if bounds:
        conditions = ",".join(f"{used.here}{bound}" for bound in bounds)
        both = f"AND({conditions})" if len(bounds) > 1 else conditions
        inside = f'IF({both},"{OK}","out of range")'
    blank = "blank: fill it" if stated else ABSENT
    text_of = f'IF({used.here}="","{blank}",IF(ISNUMBER({used.here}),{inside},"not a number"))'
    state = sheet.put(row, STATUS, OK if stated else ABSENT, "status", formula=text_of)
    valid = f'OR({state.here}="{OK}",{state.here}="{ABSENT}")'
    sheet.put(row, VALID, True, "check_small", formula=valid)


def _number_format(unit: str, value: Value) -> str:
    """Show whole numbers without a trailing point, others with up to four decimals."""
    if unit == "date":
        return DATE
    if unit in ("fraction", "fraction/year"):
        return "0.0##%"
    whole = isinstance(value, float) and value == int(value)
    return "#,##0" if whole else _NUMBER


def _validate(sheet: Sheet, cell: Ref, name: str) -> None:
    metric = METRICS[name]
    if metric.unit == "date":
        message = f"{name} is a date."
        sheet.validations.append(Validation(cell, message, "date", low=1))
        return
    domain = metric.domain
    low = domain.low if isfinite(domain.low) else None
    high = domain.high if isfinite(domain.high) else None
    message = f"{name} in {metric.unit} {domain.rule}."
    sheet.validations.append(Validation(cell, message, "decimal", low, high))


def _highlight(sheet: Sheet, last: int) -> None:
    """Mark facts of low confidence and values that are not valid."""
    marked = Ref(NAME, FIRST_ROW, COLUMN["scope"], last, CONFIDENCE)
    sheet.highlights.append(Highlight(marked, f'${letters(CONFIDENCE)}{FIRST_ROW}="low"', "amber"))
    states = Ref(NAME, FIRST_ROW, STATUS, last, VALID)
    sheet.highlights.append(Highlight(states, f"NOT(${letters(VALID)}{FIRST_ROW})", "red"))
