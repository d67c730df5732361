"""Sheet RowChecks: whether each row of the tables of the book can be read, natively.

A wrong row makes the handle of the book #N/A, which alone would not say where. Beside each row of a
table stands, in the same row of this sheet, what is wrong with it: the first of the things that a
hand does wrong most. Rules of whole tables stand at the right. What only the reader of books finds
leaves the handle #N/A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Final

from valuation_core.book import METRICS
from valuation_core.book.metrics import MARKET_WIDE, MW_UNITS, NETWORK, SHARED
from valuation_core.book.schema import PLAIN, TABLES, TableSchema
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    ISNUMBER,
    ONE,
    OR,
    TRUE,
    ZERO,
    Span,
    Term,
    text,
)
from workbook.model.excel_values import text_of
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.keys import (
    BookTable,
    KeyColumns,
    count_where,
    joined_key,
    picked,
)
from workbook.model.sheets.facts.row_faults import put_rules

NAME: Final = "RowChecks"
FINE: Final = "ok"
RESULT: Final = "result"
"""Column that says what is wrong with a row, `FINE`, or nothing of a blank one."""

_COLUMNS_A_TABLE: Final = 8
_LIST_COLUMN: Final = _COLUMNS_A_TABLE * len(TABLES) + 2
_ENDLESS: Final = 1e300
"""Stands for a domain without an end."""


@dataclass(frozen=True)
class RowChecks:
    """What is said of each row of a table, and which row breaks a rule of the table last."""

    columns: KeyColumns
    rules: Ref
    """The last row that breaks each rule, 0 for none; the rule stands right of it."""


def plan_row_checks(tables: Mapping[str, BookTable]) -> tuple[Sheet, dict[str, RowChecks]]:
    """Plan the sheet; give by table what is checked of it."""
    rules = _LIST_COLUMN + len(_LISTED) + 1
    sheet = Sheet(NAME, [14.0] * (rules + 3), freeze="A2", repeat_rows=(1, 1), visibility="hidden")
    listed = _metrics(sheet)
    found: dict[str, RowChecks] = {}
    row = 2
    for place, (name, table) in enumerate(tables.items()):
        columns = KeyColumns(sheet, table, 1 + place * _COLUMNS_A_TABLE, ZERO)
        _Rows(columns, TABLES[name], tables["miners"], listed).plan()
        broken = put_rules(sheet, row, rules, table)
        found[name] = RowChecks(columns, broken)
        row = broken.last_row + 1
    return sheet, found


_LISTED: Final = ("metric", "unit", "network", "shared", "basis", "from", "above", "to", "rule")
"""What is listed of each metric, which rows of facts and cases must hold to."""


def _metrics(sheet: Sheet) -> dict[str, Span]:
    """List the metrics, which rows of facts and cases must name, and what they must hold to."""
    rows: list[tuple[Value, ...]] = [_LISTED]
    for metric in METRICS.values():
        domain = metric.domain
        network, basis = float(metric.home == NETWORK), float(metric.unit in MW_UNITS)
        shared = float(metric.name in SHARED)
        low = domain.low if isfinite(domain.low) else -_ENDLESS
        high = domain.high if isfinite(domain.high) else _ENDLESS
        ends = float(low), float(domain.above), float(high)
        rows.append((metric.name, metric.unit, network, shared, basis, *ends, domain.rule))
    spans = {}
    for column, heading in enumerate(_LISTED, start=_LIST_COLUMN):
        values = tuple(row[column - _LIST_COLUMN] for row in rows)
        for row, value in enumerate(values, start=1):
            sheet.put(row, column, value, "label" if row > 1 else "heading_left")
        spans[heading] = Span(Ref(NAME, 1, column, len(rows), column).fixed, values)
    return spans


class _Rows:
    """What is wrong with the rows of one table."""

    def __init__(
        self,
        columns: KeyColumns,
        schema: TableSchema,
        miners: BookTable,
        listed: Mapping[str, Span],
    ) -> None:
        self.columns, self.schema, self.miners, self.listed = columns, schema, miners, listed
        names = [column.name for column in schema.columns]
        self.owner = next((name for name in ("ticker", "scope") if name in names), None)
        if schema.name in ("market", "miners"):
            self.owner = None
        self.has_metric = "metric" in names

    def plan(self) -> None:
        """Plan the helper columns, and the result from them."""
        columns, schema = self.columns, self.schema
        identity = (*schema.key, "as_of") if schema.dated else schema.key
        columns.add("cells filled", self._filled, "0")
        columns.add(
            "identity", lambda line: joined_key(*(columns.field(n, line) for n in identity))
        )
        if self.owner is not None:
            owner = self.owner
            columns.add("about", lambda line: joined_key(columns.field(owner, line)))
        if self.has_metric:
            columns.add("metric", lambda line: joined_key(columns.field("metric", line)))
            columns.add("place of metric", self._metric, "0")
        if schema.spelt:
            columns.add(
                "name", lambda line: joined_key(*(columns.field(n, line) for n in schema.spelt))
            )
        columns.add(RESULT, self._result)

    def _filled(self, line: int) -> Term:
        return _count("COUNTA", [self.columns.field(c.name, line) for c in self.schema.columns])

    def _metric(self, line: int) -> Term:
        own = self.columns.at("metric", line)
        return exact_row(self.listed["metric"], own)

    def _result(self, line: int) -> Term:
        columns = self.columns
        found = text(FINE)
        for fails, said in reversed(self._problems(line)):
            found = IF(fails, text(said), found)
        return IF(columns.at("cells filled", line).equals(ZERO), BLANK, found)

    def _problems(self, line: int) -> list[tuple[Term, str]]:
        """Give what may be wrong with a row, the first to be told first."""
        columns, schema = self.columns, self.schema
        problems: list[tuple[Term, str]] = []
        for column in schema.columns:
            if column.required:
                empty = columns.field(column.name, line).equals(BLANK)
                problems.append((empty, f"{column.name} is empty"))
        kinds = {"number": "a number", "date": "a date"}
        for kind, named in kinds.items():
            of_kind = [column.name for column in schema.columns if column.kind == kind]
            # What a metric is worth is a number, or a date as a number.
            of_kind += ["value"] if self.has_metric and kind == "number" else []
            for name in of_kind:
                cell = columns.field(name, line)
                differ = _count("COUNT", [cell]).differs(_count("COUNTA", [cell]))
                problems.append((differ, f"{name} is not {named}"))
        if self.has_metric:
            problems += self._metric_problems(line)
        if self.owner is not None:
            own = columns.at("about", line)
            known = exact_row(self.miners.span("ticker"), own)
            if self.owner == "scope":
                for scope in (MARKET_WIDE, NETWORK):
                    known = IF(exact(own, text(scope)), ONE, known)
            problems.append((known.equals(ZERO), f"unknown {self.owner}"))
        problems += [
            (
                _unlisted(columns.field(column.name, line), column.choices),
                f"{column.name} is none of {', '.join(filter(None, column.choices))}",
            )
            for column in schema.columns
            if column.choices
        ]
        same = count_where([(columns.span("identity"), "=", columns.at("identity", line))])
        problems.append((same > ONE, "repeats another row"))
        if schema.spelt:
            problems += self._name_problems(line)
        if schema.name == "miners":
            shared = self._shared_names(line) > ZERO
            problems.append((shared, "name or alias belongs to another miner"))
        return problems

    def _shared_names(self, line: int) -> Term:
        """Count tickers and names of other miners among ticker, name and aliases of one."""
        own, name, aliases = (self.columns.field(n, line) for n in ("ticker", "name", "aliases"))
        tickers, names = (self.miners.span(n) for n in ("ticker", "name"))
        mine = f'";"&{own.text}&";"&{name.text}&";"&SUBSTITUTE({aliases.text},"; ",";")&";"'
        others = f'({tickers.address}<>{own.text})*({tickers.address}<>"")'
        either = "+".join(
            f'ISNUMBER(SEARCH(";"&{span.address}&";",{mine}))' for span in (tickers, names)
        )
        stated = [str(one.value or "") for one in (own, name, aliases)]
        called = {one.strip().casefold() for one in ";".join(stated).split(";")}
        count = sum(
            str(one).casefold() in called
            for row in zip(tickers.values, names.values, strict=True)
            if row[0] not in (None, own.value)
            for one in row
        )
        return Term(f"SUMPRODUCT({others}*({either}))", float(count))

    def _metric_problems(self, line: int) -> list[tuple[Term, str]]:
        """Give what may be wrong with a fact, or a change of one, by what is listed of its metric.

        Each is asked only where those before it do not hold, so that the metric is known.
        """
        columns, of_case = self.columns, self.schema.name == "cases"
        place = columns.at("place of metric", line)

        def listed(heading: str) -> Term:
            return picked(self.listed[heading], place)

        unit = exact(columns.field("unit", line), listed("unit"))
        of_network = exact(columns.field("scope", line), text(NETWORK))
        empty = columns.field("basis", line).equals(BLANK)
        value, least = columns.field("value", line), listed("from")
        stated = columns.field("change", line).equals(text("set")) if of_case else TRUE
        on_mw = listed("basis").equals(ONE)
        beyond = OR(
            value < least, value > listed("to"), AND(listed("above").equals(ONE), value <= least)
        )
        problems = [
            (place.equals(ZERO), "unknown metric"),
            (unit.equals(FALSE), "unit is not the metric's"),
            (
                listed("network").equals(ONE).differs(of_network),
                f"scope is {NETWORK} for facts of the network, and for no other",
            ),
            (
                AND(
                    listed("shared").equals(ONE),
                    columns.field("scope", line).differs(text(MARKET_WIDE)),
                ),
                f"scope is {MARKET_WIDE} for a parameter that all miners share",
            ),
            (AND(on_mw, empty, stated), "basis is empty: gross or critical"),
            (AND(on_mw.equals(FALSE), empty.equals(FALSE)), "the metric has no MW basis"),
            (AND(ISNUMBER(value), stated, beyond), "value is outside the metric's domain"),
        ]
        if of_case:
            a_day = listed("unit").equals(text("date"))
            named = columns.field("case", line).equals(text(PLAIN))
            problems += [
                (AND(a_day, stated.equals(FALSE)), "a date cannot be multiplied: set it"),
                (named, f"{PLAIN} is the case without changes: give it another name"),
            ]
        return problems

    def _name_problems(self, line: int) -> list[tuple[Term, str]]:
        """Give how a row may differ from others that are about the same thing."""
        columns, own = self.columns, self.columns.at("name", line)
        names = columns.span("name")
        alike, exact = count_where([(names, "=", own)]), exact_count(names, own)
        spelt = " or ".join(self.schema.spelt)
        problems = [(alike > exact, f"{spelt} is spelt otherwise in another row")]
        if self.owner == "ticker" and "ticker" not in self.schema.key:
            other = [(names, "=", own), (columns.span("about"), "<>", columns.at("about", line))]
            said = f"{spelt} is that of another miner"
            problems.append((count_where(other) > ZERO, said))
        return problems


def exact(one: Term, other: Term) -> Term:
    """Write EXACT: whether two texts are the same, letter case included.

    Examples
    --------
    >>> exact(text("RIOT"), text("riot")).value
    False
    """
    texts = [text_of(term.value) for term in (one, other)]
    error = next((found for found in texts if isinstance(found, ErrorValue)), None)
    return Term(f"EXACT({one.text},{other.text})", error or texts[0] == texts[1])


def exact_row(span: Span, own: Term) -> Term:
    """Give the row of a text in a span from row 1 on, letter case included; 0 where there is none.

    Texts that differ in case alone are other ones. In a span that holds it twice, the sum of rows.

    Examples
    --------
    >>> exact_row(Span("A1:A3", ("ticker", "RIOT", "riot")), Term("B2", "riot")).value
    3.0
    """
    written = f"SUMPRODUCT(EXACT({span.address},{own.text})*ROW({span.address}))"
    return Term(written, float(sum(place + 1 for place in _exactly(span, own))))


def exact_count(span: Span, own: Term) -> Term:
    """Count the cells of a span that hold a text, letter case included."""
    written = f"SUMPRODUCT(1*EXACT({span.address},{own.text}))"
    return Term(written, float(len(_exactly(span, own))))


def _exactly(span: Span, own: Term) -> list[int]:
    asked = text_of(own.value)
    return [place for place in span.equal_to(own.value) if text_of(span.values[place]) == asked]


@lru_cache(maxsize=1024)
def _unlisted(cell: Term, choices: tuple[str, ...]) -> Term:
    """Write that a cell is none of some choices: the same in all rows that choose alike."""
    found = TRUE
    # A cell that must be filled and is not has been told before.
    for choice in ("", *filter(None, choices)):
        found = IF(cell.equals(text(choice)), FALSE, found)
    return found


def _count(name: str, cells: Sequence[Term]) -> Term:
    """Write COUNT or COUNTA of cells: numbers, or whatever is filled."""

    def counts(value: Value) -> bool:
        if name == "COUNTA":
            return value is not None and value != ""
        return value is not None and not isinstance(value, str | bool | ErrorValue)

    written = f"{name}({','.join(cell.text for cell in cells)})"
    return Term(written, float(sum(counts(cell.value) for cell in cells)))
