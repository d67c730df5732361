"""What a reader of a valid book should know: doubtful rows, figures not found."""

from __future__ import annotations

from collections.abc import Iterator

from valuation_core.book.cases import case_names, changes_of, facts_changed
from valuation_core.book.doubts import suspicious
from valuation_core.book.fact import newest_facts
from valuation_core.book.schema import PLAIN, TABLES
from valuation_core.book.tables import Tables


def review(tables: Tables) -> Iterator[str]:
    """Give remarks on tables that are valid but not beyond question.

    Examples
    --------
    >>> from valuation_core.book.book import shipped_tables
    >>> next(review(shipped_tables()))
    'instruments: BTDR-4-00-convertible-2031 has no share count, not usable for dilution'
    """
    yield from suspicious(tables)
    yield from _changes_without_effect(tables)
    for row in tables["inputs"].rows():
        if row["value"] is None:
            yield f"inputs: {row['scope']} {row['metric']} of {row['as_of']} looked for, not found"
    for row in tables["instruments"].rows():
        if row["kind"] in ("convertible", "warrant") and row["shares_m"] is None:
            yield f"instruments: {row['instrument_id']} has no share count, not usable for dilution"
    for name, table in tables.items():
        schema = TABLES[name]
        for row in table.rows():
            if "SOURCES DISAGREE" in row.get("note", ""):
                key = " ".join(str(row[column]) for column in schema.key)
                day = f" of {row['as_of']}" if schema.dated else ""
                yield f"{name}: sources disagree on {key}{day}"


def _changes_without_effect(tables: Tables) -> Iterator[str]:
    """Changes of a case to what the newest facts do not hold, so that it is as without them."""
    facts = newest_facts(tables["inputs"])
    for case in case_names(tables):
        changes = changes_of(tables, case) if case != PLAIN else ()
        for change, count in zip(changes, facts_changed(facts, changes), strict=True):
            if not count:
                what = f"{change['scope']} {change['metric']}"
                yield f"cases: {case}: there is no {what}, so the change has no effect"
