"""One Excel file as a source of facts: a sheet per table, with the columns of the CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from addin.sources.stored_sheet import Ways, read_sheet, ways_of
from valuation_core.book.origin import FORMAT, Record, Unreadable
from valuation_core.book.schema import TABLES
from workbook.errors import WorkbookError
from workbook.opc.package import Package, open_package, sheet_parts

OTHER_KINDS: Final = {
    ".xls": "a workbook of the format before 2007 (.xls): save it as .xlsx in Excel first",
    ".xlsb": "a binary workbook (.xlsb): save it as .xlsx in Excel first",
    ".ods": "an OpenDocument spreadsheet (.ods): save it as .xlsx first",
    ".csv": "one CSV file: give the folder that holds a CSV file for each table",
}
"""By suffix: files of facts that are not read, and what to do."""


@dataclass(frozen=True)
class ExcelFile:
    """An Excel file whose sheets are named as the tables; formulas count with what they show."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    @cached_property
    def _sheets(self) -> dict[str, list[Record] | Unreadable]:
        with open_package(self.path) as package:
            ways = ways_of(package)
            named: dict[str, list[str]] = {}
            for title, part in sheet_parts(package).items():
                named.setdefault(title.strip().casefold(), []).append(part)
            return {
                table: _read(package, parts, table, ways)
                for table, parts in named.items()
                if table in (FORMAT, *TABLES)
            }

    def refusal(self) -> str | None:
        """Say whether the file cannot be read, or holds no table."""
        try:
            if not self.path.exists():
                return "does not exist"
            if what := OTHER_KINDS.get(self.path.suffix.lower()):
                return f"is {what}"
            found = self._sheets.keys() & TABLES.keys()
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        except ValueError as error:
            return f"cannot be read: {error}"
        return None if found else "holds no sheet named as a table, so it is not a book"

    def label(self, table: str) -> str:
        """Name the sheet."""
        return f"{self.path.name} sheet {table}"

    def records(self, table: str) -> list[Record]:
        """Give one sheet, in whatever letter case it is named."""
        found = self._sheets.get(table)
        if found is None:
            raise Unreadable("is missing (an empty table needs its header row)")
        if isinstance(found, Unreadable):
            raise found
        return found


def _read(package: Package, parts: list[str], table: str, ways: Ways) -> list[Record] | Unreadable:
    if len(parts) > 1:
        return Unreadable("is there twice: rename one of the two sheets")
    try:
        return read_sheet(package, parts[0], table, ways)
    except WorkbookError as error:
        return Unreadable(f"cannot be read: {error}")
