"""Deals on sheet Keys: which count, on what MW, and which site's offer each uses up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    IFERROR,
    MAX,
    ONE,
    OR,
    ZERO,
    Span,
    Term,
    text,
)
from workbook.model.sheets.facts.keys import (
    LIVE,
    ORDER,
    KeyColumns,
    Make,
    count_where,
    joined_key,
    picked,
    sum_where,
)
from workbook.model.sheets.facts.miner_keys import (
    ANNOUNCED,
    OFFERING,
    TICKER,
    MinerKeys,
    above,
    add_shown,
    number_or_zero,
    numbered,
    row_where,
    trimmed,
)
from workbook.model.sheets.facts.site_keys import (
    LET_CRITICAL as LET_CRITICAL_AT_SITE,
)
from workbook.model.sheets.facts.site_keys import (
    LET_GROSS as LET_GROSS_AT_SITE,
)
from workbook.model.sheets.facts.site_keys import (
    NAME,
    OFFERED_THEN,
    OFFERS,
    OUTER,
    STILL_OFFERED,
    THEN,
    UNCLEAR,
    add_let_columns,
    add_site_columns,
)

LEVELS: Final = 4
"""How many sites, each a detail of the next, a deal's MW are followed through."""

COLOCATION: Final = "colo"
"""Column of the deals in force that are leases of MW: 1, else 0."""

SILENT: Final = "no MW"
"""Column of those that state no MW: 1, else 0."""

TOO_DEEP: Final = "site nested too deep"
"""Column of those whose site is a detail of more levels than are followed: 1, else 0."""

SIGNED_CRITICAL: Final = "signed critical"
SIGNED_GROSS: Final = "signed gross"
LET_GROSS: Final = "let gross"
LET_CRITICAL: Final = "let critical"

SINCE: Final = "let since"
"""Column of the leases announced after the MW shopped were stated: 1, else 0."""

PLACE: Final = "place"
PLACE_NAME: Final = "name of place"
PLACE_OFFERED: Final = "place offered"
PLACE_KEY: Final = "k-th place"
PLACE_GROSS: Final = "let at place, gross"
PLACE_CRITICAL: Final = "let at place, critical"

OF_MODEL: Final = "lease of the model"
"""Column of the leases of the miners of the model: 1, else 0."""

LEASE_KEY: Final = "k-th lease"
"""Column of `|k` in the row of the k-th lease of the miners of the model."""

SHOWN: Final = "line of the list"
"""Column of the line of sheet Deals or Sites that shows a row; 0 for none."""

NOT_NETTED: Final = "let, not off the MW shopped"
"""Column of gross MW of leases at sites that have offered MW, which are not taken off those shopped
since these were stated later: they are signed and shopped where the sites offer less by now."""

OUTSIDE: Final = "in no part of the value"
"""Column of the deals that no part of the value counts: 1, else 0."""

MW_RATIO: Final = "gross MW per critical MW"
"""Column of the ratio of the miner of such a lease: #N/A where it is missing; never summed."""

ALL_OF_IT: Final = "all of it"
"""What a place that the book does not know had to offer: whatever was let there."""

NO_SITE: Final = "no site"


def add_deal_columns(deals: KeyColumns, sites: KeyColumns, miners: MinerKeys) -> None:
    """Plan the helper columns of deals and of the sites that they are at."""
    add_site_columns(sites, miners)
    _add_mw(deals)
    _add_chain(deals, sites)
    _add_places(deals, sites, miners)
    let = {LET_GROSS_AT_SITE: LET_GROSS, LET_CRITICAL_AT_SITE: LET_CRITICAL, UNCLEAR: SILENT}
    add_let_columns(sites, deals, let)

    def of_model(line: int) -> Term:
        own = miners.has(deals.at(TICKER, line))
        return IF(AND(deals.at(COLOCATION, line).equals(ONE), own), ONE, ZERO)

    def ratio(line: int) -> Term:
        here = deals.at(OF_MODEL, line).equals(ONE)
        return IF(here, miners.ratio_of(deals.at(TICKER, line)), ZERO)

    deals.add(OF_MODEL, of_model, "0")
    deals.add(LEASE_KEY, numbered(deals, OF_MODEL))
    deals.add(MW_RATIO, ratio)
    _add_looks(deals, sites, miners)
    add_shown(deals, SHOWN, lambda _: ONE)
    add_shown(sites, SHOWN, lambda line: miners.rank(sites.at(TICKER, line)))


def _add_looks(deals: KeyColumns, sites: KeyColumns, miners: MinerKeys) -> None:
    """Plan which deals of the miners of the model are to be looked at."""
    names, known, offers = sites.span(NAME), sites.span(ORDER), sites.table.span("hpc_mw_offered")

    def in_gross(keys: KeyColumns, gross: str, critical: str, ratio: Term, line: int) -> Term:
        of_critical = IFERROR(keys.at(critical, line) * ratio, ZERO)
        some = keys.at(critical, line) > ZERO
        return keys.at(gross, line) + IF(some, of_critical, ZERO)

    def not_netted(line: int) -> Term:
        offered = sum_where([(names, "=", deals.at(_site(0), line)), (known, ">", ZERO)], offers)
        counts = AND(deals.at(OF_MODEL, line).equals(ONE), deals.at(SINCE, line).equals(ZERO))
        mw = in_gross(deals, LET_GROSS, LET_CRITICAL, deals.at(MW_RATIO, line), line)
        return IF(counts, IF(offered > ZERO, mw, ZERO), ZERO)

    def still_offered(line: int) -> Term:
        ratio = miners.ratio_of(sites.at(TICKER, line))
        let = in_gross(sites, LET_GROSS_AT_SITE, LET_CRITICAL_AT_SITE, ratio, line)
        left = MAX(sites.field("hpc_mw_offered", line) - let, ZERO)
        return IF(sites.at(OFFERS, line).equals(ONE), left, ZERO)

    def outside(line: int) -> Term:
        ticker = deals.at(TICKER, line)
        own = AND(deals.at(LIVE, line).equals(ONE), miners.has(ticker))
        cloud = deals.field("kind", line).equals(text("cloud"))
        later = IF(own, deals.at(ANNOUNCED, line) > miners.cloud_of(ticker), FALSE)
        silent = AND(own, deals.at(SILENT, line).equals(ONE))
        return IF(OR(silent, AND(cloud, later)), ONE, ZERO)

    deals.add(NOT_NETTED, not_netted)
    sites.add(STILL_OFFERED, still_offered)
    deals.add(OUTSIDE, outside, "0")


def _add_mw(deals: KeyColumns) -> None:
    """Plan the MW of each lease, on the basis on which each use of them takes them."""

    def colocation(line: int) -> Term:
        counts = deals.at(LIVE, line).equals(ONE)
        return IF(AND(counts, deals.field("kind", line).equals(text("colo"))), ONE, ZERO)

    def mw(name: str, other: str = "") -> Make:
        """Make the MW of a lease; with another basis, of those that do not state that one."""

        def make(line: int) -> Term:
            found = number_or_zero(deals.field(name, line))
            if other:
                found = IF(deals.field(other, line).equals(BLANK), found, ZERO)
            return IF(deals.at(COLOCATION, line).equals(ONE), found, ZERO)

        return make

    deals.add(TICKER, lambda line: trimmed(deals.field("ticker", line)))
    deals.add(ANNOUNCED, lambda line: number_or_zero(deals.field("announced", line)))
    deals.add(COLOCATION, colocation, "0")
    deals.add(SIGNED_CRITICAL, mw("mw_critical"))
    deals.add(SIGNED_GROSS, mw("mw_gross", "mw_critical"))
    deals.add(LET_GROSS, mw("mw_gross"))
    deals.add(LET_CRITICAL, mw("mw_critical", "mw_gross"))


def _site(level: int) -> str:
    return f"site, level {level}"


def _row(level: int) -> str:
    return f"row of site, level {level}"


def _then(level: int) -> str:
    return f"offered then, level {level}"


def _add_chain(deals: KeyColumns, sites: KeyColumns) -> None:
    """Plan the site of each deal, what that is a detail of, and so on, with the MW they offer."""
    names, live, outer = sites.span(NAME), sites.span(LIVE), sites.span(OUTER)
    then, offered, offers = sites.span(THEN), sites.span(OFFERED_THEN), sites.span(OFFERS)

    def next_of(level: int, line: int) -> Term:
        row = deals.at(_row(level), line)
        return IF(row > ZERO, picked(outer, row), BLANK)

    for level in range(LEVELS):

        def site(line: int, level: int = level) -> Term:
            if level:
                return next_of(level - 1, line)
            return joined_key(deals.at(TICKER, line), trimmed(deals.field("site", line)))

        def row(line: int, level: int = level) -> Term:
            return row_where([(names, deals.at(_site(level), line)), (live, ONE)])

        def offered_then(line: int, level: int = level) -> Term:
            here = (names, "=", deals.at(_site(level), line))
            return sum_where([here, (then, "=", ONE)], offered)

        deals.add(_site(level), site)
        deals.add(_row(level), row, "0")
        deals.add(_then(level), offered_then)

    def silent(line: int) -> Term:
        none = AND(*(deals.field(name, line).equals(BLANK) for name in ("mw_gross", "mw_critical")))
        return IF(AND(deals.at(COLOCATION, line).equals(ONE), none), ONE, ZERO)

    def too_deep(line: int) -> Term:
        further = next_of(LEVELS - 1, line).differs(BLANK)
        return IF(AND(deals.at(COLOCATION, line).equals(ONE), further), ONE, ZERO)

    def offering(line: int) -> Term:
        found = ZERO
        for level in reversed(range(LEVELS)):
            row = deals.at(_row(level), line)
            some = IF(row > ZERO, picked(offers, row), ZERO)
            found = IF(some.equals(ONE), row, found)
        return IF(deals.at(COLOCATION, line).equals(ONE), found, ZERO)

    deals.add(SILENT, silent, "0")
    deals.add(TOO_DEEP, too_deep, "0")
    deals.add(OFFERING, offering, "0")


def _add_places(deals: KeyColumns, sites: KeyColumns, miners: MinerKeys) -> None:
    """Plan whose offer of MW shopped a deal uses up, and what was let at each such place."""
    shown = sites.table.span("site")

    def since(line: int) -> Term:
        day = miners.since_of(deals.at(TICKER, line))
        counts = deals.at(COLOCATION, line).equals(ONE)
        return IF(AND(counts, deals.at(ANNOUNCED, line) > day), ONE, ZERO)

    def of_place(line: int, at: Callable[[int], Term], unknown: Term) -> Term:
        """Choose by where the offer is: at the first level that had one, else at the site."""
        found = at(0)
        for level in reversed(range(LEVELS)):
            found = IF(deals.at(_then(level), line) > ZERO, at(level), found)
        known = deals.at(_row(0), line) > ZERO
        return IF(deals.at(SINCE, line).equals(ONE), IF(known, found, unknown), BLANK)

    def place(line: int) -> Term:
        def at(level: int) -> Term:
            return deals.at(_site(level), line)

        return of_place(line, at, at(0))

    def name(line: int) -> Term:
        stated = trimmed(deals.field("site", line))

        def at(level: int) -> Term:
            return picked(shown, deals.at(_row(level), line))

        return of_place(line, at, IF(stated.equals(BLANK), text(NO_SITE), stated))

    def offered(line: int) -> Term:
        return of_place(line, lambda level: deals.at(_then(level), line), text(ALL_OF_IT))

    def first(line: int) -> Term:
        before = count_where([(above(deals, PLACE, line), "=", deals.at(PLACE, line))])
        new = AND(deals.at(SINCE, line).equals(ONE), before.equals(ZERO))
        return IF(new, ONE, ZERO)

    deals.add(SINCE, since, "0")
    deals.add(PLACE, place)
    deals.add(PLACE_NAME, name)
    deals.add(PLACE_OFFERED, offered)
    deals.add("first at place", first, "0")
    deals.add(PLACE_KEY, numbered(deals, "first at place", TICKER))
    places = deals.span(PLACE)
    for heading, of in ((PLACE_GROSS, LET_GROSS), (PLACE_CRITICAL, LET_CRITICAL)):
        amounts = deals.span(of)

        def let(line: int, amounts: Span = amounts) -> Term:
            found = sum_where([(places, "=", deals.at(PLACE, line))], amounts)
            return IF(deals.at("first at place", line).equals(ONE), found, ZERO)

        deals.add(heading, let)
