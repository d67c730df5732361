"""Sheet RowChecks: whether each row of the tables of the book can be read, natively.

A wrong row makes the handle of the book #N/A, which alone would not say where. Beside each row of a
table stands, in the same row of this sheet, what is wrong with it: the first of the things that a
hand does wrong most. What only the reader of books finds leaves the handle #N/A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from valuation_core.book import METRICS
from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from valuation_core.book.schema import TABLES, TableSchema
from workbook.cells import ErrorValue, Ref, Value
from workbook.model.excel import BLANK, FALSE, IF, ONE, TRUE, ZERO, Span, Term, text
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.keys import (
    BookTable,
    KeyColumns,
    count_where,
    joined_key,
    picked,
    sum_where,
)

NAME: Final = "RowChecks"
FINE: Final = "ok"
RESULT: Final = "result"
"""Column that says what is wrong with a row, `FINE`, or nothing of a blank one."""

_COLUMNS_A_TABLE: Final = 6
_LIST_COLUMN: Final = _COLUMNS_A_TABLE * len(TABLES) + 2


def plan_row_checks(tables: Mapping[str, BookTable]) -> tuple[Sheet, dict[str, KeyColumns]]:
    """Plan the sheet; give its columns by table."""
    sheet = Sheet(
        NAME, [14.0] * (_LIST_COLUMN + 2), freeze="A2", repeat_rows=(1, 1), visibility="hidden"
    )
    metrics, units = _metrics(sheet)
    found: dict[str, KeyColumns] = {}
    for place, (name, table) in enumerate(tables.items()):
        columns = KeyColumns(sheet, table, 1 + place * _COLUMNS_A_TABLE, ZERO)
        _Rows(columns, TABLES[name], tables["miners"], metrics, units).plan()
        found[name] = columns
    return sheet, found


def _metrics(sheet: Sheet) -> tuple[Span, Span]:
    """List the metrics and their units, which rows of facts and cases must name."""
    spans = []
    for column, heading, of in (
        (_LIST_COLUMN, "metric", [metric.name for metric in METRICS.values()]),
        (_LIST_COLUMN + 1, "unit", [metric.unit for metric in METRICS.values()]),
    ):
        for row, value in enumerate((heading, *of), start=1):
            sheet.put(row, column, value, "label" if row > 1 else "heading_left")
        ref = Ref(NAME, 1, column, len(of) + 1, column)
        spans.append(Span(ref.fixed, (heading, *of)))
    return spans[0], spans[1]


class _Rows:
    """What is wrong with the rows of one table."""

    def __init__(
        self,
        columns: KeyColumns,
        schema: TableSchema,
        miners: BookTable,
        metrics: Span,
        units: Span,
    ) -> None:
        self.columns, self.schema, self.miners = columns, schema, miners
        self.metrics, self.units = metrics, units
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
        columns.add(RESULT, self._result)

    def _filled(self, line: int) -> Term:
        return _count("COUNTA", [self.columns.field(c.name, line) for c in self.schema.columns])

    def _metric(self, line: int) -> Term:
        own = self.columns.at("metric", line)
        places = Span(
            f"ROW({self.metrics.address})",
            tuple(float(row) for row in range(1, len(self.metrics.values) + 1)),
        )
        return sum_where([(self.metrics, "=", own)], places)

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
            place = columns.at("place of metric", line)
            problems.append((place.equals(ZERO), "unknown metric"))
            unit = IF(place.equals(ZERO), BLANK, picked(self.units, place))
            problems.append((columns.field("unit", line).differs(unit), "unit is not the metric's"))
        if self.owner is not None:
            own = columns.at("about", line)
            known = count_where([(self.miners.span("ticker"), "=", own)])
            if self.owner == "scope":
                for scope in (MARKET_WIDE, NETWORK):
                    known = IF(own.equals(text(scope)), ONE, known)
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
        return problems


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
