"""Books in folders, as the tests change them."""

from __future__ import annotations

import csv

from valuation_core.book import Book
from valuation_core.book.tables import table_of


def without_facts(book, *keys):
    """Give the book without the inputs of some (scope, metric)."""
    rows = book.tables["inputs"].rows()
    kept = [row for row in rows if (row["scope"], row["metric"]) not in keys]
    return Book(book.as_of, {**book.tables, "inputs": table_of("inputs", kept)})


def change_row(folder, table, key, **cells):
    """Change cells of the first row of a table whose first or second cell is the key."""
    path = folder / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    row = next(row for row in rows if key in row[:2])
    for column, value in cells.items():
        row[header.index(column)] = value
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return rows.index(row) + 2


def add_rows(folder, *rows):
    """Append rows of inputs given as scope, metric, value, unit, basis, as_of, known_on."""
    with (folder / "inputs.csv").open("a", newline="", encoding="utf-8") as file:
        for row in rows:
            csv.writer(file).writerow([*row, "made up for a test", "low", ""])


def with_row(book, table, key, **cells):
    """Give the book with one more row: like the first that has the key, other than in some cells."""
    rows = list(book.tables[table].rows())
    like = next(row for row in rows if key in list(row.values())[:2])
    more = table_of(table, [*rows, {**like, **cells}])
    return Book(book.as_of, {**book.tables, table: more}, book.case)
