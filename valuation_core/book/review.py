"""What a reader of a valid book should know: doubtful rows, figures not found."""

from __future__ import annotations

from collections.abc import Iterator

from valuation_core.book.contradictions import suspicious
from valuation_core.book.tables import Tables


def review(tables: Tables) -> Iterator[str]:
    """Give remarks on tables that are valid but not beyond question.

    Examples
    --------
    >>> from valuation_core.book.book import shipped_tables
    >>> next(review(shipped_tables()))
    'instruments: CIFR-public-warrants-cifrw has no share count, not usable for dilution'
    """
    yield from suspicious(tables)
    for row in tables["inputs"].rows():
        if row["value"] is None:
            yield f"inputs: {row['scope']} {row['metric']} of {row['as_of']} looked for, not found"
    for row in tables["instruments"].rows():
        if row["kind"] in ("convertible", "warrant") and row["shares_m"] is None:
            yield f"instruments: {row['instrument_id']} has no share count, not usable for dilution"
    for name, table in tables.items():
        for row in table.rows():
            if "SOURCES DISAGREE" in row.get("note", ""):
                key = " ".join(str(value) for value in list(row.values())[:3])
                yield f"{name}: sources disagree on {key}"
