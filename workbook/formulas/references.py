"""Formulas of a workbook that point at certain sheets or names: where they stand, and at what."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workbook.opc.package import Package, sheet_titles
from workbook.opc.xml import parse_xml, tag

_MENTION: Final = re.compile(
    r"""
    "(?:[^"]|"")*"
    | (?:'(?P<quoted>(?:[^']|'')+)' | (?<![\]\w.])(?P<plain>[^\W\d][\w.]*))
      !(?P<first>\$?[A-Z]{1,3}\$?[0-9]+)?(?::(?P<last>\$?[A-Z]{1,3}\$?[0-9]+))?
    | (?<![\]\w.!'])(?P<word>[^\W\d][\w.]*)(?![\w.(!'])
    """,
    re.VERBOSE,
)
_CELL_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\b(?P<cell>[^>]*)>\s*<(?:\w+:)?f\b(?P<how>[^>/]*)>(?P<text>[^<]*)</"
)
_OTHER_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?(?:f|formula|formula1|formula2|calculatedColumnFormula)\b[^>/]*>([^<]*)</"
)
_SOURCE: Final = re.compile(rb"<(?:\w+:)?worksheetSource\b[^>]*\bsheet=\"([^\"]*)\"")
_ADDRESS: Final = re.compile(rb'\br="([A-Z]+[0-9]+)"')
_SHARED: Final = re.compile(rb'\bref="([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?)"')
_LONGEST: Final = 64 * 1024
"""Bytes kept between pieces of a part, so that no formula is cut: Excel's longest has 8192."""


@dataclass(frozen=True, slots=True)
class Mention:
    """What a formula names: a sheet with or without cells, or a word that may be a name."""

    sheet: str | None
    first: str | None
    last: str | None
    word: str | None = None


@dataclass(frozen=True, slots=True)
class Pointer:
    """A formula that points at one of the sheets or names looked for."""

    place: str
    formula: str
    mention: Mention
    filled: str = ""
    """Range over which a shared formula is filled, with its references moving along."""


def mentions(formula: str) -> Iterator[Mention]:
    r"""Give the sheets, cells and words that a formula names, texts left out.

    Examples
    --------
    >>> [(m.sheet, m.first, m.word) for m in mentions("Inputs!$C$5*Rate+'My HPC'!B2:B3")]
    [('Inputs', '$C$5', None), (None, None, 'Rate'), ('My HPC', 'B2', None)]
    >>> list(mentions("[1]Inputs!C5&\"Inputs!C6\"&'[2]Inputs'!C7"))[0].sheet
    '[2]Inputs'
    """
    for match in _MENTION.finditer(formula):
        sheet = match["plain"] or (match["quoted"] or "").replace("''", "'") or None
        if sheet or match["word"]:
            yield Mention(sheet, match["first"], match["last"], match["word"])


def words(formula: str) -> Iterator[str]:
    """Give the words of a formula that may be defined names."""
    return (mention.word for mention in mentions(formula) if mention.word)


def pointers(
    parts: Package, main: str, sheets: set[str], names: set[str], ours: set[str]
) -> Iterator[Pointer]:
    """Give the formulas outside our own parts that point at sheets or names.

    Parameters
    ----------
    parts : Package
        Parts of the workbook; those of cells are read piece by piece.
    main : str
        Part that lists the sheets.
    sheets, names : set of str
        What is looked for.
    ours : set of str
        Parts that may point there.
    """
    sheet_keys, name_keys = _folded(sheets), _folded(names)

    def wanted(mention: Mention) -> bool:
        if mention.sheet is not None:
            return mention.sheet.casefold() in sheet_keys
        return (mention.word or "").casefold() in name_keys

    for place, formula, filled in _formulas(parts, main, sheets, names, ours):
        for mention in mentions(formula):
            if wanted(mention):
                yield Pointer(place, formula, mention, filled)


def _folded(names: set[str]) -> set[str]:
    return {name.casefold() for name in names}


def _formulas(
    parts: Package, main: str, sheets: set[str], names: set[str], ours: set[str]
) -> Iterator[tuple[str, str, str]]:
    """Give place, formula and range of filling of every formula outside our parts."""
    root = parse_xml(parts[main])
    titles = sheet_titles(parts)
    tabs = [sheet.get("name") for sheet in root.iter(tag("sheet"))]
    for name in root.iter(tag("definedName")):
        scope = name.get("localSheetId")
        own = scope is not None and int(scope) < len(tabs) and tabs[int(scope)] in sheets
        if not own and name.get("name") not in names:
            yield f"name {name.get('name')}", name.text or "", ""
    for part in list(parts):
        if part in ours or part == main or not part.lower().endswith(".xml"):
            continue
        if part.lower().startswith("xl/"):
            yield from _formulas_of(parts, part, titles.get(part))


def _formulas_of(parts: Package, part: str, title: str | None) -> Iterator[tuple[str, str, str]]:
    seen: set[tuple[str, str]] = set()
    for window in _windows(parts, part):
        for match in _CELL_FORMULA.finditer(window):
            address, filled = _ADDRESS.search(match["cell"]), _SHARED.search(match["how"])
            place = f"{title or part}!{address[1].decode() if address else '?'}"
            shared = b"shared" in match["how"] and filled is not None
            text = html.unescape(match["text"].decode())
            if (place, text) not in seen:
                seen.add((place, text))
                yield place, text, filled[1].decode() if shared and filled else ""
        rest = _CELL_FORMULA.sub(b"", window)
        for pattern in (_OTHER_FORMULA, _SOURCE):
            for match in pattern.finditer(rest):
                text = html.unescape(match[1].decode())
                yield title or part, f"'{text}'!" if pattern is _SOURCE else text, ""


def _windows(parts: Package, part: str) -> Iterator[bytes]:
    """Give a part in overlapping windows, so that each formula is whole in one of them."""
    kept = b""
    for piece in parts.pieces(part):
        yield kept + piece
        kept = (kept + piece)[-_LONGEST:]
