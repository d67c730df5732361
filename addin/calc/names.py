"""Names under which LibreOffice knows our functions, and formula text translated to them."""

from __future__ import annotations

import re
from typing import Final

from valuation_core.catalogue.catalogue import catalogue
from workbook.formulas.ours import PREFIX

MODULE: Final = "org.hpcvaluation"
SERVICE: Final = f"{MODULE}.Functions"
INTERFACE: Final = "XFunctions"

_TOKENS: Final = re.compile(
    rf"""
    "(?:[^"]|"")*"                                  # text: left alone
    | (?<![A-Za-z0-9_.])
      (?:_xll\.|_xludf\.|_xlfn\.|\[\d+\]!|'(?:[^']|'')*'!)?  # where Excel says a function lives
      ({PREFIX}[A-Z0-9_]+)(?=\()
    | '(?:[^']|'')*'                                # quoted sheet name: left alone
    """,
    re.VERBOSE | re.IGNORECASE,
)


def method_of(name: str) -> str:
    """Give the UNO method of a worksheet function; UNO allows no underscores.

    Examples
    --------
    >>> method_of("HPC_PER_SHARE")
    'hpcPerShare'
    """
    first, *others = name.lower().split("_")
    return first + "".join(word.capitalize() for word in others)


def to_calc(formula: str) -> str:
    """Translate the function names in a formula to the ones LibreOffice resolves on import.

    LibreOffice 7.4 ignores compatibility names when it reads xlsx, so calls are written as
    SERVICE.METHOD; unknown names stay as they are and show as errors.

    Examples
    --------
    >>> to_calc('IF(A1="HPC_VALUE(",HPC_VALUE(B4),0)')
    'IF(A1="HPC_VALUE(",ORG.HPCVALUATION.FUNCTIONS.HPCVALUE(B4),0)'
    >>> to_calc("[1]!HPC_WINDOW(0.5,3)+HPC_NOTHING(1)")
    'ORG.HPCVALUATION.FUNCTIONS.HPCWINDOW(0.5,3)+HPC_NOTHING(1)'
    """

    def translate(match: re.Match[str]) -> str:
        name = (match[1] or "").upper()
        return f"{SERVICE}.{method_of(name)}".upper() if name in catalogue() else match[0]

    return _TOKENS.sub(translate, formula)
