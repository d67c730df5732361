"""Draw the first page of the September model for the README: `make picture`.

LibreOffice prints the workbook with our functions evaluated; pdftoppm (Debian: poppler-utils) turns
the page into a picture.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from addin.calc.engine import convert
from addin.calc.recalculate import translate
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model import build_model

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "summary.png"
DOTS_PER_INCH = 96


def main():
    """Build, print and draw."""
    if shutil.which("pdftoppm") is None:
        sys.exit("pdftoppm is needed; on Debian or Ubuntu: apt-get install poppler-utils")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_model(coverage(load_book()), folder / "model.xlsx")
        translate(folder / "model.xlsx", folder / "printed.xlsx")
        pdf = convert(folder / "printed.xlsx", "pdf", folder / "out")
        command = ["pdftoppm", "-f", "1", "-singlefile", "-r", str(DOTS_PER_INCH), "-png"]
        subprocess.run([*command, str(pdf), str(PICTURE.with_suffix(""))], check=True)
    print(PICTURE)


if __name__ == "__main__":
    main()
