"""Attach against copying the file, and its memory on a large workbook."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from benchmarks.timing import Row, compare
from tests.workbook import analysts
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.attach.attach import attach
from workbook.model.build import build_model
from workbook.opc.package import read_parts

_LARGE: str = """
import resource, sys
from pathlib import Path
from workbook.attach.attach import attach
from workbook.opc.package import read_parts
outcome = attach(Path(sys.argv[1]), read_parts(Path(sys.argv[2])))
assert len(outcome.changed) <= 4, outcome.changed
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def run() -> Iterator[Row]:
    """Give the rows of this module."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "model.xlsx"
        build_model(coverage(load_book()), model)
        ours = read_parts(model)
        rich = analysts.write(folder / "rich.xlsx", *analysts.RICH)
        path = folder / "work.xlsx"
        for sheets, label in (((), "all sheets"), (("Inputs",), "Inputs")):

            def attached(sheets: tuple[str, ...] = sheets) -> None:
                for backup in folder.glob("work.before-attach*"):
                    backup.unlink()
                shutil.copy(rich, path)
                attach(path, ours, sheets=sheets)

            yield compare(
                f"attach {label} to a rich workbook of {len(read_parts(rich))} parts",
                attached,
                lambda: shutil.copy(rich, path),
                "100 ms + 2 copies",
                repeats=9,
            )
        yield _memory(folder, model)


def _memory(folder: Path, model: Path) -> Row:
    large = folder / "large.xlsx"
    with xlsxwriter.Workbook(large, {"constant_memory": True}) as book:
        noise = os.urandom(46 * 1024 * 1024)
        sheet = book.add_worksheet()
        for row in range(200_000):
            sheet.write_row(row, 0, [row, row * 1.1, row % 7, "text"])
        picture = folder / "noise.png"
        picture.write_bytes(analysts.png() + noise)
        sheet.insert_image("H2", picture)
    size = large.stat().st_size / 1024**2
    command = [sys.executable, "-c", _LARGE, large, model]
    peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603  our own interpreter
    name = f"memory to attach to a workbook of {size:.0f} MB"
    return name, f"{peak:.0f} MB", "-", "-", "below 200 MB"
