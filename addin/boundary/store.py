"""Books kept on disk by content, so that a handle made by one process resolves in the next.

JSON files named by their SHA-256 in the user's cache folder, written atomically; the least recently
used go first when the folder grows beyond its bound.
"""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from valuation_core.book import Book, book_from_content, content_of, parse_handle
from valuation_core.book.content import digest_of
from valuation_core.book.handles import unresolved

LARGEST_FOLDER: Final = 64 * 1024 * 1024
"""Bytes of books kept; one book of the shipped size is about 100 kB."""

_log = logging.getLogger(__name__)


def default_folder() -> Path:
    """Give the folder of the current user."""
    return user_cache_path("hpc-valuation", appauthor=False) / "books"


class BookStore:
    """A folder of book contents."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def save(self, book: Book) -> None:
        """Keep a book; where the folder cannot be written, say so in the log and go on."""
        content = content_of(book.as_of, book.tables, book.case)
        path = self.folder / f"{digest_of(content)}.json"
        try:
            if path.exists() and path.read_bytes() == content.encode("ascii"):
                path.touch()
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(content)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            _log.warning("book not kept in %s: %s", self.folder, error)
        else:
            self._prune(keep=path)

    def load(self, handle: str) -> Book:
        """Give the book a handle names, its whole digest verified.

        Raises
        ------
        ValuationError
            When the text is no handle, or no intact content belongs to it.
        """
        _, digits = parse_handle(handle)
        for path in self.folder.glob(f"{digits}*.json"):
            try:
                content = path.read_text(encoding="ascii")
            except (OSError, UnicodeDecodeError):
                continue
            if digest_of(content) == path.stem:
                with suppress(OSError):
                    path.touch()
                return book_from_content(content, handle)
        raise unresolved(handle)

    def _prune(self, keep: Path) -> None:
        """Remove what was used longest ago; another process may do the same at the same time."""
        entries = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                entries.append((path.stat(), path))
        size = sum(stat.st_size for stat, _ in entries)
        for stat, path in sorted(entries, key=lambda entry: entry[0].st_mtime):
            if size <= LARGEST_FOLDER:
                return
            if path != keep:
                with suppress(OSError):
                    path.unlink()
                size -= stat.st_size
