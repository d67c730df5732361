"""The book a command reads: its date, its case and the analyst's own facts, all as options."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeVar

import click

from addin.boundary.cells import OMITTED, facts_of
from addin.boundary.desk import Desk
from addin.cli.commands import FLAGS, Refusal, shared
from valuation_core.book import PLAIN, Book
from valuation_core.book.metrics import NETWORK
from valuation_core.catalogue.bookkeeping import dated_book
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.errors import ValuationError

F = TypeVar("F", bound=Callable[..., Any])

NAMES: Final = ("as_of", "case", "own", "btc_price")
_SETTING: Final = re.compile(r"(?P<scope>.*)\.(?P<metric>[^.=]*)=(?P<value>[^@]*)(@(?P<basis>.*))?")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which book is meant."""

    as_of: str | None = None
    case: str | None = None
    own: tuple[str, ...] = ()
    """Own facts, as SCOPE.METRIC=VALUE, with @BASIS where MW are not gross."""
    btc_price: str | None = None

    @property
    def given(self) -> str:
        """Names of the options that were given, as a person types them."""
        return ", ".join(FLAGS[name] for name in NAMES if getattr(self, name))

    def book(self, desk: Desk) -> Book:
        """Give the book that is meant, of the facts on the desk."""
        rows = [_row(setting) for setting in self.own]
        options = [f"--set {setting}" for setting in self.own]
        if self.btc_price is not None:
            rows.append([NETWORK, "btc_price", self.btc_price, None])
            options.append(f"--btc-price {self.btc_price}")
        case = PLAIN if self.case is None else self.case
        try:
            facts = facts_of("facts", rows) if rows else None
            return dated_book(self.as_of, facts, case, tables=desk.tables)
        except ValuationError as error:
            raise Refusal(_by_name(error.reason, options)) from None

    def cells(self, desk: Desk, function: str, cells: list[Any]) -> list[Any]:
        """Give the arguments of a function with the chosen book among them."""
        card = catalogue().get(function.strip().upper())
        if not self.given or card is None:
            return cells
        names = [argument.name for argument in card.arguments]
        if "book" not in names:
            raise click.UsageError(f"{card.name} takes no book, so no {self.given}")
        place = names.index("book")
        padded = cells + [OMITTED] * (place + 1 - len(cells))
        if padded[place] is not OMITTED:
            raise click.UsageError(f"give either {self.given} or the argument book of {card.name}")
        padded[place] = desk.publish(self.book(desk))
        return padded


def _row(setting: str) -> list[Any]:
    """Read SCOPE.METRIC=VALUE[@BASIS] as the four cells of an own fact.

    Examples
    --------
    >>> _row("RIOT.hpc_mw_named=200@critical")
    ['RIOT', 'hpc_mw_named', '200', 'critical']
    """
    found = _SETTING.fullmatch(setting)
    if found is None or not found["value"].strip():
        raise Refusal(f"--set {setting}: must be SCOPE.METRIC=VALUE, such as RIOT.hashrate=40")
    return [found["scope"], found["metric"], found["value"], found["basis"]]


def _by_name(reason: str, options: list[str]) -> str:
    """Name the option where a reason names a row of own facts.

    Examples
    --------
    >>> _by_name("facts row 1: hashrate must be a number", ["--set RIOT.hashrate=x"])
    '--set RIOT.hashrate=x: hashrate must be a number'
    """
    return re.sub(r"^facts:? row (\d+):? ", lambda row: f"{options[int(row[1]) - 1]}: ", reason)


def reads_book(function: F) -> F:
    """Add the options that choose a book, and hand them to a command as `chosen`."""

    @wraps(function)
    def command(*arguments: Any, **options: Any) -> Any:
        chosen = Chosen(**{name: options.pop(name) for name in NAMES})
        return function(*arguments, chosen=chosen, **options)

    return shared("book", "cache", "as-of", "case", "set", "btc-price")(command)  # type: ignore[return-value]
