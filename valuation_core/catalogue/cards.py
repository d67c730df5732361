"""Cards: everything a host needs to publish a function, read off the function itself.

Order and defaults come from the signature, texts from the numpydoc docstring, units from the
annotations. Keyword-only parameters are for Python callers and never become cell arguments.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from valuation_core.evaluation.elementwise import Elementwise
from valuation_core.units import Takes, Unit

REQUIRED: Final = inspect.Parameter.empty


class Kind(Enum):
    """How a worksheet function treats ranges."""

    ELEMENTWISE = "elementwise"
    TABLE = "table"
    BOOKKEEPING = "bookkeeping"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a worksheet function."""

    name: str
    unit: Unit
    help: str
    default: Any = REQUIRED
    repeats: bool = False

    @property
    def required(self) -> bool:
        """Whether the argument must be given."""
        return self.default is REQUIRED and not self.repeats


@dataclass(frozen=True)
class Card:
    """One worksheet function, complete: name, arguments, texts, units, function."""

    name: str
    group: str
    kind: Kind
    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    returns: Unit
    reads_tables: bool

    @cached_property
    def sections(self) -> dict[str, str]:
        """The docstring by section; the text before the first section is "Summary"."""
        return docstring_sections(inspect.getdoc(self.function) or "")

    @property
    def summary(self) -> str:
        """First sentence of the docstring, for function wizards."""
        return self.sections["Summary"].split("\n\n")[0].replace("\n", " ")

    @property
    def description(self) -> str:
        """What follows the first sentence."""
        return "\n\n".join(self.sections["Summary"].split("\n\n")[1:])

    @property
    def returns_text(self) -> str:
        """What the function gives, in words."""
        return indented_entries(self.sections["Returns"])[0][1]

    @property
    def signature(self) -> str:
        """The call as an analyst reads it, optional arguments in brackets."""
        shown = [
            argument.name if argument.required else f"[{argument.name}]"
            for argument in self.arguments
        ]
        if self.arguments and self.arguments[-1].repeats:
            shown[-1] = f"{self.arguments[-1].name}..."
        return f"{self.name}({', '.join(shown)})"

    def argument(self, name: str) -> Argument:
        """Give an argument by name."""
        return next(argument for argument in self.arguments if argument.name == name)


def card_of(name: str, function: Callable[..., Any], group: str, kind: Kind) -> Card:
    """Read the card of a function."""
    body = function._body if isinstance(function, Elementwise) else function
    hints = get_type_hints(body, include_extras=True)
    texts = dict(
        entry
        for section in [docstring_sections(inspect.getdoc(function) or "").get("Parameters", "")]
        for entry in indented_entries(section)
    )
    parameters = inspect.signature(function).parameters.values()
    arguments = tuple(
        Argument(
            name=parameter.name,
            unit=_unit(hints[parameter.name]),
            help=texts.get(parameter.name, ""),
            default=parameter.default,
            repeats=parameter.kind is inspect.Parameter.VAR_POSITIONAL,
        )
        for parameter in parameters
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    )
    reads_tables = any(parameter.name == "tables" for parameter in parameters)
    return Card(name, group, kind, function, arguments, _unit(hints["return"]), reads_tables)


def _unit(hint: Any) -> Unit:
    if get_origin(hint) is Annotated:
        return next(extra for extra in get_args(hint) if isinstance(extra, Unit))
    if get_origin(hint) in (Union, UnionType):
        return next(_unit(part) for part in get_args(hint) if part is not type(None))
    return Unit("", takes=Takes.TEXT)


def docstring_sections(text: str) -> dict[str, str]:
    r"""Split a numpydoc docstring at its underlined headings.

    Examples
    --------
    >>> docstring_sections("What it is.\n\nNotes\n-----\nWhy.")
    {'Summary': 'What it is.', 'Notes': 'Why.'}
    """
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", text, flags=re.MULTILINE)
    sections = {"Summary": parts[0].strip()}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        sections[heading] = body.strip("\n")
    return sections


def indented_entries(section: str) -> list[tuple[str, str]]:
    r"""Give the entries of a Parameters or Returns section as (name, text).

    Examples
    --------
    >>> indented_entries("mw : float\n    Power to build,\n    0 or more.")
    [('mw', 'Power to build, 0 or more.')]
    """
    entries: list[tuple[str, list[str]]] = []
    for line in section.splitlines():
        if line and not line.startswith(" "):
            entries.append((line.split(" : ")[0].lstrip("*").strip(), []))
        elif line.strip() and entries:
            entries[-1][1].append(line.strip())
    return [(name, " ".join(lines)) for name, lines in entries]
