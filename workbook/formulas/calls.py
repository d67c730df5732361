"""A call of one of our functions inside a formula: its name and its arguments as text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError

from workbook.errors import WorkbookError
from workbook.formulas.ours import PREFIX, plain_formula

_CELLS: Final = re.compile(
    r"(?:(?P<sheet>'(?:[^']|'')+'|[^'!:\[\]]+)!)?"
    r"(?P<first>\$?[A-Za-z]{1,3}\$?[1-9]\d*)(?::(?P<last>\$?[A-Za-z]{1,3}\$?[1-9]\d*))?"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments, each as the formula states it; None for one left out."""

    name: str
    arguments: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """A reference: the sheet it names, if any, and its first and last cell."""

    sheet: str | None
    first: str
    last: str


def call_in(formula: str) -> Call:
    """Find the first of our functions in a formula.

    Raises
    ------
    WorkbookError
        When there is none, or the formula cannot be read.

    Examples
    --------
    >>> call_in('IF(D6="n/a","n/a",HPC_VALUE(D$4,,600,"low",,,Book)*2)')
    Call(name='HPC_VALUE', arguments=('D$4', None, '600', '"low"', None, None, 'Book'))
    """
    try:
        tokens = Tokenizer(f"={plain_formula(formula)}").items
    except TokenizerError:
        raise WorkbookError(f"the formula {formula} cannot be read") from None
    for place, token in enumerate(tokens):
        opens = token.type == Token.FUNC and token.subtype == Token.OPEN
        if opens and token.value.upper().startswith(PREFIX):
            return Call(token.value[:-1].upper(), _arguments(tokens[place + 1 :]))
    raise WorkbookError(f"the formula {formula} calls no {PREFIX} function")


def _arguments(tokens: list[Token]) -> tuple[str | None, ...]:
    texts, depth = [""], 0
    for token in tokens:
        if depth == 0 and token.subtype == Token.CLOSE:
            break
        if depth == 0 and token.type == Token.SEP:
            texts.append("")
            continue
        depth += {Token.OPEN: 1, Token.CLOSE: -1}.get(token.subtype, 0)
        texts[-1] += token.value
    if texts == [""]:
        return ()
    return tuple(text.strip() or None for text in texts)


def cells_of(text: str) -> Cells | None:
    """Read a reference to a cell or range; None for anything else.

    Examples
    --------
    >>> cells_of("'My sheet'!$A$9:$C$116"), cells_of("Book")
    (Cells(sheet='My sheet', first='A9', last='C116'), None)
    """
    match = _CELLS.fullmatch(text)
    if match is None:
        return None
    sheet = match["sheet"]
    if sheet is not None and sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    first = match["first"].replace("$", "").upper()
    return Cells(sheet, first, (match["last"] or first).replace("$", "").upper())
