"""Inputs: every fact used, the analyst's own values beside them, and the book made of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from valuation_core.book import OWN, Book, with_own_facts
from valuation_core.book.metrics import MARKET_WIDE
from valuation_core.book.own import PROBABILITY
from valuation_core.catalogue.catalogue import formula
from valuation_core.errors import misfit
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
    LAST_SHOWN,
    NAME,
    READ,
    STALE,
    STATUS,
    VALID,
    WIDTHS,
    InputCells,
)
from workbook.model.sheets.facts.input_effects import HEADING as EFFECT
from workbook.model.sheets.facts.input_effects import put_effects
from workbook.model.sheets.facts.input_rows import InputSource, put_fact
from workbook.model.sheets.facts.input_sections import Key, Section, rows_of, sections_of
from workbook.model.sheets.facts.keys import KeyColumns
from workbook.model.sheets.facts.newest_rows import DEBT_OF, PUBLISHED, NewestRows
from workbook.model.sheets.facts.own_site_rows import put_own_sites
from workbook.model.sheets.facts.own_sites import own_sites_of, read_by_functions
from workbook.model.sheets.facts.published import plan_published
from workbook.style import DATE

DATE_NAME: Final = "Date_in_use"
"""Defined name of the cell that chooses the date."""


def plan_inputs(
    book: Book,
    tickers: Sequence[str],
    tables: Mapping[str, Ref],
    keys_of_tables: Mapping[str, KeyColumns],
    miner: str,
) -> tuple[Sheet, InputCells, dict[str, Ref]]:
    """Plan the sheet: sections of facts, then fixed numbers, then published figures.

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
        folded=(COLUMN[LAST_SHOWN] + 1, len(WIDTHS)),
    )
    sheet.put(1, 1, "Inputs", "title")
    sheet.put(
        2,
        1,
        "State your own value in the yellow column, green ones on Control or Pipeline: it "
        "wins, and cells and functions follow. Values, yours too, are in the unit and on the MW "
        "basis of their row. Amber rows rest on low confidence, red dates are old. Every value "
        "in use has a name such as RIOT_hashrate. The + at the margin unfolds what only computes.",
        "subtitle_wrapped",
    )
    # As wide as the first page that is printed.
    sheet.merges.append(Ref(NAME, 2, 1, 2, COLUMN["to take effect"]))
    table = CaseTable(tables["cases"], book)
    built = keys_of_tables["inputs"].table.rows_built
    sections = sections_of(book, built, table.changed_keys(), tickers)
    rows = rows_of(sections, FIRST_ROW)
    _refuse_homeless(book, rows, tickers)
    last = max(rows.values())
    sites = own_sites_of(keys_of_tables["sites"].table.rows_built, tickers)
    first_site = last + 2
    end = first_site + len(sites) - 1 if sites else last
    # Date and case are typed on Control; what reads Inputs finds them here too.
    note = f"type it into {AS_OF.sheet}!{AS_OF.here}"
    _put_head(sheet, AS_OF_ROW, "Date of the book", book.as_of, "link", note, AS_OF.there)
    _put_head(sheet, CASE_ROW, CASE_LABEL, book.case, "link", formula=CASE.there)
    read = Ref(NAME, FIRST_ROW, COLUMN[READ[0]], end, COLUMN[READ[-1]])
    owing = keys_of_tables["instruments"].span(DEBT_OF)
    made_of = InputSource(table, NewestRows(keys_of_tables["inputs"]), rows, owing)
    stated = [made_of.read_by_functions(key) for key in rows]
    effective = with_own_facts(book, [*stated, *(read_by_functions(book, one) for one in sites)])
    given = {name: ref.there for name, ref in tables.items()}
    call = formula("HPC_BOOK", as_of=AS_OF.there, facts=read.fixed, case=CASE.there, **given)
    label = "Handle of these facts"
    handle = _put_head(sheet, 5, label, effective.handle, "function_left", formula=call)
    label, call = "Handle of the plain book", formula("HPC_BOOK", as_of=AS_OF.there, **given)
    note = "published parameters only: without the case and without your values"
    plain = _put_head(sheet, 3, label, book.plain.handle, "function_left", note, call)
    _put_headings(sheet, FIRST_ROW - 1)
    facts = {key: put_fact(sheet, key, made_of, cell_of(key, tickers)) for key in rows}
    _put_titles(sheet, sections, rows)
    put_effects(sheet, rows, owing)
    own = put_own_sites(sheet, first_site, book, keys_of_tables["sites"], tickers)
    if sites:
        _put_title(sheet, "Own probability of a site, typed on Pipeline", first_site, end)
    _put_case(sheet, table, last)
    _highlight(sheet, end)
    constants, row = plan_constants(sheet, end + 3)
    editions = NewestRows(keys_of_tables["editions"], PUBLISHED)
    published = plan_published(sheet, editions, tickers, row + 2)
    blocks = _blocks(rows)
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


def _refuse_homeless(book: Book, rows: Mapping[Key, int], tickers: Sequence[str]) -> None:
    """Refuse an own fact that no row of the sheet holds: cells would be without it, unsaid."""
    for site in book.in_force["sites"].rows():
        if site["confidence"] == OWN and site["ticker"] not in tickers:
            rule = "has no row in this workbook: it is built without the miner"
            raise misfit(f"{site['ticker']}/{site['site']} {PROBABILITY}", rule)
    for key, fact in book.facts.items():
        if fact.confidence == OWN and key not in rows:
            scope, metric = key
            where = "for ALL or " if (MARKET_WIDE, metric) in rows else ""
            rule = (
                f"has no row on sheet Inputs of this workbook: state it {where}in a book of yours"
            )
            raise misfit(f"{scope} {metric}", rule, fact.value)


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
    shown = (sheet.cells.get((row, column)) for row in range(FIRST_ROW, last + 1))
    count = sum(cell is not None and cell.value != 0 for cell in shown)
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
    numbers = ("in use", "in the book", "your value", "set by the case", "age, days", "from", "to")
    for heading, column in COLUMN.items():
        sheet.put(row, column, heading, "heading" if heading in numbers else "heading_left")


def _put_titles(sheet: Sheet, sections: Sequence[Section], rows: Mapping[Key, int]) -> None:
    """Plan the title above each section, whose rows fold under it."""
    for section in sections:
        _put_title(sheet, section.title, rows[section.keys[0]], rows[section.keys[-1]])


def _put_title(sheet: Sheet, title: str, first: int, last: int) -> None:
    for column in range(1, COLUMN[LAST_SHOWN] + 1):
        sheet.put(first - 1, column, title if column == 1 else None, "section")
    sheet.outline.append((first, last))


def _blocks(rows: Mapping[Key, int]) -> dict[str, tuple[Ref, Ref, Ref]]:
    """Give the cells of metric, status and validity of each scope, titles among them."""
    blocks = {}
    for scope in dict.fromkeys(scope for scope, _ in rows):
        of_scope = [row for key, row in rows.items() if key[0] == scope]
        first, last = min(of_scope), max(of_scope)
        metrics, states, valid = (
            Ref(NAME, first, column, last, column) for column in (COLUMN["metric"], STATUS, VALID)
        )
        blocks[scope] = (metrics, states, valid)
    return blocks


def _highlight(sheet: Sheet, last: int) -> None:
    """Mark facts of low confidence and values that are not valid."""
    ages = Ref(NAME, FIRST_ROW, COLUMN["as of"], last, COLUMN["stale"])
    mark = f'${letters(COLUMN["stale"])}{FIRST_ROW}="{STALE}"'
    sheet.highlights.append(Highlight(ages, mark, "red"))
    own, needs = (f"${letters(COLUMN[name])}{FIRST_ROW}" for name in ("your value", EFFECT))
    idle = Ref(NAME, FIRST_ROW, COLUMN[EFFECT], last, COLUMN[EFFECT])
    sheet.highlights.append(Highlight(idle, f'AND({own}<>"",{needs}<>"")', "amber"))
    marked = Ref(NAME, FIRST_ROW, COLUMN["scope"], last, CONFIDENCE)
    sheet.highlights.append(Highlight(marked, f'${letters(CONFIDENCE)}{FIRST_ROW}="low"', "amber"))
    states = Ref(NAME, FIRST_ROW, STATUS, last, STATUS)
    valid = f"${letters(VALID)}{FIRST_ROW}"  # blank in the row of a title
    sheet.highlights.append(Highlight(states, f"AND(ISLOGICAL({valid}),NOT({valid}))", "red"))
