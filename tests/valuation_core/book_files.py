"""Books in folders, as the tests change them."""

from __future__ import annotations

import csv

from valuation_core.book import Book
from valuation_core.book.tables import table_of


def without_facts(book, *keys):
    """Give the book without the inputs of some (scope, metric)."""
    rows = book.tables["inputs"].rows()
    kept = [row for row in rows if (row["scope"], row["metric"]) not in keys]
    return Book(book.as_of, {**book.tables, "inputs": table_of("inputs", kept)}, book.case)


def rows_of(folder, table):
    """Give the header and the rows of a table."""
    with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return header, rows


def write_rows(folder, table, header, rows):
    """Write a table whole."""
    with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def change_row(folder, table, key, **cells):
    """Change cells of the first row of a table whose first or second cell is the key."""
    header, rows = rows_of(folder, table)
    row = next(row for row in rows if key in row[:2])
    for column, value in cells.items():
        row[header.index(column)] = value
    write_rows(folder, table, header, rows)
    return rows.index(row) + 2


def copy_row(folder, table, key, **cells):
    """Append a copy of the first row of a table whose first or second cell is the key, changed."""
    header, rows = rows_of(folder, table)
    row = [*next(row for row in rows if key in row[:2])]
    for column, value in cells.items():
        row[header.index(column)] = value
    write_rows(folder, table, header, [*rows, row])
    return len(rows) + 2


def add_rows(folder, *rows):
    """Append rows of inputs given as scope, metric, value, unit, basis, as_of, known_on."""
    with (folder / "inputs.csv").open("a", newline="", encoding="utf-8") as file:
        for row in rows:
            csv.writer(file).writerow([*row, "made up for a test", "low", ""])


def add_changes(folder, *rows):
    """Append changes of cases given as case, scope, metric, change, value, unit, basis."""
    with (folder / "cases.csv").open("a", newline="", encoding="utf-8") as file:
        for row in rows:
            csv.writer(file).writerow([*row, "assumption", "low", ""])


def with_row(book, table, key, **cells):
    """Give the book with one more row: like the first that has the key, other than in some cells."""
    rows = list(book.tables[table].rows())
    like = next(row for row in rows if key in list(row.values())[:2])
    more = table_of(table, [*rows, {**like, **cells}])
    return Book(book.as_of, {**book.tables, table: more}, book.case)
