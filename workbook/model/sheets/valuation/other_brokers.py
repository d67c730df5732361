"""What other brokers expect of each miner, beside the bank and never mixed in."""

from __future__ import annotations

import re

from valuation_core.book.schema import BANK
from workbook.model.excel import BLANK, IF, ZERO, Term, text
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import NONE_STATED, InputCells
from workbook.model.sheets.facts.keys import joined_key
from workbook.model.sheets.facts.newest_rows import OF_BROKER, NewestRows
from workbook.style import DATE, PRICE


def plan_other_brokers(lines: Lines, inputs: InputCells) -> None:
    """Plan the newest target of each other broker on the date, and its day."""
    editions = inputs.keys["editions"]
    rows = editions.table.rows_built
    ours = (row for row in rows if row["broker"] != BANK and row["ticker"] in lines.columns)
    brokers = sorted({row["broker"] for row in ours})
    if not brokers:
        return
    newest = NewestRows(editions, named_by=OF_BROKER)
    lines.section("Targets of other brokers, not mixed in")
    for broker in brokers:
        for field, label, unit, number_format in (
            ("new_target", f"{broker}: target", "USD/share", PRICE),
            ("edition_date", f"{broker}: day of it", "date", DATE),
        ):
            lines.line(
                f"{broker} {field}",
                label,
                unit,
                number_format,
                lambda t, broker=broker, field=field: _newest(  # type: ignore[misc]
                    lines.title(t), broker, field, newest
                ),
                style="link",
                note="newest on the date; sheet History has all" if field == "new_target" else "",
            )


def _newest(ticker: Term, broker: str, field: str, newest: NewestRows) -> Term:
    """Give a field of the newest row of a broker on a miner, "n/a" where there is none."""
    # A name that was typed may hold characters that stand for others in a pattern.
    name = Term(text(re.sub(r"([~*?])", r"~\1", broker)).text, broker)
    row = newest.of(joined_key(ticker, name))
    stated = newest.cell(field, row)
    return IF(row > ZERO, IF(stated.equals(BLANK), NONE_STATED, stated), NONE_STATED)
