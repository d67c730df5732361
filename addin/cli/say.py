"""Text on a person's screen: characters that a terminal would obey are shown, never sent."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from valuation_core.book.parse import CONTROL


def visible(text: str) -> str:
    r"""Write control characters as Python does; line ends and tabs stay.

    Examples
    --------
    >>> visible("a\x1b[31mb\r\nc")
    'a\\x1b[31mb\nc'
    """
    plain = text.replace("\r\n", "\n")
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], plain).replace("\r", "\\r")


def say(text: object = "", *, err: bool = False) -> None:
    """Print a line that may hold a text of a file or of a person."""
    click.echo(visible(str(text)), err=err)


def say_json(value: Any, *, indent: int | None = None) -> None:
    """Print a value as JSON that is read back as it was."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    click.echo(CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


class Screen(Console):
    """A console on which texts cannot give orders to the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Read a text as always, with control characters shown."""
        return super().render_str(visible(text), **options)


def say_marked(mark: str, color: str, text: Any) -> None:
    """Print a line that begins with a coloured word; as fast for thousands as for one."""
    click.echo(f"{click.style(mark, fg=color)}  {visible(str(text))}")
