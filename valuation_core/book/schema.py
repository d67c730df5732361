"""The tables of a book: columns, types, domains, keys and the date a row counts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from valuation_core.domain import (
    ANY_NUMBER,
    LONGEST_LEASE,
    NOT_NEGATIVE,
    POSITIVE,
    YEARLY_RATE,
    ZERO_TO_ONE,
    Domain,
)

FORMAT_VERSION: Final = "2"
FIRST_FORMAT: Final = "1"
"""The format that `hpcval book upgrade` converts."""
ASSUMPTION: Final = "assumption"
"""Source of a row that is ours: it stands behind nobody's address."""
PLAIN: Final = "plain"
"""The case without changes: published parameters only."""
CONFIDENCES: Final = ("high", "medium", "low")
BANK: Final = "JPM"
"""The broker whose editions are the published framework; others are shown beside it."""
RATINGS: Final = ("OW", "N", "UW")
"""Ratings of the bank; other brokers have words of their own."""
STATUSES: Final = ("operating", "under construction", "contracted", "secured", "pipeline")
"""How far a site is."""


def folded(text: str) -> str:
    """Give a word of a vocabulary as it is compared: without letter case and doubled spaces."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Column:
    """One column: "text", "number" or "date", and which values it admits.

    A text with choices is read in any letter case and kept as the choice is spelt.
    """

    name: str
    kind: str = "text"
    required: bool = False
    domain: Domain = ANY_NUMBER
    choices: tuple[str, ...] = ()

    @cached_property
    def spellings(self) -> dict[str, str]:
        """The choices by their text without letter case and doubled spaces."""
        return {folded(choice): choice for choice in self.choices}


@dataclass(frozen=True)
class TableSchema:
    """One table: its columns, what a row is about, and the date it is known on.

    Rows about one thing differ in `as_of`: of those visible on a date the newest one is in force.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Columns that name what a row is about."""
    known: tuple[str, ...] = ()
    """Date columns, first filled one wins: the row is visible from that date on."""
    begins: str = ""
    """Date column: before that day the row in force does not count yet."""
    ends: str = ""
    """Date column: from that day on the row in force counts no longer."""
    spelt: tuple[str, ...] = ()
    """Columns whose words must be spelt alike wherever they are the same."""

    @cached_property
    def dated(self) -> bool:
        """Whether there can be several rows about one thing, one for each of its days."""
        return any(column.name == "as_of" for column in self.columns)


def _text(name: str, *choices: str, required: bool = False) -> Column:
    return Column(name, required=required, choices=choices)


def _date(name: str, required: bool = False) -> Column:
    return Column(name, "date", required)


def _number(name: str, domain: Domain = ANY_NUMBER, required: bool = False) -> Column:
    return Column(name, "number", required, domain)


_TICKER: Final = _text("ticker", required=True)
_DATED: Final = (_date("as_of", required=True), _date("known_on"))
_KNOWN: Final = ("known_on", "as_of")
_PROVENANCE: Final = (
    _text("source", required=True),
    _text("confidence", *CONFIDENCES, required=True),
    _text("note"),
)

TABLES: Final = {
    table.name: table
    for table in (
        TableSchema(
            "inputs",
            (
                _text("scope", required=True),
                _text("metric", required=True),
                _text("value"),
                _text("unit", required=True),
                _text("basis", "", "gross", "critical"),
                *_DATED,
                *_PROVENANCE,
            ),
            key=("scope", "metric"),
            known=_KNOWN,
        ),
        TableSchema(
            "cases",
            (
                _text("case", required=True),
                _text("scope", required=True),
                _text("metric", required=True),
                _text("change", "set", "times", required=True),
                _text("value", required=True),
                _text("unit", required=True),
                _text("basis", "", "gross", "critical"),
                *_PROVENANCE,
            ),
            key=("case", "scope", "metric"),
            spelt=("case",),
        ),
        TableSchema(
            "miners",
            (_TICKER, _text("name", required=True), _text("aliases")),
            key=("ticker",),
        ),
        TableSchema(
            "instruments",
            (
                _text("instrument_id", required=True),
                _TICKER,
                _text("instrument", required=True),
                _text("kind", "convertible", "warrant", "loan", "notes", required=True),
                _number("principal_usd_m", NOT_NEGATIVE),
                _number("coupon"),
                _number("shares_m", NOT_NEGATIVE),
                _number("strike_usd", NOT_NEGATIVE),
                _number("capped_call_cap_usd", NOT_NEGATIVE),
                _date("issue_date", required=True),
                _date("maturity"),
                _date("retired_on"),
                _text("recourse", "corporate", "project", required=True),
                _number("net_proceeds_usd_m", NOT_NEGATIVE),
                *_DATED,
                *_PROVENANCE,
            ),
            key=("instrument_id",),
            spelt=("instrument_id",),
            known=_KNOWN,
            begins="issue_date",
            ends="retired_on",
        ),
        TableSchema(
            "deals",
            (
                _text("deal_id", required=True),
                _TICKER,
                _text("counterparty", required=True),
                _text("site"),
                _text("kind", "colo", "cloud", required=True),
                _date("announced", required=True),
                _number("mw_gross", POSITIVE),
                _number("mw_critical", POSITIVE),
                _number("term_years", Domain(0, LONGEST_LEASE, above=True)),
                _number("revenue_usd_m", POSITIVE),
                _number("extension_years", NOT_NEGATIVE),
                _number("revenue_with_extensions_usd_m", POSITIVE),
                _number("noi_margin_low", ZERO_TO_ONE),
                _number("noi_margin_high", ZERO_TO_ONE),
                _number("capex_low_usd_m_per_critical_mw", NOT_NEGATIVE),
                _number("capex_high_usd_m_per_critical_mw", NOT_NEGATIVE),
                _number("escalator", YEARLY_RATE),
                _number("loan_to_cost", ZERO_TO_ONE),
                _number("debt_rate", YEARLY_RATE),
                _date("in_service"),
                _number("backstop_usd_m", NOT_NEGATIVE),
                _number("warrants_m", NOT_NEGATIVE),
                *_DATED,
                *_PROVENANCE,
            ),
            key=("deal_id",),
            spelt=("deal_id",),
            known=_KNOWN,
            begins="announced",
        ),
        TableSchema(
            "sites",
            (
                _TICKER,
                _text("site", required=True),
                _text("location"),
                _text("status", *STATUSES, required=True),
                _number("mw_gross", NOT_NEGATIVE),
                _number("mw_critical", NOT_NEGATIVE),
                _number("ownership", ZERO_TO_ONE, required=True),
                _text("part_of"),
                _text("energization"),
                _date("energized_on"),
                _number("hpc_mw_offered", NOT_NEGATIVE),
                _number("hpc_probability", ZERO_TO_ONE),
                _text("intended_use"),
                *_DATED,
                *_PROVENANCE,
            ),
            key=("ticker", "site"),
            spelt=("ticker", "site"),
            known=_KNOWN,
        ),
        TableSchema(
            "editions",
            (
                _date("edition_date", required=True),
                _text("broker", required=True),
                _TICKER,
                _text("old_rating"),
                _text("new_rating"),
                _number("old_target", POSITIVE),
                _number("new_target", POSITIVE),
                _text("target_horizon"),
                _number("ref_price", POSITIVE),
                _text("ref_price_kind"),
                _number("day_move", Domain(-1)),
                _text("day_move_kind"),
                *_PROVENANCE,
            ),
            key=("edition_date", "broker", "ticker"),
            known=("edition_date",),
        ),
        TableSchema(
            "market",
            (
                _text("series", required=True),
                _text("period", required=True),
                _number("value"),
                _text("unit", required=True),
                _text("scope", required=True),
                *_DATED,
                *_PROVENANCE,
            ),
            key=("series", "scope", "period"),
            spelt=("series", "scope", "period"),
            known=_KNOWN,
        ),
    )
}
