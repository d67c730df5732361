"""Sites on sheet Keys: what each is a part of, what it offers, and the MW that are approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workbook.model.excel import AND, BLANK, IF, ONE, ZERO, Span, Term, text
from workbook.model.sheets.facts.keys import (
    LIVE,
    ORDER,
    KeyColumns,
    count_where,
    joined_key,
    sum_where,
)
from workbook.model.sheets.facts.miner_keys import (
    ANNOUNCED,
    OFFERING,
    TICKER,
    MinerKeys,
    number_or_zero,
    numbered,
    trimmed,
)

ROW: Final = "row"
AS_OF: Final = "as of"
NAME: Final = "miner|site"
OUTER: Final = "miner|part of"
"""Column of the site that a site is a detail of; blank where it is none."""

THEN: Final = "as shopped"
"""Column of the row of a site that was the newest when the MW shopped were stated: 1, else 0."""

OFFERED_THEN: Final = "offered then"
OFFERS: Final = "offers"
"""Column of the rows in force that offer MW to tenants: 1, else 0."""

OFFER: Final = "offer"
"""Column of `miner|k` in the row of the k-th site that offers MW."""

LET_GROSS: Final = "let gross"
LET_CRITICAL: Final = "let critical"
UNCLEAR: Final = "let unclear"
"""Column of the number of deals that let MW of a site and state none."""

STILL_OFFERED: Final = "still offered"
"""Column of the MW that a site offers, less what was let since the day of its row."""

APPROVED_GROSS: Final = "approved gross"
APPROVED_CRITICAL: Final = "approved critical"
APPROVED_SILENT: Final = "approved without MW"
"""Column of the approved sites that state no MW: 1, else 0."""


def add_site_columns(keys: KeyColumns, miners: MinerKeys) -> None:
    """Plan what deals need to know of the sites, and the MW approved."""

    def name(line: int) -> Term:
        return joined_key(keys.field("ticker", line), trimmed(keys.field("site", line)))

    def outer(line: int) -> Term:
        of = trimmed(keys.field("part_of", line))
        return IF(of.equals(BLANK), BLANK, joined_key(keys.field("ticker", line), of))

    keys.add(ROW, lambda line: Term("ROW()", float(line)))
    keys.add(AS_OF, lambda line: number_or_zero(keys.field("as_of", line)))
    keys.add(TICKER, lambda line: trimmed(keys.field("ticker", line)))
    keys.add(NAME, name)
    keys.add(OUTER, outer)
    _add_then(keys, miners)

    def offers(line: int) -> Term:
        some = keys.field("hpc_mw_offered", line) > ZERO
        return IF(AND(keys.at(LIVE, line).equals(ONE), some), ONE, ZERO)

    keys.add(OFFERS, offers, "0")
    keys.add(OFFER, numbered(keys, OFFERS, TICKER))

    def approved(line: int) -> Term:
        of_itself = keys.at(OUTER, line).equals(BLANK)
        not_planned = keys.field("status", line).differs(text("pipeline"))
        return AND(keys.at(LIVE, line).equals(ONE), of_itself, not_planned)

    def gross(line: int) -> Term:
        mw = keys.field("mw_gross", line)
        owned = mw * keys.field("ownership", line)
        return IF(approved(line), IF(mw.equals(BLANK), ZERO, owned), ZERO)

    def critical(line: int) -> Term:
        mw = number_or_zero(keys.field("mw_critical", line))
        of_none = IF(
            keys.field("mw_gross", line).equals(BLANK), mw * keys.field("ownership", line), ZERO
        )
        return IF(approved(line), of_none, ZERO)

    keys.add(APPROVED_GROSS, gross)
    keys.add(APPROVED_CRITICAL, critical)

    def silent(line: int) -> Term:
        none = [keys.field(name, line).equals(BLANK) for name in ("mw_gross", "mw_critical")]
        return IF(AND(approved(line), *none), ONE, ZERO)

    keys.add(APPROVED_SILENT, silent, "0")


def _add_then(keys: KeyColumns, miners: MinerKeys) -> None:
    """Plan which row of a site was in force when its miner's MW shopped were stated."""
    since = "since"
    keys.add(since, lambda line: miners.since_of(keys.at(TICKER, line)), "0")
    names, orders = keys.span(NAME), keys.span(ORDER)

    def then(line: int) -> Term:
        order, day = keys.at(ORDER, line), keys.at(since, line)
        known = AND(order > ZERO, keys.at(AS_OF, line) <= day)
        # An order counts the days first: it is below that of the next day where its own is not.
        of_next_day = (day + ONE) * keys.rows_of_a_sheet
        later = count_where(
            [(names, "=", keys.at(NAME, line)), (orders, ">", order), (orders, "<", of_next_day)]
        )
        return IF(known, IF(later.equals(ZERO), ONE, ZERO), ZERO)

    def offered(line: int) -> Term:
        mw = number_or_zero(keys.field("hpc_mw_offered", line))
        return IF(keys.at(THEN, line).equals(ONE), mw, ZERO)

    keys.add(THEN, then, "0")
    keys.add(OFFERED_THEN, offered)


def add_let_columns(sites: KeyColumns, deals: KeyColumns, let: Mapping[str, str]) -> None:
    """Plan what deals let at each site that offers MW, since the day of its row.

    `let` has the columns of deals that are added up, by the column of sites that they give.
    """
    at_row, announced = deals.span(OFFERING), deals.span(ANNOUNCED)

    for heading, of in let.items():
        amounts = deals.span(of)

        def added(line: int, amounts: Span = amounts) -> Term:
            own, day = sites.at(ROW, line), sites.at(AS_OF, line)
            found = sum_where([(at_row, "=", own), (announced, ">", day)], amounts)
            return IF(sites.at(OFFERS, line).equals(ONE), found, ZERO)

        sites.add(heading, added)
