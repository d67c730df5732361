"""What of a workbook points at certain sheets or names: where it stands, and at which cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from workbook.formulas.cell_references import Area, Mentions, mentions_of
from workbook.formulas.stated import Stated, Statements
from workbook.opc.package import Package
from workbook.opc.sheet_list import names as defined_names
from workbook.opc.sheet_list import tabs
from workbook.opc.xml import parse_xml

_READ_AS_REFERENCE: Final = re.compile(
    r'(?<![\w.])(?:INDIRECT|HYPERLINK)\(\s*"(?P<text>(?:[^"]|"")*)"|"(?:[^"]|"")*"', re.IGNORECASE
)
"""A text that a function takes for a reference; any other text is passed over."""

_THROUGH_SHEETS: Final = re.compile(r"[\w.'] *: *[\w.'][^!\"]*!")
_WORD: Final = re.compile(r"\w+")
_BUILT_IN: Final = "_xlnm."


@dataclass(frozen=True, slots=True)
class Pointer:
    """Something that points at one of the sheets or names looked for."""

    place: str
    formula: str
    areas: tuple[Area, ...] = ()
    """Cells of the sheets looked for that it names."""
    filled: str = ""
    """Range over which it holds, with its references moving along."""


def sheets_in(formula: str) -> set[str]:
    r"""Give the sheets that a formula names, as it spells them.

    Examples
    --------
    >>> sorted(sheets_in("Inputs!$C$5*Rate+'My HPC'!B2:B3&\"Deals!A1\"+[1]Sites!A1"))
    ['Inputs', 'My HPC']
    """
    found = mentions_of(formula)
    named = {area.sheet for area in found.areas} | {sheet for sheet, _ in found.words}
    return {sheet for sheet in named if sheet is not None}


def words(formula: str) -> Iterator[str]:
    """Give the words of a formula that may be defined names."""
    return (word for _, word in mentions_of(formula).words)


def pointers(
    parts: Package, main: str, sheets: set[str], names: set[str], ours: set[str]
) -> Iterator[Pointer]:
    """Give what points at sheets, names or tables from outside our own parts.

    Parameters
    ----------
    parts : Package
        Parts of the workbook; those of cells are read piece by piece.
    main : str
        Part that lists the sheets.
    sheets, names : set of str
        What is looked for; tables go by name too.
    ours : set of str
        Parts that may point there.
    """
    root = parse_xml(parts[main])
    target = _Target(root, sheets, names)
    for one in (*_names(root, sheets, names), *Statements(parts).every(ours)):
        areas = target.areas_of(one)
        if areas is not None:
            yield Pointer(one.place, one.text, areas, one.filled)


def _names(root: Any, sheets: set[str], ours: set[str]) -> Iterator[Stated]:
    """Give the defined names that are not ours as statements of the workbook or of a sheet."""
    titles = [sheet.get("name") for sheet in tabs(root)]
    for name in defined_names(root):
        scope, title = name.get("localSheetId"), name.get("name") or ""
        within = titles[int(scope)] if scope is not None and int(scope) < len(titles) else ""
        if within in sheets or (not within and title in ours):
            continue
        if title.startswith(_BUILT_IN):
            title = title.removeprefix(_BUILT_IN).lstrip("_").replace("_", " ")
        yield Stated(within, "", f"name {title}", name.text or "")


class _Target:
    """The sheets and names looked for, and how formulas name them."""

    def __init__(self, root: Any, sheets: set[str], names: set[str]) -> None:
        self._order = [sheet.get("name").casefold() for sheet in tabs(root)]
        self._sheets = {sheet.casefold() for sheet in sheets}
        self._names = {name.casefold() for name in names}
        self._own = {
            (self._order[int(scope)], (name.get("name") or "").casefold())
            for name in defined_names(root)
            if (scope := name.get("localSheetId")) is not None and int(scope) < len(self._order)
        }
        """Names that hold on one sheet, where they win over those of the workbook."""
        self._glance = {max(_words_of(one), key=len, default="") for one in sheets | names}
        """A word of each that is looked for: without any of them a formula need not be read."""
        self._always = "" in self._glance

    def areas_of(self, one: Stated) -> tuple[Area, ...] | None:
        """Give the cells looked for that a formula points at; None where it points at nothing."""
        text = one.text
        may = self._always or _THROUGH_SHEETS.search(text)
        if not may and self._glance.isdisjoint(_words_of(text)):
            return None
        areas: list[Area] = []
        points = False
        for found in _read(text):
            within = [same for area in found.areas for same in self._within(area)]
            areas += within
            points |= bool(within) or any(self._is_word(one, *word) for word in found.words)
        return tuple(areas) if points else None

    def _within(self, area: Area) -> Iterator[Area]:
        """Give the cells on sheets looked for; a reference may lead through several."""
        for sheet in self._sheets:
            if (area.sheet or "").casefold() == sheet or (
                area.sheet and ":" in area.sheet and sheet in self._through(area.sheet)
            ):
                yield area._replace(sheet=sheet)

    def _is_sheet(self, sheet: str | None) -> bool:
        return sheet is not None and sheet.casefold() in self._sheets

    def _is_word(self, one: Stated, sheet: str | None, word: str) -> bool:
        if ":" in word:
            return not self._sheets.isdisjoint(self._through(word))
        if self._is_sheet(sheet):
            return True
        scope = one.sheet if sheet is None else sheet
        key = word.casefold()
        return key in self._names and (scope.casefold(), key) not in self._own

    def _through(self, sheets: str) -> list[str]:
        """Give the sheets from one to another in tab order."""
        first, _, last = sheets.casefold().partition(":")
        if first not in self._order or last not in self._order:
            return []
        start, end = sorted((self._order.index(first), self._order.index(last)))
        return self._order[start : end + 1]


def _words_of(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _read(formula: str) -> Iterator[Mentions]:
    """Read a formula, and the texts in it that functions take for references."""
    yield mentions_of(formula)
    for match in _READ_AS_REFERENCE.finditer(formula):
        if match["text"]:
            text = match["text"].replace('""', '"')
            yield mentions_of(f"{text}#REF!" if text.endswith("!") else text)
