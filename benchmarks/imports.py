"""Importing the core against importing numpy, each in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.timing import Row, compare


def run() -> Iterator[Row]:
    """Give the rows of this module."""
    yield compare(
        "import valuation_core against import numpy (whole process)",
        lambda: _python("import valuation_core"),
        lambda: _python("import numpy"),
        "1.5x",
        repeats=9,
    )


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
