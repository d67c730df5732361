"""Functions of ours in formula text, wherever the add-in that holds them lives."""

from __future__ import annotations

import re
from typing import Final

PREFIX: Final = "HPC_"
"""What the names of our worksheet functions begin with."""

_TEXT: Final = re.compile(r'"(?:[^"]|"")*"')
_CALL: Final = re.compile(
    rf"(?<![A-Za-z0-9_.])(?:_xll\.|_xludf\.)?{PREFIX}[A-Z0-9_]+\s*\(", re.IGNORECASE
)
_QUALIFIED: Final = re.compile(
    rf"""
    "(?:[^"]|"")*"                                     # a text stays
    | (?<![A-Za-z0-9_.'!])
      (?:_xll\.|_xludf\.|\[[^\]]*\]!|'(?:[^']|'')*'!|[A-Za-z0-9_.-]+!)
      (?={PREFIX}[A-Z0-9_]+\()
    | '(?:[^']|'')*'                                   # a quoted sheet name stays
    """,
    re.VERBOSE | re.IGNORECASE,
)


def may_call_ours(text: str) -> bool:
    """Tell at a glance whether a text may call a function of ours."""
    return PREFIX in text.upper()


def calls_ours(formula: str) -> bool:
    """Tell whether a formula calls a function of ours.

    Examples
    --------
    >>> calls_ours("2*[1]!HPC_VALUE(A1)"), calls_ours('"HPC_VALUE("&A1'), calls_ours("HPC_rate*2")
    (True, False, False)
    """
    return _CALL.search(_TEXT.sub('""', formula)) is not None


def plain_formula(formula: str) -> str:
    r"""Take path and prefix off the functions of a formula.

    Examples
    --------
    >>> plain_formula(r"'C:\Users\ann\hpc-valuation.xlam'!HPC_VALUE(A1)+[2]!HPC_WINDOW(B1,3)")
    'HPC_VALUE(A1)+HPC_WINDOW(B1,3)'
    >>> plain_formula('IF(A1="[1]!HPC_VALUE(",\'My HPC_\'!B2,Inputs!C3)')
    'IF(A1="[1]!HPC_VALUE(",\'My HPC_\'!B2,Inputs!C3)'
    """
    if not may_call_ours(formula):
        return formula
    return _QUALIFIED.sub(lambda match: match[0] if match[0][-1] in "\"'" else "", formula)
