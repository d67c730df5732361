"""Which sheets of the model need which: a sheet attached alone would point at nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from workbook.formulas.references import mentions
from workbook.opc.package import sheet_parts
from workbook.opc.sheet_list import names, tabs
from workbook.opc.xml import parse_xml, tag

_FORMULAS: Final = ("f", "formula", "formula1", "formula2")


def with_needed(ours: Mapping[str, bytes], model: Any, sheets: Collection[str]) -> set[str]:
    """Give sheets of ours with all that their formulas need, directly or through others."""
    grown, ahead = set(sheets), sorted(sheets)
    while ahead:
        more = needed(ours, model, ahead.pop()) - grown
        grown |= more
        ahead += sorted(more)
    return grown


def needed(ours: Mapping[str, bytes], model: Any, sheet: str) -> set[str]:
    """Give the sheets of ours that the formulas of one of them point at."""
    every = {tab.get("name") for tab in tabs(model)}
    named = {
        name.get("name"): {mention.sheet for mention in mentions(name.text or "")}
        for name in names(model)
    }
    found: set[str | None] = set()
    for formula in _formulas(ours, sheet_parts(ours)[sheet]):
        for mention in mentions(formula):
            found |= {mention.sheet} | named.get(mention.word or "", set())
    return {name for name in found if name in every and name is not None}


def _formulas(ours: Mapping[str, bytes], part: str) -> Iterator[str]:
    for element in parse_xml(ours[part]).iter(*map(tag, _FORMULAS)):
        if element.text:
            yield element.text
