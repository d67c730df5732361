"""The newest row of a fact, and of the edition on a miner, on the date of the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from valuation_core.book.schema import BANK
from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    INT,
    MAX,
    ONE,
    OR,
    ZERO,
    Span,
    Term,
    text,
)
from workbook.model.sheets.facts.input_sections import IDLE
from workbook.model.sheets.facts.keys import KEY, LIVE, ORDER, KeyColumns, joined_key, picked

PUBLISHED: Final = "published"
"""Column of the order of the bank's rows alone, on which targets are compared."""

OF_BROKER: Final = "miner|broker"
"""Column of what an edition is about and whose it is, to find the newest of another broker."""

DEBT_OF: Final = "debt of"
"""Column of the miner whose corporate debt an instrument is: its reported debt counts nowhere."""

UNSEEN: Final = "not on Inputs"
"""Column of facts that cells would not see."""


def add_newest_columns(keys: Mapping[str, KeyColumns]) -> None:
    """Plan what facts and editions are about, and the order of the editions of the bank."""
    facts, editions = keys["inputs"], keys["editions"]
    facts.add(
        KEY, lambda line: joined_key(*(facts.field(name, line) for name in ("scope", "metric")))
    )
    editions.add(KEY, lambda line: key_of_edition(editions.field("ticker", line)))

    def published(line: int) -> Term:
        of_bank = editions.field("broker", line).equals(text(BANK))
        return IF(of_bank, editions.at(ORDER, line), ZERO)

    editions.add(PUBLISHED, published, "0")
    editions.add(
        OF_BROKER,
        lambda line: joined_key(*(editions.field(name, line) for name in ("ticker", "broker"))),
    )
    instruments = keys["instruments"]

    def owes(line: int) -> Term:
        ticker, kind, recourse = (
            instruments.field(name, line) for name in ("ticker", "kind", "recourse")
        )
        is_debt = AND(recourse.equals(text("corporate")), kind.differs(text("warrant")))
        return IF(AND(instruments.at(LIVE, line).equals(ONE), is_debt), ticker, BLANK)

    instruments.add(DEBT_OF, owes)


def key_of_edition(ticker: Term) -> Term:
    """Give the key by which the editions on a miner are found.

    A criterion of MAXIFS that reads as a number or as TRUE finds no text: none is a ticker alone.

    Examples
    --------
    >>> key_of_edition(Term("A2", "0863")).value
    '0863|'
    """
    return joined_key(ticker, BLANK)


def add_unseen_column(facts: KeyColumns, scopes: Span, metrics: Span) -> None:
    """Plan which facts known on the date are of a scope on Inputs and have no row there.

    What drives nothing has none and is not missed. Scopes and metrics are the columns of Inputs.
    Functions would read such a fact, cells would not.
    """
    seen = set(zip(scopes.values, metrics.values, strict=True))

    def unseen(line: int) -> Term:
        scope, metric = (facts.field(name, line) for name in ("scope", "metric"))
        ours = f"{scopes.address},{scope.text}"
        of_scope = float(scopes.values.count(scope.value))
        some = Term(f"COUNTIFS({ours})", of_scope) > ZERO
        exact = float((scope.value, metric.value) in seen)
        none = Term(f"COUNTIFS({ours},{metrics.address},{metric.text})", exact).equals(ZERO)
        known = facts.at(ORDER, line) > ZERO
        idle = OR(*(metric.equals(text(name)) for name in IDLE))
        return IF(known, IF(AND(some, none, idle.equals(FALSE)), ONE, ZERO), ZERO)

    facts.add(UNSEEN, unseen, "0")


def unseen_facts(facts: KeyColumns) -> tuple[str, str]:
    """Write how many facts cells do not see, and what the first is of."""
    unseen, names = (facts.span(heading).address for heading in (UNSEEN, KEY))
    first = f"INDEX({names},MATCH(1,{unseen},0))"
    return f"SUM({unseen})", f'IFERROR({first}&": build the workbook anew","-")'


class NewestRows:
    """Finds the newest row of a key in a table and gives its fields."""

    def __init__(self, columns: KeyColumns, order: str = ORDER, named_by: str = KEY) -> None:
        self._columns = columns
        self._keys, self._orders = columns.span(named_by), columns.span(order)
        self._fields: dict[str, Span] = {}
        self._newest: dict[str, float] = {}
        for key, found in zip(self._keys.values, self._orders.values, strict=True):
            if isinstance(key, str) and isinstance(found, float):
                folded = key.casefold()
                self._newest[folded] = max(found, self._newest.get(folded, 0.0))

    @property
    def newest_day(self) -> Term:
        """Give the day of the newest row of any key, 0 where there is none."""
        return INT(MAX(self._orders) / self._columns.rows_of_a_sheet)

    def of(self, key: Term) -> Term:
        """Give the row of the sheet of the table in which the newest of a key stands, 0 for none.

        Keys are of words that the reader of a book checks, so none is a pattern.
        """
        rows = self._columns.rows_of_a_sheet
        written = f"_xlfn.MAXIFS({self._orders.address},{self._keys.address},{key.text})"
        newest = self._newest.get(str(key.value).casefold(), 0.0)
        return Term(f"MOD({written},{rows.text})", newest % float(rows.value))  # type: ignore[arg-type]

    def cell(self, name: str, row: Term) -> Term:
        """Give the cell of a field in a row that there is."""
        if name not in self._fields:
            self._fields[name] = self._columns.table.span(name)
        return picked(self._fields[name], row)

    def field(self, name: str, row: Term) -> Term:
        """Give a field of a row; an empty text where there is no row, or where it is blank."""
        found = self.cell(name, row)
        return IF(row.equals(ZERO), BLANK, IF(found.equals(BLANK), BLANK, found))
