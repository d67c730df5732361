"""What --json prints where a table would be shown: plain records, every figure unrounded."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from addin.boundary.json_cells import to_json
from addin.boundary.shown import cell as cell
from addin.boundary.shown import cells as cells
from addin.sources import name_of, tables_from
from valuation_core.book import SHIPPED_FOLDER, Book, BookError
from valuation_core.book.review import review
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.errors import unknown

if TYPE_CHECKING:
    from addin.calc.recalculate import Comparison, Finding


def rows(table: list[list[Any]]) -> list[dict[str, Any]]:
    """Give the rows of a table function by their headings."""
    header, *lines = table
    names = [str(name) or "item" for name in header]
    return [dict(zip(names, map(_json, line), strict=True)) for line in lines]


def _json(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, date) else to_json(cell)


def functions(name: str | None) -> list[dict[str, Any]]:
    """Give every worksheet function, or the one that is named, with its arguments."""
    if name is not None and name.strip().upper() not in catalogue():
        raise unknown("function", name, list(catalogue()))
    return [
        {
            "function": card.name,
            "call": card.signature,
            "gives": card.summary,
            "arguments": [
                {
                    "argument": argument.name,
                    "unit": argument.unit.name,
                    "required": argument.required,
                    "meaning": argument.help,
                }
                for argument in card.arguments
            ],
        }
        for card in catalogue().values()
        if name is None or card.name == name.strip().upper()
    ]


def facts(book: Book, scope: str) -> list[dict[str, Any]]:
    """Give every fact of a scope."""
    name = book.scope(scope)
    found = [fact for fact in book.facts.values() if fact.scope == name]
    return [_dated(asdict(fact)) for fact in sorted(found, key=lambda fact: fact.metric)]


def _dated(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in record.items()}


def book_check(source: Path | str | None) -> dict[str, Any]:
    """Give what a source of facts holds, every problem with it, and what to know about it."""
    place = source or SHIPPED_FOLDER
    answer: dict[str, Any] = {"source": name_of(place)}
    try:
        tables = tables_from(place)
    except BookError as error:
        return {**answer, "valid": False, "problems": [asdict(one) for one in error.problems]}
    rows_of = {name: len(table) for name, table in tables.items()}
    return {**answer, "valid": True, "problems": [], "rows": rows_of, "notes": [*review(tables)]}


def comparison(path: Path, found: Comparison) -> dict[str, Any]:
    """Give the outcome of a recalculation, with every cell that differs or shows an error."""
    return {
        "file": str(path),
        "compared": found.compared,
        "differences": [_cell(one) for one in found.differences],
        "errors": [_cell(one) for one in found.errors],
        "not_given": found.not_given,
        "not_comparable": dict(found.not_comparable),
    }


def _cell(finding: Finding) -> dict[str, Any]:
    return {
        "sheet": finding.sheet,
        "cell": finding.address,
        "formula": finding.formula,
        "stored": to_json(finding.stored),
        "recalculated": to_json(finding.recalculated),
    }
