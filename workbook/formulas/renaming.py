"""Formula text that follows sheets, names and tables which were given other names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from workbook.formulas.cell_references import MENTION, sheet_of

_TEXT: Final = re.compile(r'"(?:[^"]|"")*"')


@lru_cache
def _in_words(sheets: tuple[str, ...]) -> re.Pattern[str]:
    """Give what finds sheets in a text, all at once: a new name may hold another's old one."""
    names = "|".join(map(re.escape, sheets))
    return re.compile(
        rf"(?<![\w'!])(?P<address>{names})(?=!\$?[A-Z]+\$?\d)"
        rf"|\b(?P<before>sheet|on|of|into|see) (?P<name>{names})(?![\w!])"
    )


@dataclass(frozen=True, slots=True)
class Renaming:
    """Other names: of sheets, and of the words of formulas, which are defined names and tables."""

    sheets: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.sheets or self.words)

    @property
    def both_ways(self) -> Renaming:
        """The same names changed for one another: what it does, it undoes.

        Examples
        --------
        >>> swap = Renaming({"Inputs": "HPC Inputs"}).both_ways
        >>> swap.of("Inputs!A1+'HPC Inputs'!A1"), swap.of(swap.of("Inputs!A1"))
        ("'HPC Inputs'!A1+'Inputs'!A1", "'Inputs'!A1")
        """
        sheets, words = (
            {**names, **{made: name for name, made in names.items()}}
            for names in (self.sheets, self.words)
        )
        return Renaming(sheets, words)

    def of(self, formula: str) -> str:
        r"""Give a formula with the other names in it; its texts, and other files, stay.

        Examples
        --------
        >>> other = Renaming({"Inputs": "HPC Inputs"}, {"Book": "Book_HPC", "Facts": "Facts_HPC"})
        >>> other.of("SUM(Inputs!$C$5:C9,Facts[value])+LEN(\"Inputs!A1\")+[1]Inputs!A1")
        'SUM(\'HPC Inputs\'!$C$5:C9,Facts_HPC[value])+LEN("Inputs!A1")+[1]Inputs!A1'
        >>> other.of("HPC_TARGET('Inputs'!A1,Book)+BOOK(Book)+Deals!Books")
        "HPC_TARGET('HPC Inputs'!A1,Book_HPC)+BOOK(Book_HPC)+Deals!Books"
        """
        return MENTION.sub(self._renamed, formula) if self else formula

    def in_words(self, text: str) -> str:
        """Give a text that names sheets in words with the other names in it.

        A sheet is meant after "sheet", "on", "of", "into" or "see", and before an address; HPC,
        which is said of much else, after "sheet" alone.

        Examples
        --------
        >>> other = Renaming({"Inputs": "HPC Inputs", "HPC": "HPC HPC", "Deals": "HPC Deals"})
        >>> other.in_words("Inputs on Inputs, into Inputs!C5; Deals of HPC, see sheet HPC")
        "Inputs on HPC Inputs, into 'HPC Inputs'!C5; Deals of HPC, see sheet HPC HPC"
        >>> Renaming({"Inputs": "HPC Inputs", "HPC": "HPC HPC"}).in_words("see sheet Inputs")
        'see sheet HPC Inputs'
        """
        return _in_words(tuple(self.sheets)).sub(self._said, text) if self.sheets else text

    def _said(self, match: re.Match[str]) -> str:
        before, name = match["before"], match["name"] or match["address"]
        if before is None:
            return quoted(self.sheets[name])[:-1]
        if name == "HPC" and before != "sheet":
            return match[0]
        return f"{before} {self.sheets[name]}"

    def everywhere(self, formula: str) -> str:
        r"""Give a formula of the model with the other names in it, and in the texts that it says.

        Only one of the analyst says one of the other names there: it means theirs by ours.

        Examples
        --------
        >>> Renaming({"Inputs": "HPC Inputs"}).everywhere('IF(Inputs!A1,"see Inputs","")')
        'IF(\'HPC Inputs\'!A1,"see HPC Inputs","")'
        """
        renamed = self.both_ways.of(formula)
        return _TEXT.sub(lambda match: self.in_words(match[0]), renamed)

    def _renamed(self, match: re.Match[str]) -> str:
        place = match["place"] or ""
        rest = match[0][len(place) :]
        sheet = sheet_of(place)
        if sheet is not None and sheet in self.sheets:
            place = quoted(self.sheets[sheet])
        if match["word"] in self.words and match["opens"] != "(" and "[" not in (sheet or ""):
            rest = self.words[match["word"]] + rest[len(match["word"]) :]
        return place + rest


def quoted(sheet: str) -> str:
    """Give the name of a sheet as it stands before an address, whatever characters it has.

    Examples
    --------
    >>> quoted("Ann's inputs")
    "'Ann''s inputs'!"
    """
    return "'" + sheet.replace("'", "''") + "'!"


def are_alike(one: str, other: str) -> bool:
    """Tell whether two formulas are one but for quotes around the names of sheets.

    Examples
    --------
    >>> are_alike("'Inputs'!C9", "Inputs!C9")
    True
    """
    return one.replace("'", "") == other.replace("'", "")
