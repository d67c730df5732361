"""Helper columns of instruments: what each row did to cash after its miner's balance date.

As `valuation_core.cash` has it: an issue brings its proceeds, a later row of the same instrument
with less or more principal the difference, a retirement takes away what was left.
"""

from __future__ import annotations

from typing import Final

from valuation_core.instruments import CORPORATE
from workbook.cells import day_of
from workbook.model.excel import (
    AND,
    BLANK,
    IF,
    ISNUMBER,
    MAX,
    ONE,
    OR,
    ZERO,
    Span,
    Term,
    function_of,
    joined_text,
    text,
)
from workbook.model.sheets.facts.instrument_keys import (
    OWED,
    STATED,
    TICKER,
    add_numbered,
    flag,
)
from workbook.model.sheets.facts.keys import (
    ORDER,
    KeyColumns,
    count_where,
    joined_key,
    picked,
    sum_where,
)

SINCE: Final = "balance date"
HISTORY: Final = "history"
DAY: Final = "day"
LINE: Final = "row"
EARLIER: Final = "earlier rows"
LATER: Final = "later rows"
NEWEST_ROW: Final = "newest row"
ISSUED: Final = "issued"
GONE: Final = "retired"
BASE: Final = "first row counted"
BEFORE: Final = "owed before"
BEFORE_STATED: Final = "owed before stated"
ISSUES: Final = "issues"
CHANGES: Final = "changes"
RETIRES: Final = "retires"
MOVED: Final = "moved"
MOVES: Final = "moves"
PAID: Final = "paid back"
CASH_SPOILS: Final = "spoils cash"
MOVE_SLOT: Final = "move"
PAID_SLOT: Final = "retirement"
MOVE_TEXT: Final = "move as text"
PAID_TEXT: Final = "retirement as text"

ASSUMED: Final = "; assumed: the principal"


def add_cash_columns(columns: KeyColumns, miners: Span, balance_dates: Span) -> None:
    """Plan the columns of flows.

    Parameters
    ----------
    columns : KeyColumns
        Of the instruments, with `add_instrument_columns` done.
    miners, balance_dates : Span
        Tickers side by side, and the day of each one's cash.
    """
    _add_histories(columns, miners, balance_dates)
    _add_events(columns)
    _add_amounts(columns)
    add_numbered(columns, MOVE_SLOT, MOVES)
    add_numbered(columns, PAID_SLOT, RETIRES, after=MOVES)
    _add_texts(columns)


def _add_histories(columns: KeyColumns, miners: Span, balance_dates: Span) -> None:
    """Plan which rows tell of one note or loan of a miner, and their order by day."""

    def since(line: int) -> Term:
        return sum_where([(miners, "=", columns.at(TICKER, line))], balance_dates)

    def history(line: int) -> Term:
        owed = AND(
            columns.at(ORDER, line) > ZERO,
            columns.at(SINCE, line) > ZERO,
            columns.field("recourse", line).equals(text(CORPORATE)),
            columns.field("kind", line).differs(text("warrant")),
        )
        key = joined_key(columns.at(TICKER, line), columns.field("instrument_id", line))
        return IF(owed, key, BLANK)

    columns.add(SINCE, since, "0")
    columns.add(HISTORY, history)
    columns.add(DAY, lambda line: _day(columns, "as_of", line), "0")
    columns.add(LINE, lambda line: Term("ROW()", float(line)))
    histories, orders, lines = (columns.span(name) for name in (HISTORY, ORDER, LINE))

    def among(line: int, *conditions: tuple[Span, str, Term]) -> list[tuple[Span, str, Term]]:
        return [(histories, "=", columns.at(HISTORY, line)), *conditions]

    def told(line: int, found: Term) -> Term:
        return IF(columns.at(HISTORY, line).equals(BLANK), ZERO, found)

    for heading, sign in ((EARLIER, "<"), (LATER, ">")):

        def counted(line: int, sign: str = sign) -> Term:
            others = among(line, (orders, sign, columns.at(ORDER, line)))
            return told(line, count_where(others))

        columns.add(heading, counted)
    later, earlier = columns.span(LATER), columns.span(EARLIER)
    columns.add(
        NEWEST_ROW, lambda line: told(line, sum_where(among(line, (later, "=", ZERO)), lines))
    )
    for heading, name in ((ISSUED, "issue_date"), (GONE, "retired_on")):
        days = columns.table.span(name)

        def newest(line: int, days: Span = days) -> Term:
            found = picked(days, columns.at(NEWEST_ROW, line))
            return told(line, IF(ISNUMBER(found), found, ZERO))

        columns.add(heading, newest, "0")
    days = columns.span(DAY)

    def base(line: int) -> Term:
        planned = count_where(among(line, (days, "<=", columns.at(ISSUED, line))))
        first = MAX(planned - ONE, ZERO)
        return told(line, IF(columns.at(SINCE, line) < columns.at(ISSUED, line), first, ZERO))

    columns.add(BASE, base)

    def row_before(line: int) -> Term:
        place = (earlier, "=", columns.at(EARLIER, line) - ONE)
        return told(line, sum_where(among(line, place), lines))

    columns.add(f"{LINE} before", row_before)
    for heading, name in ((BEFORE, OWED), (BEFORE_STATED, STATED)):
        amounts = columns.span(name)

        def before(line: int, amounts: Span = amounts) -> Term:
            row = columns.at(f"{LINE} before", line)
            return IF(row.equals(ZERO), ZERO, picked(amounts, row))

        columns.add(heading, before)


def _day(columns: KeyColumns, name: str, line: int) -> Term:
    stated = columns.field(name, line)
    return IF(ISNUMBER(stated), stated, ZERO)


def _add_events(columns: KeyColumns) -> None:
    """Plan what came about between the balance date and the date of the workbook."""
    at = columns.at

    def has_come(line: int) -> list[Term]:
        # Days are those of the newest row, as for debt: a date that was moved has not come about.
        return [at(HISTORY, line).differs(BLANK), at(ISSUED, line) <= columns.date]

    def is_gone(line: int) -> Term:
        gone = AND(at(GONE, line) > ZERO, at(GONE, line) <= columns.date)
        return AND(at(LATER, line).equals(ZERO), gone)

    def issues(line: int) -> Term:
        first = at(EARLIER, line).equals(at(BASE, line))
        return flag(AND(*has_come(line), at(SINCE, line) < at(ISSUED, line), first))

    def changes(line: int) -> Term:
        day = at(DAY, line)
        since = [at(SINCE, line) < day, day <= columns.date]
        follows = AND(*has_come(line), at(EARLIER, line) > at(BASE, line), *since)
        return IF(is_gone(line), ZERO, flag(follows))

    def retires(line: int) -> Term:
        return flag(AND(*has_come(line), is_gone(line), at(SINCE, line) < at(GONE, line)))

    columns.add(ISSUES, issues)
    columns.add(CHANGES, changes)
    columns.add(RETIRES, retires)


def _add_amounts(columns: KeyColumns) -> None:
    """Plan what an issue or a change brought, what a retirement took, and what says too little."""
    at = columns.at

    def proceeds(line: int) -> Term:
        return columns.field("net_proceeds_usd_m", line)

    def more(line: int) -> Term:
        return at(OWED, line) - at(BEFORE, line)

    def moved(line: int) -> Term:
        own, change = proceeds(line), more(line)
        issued = IF(ISNUMBER(own), own, at(OWED, line))
        size = IF(ISNUMBER(own), IF(change > ZERO, own, -own), change)
        changed = IF(change.equals(ZERO), ZERO, size)
        return IF(is_on(ISSUES, line), issued, IF(is_on(CHANGES, line), changed, ZERO))

    def moves(line: int) -> Term:
        changed = AND(is_on(CHANGES, line), more(line).differs(ZERO))
        return flag(OR(is_on(ISSUES, line), changed))

    def is_on(heading: str, line: int) -> Term:
        return at(heading, line).equals(ONE)

    def follows(line: int) -> Term:
        return at(EARLIER, line) > at(BASE, line)

    def paid(line: int) -> Term:
        own = proceeds(line)
        of_later = IF(ISNUMBER(own), own, at(BEFORE, line))
        taken = IF(follows(line), of_later, at(OWED, line))
        return IF(is_on(RETIRES, line), -taken, ZERO)

    def spoils(line: int) -> Term:
        own = ISNUMBER(proceeds(line))
        lacks, lacked = (at(name, line).equals(ZERO) for name in (STATED, BEFORE_STATED))
        issue = IF(own, ZERO, flag(lacks))
        change = flag(OR(lacks, lacked))
        retired = IF(follows(line), IF(own, ZERO, flag(lacked)), flag(lacks))
        found = (issue, change, retired)
        parts = [
            IF(is_on(name, line), one, ZERO)
            for name, one in zip((ISSUES, CHANGES, RETIRES), found, strict=True)
        ]
        return MAX(*parts)

    columns.add(MOVED, moved)
    columns.add(MOVES, moves)
    columns.add(PAID, paid)
    columns.add(CASH_SPOILS, spoils)


def _add_texts(columns: KeyColumns) -> None:
    """Plan what each flow was, as the sheet of parts tells it."""
    at = columns.at

    def told(line: int, day: Term, what: Term, stated: Term) -> Term:
        assumed = IF(stated, text(""), text(ASSUMED))
        name = columns.field("instrument_id", line)
        return joined_text([name, text(", "), iso_day(day), text(": "), what, assumed])

    def move(line: int) -> Term:
        issues = at(ISSUES, line).equals(ONE)
        day = IF(issues, at(ISSUED, line), at(DAY, line))
        enlarged = at(OWED, line) > at(BEFORE, line)
        change = IF(enlarged, text("enlarged: net proceeds"), text("reduced: paid"))
        what = IF(issues, text("issued: net proceeds"), change)
        own = ISNUMBER(columns.field("net_proceeds_usd_m", line))
        return IF(at(MOVES, line).equals(ONE), told(line, day, what, own), BLANK)

    def retirement(line: int) -> Term:
        own = ISNUMBER(columns.field("net_proceeds_usd_m", line))
        stated = AND(at(EARLIER, line) > at(BASE, line), own)
        found = told(line, at(GONE, line), text("retired: paid"), stated)
        return IF(at(RETIRES, line).equals(ONE), found, BLANK)

    columns.add(MOVE_TEXT, move)
    columns.add(PAID_TEXT, retirement)


def iso_day(day: Term) -> Term:
    """Write a day as 2025-11-24 in every language: the letters of a date format differ by it.

    Examples
    --------
    >>> iso_day(Term("A1", 45985.0)).value
    '2025-11-24'
    """
    year, month, of_month = (
        function_of(
            lambda at, write=write: write.format(at),
            lambda value, shown=shown: day_of(value).strftime(shown),
            day,
        )
        for write, shown in (
            ("YEAR({})", "%Y"),
            ('TEXT(MONTH({}),"00")', "%m"),
            ('TEXT(DAY({}),"00")', "%d"),
        )
    )
    return joined_text([year, text("-"), month, text("-"), of_month])
