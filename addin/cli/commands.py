"""How every command behaves: errors as one line, and options before the command or after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from errno import EACCES, EPIPE
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.cli.say import visible
from addin.interrupts import BY_CTRL_C, happened, leave
from valuation_core.errors import ValuationError
from workbook.errors import WorkbookError

F = TypeVar("F", bound=Callable[..., Any])

DEBUG: Final = "HPCVAL_DEBUG"
_GIVEN: Final = "hpcval.given"
_FILES: Final = "hpcval.files"


class Refusal(click.ClickException):
    """One line that may hold a text of a file or of a person."""

    def format_message(self) -> str:
        """Give the line, without anything that a terminal would obey."""
        return visible(self.message)


class Unforeseen(Refusal):
    """The command broke: it is neither done, nor is there a finding."""

    exit_code = 2


class Commands(click.Group):
    """Shows what went wrong as one line instead of a traceback."""

    group_class = type

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; refuse an option before it that it does not take."""
        name, command, rest = super().resolve_command(ctx, args)
        ctx.meta[_FILES] = {path: _stamp(path) for path in _paths(rest) if path.is_file()}
        if command is not None and not isinstance(command, click.Group):
            known = {parameter.name for parameter in command.params}
            for option, flag in FLAGS.items():
                if given(ctx, option) and option not in known:
                    raise click.UsageError(f"{name} takes no {flag}")
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except (ValuationError, WorkbookError) as error:
            raise Refusal(str(error)) from None
        except KeyboardInterrupt:
            leave(BY_CTRL_C)
        except OSError as error:
            if error.errno == EPIPE:  # the reader of our output, such as head, has seen enough
                raise
            place = f"{error.filename}: " if error.filename else ""
            hint = " (is it open in another program?)" if error.errno == EACCES else ""
            raise click.ClickException(visible(f"{place}{error.strerror or error}{hint}")) from None
        except Exception as error:
            if happened():
                leave(BY_CTRL_C)
            if os.environ.get(DEBUG):
                raise
            raise Unforeseen(_unforeseen(error, ctx.meta.get(_FILES, {}))) from None


def _paths(arguments: Iterable[str]) -> Iterable[Path]:
    return (Path(argument) for argument in arguments if "\0" not in argument)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _unforeseen(error: Exception, files: dict[Path, Any]) -> str:
    """Say that the command broke, which file it had, and whether that was changed."""
    what = f"this failed in a way nobody foresaw ({type(error).__name__}: {error})"
    changed = [path for path, stamp in files.items() if _stamp(path) != stamp]
    names = ", ".join(str(path) for path in files)
    outcome = (
        f"; {', '.join(map(str, changed))} was changed, and as it was it stands beside"
        if changed
        else "; nothing was changed"
    )
    return f"{names + ': ' if files else ''}{what}{outcome}. {DEBUG}=1 shows where"


def _once(ctx: click.Context, option: click.Parameter, values: Any) -> Any:
    """Give the value of an option that may stand before the command, after it, or both."""
    key = f"{_GIVEN}.{option.name}"
    given = values if isinstance(values, tuple) else (values,) if values else ()
    distinct = tuple(dict.fromkeys((*ctx.meta.get(key, ()), *given)))
    if len(distinct) > 1:
        values = " and as ".join(repr(str(value)) for value in distinct)
        raise click.UsageError(f"{option.opts[0]} is given twice, as {values}")
    ctx.meta[key] = distinct
    return distinct[0] if distinct else None


def all_given(ctx: click.Context, name: str) -> tuple[Any, ...]:
    """Give all that was typed for an option so far, before the command or after it."""
    return ctx.meta.get(f"{_GIVEN}.{name}", ())  # type: ignore[no-any-return]


def given(ctx: click.Context, name: str) -> Any:
    """Give what was typed for an option so far, before the command or after it."""
    return next(iter(all_given(ctx, name)), None)


def _reads_book(ctx: click.Context, option: click.Parameter, values: Any) -> None:
    source = _once(ctx, option, values)
    if source is not None and isinstance(ctx.obj, Desk) and ctx.obj.source != source:
        ctx.obj = Desk(source or None, ctx.obj.store)


def _keeps_books(ctx: click.Context, option: click.Parameter, values: Any) -> None:
    folder = _once(ctx, option, values)
    if folder is not None and isinstance(ctx.obj, Desk) and ctx.obj.store.folder != folder:
        ctx.obj = Desk(ctx.obj.source, BookStore(folder))


def _is_json(ctx: click.Context, option: click.Parameter, value: bool) -> bool:
    return bool(_once(ctx, option, value))


def _all_of(ctx: click.Context, option: click.Parameter, values: Any) -> tuple[str, ...]:
    """Give the values of an option that may stand several times, before the command and after."""
    key = f"{_GIVEN}.{option.name}"
    ctx.meta[key] = tuple(dict.fromkeys((*ctx.meta.get(key, ()), *values)))
    return ctx.meta[key]  # type: ignore[no-any-return]


FLAGS: Final = {
    "as_of": "--as-of",
    "case": "--case",
    "own": "--set",
    "btc_price": "--btc-price",
    "plain": "--json",
}
"""Options that stand before every command, though some do not take them."""

_OPTIONS: Final[dict[str, Callable[[F], F]]] = {
    "book": click.option(
        "--book",
        multiple=True,
        callback=_reads_book,
        expose_value=False,
        help="Folder of CSV files, Excel file or database URL to read in place of the shipped "
        "book.",
    ),
    "cache": click.option(
        "--cache",
        type=click.Path(path_type=Path, file_okay=False),
        multiple=True,
        callback=_keeps_books,
        expose_value=False,
        help="Folder that keeps the books behind handles; your user cache by default.",
    ),
    "as-of": click.option(
        "--as-of",
        multiple=True,
        callback=_once,
        help="Date of the book as YYYY-MM-DD; where no file has one, 2025-09-26.",
    ),
    "case": click.option(
        "--case",
        multiple=True,
        callback=_once,
        help="Case of the book, such as reconstruction; plain by default.",
    ),
    "set": click.option(
        "--set",
        "own",
        multiple=True,
        metavar="SCOPE.METRIC=VALUE",
        callback=_all_of,
        help="Own fact, such as RIOT.hashrate=40; @critical behind MW that are not gross. "
        "May be repeated.",
    ),
    "btc-price": click.option(
        "--btc-price", multiple=True, callback=_once, help="USD per bitcoin, an own fact."
    ),
    "json": click.option(
        "--json", "plain", is_flag=True, callback=_is_json, help="Print JSON instead of tables."
    ),
}


def shared(*names: str) -> Callable[[F], F]:
    """Add options that stand before the command or after it: book, cache, as-of and the rest."""

    def add(function: F) -> F:
        for name in reversed(names):
            function = _OPTIONS[name](function)
        return function

    return add
