"""The address of what a shape shows: it stands in the shape's alternative text and goes along."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any, Final

_BEGINS: Final = "[hpcval "


@dataclass(frozen=True, slots=True)
class Link:
    """A part of a page, and what was typed to get the page."""

    ticker: str
    key: str
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.ticker}/{self.key}"

    def beside(self, description: str) -> str:
        """Give the alternative text: what the shape shows, then its address.

        Examples
        --------
        >>> Link("RIOT", "ladder", ("--case", "base")).beside("Ladder of RIOT")
        'Ladder of RIOT [hpcval RIOT/ladder --case base]'
        """
        return f"{description} {_BEGINS}{shlex.join([str(self), *self.options])}]"


def link_in(text: str) -> Link | None:
    """Read the address at the end of an alternative text; None where there is none.

    Examples
    --------
    >>> link_in("Ladder of RIOT [hpcval RIOT/ladder --case base]")
    Link(ticker='RIOT', key='ladder', options=('--case', 'base'))
    >>> link_in("A picture of a mine")
    """
    place = text.rfind(_BEGINS)
    if place < 0 or not text.endswith("]"):
        return None
    try:
        first, *options = shlex.split(text[place + len(_BEGINS) : -1])
    except ValueError:
        return None
    ticker, mark, key = first.partition("/")
    return Link(ticker, key, tuple(options)) if mark else None


def alternative_text(shape: Any) -> str:
    """Give the alternative text of a shape of python-pptx, which knows no name for it."""
    return str(_properties(shape).get("descr") or "")


def set_alternative_text(shape: Any, text: str) -> None:
    """Set the alternative text of a shape."""
    _properties(shape).set("descr", text)


def _properties(shape: Any) -> Any:
    return shape._element.xpath("./*/p:cNvPr")[0]
