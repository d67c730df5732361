"""The tables of a book: columns, types, domains, keys and the date a row counts from."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final

FORMAT_VERSION: Final = "1"
CONFIDENCES: Final = ("high", "medium", "low")
RATINGS: Final = ("OW", "N", "UW")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: "text", "number" or "date", and which values it admits."""

    name: str
    kind: str = "text"
    required: bool = False
    low: float = -inf
    high: float = inf
    choices: tuple[str, ...] = ()
    above: bool = False
    """Whether the lower bound itself is excluded."""


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: its columns, the columns that identify a row, and the date it is known on."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    """Date columns, first filled one wins: the row is visible from that date on."""


def _text(name: str, *choices: str, required: bool = False) -> Column:
    return Column(name, required=required, choices=choices)


def _date(name: str, required: bool = False) -> Column:
    return Column(name, "date", required)


def _number(name: str, low: float = -inf, high: float = inf, required: bool = False) -> Column:
    return Column(name, "number", required, low, high)


_TICKER: Final = _text("ticker", required=True)
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
                _date("as_of", required=True),
                _date("known_on"),
                *_PROVENANCE,
            ),
            known=("known_on", "as_of"),
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
                _number("principal_usd_m", 0),
                _number("coupon"),
                _number("shares_m", 0),
                _number("strike_usd", 0),
                _number("capped_call_cap_usd", 0),
                _date("issue_date", required=True),
                _date("maturity"),
                _date("retired_on"),
                _text("recourse", "corporate", "project", required=True),
                *_PROVENANCE,
            ),
            key=("instrument_id",),
            known=("issue_date",),
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
                Column("mw_gross", "number", low=0, above=True),
                Column("mw_critical", "number", low=0, above=True),
                Column("term_years", "number", low=0, above=True),
                Column("revenue_usd_m", "number", low=0, above=True),
                _number("extension_years", 0),
                Column("revenue_with_extensions_usd_m", "number", low=0, above=True),
                _number("noi_margin_low", 0, 1),
                _number("noi_margin_high", 0, 1),
                _number("capex_low_usd_m_per_critical_mw", 0),
                _number("capex_high_usd_m_per_critical_mw", 0),
                _number("backstop_usd_m", 0),
                _number("warrants_m", 0),
                _date("as_of", required=True),
                *_PROVENANCE,
            ),
            key=("deal_id",),
            known=("announced",),
        ),
        TableSchema(
            "sites",
            (
                _TICKER,
                _text("site", required=True),
                _text("location"),
                _text("status", required=True),
                _number("mw_gross", 0),
                _number("mw_critical", 0),
                _number("ownership", 0, 1, required=True),
                _text("part_of"),
                _text("energization"),
                _text("intended_use"),
                _date("as_of", required=True),
                *_PROVENANCE,
            ),
            key=("ticker", "site"),
            known=("as_of",),
        ),
        TableSchema(
            "editions",
            (
                _date("edition_date", required=True),
                _text("broker", required=True),
                _TICKER,
                _text("old_rating", "", *RATINGS),
                _text("new_rating", "", *RATINGS),
                _number("old_target", 0),
                _number("new_target", 0),
                _text("target_horizon"),
                Column("ref_price", "number", low=0, above=True),
                _text("ref_price_kind"),
                _number("day_move", -1),
                _text("day_move_kind"),
                *_PROVENANCE,
            ),
            key=("edition_date", "ticker"),
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
                _date("as_of", required=True),
                *_PROVENANCE,
            ),
            key=("series", "scope", "period"),
            known=("as_of",),
        ),
    )
}
