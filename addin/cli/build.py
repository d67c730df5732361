"""Build the model workbook, with progress on the terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from valuation_core.book import Book
from valuation_core.coverage import Coverage, coverage
from workbook.model.build import build_model
from workbook.model.plan import Paper
from workbook.opc.replace import write_workbook


def build(
    book: Book, miners: Sequence[str], path: Path, *, macros: bool = False, paper: Paper = "a4"
) -> Coverage:
    """Value the miners, write the workbook and give the coverage table it shows.

    With `macros` the functions go inside; they find Python as the add-in does, wherever that is.
    """
    with Console(stderr=True).status("Valuing and writing the workbook ..."):
        table = coverage(book, miners)
        if macros:
            _build_with_macros(table, path, paper)
        else:
            build_model(table, path, paper)
    return table


def _build_with_macros(table: Coverage, path: Path, paper: Paper) -> None:
    from addin.excel.addin_file.files import macro_workbook_parts

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "model.xlsx"
        build_model(table, plain, paper)
        write_workbook(path, macro_workbook_parts(plain))
