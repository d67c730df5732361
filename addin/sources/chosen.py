"""The source that a person chose for Refresh, once for every workbook.

It is kept in the user's own folder: no workbook can name a source for the button.
"""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_config_path

from addin.sources import described, is_url, tables_from
from addin.sources.with_filings import PREFIX, SHIPPED, parted
from valuation_core.errors import misfit


def chosen_source() -> str | None:
    """Give the chosen source: a folder, an Excel file, a database's URL; None without one."""
    try:
        return _place().read_text(encoding="utf-8-sig").strip() or None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise misfit(
            "source", f"in {_place()} cannot be read: choose it again with hpcval source"
        ) from None


def choose_source(source: str) -> tuple[str, Path]:
    """Choose a source that can be read; give its name, and the file that keeps it.

    Raises
    ------
    ValuationError
        When it cannot be read, or its URL has a password, which would stand in a file.
    """
    source = _lasting(source)
    tables_from(source)
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{source}\n", encoding="utf-8")
    return described(source), place


def forget_source() -> bool:
    """Forget the chosen source; tell whether there was one."""
    there = _place().exists()
    _place().unlink(missing_ok=True)
    return there


def _lasting(source: str) -> str:
    """Write a source so that it means the same from any folder."""
    if (both := parted(source)) is not None:
        book, folder = both
        return f"{book if book == SHIPPED else _lasting(book)}+{PREFIX}{folder.absolute()}"
    if not is_url(source):
        return str(Path(source).absolute())
    from addin.sources.database import parsed_url

    url = parsed_url(source)
    if url.password or url.query:
        raise misfit(
            "source",
            "must have no password and no options, since it is kept in a file: let the database's "
            "own password file (pgpass.conf) or data source name, or the sign-in of the system, "
            "give them",
        )
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).absolute()))
    return url.render_as_string()


def _place() -> Path:
    return user_config_path("hpc-valuation", appauthor=False) / "source.txt"
