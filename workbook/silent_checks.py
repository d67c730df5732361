"""Checks of functions in a copy without functions: they say nothing, and the verdict counts anew.

A frozen figure would be compared with what its cells make of a changed input, and look wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from workbook.cells import Ref, letters
from workbook.formulas.holders import quoted
from workbook.model.excel import Term
from workbook.model.sheets.front.verdict import (
    COUNT_ROW,
    FAILING_ROW,
    FIRST_ROW,
    HEADINGS,
    IDLE_ROW,
    NOT_RUN,
    PASSED_ROW,
    RESULT,
    together,
    verdict,
)
from workbook.opc.package import Package, sheet_titles
from workbook.opc.sheet_editor import store_result
from workbook.opc.stored import StoredCell, cells_of, parse_sheet
from workbook.opc.xml import tag, to_bytes

_SILENT: Final = range(3, RESULT + 1)
"""Columns that go blank: through functions, difference, agree."""


def silence(draft: Package) -> dict[str, set[str]]:
    """Take the checks of functions out of a workbook, and give the cells that went, by sheet."""
    with_checks = [
        (part, title)
        for part, title in sheet_titles(draft).items()
        if part in draft and _holds(draft, part, NOT_RUN)
    ]
    gone: dict[str, set[str]] = {}
    for part, title in with_checks:
        cells = cells_of(draft, part)
        if not _is_ours(cells):
            continue
        called = title if re.fullmatch(r"\w+", title) else quoted(title)
        said, gone[title] = _silence_sheet(draft, part, cells, called)
        for other, name in with_checks:
            if other != part:
                lines = _silence_lines(draft, other, said, f"{called}!")
                gone.setdefault(name, set()).update(lines)
    return gone


def _holds(draft: Package, part: str, word: str) -> bool:
    """Tell whether a sheet may hold a word, without unpacking it as a whole."""
    end = b""
    for piece in draft.pieces(part):
        if word.encode() in end + piece:
            return True
        end = piece[-len(word) :]
    return False


def _is_ours(cells: Mapping[str, StoredCell]) -> bool:
    return all(
        (cell := cells.get(f"{letters(column)}{FIRST_ROW - 1}")) is not None and cell.value == text
        for column, text in enumerate(HEADINGS, start=1)
    )


def _silence_sheet(
    draft: Package, part: str, cells: Mapping[str, StoredCell], title: str
) -> tuple[Term, set[str]]:
    """Blank the checks of functions on the sheet; give the verdict as formulas elsewhere say it."""
    result = letters(RESULT)
    rows = {
        int(address[len(result) :])
        for address, cell in cells.items()
        if address.startswith(result) and f'"{NOT_RUN}"' in (cell.formula or "")
    }
    left = [
        cell.value
        for address, cell in cells.items()
        if address.startswith(result)
        and isinstance(cell.value, bool)
        and int(address[len(result) :]) not in rows
    ]
    failing, count = float(left.count(False)), float(len(left))
    stored = {
        f"B{FAILING_ROW}": failing,
        f"B{PASSED_ROW}": failing == 0,
        f"B{COUNT_ROW}": count,
        f"B{IDLE_ROW}": 0.0,
    }
    root = parse_sheet(draft[part])
    for row in root.iter(tag("row")):
        number = int(row.get("r"))
        # The heading of such a section goes with it.
        if number in rows or (number + 1 in rows and f"B{number}" not in cells):
            row.set("hidden", "1")
    silent = {f"{letters(column)}{row}" for row in rows for column in _SILENT}
    gone = set(_blanked(root, silent))
    for cell in root.iter(tag("c")):
        if cell.get("r") in stored:
            store_result(cell, stored[cell.get("r")])
    draft[part] = to_bytes(root)

    def there(row: int, value: float) -> Term:
        return Term(Ref(title, row, 2, row, 2).there, value)

    return verdict(there(FAILING_ROW, failing), there(COUNT_ROW, count), there(IDLE_ROW, 0.0)), gone


def _silence_lines(draft: Package, part: str, said: Term, prefix: str) -> set[str]:
    """Blank what lines say of their checks, and say the verdict anew."""
    cells = cells_of(draft, part)
    lines = {address for address, cell in cells.items() if _is_line(cell.formula or "", prefix)}
    banners = {address for address, cell in cells.items() if cell.formula == said.text}
    if not lines | banners:
        return set()
    root = parse_sheet(draft[part])
    for cell in root.iter(tag("c")):
        if cell.get("r") in banners:
            store_result(cell, said.value)
    gone = set(_blanked(root, lines))
    draft[part] = to_bytes(root)
    return gone


def _is_line(formula: str, prefix: str) -> bool:
    """Tell whether a formula says of checks on our sheet whether they hold together."""
    start, _, _ = together(prefix).partition(prefix)
    if not formula.startswith(start + prefix):
        return False
    results = formula[len(start) :].partition(",")[0]
    return formula == together(results)


def _blanked(root: Any, addresses: set[str]) -> Iterator[str]:
    """Empty cells, and give those that held a formula."""
    for cell in root.iter(tag("c")):
        if cell.get("r") in addresses:
            if cell.find(tag("f")) is not None:
                yield cell.get("r")
            for child in list(cell):
                cell.remove(child)
            for name in ("t", "cm"):
                cell.attrib.pop(name, None)
