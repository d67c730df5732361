"""Company facts fetched from the SEC: the one place of the product that asks the internet.

It asks as the SEC wants it: whoever asks is named, one request a second at most, and what was
fetched within a day is not asked for again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from addin.sources.edgar import TICKERS, companies, file_of
from valuation_core.errors import misfit

LIST: Final = "https://www.sec.gov/files"
FACTS: Final = "https://data.sec.gov/api/xbrl/companyfacts"
"""The two addresses that are ever asked."""

FRESH: Final = 86400.0
"""Seconds for which a file is not fetched again."""

BETWEEN: Final = 1.0
"""Seconds from one request to the next."""

TIMEOUT: Final = 60.0
NOT_FOUND: Final = 404


@dataclass
class Sec:
    """The SEC's servers, asked in the name of a contact."""

    contact: str
    version: str
    list_address: str = LIST
    facts_address: str = FACTS
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    _asked: float | None = None

    def __post_init__(self) -> None:
        name, at, host = self.contact.partition("@")
        if not (name and at and "." in host) or any(
            character.isspace() or not character.isprintable() for character in self.contact
        ):
            what = "must be your mail address: the SEC wants to know who asks"
            raise misfit("contact", what, self.contact)

    def fetch(self, folder: Path, tickers: Sequence[str]) -> Iterator[str]:
        """Bring the facts of companies into a folder; say of each what was done.

        Raises
        ------
        ValuationError
            When the SEC does not answer, or refuses. Files that came before stay.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_fresh(folder / TICKERS):
            self._bring(f"{self.list_address}/{TICKERS}", folder / TICKERS)
        numbers = companies(folder)
        for ticker in tickers:
            if ticker not in numbers:
                yield f"{ticker}: not in the SEC's list of companies"
                continue
            path = folder / file_of(numbers[ticker])
            if _is_fresh(path):
                yield f"{ticker}: {path.name} is of today, not asked for again"
            elif self._bring(f"{self.facts_address}/{path.name}", path):
                yield f"{ticker}: {path.name}"
            else:
                yield f"{ticker}: the SEC has no company facts of it"

    def _bring(self, address: str, path: Path) -> bool:
        """Fetch a file, whole or not at all; tell whether there is one."""
        if self._asked is not None:
            self.wait(max(0.0, self._asked + BETWEEN - self.clock()))
        self._asked = self.clock()
        headers = {"User-Agent": f"hpc-valuation/{self.version} {self.contact}"}
        try:
            with urlopen(Request(address, headers=headers), timeout=TIMEOUT) as answer:  # noqa: S310  the addresses above
                data = answer.read()
            json.loads(data)
        except HTTPError as error:
            if error.code == NOT_FOUND:
                return False
            raise misfit("edgar", f"{address} answers {error.code} {error.reason}") from None
        except (URLError, TimeoutError, OSError) as error:
            why = getattr(error, "reason", error)
            raise misfit("edgar", f"{address} cannot be reached: {why}") from None
        except ValueError:
            raise misfit("edgar", f"{address} gives no JSON") from None
        half = path.with_name(f"{path.name}.half")
        half.write_bytes(data)
        half.replace(path)
        return True


def _is_fresh(path: Path) -> bool:
    try:
        return 0 <= time.time() - path.stat().st_mtime < FRESH
    except FileNotFoundError:
        return False
