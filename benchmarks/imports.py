"""Importing the core and opening the book against importing numpy, each in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.timing import Row, compare


def run() -> Iterator[Row]:
    """Give the rows of this module."""
    for name, code in (
        ("import valuation_core", "import valuation_core"),
        ("opening the book", "import valuation_core; valuation_core.load_book().facts"),
    ):
        yield compare(
            f"{name} against import numpy (whole process)",
            lambda code=code: _python(code),  # type: ignore[misc]
            lambda: _python("import numpy"),
            "1.4x",
            repeats=9,
        )


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
