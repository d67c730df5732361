"""What a formula is made of: functions, constants, links; never what stands inside its texts.

openpyxl's tokenizer reads the text. A workbook repeats few formulas in many rows, so formulas that
differ only in the cells they refer to are read once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError

from workbook.formulas.ours import PREFIX

VOLATILE: Final = frozenset(
    ("NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "OFFSET", "INDIRECT", "CELL", "INFO")
)
"""Functions that Excel computes anew at every change, whatever they depend on."""

STRUCTURAL: Final = (0.0, 1.0)
"""Neutral elements, signs and logicals; any other number in a formula is a figure, and so is a sum
of them."""

MODES: Final = {
    "AGGREGATE": (0, 1),
    "CHOOSE": (0,),
    "FIND": (2,),
    "HLOOKUP": (2, 3),
    "INDEX": (1, 2, 3),
    "LARGE": (1,),
    "LEFT": (1,),
    "MATCH": (2,),
    "MID": (1, 2),
    "RANK": (2,),
    "RANK.EQ": (2,),
    "RIGHT": (1,),
    "ROUND": (1,),
    "ROUNDDOWN": (1,),
    "ROUNDUP": (1,),
    "SMALL": (1,),
    "SORT": (1, 2),
    "SUBTOTAL": (0,),
    "TRUNC": (1,),
    "VLOOKUP": (2, 3),
    "WEEKDAY": (1,),
    "XLOOKUP": (4, 5),
    "XMATCH": (2, 3),
    "YEARFRAC": (2,),
}
"""Arguments, counted from 0, that choose how a function works or which place it takes."""

COUNTS: Final = ("COUNT", "COUNTA", "ERROR.TYPE")
"""COUNT(A1:B1)=2 asks whether all are there, ERROR.TYPE(A1)=5 which error it is: no figures."""

EXPONENTS: Final = (2.0, 3.0)
"""Squares and cubes are the shape of a formula; A1^5 hides a number of years."""

_REFERENCE: Final = re.compile(
    r"""
    "(?:[^"]|"")*"                                       # text: left alone
    | '(?:[^']|'')*'                                     # quoted sheet name: left alone
    | \[[^\]]*\]                                         # file number or column: left alone
    | (?<![\w.\\])(\$?[A-Z]{1,3}\$?\d{1,7})(?![\w.(!])   # a cell
    """,
    re.VERBOSE | re.IGNORECASE,
)
LOOK_UPS: Final = frozenset(
    {"MATCH", "XMATCH", "LOOKUP", "VLOOKUP", "HLOOKUP", "XLOOKUP"}
    | {"IFS", "SWITCH", "FILTER", "RTD", "CUBEVALUE"}
)
"""Functions that answer #N/A when they do not find something."""

_PLAIN_REFERENCE: Final = re.compile(r"(?<![\w.\\])\$?[A-Za-z]{1,3}\$?\d{1,7}(?![\w.(!])")
_MARKS: Final = frozenset("\"'[")
"""A formula without these holds no text, no quoted name and no link: read at speed."""

_PREFIXES: Final = re.compile(r"(?:_xlfn\.|_xlws\.|_xll\.|_xludf\.)+", re.IGNORECASE)
_ADD_IN_PREFIX: Final = re.compile(r"(?:_xll\.|_xludf\.)", re.IGNORECASE)
_CALL: Final = re.compile(
    r"(?:(?P<range>.+):)?(?:(?P<place>'(?:[^']|'')*'|[^'!:]*)!)?(?P<name>[^'!:]+)"
)
"""A call as the tokenizer gives it: A1:OFFSET is one token, and so is 'C:\\tools.xlam'!F."""
_LOST: Final = re.compile("#ref!", re.IGNORECASE)
_THIS_FILE: Final = "[0]"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a check asks of a formula."""

    volatile: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    """References and functions of other files."""
    add_in: tuple[str, ...] = ()
    """Calls of our functions that name where the function lives."""
    broken: bool = False
    """Whether it holds #REF!."""
    may_miss: bool = False
    """Whether #N/A says that a figure is missing: by NA(), a function of ours, or another cell.

    Only a look-up makes #N/A by itself; arithmetic hands on what the cells it reads show.
    """
    readable: bool = True


def traits(formula: str) -> Traits:
    r"""Read a formula, without the equals sign.

    Examples
    --------
    >>> found = traits('A1*1.3+SUM(OFFSET(B1,0,2))&"NOW() 7"')
    >>> found.volatile, found.constants
    (('OFFSET',), ('1.3', '2'))
    >>> traits("IF(COUNT(A1,B1)=2,ROUND(A1,2)*-1,VLOOKUP(A1,C:E,3,FALSE))") == Traits()
    True
    >>> traits("[1]Sheet!A1+'C:\\x.xlam'!HPC_VALUE(A1)").external
    ('[1]Sheet!A1',)
    """
    if _MARKS.isdisjoint(formula):
        return _traits(_PLAIN_REFERENCE.sub("A1", formula))
    return _traits(_REFERENCE.sub(_same_cell, formula))


def _same_cell(match: re.Match[str]) -> str:
    """Keep texts, names and, beside links, the references, which a finding shows."""
    return "A1" if match[1] and "[" not in match.string else match[0]


@lru_cache(maxsize=20_000)
def _traits(formula: str) -> Traits:
    # LibreOffice writes the lost reference of a name in small letters.
    formula = _LOST.sub("#REF!", formula)
    try:
        tokens = [token for token in Tokenizer(f"={formula}").items if token.type != Token.WSPACE]
        return _Reader(tokens).read()
    except (TokenizerError, IndexError, AssertionError, ValueError):
        return Traits(readable=False)


class _Reader:
    """Walks through the tokens of a formula and knows in which argument it is."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.within: list[tuple[str, int]] = [("", 0)]
        """Open functions, and the argument reached in each."""
        self.counted = -1
        """Place of the bracket that closed the last count."""
        self.volatile: list[str] = []
        self.constants: list[str] = []
        self.external: list[str] = []
        self.add_in: list[str] = []
        self.broken = self.may_miss = self.looks_up = self.refers = False

    def read(self) -> Traits:
        for place, token in enumerate(self.tokens):
            if token.type == Token.FUNC and token.subtype == Token.OPEN:
                self._function(token.value[:-1])
            elif token.subtype == Token.OPEN:
                self.within.append(("", 0))
            elif token.subtype == Token.CLOSE:
                self._close(place)
            elif token.type == Token.SEP:
                name, reached = self.within.pop()
                self.within.append((name, reached + 1))
            elif token.type == Token.OPERAND:
                self._operand(place, token)
        return Traits(
            tuple(dict.fromkeys(self.volatile)),
            tuple(dict.fromkeys(self.constants)),
            tuple(dict.fromkeys(self.external)),
            tuple(dict.fromkeys(self.add_in)),
            self.broken,
            self.may_miss or (self.refers and not self.looks_up),
        )

    def _function(self, text: str) -> None:
        match = _CALL.fullmatch(text)
        place, called = (match["place"] or "", match["name"]) if match else ("", text)
        if match and match["range"]:
            self._range(match["range"])
        name = _PREFIXES.sub("", called).upper()
        self.within.append((name, 0))
        ours = name.startswith(PREFIX)
        self.may_miss |= ours or name == "NA"
        self.looks_up |= name in LOOK_UPS
        self.broken |= "#REF" in place
        if name in VOLATILE and not place:
            self.volatile.append(name)
        if ours and (place or _ADD_IN_PREFIX.match(called)):
            self.add_in.append(text)
        elif place and place != _THIS_FILE:
            self.external.append(text)

    def _close(self, place: int) -> None:
        if self.within.pop()[0] in COUNTS:
            self.counted = place

    def _operand(self, place: int, token: Token) -> None:
        if token.subtype == Token.NUMBER:
            self._number(place, token)
        elif token.subtype == Token.ERROR:
            self.broken |= "#REF!" in token.value
        elif token.subtype == Token.RANGE:
            self._range(token.value)

    def _range(self, text: str) -> None:
        self.refers = True
        self.broken |= "#REF!" in text
        where, mark, _ = text.rpartition("!")
        if mark and "[" in where and not where.strip("'").startswith(_THIS_FILE):
            self.external.append(text)

    def _number(self, place: int, token: Token) -> None:
        after = self.tokens[place + 1] if place + 1 < len(self.tokens) else None
        percent = after is not None and after.type == Token.OP_POST
        value = float(token.value) / (100.0 if percent else 1.0)
        if self._is_mode(place, after) or self._is_count(place):
            return
        if value in EXPONENTS and self._before(place).value == "^":
            return
        if value in STRUCTURAL and not self._is_part_of_sum(place):
            return
        self.constants.append(token.value + ("%" if percent else ""))

    def _is_mode(self, place: int, after: Token | None) -> bool:
        """Whether the number is the whole of an argument that chooses how a function works."""
        name, reached = self.within[-1]
        before = self._before(place)
        starts = before.subtype == Token.OPEN or before.type == Token.SEP
        ends = after is not None and (after.subtype == Token.CLOSE or after.type == Token.SEP)
        return starts and ends and reached in MODES.get(name, ())

    def _before(self, place: int) -> Token:
        """Give the token before a number and its sign."""
        return self.tokens[place - 1 - (self.tokens[place - 1].type == Token.OP_PRE)]

    def _is_part_of_sum(self, place: int) -> bool:
        """Whether the number is added to another one, as in 1+1, which is a 2 in disguise."""
        return self._adds(place) or self._adds(place - 2)

    def _adds(self, place: int) -> bool:
        """Whether here stands a number plus a number, neither of which a product takes first."""
        sum_of = self.tokens[max(place, 0) : place + 3]
        if [token.subtype for token in sum_of[::2]] != [Token.NUMBER] * 2:
            return False
        after = self.tokens[place + 3] if place + 3 < len(self.tokens) else sum_of[1]
        beside = {self._before(place).value, after.value}
        return sum_of[1].value == "+" and beside.isdisjoint("*/^%")

    def _is_count(self, place: int) -> bool:
        return self.tokens[place - 1].value == "=" and self.counted == place - 2 >= 0
