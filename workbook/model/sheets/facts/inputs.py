"""Inputs: every fact used, the analyst's own values beside them, and the book made of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from valuation_core.book import Book, with_own_facts
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.tables import Row
from valuation_core.catalogue.catalogue import formula
from workbook.cells import Ref, Value, letters
from workbook.model.plan import Highlight, Sheet
from workbook.model.sheets.facts.case_cells import CASE_NAME, CaseTable
from workbook.model.sheets.facts.constants import plan_constants
from workbook.model.sheets.facts.control_cells import cell_of
from workbook.model.sheets.facts.defined_names import defined_names
from workbook.model.sheets.facts.input_cells import (
    AS_OF,
    AS_OF_ROW,
    CASE,
    CASE_LABEL,
    CASE_ROW,
    COLUMN,
    CONFIDENCE,
    FIRST_ROW,
    IN_USE,
    NAME,
    READ,
    STATUS,
    VALID,
    WIDTHS,
    InputCells,
)
from workbook.model.sheets.facts.input_rows import InputSource, put_fact
from workbook.model.sheets.facts.keys import KeyColumns
from workbook.model.sheets.facts.newest_rows import DEBT_OF, PUBLISHED, NewestRows
from workbook.model.sheets.facts.own_site_rows import put_own_sites
from workbook.model.sheets.facts.own_sites import own_sites_of, read_by_functions
from workbook.model.sheets.facts.published import plan_published
from workbook.style import DATE

DATE_NAME: Final = "Date_in_use"
"""Defined name of the cell that chooses the date."""

NEEDED: Final = (
    "btc_held",
    "cash",
    "cloud_mw",
    "debt_reported",
    "displaced_on",
    "efficiency",
    "hashrate",
    "hashrate_displaced",
    "hashrate_guided",
    "hpc_mw_named",
    "hpc_mw_shopped",
    "hpc_probability",
    "hpc_value_named",
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
    "colo_value_position",
    "cost_of_equity",
    "gpu_capex",
    "gpu_life",
    "gpu_opex_share",
    "gpu_per_mw",
    "gpu_price",
    "gpu_utilisation",
    "gross_to_critical",
    "guided_hashrate_share",
    "hodl_premium",
    "land_on_unlet",
    "land_power_value",
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
    "option_by_site",
    "rating_overweight_from",
    "rating_underweight_below",
    "signed_by_lease",
    "site_probability_12m",
    "site_probability_24m",
    "site_probability_later",
    "site_probability_pipeline",
    "target_date",
    "tenant_cap",
    "use_named",
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


def plan_inputs(
    book: Book,
    tickers: Sequence[str],
    tables: Mapping[str, Ref],
    keys_of_tables: Mapping[str, KeyColumns],
    miner: str,
) -> tuple[Sheet, InputCells, dict[str, Ref]]:
    """Plan the sheet: facts in one block, then fixed numbers, then published figures.

    `tables` are the cells of the tables of the book, which the handles are made of;
    `keys_of_tables` say what of the tables counts on the date; `miner` is chosen on Control.

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
        "State your own value in the yellow column, green ones on Control or Pipeline: it "
        "wins, and cells and functions follow. Values, yours too, are in the unit and on the MW "
        "basis of their row. Amber rows rest on low confidence, red dates are old. Every value in "
        "use has a name such as RIOT_hashrate.",
        "subtitle",
    )
    table = CaseTable(tables["cases"], book)
    keys = _keys(table, keys_of_tables["inputs"].table.rows_built, tickers)
    last = FIRST_ROW + len(keys) - 1
    sites = own_sites_of(keys_of_tables["sites"].table.rows_built, tickers)
    end = last + len(sites)
    # Date and case are typed on Control; what reads Inputs finds them here too.
    note = f"type it into {AS_OF.sheet}!{AS_OF.here}"
    _put_head(sheet, AS_OF_ROW, "Date of the book", book.as_of, "link", note, AS_OF.there)
    _put_head(sheet, CASE_ROW, CASE_LABEL, book.case, "link", formula=CASE.there)
    read = Ref(NAME, FIRST_ROW, COLUMN[READ[0]], end, COLUMN[READ[-1]])
    owing = keys_of_tables["instruments"].span(DEBT_OF)
    made_of = InputSource(table, NewestRows(keys_of_tables["inputs"]), keys, owing)
    stated = [made_of.read_by_functions(key) for key in keys]
    effective = with_own_facts(book, [*stated, *(read_by_functions(book, one) for one in sites)])
    given = {name: ref.there for name, ref in tables.items()}
    call = formula("HPC_BOOK", as_of=AS_OF.there, facts=read.fixed, case=CASE.there, **given)
    label = "Handle of these facts"
    handle = _put_head(sheet, 5, label, effective.handle, "function_left", formula=call)
    label, call = "Handle of the plain book", formula("HPC_BOOK", as_of=AS_OF.there, **given)
    note = "published parameters only: without the case and without your values"
    plain = _put_head(sheet, 3, label, book.plain.handle, "function_left", note, call)
    _put_headings(sheet, FIRST_ROW - 1)
    facts = {
        key: put_fact(sheet, FIRST_ROW + offset, key, made_of, cell_of(key, tickers))
        for offset, key in enumerate(keys)
    }
    own = put_own_sites(sheet, last + 1, book, keys_of_tables["sites"], tickers)
    _put_case(sheet, table, last)
    _highlight(sheet, end)
    constants, row = plan_constants(sheet, end + 3)
    editions = NewestRows(keys_of_tables["editions"], PUBLISHED)
    published = plan_published(sheet, editions, tickers, row + 2)
    blocks = _blocks(keys, FIRST_ROW)
    cells = InputCells(
        handle,
        plain,
        AS_OF,
        facts,
        published,
        book,
        constants,
        sheet,
        keys_of_tables,
        miner,
        own,
        blocks,
    )
    return sheet, cells, {DATE_NAME: AS_OF, CASE_NAME: CASE, **defined_names(facts)}


def _put_head(
    sheet: Sheet,
    row: int,
    label: str,
    value: Value,
    style: str,
    note: str | None = None,
    formula: str | None = None,
) -> Ref:
    """Plan one line about the book above the facts."""
    sheet.put(row, COLUMN["scope"], label, "label_bold")
    sheet.put(row, COLUMN["metric"], None, "label")
    number_format = DATE if isinstance(value, date) else "General"
    ref = sheet.put(row, IN_USE, value, style, number_format, formula)
    if note:
        sheet.put(row, COLUMN["in the book"], note, "subtitle")
    return ref


def _put_case(sheet: Sheet, table: CaseTable, last: int) -> None:
    """Plan whether the case in use is one, and how many of the facts it changes."""
    known = sheet.put(CASE_ROW, VALID, True, "check_small", formula=table.known()).here
    column = COLUMN["change in use"]
    in_use = Ref(NAME, FIRST_ROW, column, last, column)
    count = sum(sheet.cells[row, column].value != 0 for row in range(FIRST_ROW, last + 1))
    said = '" facts here are changed by the case: their source and note say so"'
    wrong = "no case of this name: choose one; sheet Cases has them"
    sheet.put(
        CASE_ROW,
        COLUMN["in the book"],
        f"{count}{said[1:-1]}",
        "subtitle",
        formula=f'IF({known},COUNTIF({in_use.here},">0")&{said},"{wrong}")',
    )


def _put_headings(sheet: Sheet, row: int) -> None:
    numbers = ("in use", "in the book", "your value", "age, days", "stale after", "from", "to")
    for heading, column in COLUMN.items():
        sheet.put(row, column, heading, "heading" if heading in numbers else "heading_left")


def _keys(table: CaseTable, facts: Sequence[Row], tickers: Sequence[str]) -> list[tuple[str, str]]:
    """Give the rows: facts of any date, what a case may make of them, and what may be stated."""
    stated = {(row["scope"], row["metric"]) for row in facts}
    shared = {metric for scope, metric in stated if scope == MARKET_WIDE}
    stated |= {key for key in table.changed_keys() if key[1] in shared}
    framework = {key for key in stated if key[0] in (MARKET_WIDE, NETWORK)}
    framework |= {(MARKET_WIDE, metric) for metric in NEEDED_OF_ALL}
    framework |= {(NETWORK, metric) for metric in NEEDED_OF_NETWORK}
    keys = sorted(framework)
    for ticker in tickers:
        own = {metric for scope, metric in stated if scope == ticker}
        keys += [(ticker, metric) for metric in sorted(own | set(NEEDED) - shared)]
    return keys


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


def _highlight(sheet: Sheet, last: int) -> None:
    """Mark facts of low confidence and values that are not valid."""
    age, limit = (letters(COLUMN[name]) for name in ("age, days", "stale after"))
    ages = Ref(NAME, FIRST_ROW, COLUMN["as of"], last, COLUMN["stale after"])
    old = f"AND(ISNUMBER(${limit}{FIRST_ROW}),ISNUMBER(${age}{FIRST_ROW}))"
    stale = f"IF({old},${age}{FIRST_ROW}>${limit}{FIRST_ROW},FALSE)"
    sheet.highlights.append(Highlight(ages, stale, "red"))
    marked = Ref(NAME, FIRST_ROW, COLUMN["scope"], last, CONFIDENCE)
    sheet.highlights.append(Highlight(marked, f'${letters(CONFIDENCE)}{FIRST_ROW}="low"', "amber"))
    states = Ref(NAME, FIRST_ROW, STATUS, last, VALID)
    sheet.highlights.append(Highlight(states, f"NOT(${letters(VALID)}{FIRST_ROW})", "red"))
