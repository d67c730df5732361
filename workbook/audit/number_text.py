"""Which texts are numbers in disguise: as desks type them, and as other programs export them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST: Final = 40

_GROUPED: Final = (
    r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?",  # 1,250.5
    r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?",  # 1.250,5
    r"[1-9]\d{0,2}(?:[ ]\d{3})+(?:[.,]\d*)?",  # 1 250.5
    r"[1-9]\d{0,2}(?:'\d{3})+(?:[.,]\d*)?",  # 1'250.5
    r"[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)?",  # 12,34,567.5
)
_PLAIN: Final = r"(?:[1-9]\d*|0)(?:[.,]\d*)?|[.,]\d+"
_POWER: Final = r"(?:[eE](?:[+-]\d{1,3}|\d{1,2}))?"
_CURRENCY: Final = (
    r"(?:US\$|CA\$|C\$|AU\$|A\$|HK\$|S\$|[$€£¥₿]"
    r"|(?:USD|EUR|GBP|CAD|AUD|CHF|JPY|BTC)(?![A-Za-z]))"
)
_UNIT: Final = r"(?:%|x|bps?|bn|mm|mn|[KMGT]W|[kMGTPE]H/s)"
_SCALE: Final = r"(?:k|K|m|M|b|B|t|T)"
_NUMBER: Final = re.compile(
    rf"""
    (?P<sign>[+-]?)\ ?(?P<opens>\(?)(?P<before>{_CURRENCY}?)\ ?(?P<inner>[+-]?\(?)
    (?P<figure>(?:{"|".join(_GROUPED)}|{_PLAIN}){_POWER})
    (?P<scale>{_SCALE}?)\ ?(?P<unit>{_UNIT}?)\ ?(?P<after>{_CURRENCY}?)
    (?P<closes>\)?)\ ?(?P<late>%?)(?P<trailing>-?)
    """,
    re.VERBOSE | re.ASCII,
)
_DAY: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_CODE: Final = re.compile(r"\d{9,}")
_ALIKE: Final = str.maketrans(
    dict.fromkeys((0x2010, 0x2011, 0x2013, 0x2212), "-")
    | dict.fromkeys((0x60, 0xB4, 0x2019), "'")
    | {0xD7: "x"}
)
"""Signs that look like those of a number: minus and dashes, apostrophes, times."""


def is_number_text(text: str) -> bool:
    """Tell whether a text is a number in disguise.

    Codes are none: with a leading zero, or of nine digits and more, as CUSIPs and telephone numbers
    have; nor are dates, fractions and words.

    Examples
    --------
    >>> typed = ("1,250.5", "(1,250)", "$5.2", "1 250", "12 %", "1.5x", "5-", "0,5", "600 MW")
    >>> all(is_number_text(text) for text in typed)
    True
    >>> codes = ("007", "2025-09-26", "1/2", "594918104", "12345E102", "+1 212 555", "10K", "n/a")
    >>> any(is_number_text(text) for text in codes)
    False
    """
    if len(text) > _LONGEST:
        return False
    plain = text.strip() if text.isascii() else _plainly(text)
    if _DAY.fullmatch(plain) or (_CODE.fullmatch(plain) and not plain.endswith("000")):
        return False
    match = _NUMBER.fullmatch(plain)
    return match is not None and _is_sound(match)


def _plainly(text: str) -> str:
    """Spell a text in the plainest letters: wide digits, hidden marks and special spaces go."""
    if any(unicodedata.category(letter) == "No" for letter in text):
        return ""  # a power or a fraction such as m² or ½
    shown = (letter for letter in text if unicodedata.category(letter) != "Cf")
    digits = (
        str(unicodedata.decimal(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in shown
    )
    return unicodedata.normalize("NFKC", "".join(digits)).translate(_ALIKE).strip()


def _is_sound(match: re.Match[str]) -> bool:
    """Tell whether signs, brackets and units go together."""
    brackets = match["opens"] + match["inner"].lstrip("+-")
    signs = match["sign"] + match["inner"].rstrip("(") + match["trailing"]
    if brackets != ("(" if match["closes"] else "") or len(signs) + len(brackets) > 1:
        return False
    money = bool(match["before"] or match["after"])
    if match["before"] and match["after"]:
        return False
    if match["scale"] and not (money or "." in match["figure"] or "," in match["figure"]):
        return False  # 10K is a filing, 3M a company
    spaced = " " in match["figure"]
    return not (spaced and match["sign"] == "+")  # a telephone number
