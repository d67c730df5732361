"""Company facts of the SEC as recorded in a folder: what of them can be trusted, and what not.

Cover-page shares of one class and cash are taken. Debt tags miss loans, bitcoin counts come in
wrong units and convertibles are told by instrument, so those are shown for a person to confirm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from valuation_core.book.metrics import METRICS
from valuation_core.book.tables import Row
from valuation_core.errors import ValuationError, misfit

TICKERS: Final = "company_tickers.json"
"""The SEC's own list: the number of each company by ticker."""

TAKEN: Final = {
    "shares_basic": ("dei", "EntityCommonStockSharesOutstanding", "shares"),
    "cash": ("us-gaap", "CashAndCashEquivalentsAtCarryingValue", "USD"),
}
"""Facts of the book that filings state: taxonomy, tag and unit."""

SHOWN: Final = {
    "debt": (
        "LongTermDebt", "LongTermDebtCurrent", "LongTermDebtNoncurrent", "LongTermLineOfCredit",
        "NotesPayable", "NotesPayableCurrent", "DebtInstrumentCarryingAmount",
        "DebtLongtermAndShorttermCombinedAmount",
    ),
    "convertibles": (
        "ConvertibleNotesPayable", "ConvertibleNotesPayableCurrent",
        "ConvertibleNotesPayableNoncurrent", "ConvertibleDebtNoncurrent",
        "ConvertibleLongTermNotesPayable",
    ),
    "bitcoin": (
        "CryptoAssetNumberOfUnits", "CryptoAssetFairValue", "CryptoAssetFairValueCurrent",
        "CryptoAssetFairValueNoncurrent",
    ),
}  # fmt: skip
"""Tags of us-gaap to confirm by hand: never taken."""

REPORTS: Final = ("10-K", "10-KT", "10-Q", "20-F", "40-F")
"""Periodic reports, whose amendments count too."""

LATEST: Final = 200
"""Days from the day of a figure to its filing; a longer time is a wrong date in the filing."""

RECENT: Final = 400
"""Days before the newest filing of a company from which a figure is shown to be confirmed."""

MILLION: Final = 1e6

INDEX: Final = "-index.htm"
"""What follows its number in the address of a filing."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A figure that a filing states of its own period."""

    ticker: str
    subject: str
    """Metric of the book, or what is to be confirmed."""
    tag: str
    value: float
    """In the unit of the book for a metric, else as filed."""
    unit: str
    as_of: date
    known_on: date
    form: str
    source: str
    """Address of the filing by its accession number."""

    @property
    def accession(self) -> str:
        """The number of the filing."""
        return self.source.rpartition("/")[2].removesuffix(INDEX)

    @property
    def row(self) -> Row:
        """The figure as a row of the table of inputs."""
        return {
            "scope": self.ticker,
            "metric": self.subject,
            "value": self.value,
            "unit": METRICS[self.subject].unit,
            "basis": "",
            "as_of": self.as_of,
            "known_on": self.known_on,
            "source": self.source,
            "confidence": "high",
            "note": f"{self.form}, {self.tag}",
        }


def filings(folder: Path, tickers: Iterable[str]) -> list[Filed]:
    """Give cover-page shares and cash of companies, by company, fact and day.

    Raises
    ------
    ValuationError
        When the folder or a file in it is not what the SEC gives.
    """
    found: list[Filed] = []
    for ticker, cik, facts in _companies(folder, tickers):
        for metric, (taxonomy, tag, unit) in TAKEN.items():
            for one in _of_own_period(facts.get(taxonomy, {}).get(tag, {}), unit):
                value = one["val"] / MILLION
                if METRICS[metric].domain.holds(value):
                    found.append(_filed(ticker, cik, metric, f"{taxonomy}:{tag}", value, one, unit))
    return found


def to_confirm(folder: Path, tickers: Iterable[str]) -> list[Filed]:
    """Give the newest debt, convertibles and bitcoin that filings tag, as filed, for a person."""
    found: list[Filed] = []
    for ticker, cik, facts in _companies(folder, tickers):
        of_company: list[Filed] = []
        for subject, tags in SHOWN.items():
            for tag in tags:
                stated = facts.get("us-gaap", {}).get(tag, {})
                for unit in stated.get("units", {}):
                    if newest := _of_own_period(stated, unit)[-1:]:
                        name = f"us-gaap:{tag}"
                        value = float(newest[0]["val"])
                        of_company.append(
                            _filed(ticker, cik, subject, name, value, newest[0], unit)
                        )
        last = max((one.known_on for one in of_company), default=date.min)
        found += [one for one in of_company if (last - one.as_of).days <= RECENT]
    return found


def companies(folder: Path) -> dict[str, int]:
    """Give the SEC's number of each company by ticker, from its list in a folder."""
    read = _json(folder / TICKERS)
    try:
        return {str(one["ticker"]).upper(): int(one["cik_str"]) for one in read.values()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _wrong(folder / TICKERS) from None


def file_of(cik: int) -> str:
    """Name the file of a company as the SEC does.

    Examples
    --------
    >>> file_of(827876)
    'CIK0000827876.json'
    """
    return f"CIK{cik:010d}.json"


def _companies(folder: Path, tickers: Iterable[str]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Give the facts of those companies that have a file."""
    numbers = companies(folder)
    for ticker in tickers:
        cik = numbers.get(ticker)
        if cik is None or not (folder / file_of(cik)).exists():
            continue
        path = folder / file_of(cik)
        read = _json(path)
        if not isinstance(read, dict) or read.get("cik") != cik:
            raise misfit("edgar", f"{path} is not of the company numbered {cik}")
        try:
            yield ticker, cik, dict(read["facts"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise _wrong(path) from None


def _of_own_period(stated: dict[str, Any], unit: str) -> list[dict[str, Any]]:
    """Give what each periodic report says of its own period, one figure a day, in order of days.

    Columns of earlier periods beside it are left out: CleanSpark's report of February 2021 shows
    there the cash of September 2019 under September 2018. Where two reports speak of one day the
    earlier stands, unless an amendment changes the figure. Two figures of one day in one report are
    two classes of shares: none is taken.
    """
    by_report: dict[str, list[dict[str, Any]]] = {}
    for one in stated.get("units", {}).get(unit, ()):
        if "start" not in one and one["form"].removesuffix("/A") in REPORTS:
            by_report.setdefault(one["accn"], []).append(one)
    of_day: dict[str, dict[str, Any]] = {}
    for figures in sorted(by_report.values(), key=lambda rows: (rows[0]["filed"], rows[0]["accn"])):
        newest = max(one["end"] for one in figures)
        own = [one for one in figures if one["end"] == newest]
        days = (_day(own[0]["filed"]) - _day(newest)).days
        if len({one["val"] for one in own}) > 1 or not 0 <= days <= LATEST:
            continue
        before = of_day.get(newest)
        if before is None or before["val"] != own[0]["val"]:
            of_day[newest] = own[0]
    return [of_day[day] for day in sorted(of_day)]


def _filed(
    ticker: str, cik: int, subject: str, tag: str, value: float, one: dict[str, Any], unit: str
) -> Filed:
    number = str(one["accn"])
    place = f"https://www.sec.gov/Archives/edgar/data/{cik}/{number.replace('-', '')}/{number}"
    return Filed(
        ticker,
        subject,
        tag,
        value,
        METRICS[subject].unit if subject in TAKEN else unit,
        _day(one["end"]),
        _day(one["filed"]),
        str(one["form"]),
        f"{place}{INDEX}",
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        what = f"{path} is missing: hpcval fetch edgar brings it"
        raise misfit("edgar", what) from None
    except (OSError, ValueError):
        raise _wrong(path) from None


def _wrong(path: Path) -> ValuationError:
    return misfit("edgar", f"{path} cannot be read as company facts of the SEC: fetch it again")
