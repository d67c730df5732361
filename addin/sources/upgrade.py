"""Convert a book of the first format into a new folder: all of it, or nothing."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from addin.sources import origin_of
from valuation_core.book import read_tables
from valuation_core.book.origin import records_of
from valuation_core.book.tables import Tables
from valuation_core.book.upgrade import upgraded
from valuation_core.errors import misfit


def upgrade(source: str, out: Path) -> tuple[str, ...]:
    """Write a book of the first format, converted, as CSV files into a new folder.

    Parameters
    ----------
    source : str
        A folder, an Excel file or the URL of a database, in the first format.
    out : path
        The folder to make; one that is there must be empty.

    Returns
    -------
    tuple of str
        What was done to the facts, a sentence each.

    Raises
    ------
    ValuationError
        When the source cannot be converted or the folder cannot be made. Nothing is written then.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise misfit("folder", "must be new or empty, so that no facts are mixed", str(out))
    found = upgraded(origin_of(source))
    above = out.absolute().parent
    try:
        above.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=above, prefix=".hpcval-") as half:
            whole = Path(half) / "book"
            whole.mkdir()
            _write(found.tables, whole)
            read_tables(whole)
            if out.exists():
                out.rmdir()
            whole.rename(out)
    except OSError as error:
        raise misfit("folder", f"cannot be written: {error.strerror}", str(out)) from None
    return found.done


def _write(tables: Tables, folder: Path) -> None:
    for name, header, rows in records_of(tables):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
