"""Which sheets of the model need which: a sheet attached alone would point at nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from workbook.formulas.references import sheets_in, words
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_list import names, tabs
from workbook.opc.xml import parse_xml, tag

_FORMULAS: Final = ("f", "formula", "formula1", "formula2")


def with_needed(
    ours: Mapping[str, bytes], model: Any, sheets: Collection[str]
) -> dict[str, list[str]]:
    """Give the sheets of ours that some need beside themselves, each under the one that needs it.

    Directly or through others: a sheet that several need stands under the first of them.
    """
    order = [tab.get("name") for tab in tabs(model)]
    found: dict[str, list[str]] = {}
    known, ahead = set(sheets), sorted(sheets, key=order.index)
    for one in ahead:
        if more := sorted(needed(ours, model, one) - known, key=order.index):
            found[one] = more
            known.update(more)
            ahead += more
    return found


def needed(ours: Mapping[str, bytes], model: Any, sheet: str) -> set[str]:
    """Give the sheets of ours that the formulas of one of them point at."""
    every = {tab.get("name") for tab in tabs(model)}
    named = {name.get("name"): sheets_in(name.text or "") for name in names(model)}
    found: set[str] = set()
    for formula in _formulas(ours, sheet_parts(ours)[sheet]):
        found |= sheets_in(formula)
        for word in words(formula):
            found |= named.get(word, set())
    return found & every


def _formulas(ours: Mapping[str, bytes], part: str) -> Iterator[str]:
    for element in parse_xml(ours[part]).iter(*map(tag, _FORMULAS)):
        if element.text:
            yield element.text
