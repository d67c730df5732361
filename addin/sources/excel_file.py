"""One Excel file as a source of facts: a sheet per table, with the columns of the CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from valuation_core.book.origin import Unreadable, as_text
from valuation_core.book.schema import TABLES
from workbook.errors import WorkbookError
from workbook.opc.package import open_package


@dataclass(frozen=True)
class ExcelFile:
    """An Excel file whose sheets are named as the tables; formulas count with what they show."""

    path: Path
    first_row: int = 2

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    @cached_property
    def _sheets(self) -> dict[str, list[list[Any]]]:
        import pandas as pd

        with open_package(self.path):  # whatever is no workbook is refused here, with the reason
            frames = pd.read_excel(
                self.path,
                sheet_name=None,
                header=None,
                dtype=object,
                na_filter=False,
                engine="openpyxl",
            )
        return {str(name): frame.to_numpy().tolist() for name, frame in frames.items()}

    def refusal(self) -> str | None:
        """Say whether the file cannot be read, or holds no table."""
        try:
            found = self._sheets.keys() & TABLES.keys()
        except (WorkbookError, ValueError, KeyError) as error:
            return f"cannot be read: {error}"
        return None if found else "holds no sheet named as a table, so it is not a book"

    def label(self, table: str) -> str:
        """Name the sheet."""
        return f"{self.path.name} sheet {table}"

    def records(self, table: str) -> list[list[str]]:
        """Read one sheet; rows keep their numbers, so a blank row is a blank record."""
        if table not in self._sheets:
            raise Unreadable("is missing (an empty table needs its header row)")
        return [[_text(value) for value in row] for row in self._sheets[table]]


def _text(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else as_text(value)
