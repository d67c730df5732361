"""Sources: every distinct source in the workbook, what rests on it, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from valuation_core.book import OWN
from valuation_core.book.schema import CONFIDENCES
from workbook.cells import Ref
from workbook.model.addresses import column_absolute, row_absolute
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import OWN_FACT, InputCells
from workbook.model.tables import LOWEST
from workbook.opc.web_links import link_to

NAME: Final = "Sources"
STYLE: Final = "source"
"""Cells that name a source have this style on every sheet, and are found by it."""

LEVELS: Final = (*CONFIDENCES, OWN)
FIRST_COUNT: Final = 3
WIDTH_OF_RESTS: Final = 60


@dataclass(frozen=True, slots=True)
class Column:
    """The source column of one sheet, and the confidence beside it."""

    sheet: str
    sources: Ref
    confidences: Ref


@dataclass
class Source:
    """One source: the rows that rest on it, by sheet, and their confidences."""

    rows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    confidences: list[str] = field(default_factory=list)


def sources_of_inputs(inputs: InputCells) -> Iterator[str]:
    """Give every source that a fact or a published figure on Inputs may have, on any date."""
    yield OWN_FACT
    scopes = {scope for scope, _ in inputs.facts}
    for row in inputs.keys["inputs"].table.rows:
        if (row["scope"], row["metric"]) in inputs.facts:
            yield row["source"]
    for row in inputs.keys["editions"].table.rows:
        if row["ticker"] in scopes:
            yield row["source"]


def plan_sources(
    sheets: Iterable[Sheet], others: Iterable[str], listed: Sequence[str] = ()
) -> Sheet:
    """Plan the sheet from what the other sheets name as their sources, or count those listed.

    Counts follow the date and the case; sources of another date or case are among `others`, so that
    none is missing.
    """
    columns: list[Column] = []
    sources = {source: Source() for source in others}
    for planned in sheets:
        column = _collect(planned, sources)
        if column is not None:
            columns.append(column)
    counts = len(columns) + 1 + len(LEVELS)
    sheet = Sheet(NAME, (22, 56, *[8] * counts, WIDTH_OF_RESTS), freeze="C7", repeat_rows=(6, 6))
    sheet.put(1, 1, "Sources", "title")
    sheet.put(
        2,
        1,
        "Every source named in this workbook, most used first: how many rows rest on it by sheet "
        "and by confidence, on this date and under this case; last, which did when it was built. "
        "High: a filing, a company release or two outlets. Medium: one outlet. Low: derived or "
        "assumed. Own: stated by you.",
        "subtitle",
    )
    headings = (*(column.sheet for column in columns), "All", *LEVELS)
    sheet.put_row(6, 1, ("Published by", "Source"), "heading_left")
    sheet.put_row(6, FIRST_COUNT, headings, "heading")
    sheet.put(6, FIRST_COUNT + counts, "What rests on it", "heading_left")
    ordered = sorted(sources.items(), key=lambda item: (-len(item[1].confidences), item[0]))
    if listed:
        ordered = [(text, sources.get(text, Source())) for text in listed]
    for line, (text, source) in enumerate(ordered, start=7):
        _put(sheet, line, text, source, columns)
    _put_totals(sheet, 4, 7, 6 + len(ordered), counts)
    return sheet


def _collect(planned: Sheet, sources: dict[str, Source]) -> Column | None:
    """Add what a sheet rests on; give its source column where it has one."""
    places = sorted(at for at, cell in planned.cells.items() if cell.style == STYLE)
    if not places:
        return None
    (first, column), (last, _) = places[0], places[-1]
    beside = 0
    for row, _ in places:
        found = _confidence(planned, row, column)
        if found is None:
            continue  # a row for a fact that the book does not hold
        beside, confidence = found
        source = sources.setdefault(str(planned.cells[row, column].value), Source())
        source.rows.setdefault(planned.name, []).append(_label(planned, row))
        source.confidences.append(confidence)
    return Column(
        planned.name,
        Ref(planned.name, first, column, last, column),
        Ref(planned.name, first, beside or column, last, beside or column),
    )


def _confidence(planned: Sheet, row: int, column: int) -> tuple[int, str] | None:
    """Find the confidence of a row, left of its source or next to it."""
    for other in (*range(1, column), column + 1):
        cell = planned.cells.get((row, other))
        if cell is not None and cell.value in LEVELS:
            return other, str(cell.value)
    return None


def _label(planned: Sheet, row: int) -> tuple[str, str]:
    """Name a row by its first two columns."""
    first, second = (planned.cells[row, column].value for column in (1, 2))
    return str(first), str(second)


def _grouped(labels: Sequence[tuple[str, str]]) -> str:
    """List labels, what they have in common once.

    Examples
    --------
    >>> _grouped([("RIOT", "cash"), ("RIOT", "price"), ("ALL", "tenant_cap")])
    'RIOT (cash, price), ALL (tenant_cap)'
    """
    groups: dict[str, list[str]] = {}
    for first, second in labels:
        groups.setdefault(first, []).append(second)
    return ", ".join(f"{first} ({', '.join(seconds)})" for first, seconds in groups.items())


def _put(sheet: Sheet, line: int, text: str, source: Source, columns: Sequence[Column]) -> None:
    address = link_to(text)
    publisher = urlsplit(address).netloc.removeprefix("www.") if address else "-"
    sheet.put(line, 1, publisher, "label")
    at = sheet.put(line, 2, text, "source_name", link=address)
    own = row_absolute(at)
    column = FIRST_COUNT
    for place in columns:
        count = float(len(source.rows.get(place.sheet, ())))
        # COUNTIF would read a question mark in an address as any character.
        call = f"SUMPRODUCT(--({place.sources.there}={own}))"
        sheet.put(line, column, count, "link", "0;-0;-", call)
        column += 1
    total = Ref(NAME, line, FIRST_COUNT, line, column - 1)
    sheet.put(line, column, float(len(source.confidences)), "result", "0", f"SUM({total.here})")
    for level in LEVELS:
        column += 1
        level_cell = column_absolute(Ref(NAME, 6, column, 6, column))
        sums = "+".join(
            f"SUMPRODUCT(({place.sources.there}={own})*({place.confidences.there}={level_cell}))"
            for place in columns
        )
        count = float(source.confidences.count(level))
        sheet.put(line, column, count, "link", "0;-0;-", sums)
    rests = "; ".join(f"{name}: {_grouped(labels)}" for name, labels in source.rows.items())
    sheet.put(line, column + 1, rests, "note_ruled")
    sheet.heights[line] = LOWEST


def _put_totals(sheet: Sheet, row: int, first: int, last: int, counts: int) -> None:
    """Plan the sums above the list; the number of sources first."""
    sources = Ref(NAME, first, 2, last, 2)
    sheet.put(row, 1, "Together", "label_bold")
    sheet.put(
        row, 2, float(last - first + 1), "result_left", '0" sources"', f"ROWS({sources.here})"
    )
    for column in range(FIRST_COUNT, FIRST_COUNT + counts):
        block = Ref(NAME, first, column, last, column)
        shown = (sheet.cells[line, column].value for line in range(first, last + 1))
        total = sum(value for value in shown if isinstance(value, float))
        sheet.put(row, column, total, "result", "0", f"SUM({block.here})")
