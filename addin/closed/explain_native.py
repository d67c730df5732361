"""Explain a native cell that is no output: an input by its fact, a formula by what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from addin.closed.sheet_cells import At, Source
from valuation_core.book import METRICS, OWN
from valuation_core.catalogue.explain import HEADER
from workbook.cells import letters, place_of
from workbook.formulas.cell_references import Area, mentions_of

MOST: Final = 40
"""Cells of one formula that are listed one by one; a longer range is one line."""

_IN_USE: Final = "in use"
_FACT: Final = ("scope", "metric", _IN_USE)
_NOTHING: Final = "-"
_BLANK: Final = "blank"
_NEXT: Final = 3


def fact_at(source: Source, at: At) -> list[list[Any]] | None:
    """Give the steps of the input in whose row a cell stands, read by the headings above it.

    The last step holds the value in use; before it stands what it takes the place of, if anything.
    """
    row, _ = place_of(at.address)
    grid = source.grid(at.sheet)
    heads = [line for (line, _), value in grid.items() if value == _FACT[0] and line < row]
    if not heads:
        return None
    columns = {
        value: column
        for (line, column), value in sorted(grid.items())
        if line == max(heads) and isinstance(value, str)
    }
    if not set(_FACT) <= columns.keys():
        return None
    told = {heading: grid.get((row, column)) for heading, column in columns.items()}
    scope, metric = str(told["scope"] or ""), str(told["metric"] or "")
    if metric not in METRICS or not scope:
        return None
    return [list(HEADER), *_fact_rows(f"{scope} {metric}", told)]


def _fact_rows(name: str, told: dict[str, Any]) -> Iterator[list[Any]]:
    unit = " ".join(
        str(told[heading]) for heading in ("unit", "basis") if told.get(heading) not in (None, "-")
    )

    def row(said: str, value: Any, source: Any, day: Any, confidence: Any) -> list[Any]:
        shown = _BLANK if value in (None, "") else value
        beside = [one or _NOTHING for one in (unit, source, day, confidence)]
        return [name, said, shown, *beside]

    own = told.get("confidence") == OWN
    used = told.get("source"), told.get("as of")
    # A sheet of an earlier version has the source of the book alone.
    book = told.get("source in the book", used[0]), told.get("as of in the book", used[1])
    if told.get("note"):
        yield ["note", str(told["note"]), *[_NOTHING] * 5]
    if own or told.get("set by the case") not in (None, "-"):
        words = "in the book" if own else "without the case"
        yield row(words, told.get("in the book"), *book, told.get("confidence in the book"))
    if own:
        yield row("your value, in use", told[_IN_USE], "your value", None, OWN)
    else:
        changed = told.get("set by the case") not in (None, "-")
        said = "set by the case, in use" if changed else "in use"
        yield row(said, told[_IN_USE], *used, told.get("confidence"))


def read_by(source: Source, at: At, formula: str) -> tuple[list[list[Any]], str]:
    """Give the cells that a formula reads, one level down, and what to explain next."""
    rows: list[list[Any]] = [list(HEADER)]
    ahead: list[str] = []
    for place in dict.fromkeys(_reads(source, at, formula)):
        if isinstance(place, str):
            rows.append([place, "not a single cell", *[_NOTHING] * 5])
            continue
        fact = fact_at(source, place)
        if fact is not None or source.formula(*place):
            ahead.append(_called(source, place))
        rows.append(fact[-1] if fact is not None else _line(source, place))
    alone = len(rows) == 1
    rows.append(_line(source, at))
    if alone:
        return rows, "a formula of the sheet itself, which reads no cell"
    said = "a formula of the sheet itself, under the cells that it reads"
    if ahead:
        return rows, f"{said}; explain one of these next: {', '.join(ahead[:_NEXT])}"
    return rows, f"{said}, which were typed"


def _line(source: Source, at: At) -> list[Any]:
    formula, value = source.formula(*at), source.value(*at)
    said = f"={formula}" if formula else "typed"
    shown = _BLANK if value is None else value
    label, unit = source.label(at), source.unit(at)
    return [label, said, shown, unit, _called(source, at), _NOTHING, _NOTHING]


def _called(source: Source, at: At) -> str:
    name = next(iter(source.names_of(at)), None)
    return f"{at} ({name})" if name else str(at)


def _reads(source: Source, at: At, formula: str) -> Iterator[At | str]:
    """Give the cells that a formula mentions; a long range, or what is no cell, as text."""
    found = mentions_of(formula)
    for area in found.areas:
        yield from _cells(at.sheet, area)
    for sheet, word in found.words:
        text = source.refers_to(sheet or at.sheet, word)
        areas = mentions_of(text.removeprefix("=")).areas if text else ()
        for area in areas:
            yield from _cells(at.sheet, area)
        if not areas:
            yield word


def _cells(sheet: str, area: Area) -> Iterator[At | str]:
    sheet = area.sheet or sheet
    (top, left), (bottom, right) = area.first[:2], area.last[:2]
    if (bottom - top + 1) * (right - left + 1) > MOST:
        yield f"{sheet}!{letters(left)}{top}:{letters(right)}{bottom}"
        return
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield At(sheet, f"{letters(column)}{row}")
