"""Make the pictures that README and docs show: `make picture`.

LibreOffice recalculates and prints a sheet with our functions, pdftoppm draws its first page; a
tear sheet draws itself.
"""

import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from lxml import etree

from addin.boundary.desk import Desk
from addin.calc.engine import EngineError, convert
from addin.calc.recalculate import translate
from addin.pages.paper import to_png
from addin.pages.tear_sheet import TearSheet
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import build_model
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.xml import parse_xml, tag

PICTURES = {"Summary": "summary.png", "Distribution": "distribution.png", "Bridge": "bridge.png"}
RESOLUTION = 110
MARGIN = 12
HOW_TO_INSTALL = "pdftoppm is needed; on Debian or Ubuntu: apt-get install poppler-utils"


SMALL = 95
"""Dots in an inch of the tear sheet."""


def main(target):
    """Write the pictures into a folder, or say what is missing."""
    book = load_book("2025-11-24", case="reconstruction")
    page = TearSheet(Desk(), book, "RIOT").page()
    (Path(target) / "tearsheet.png").write_bytes(to_png(page, SMALL))
    print("tearsheet.png: the page that hpcval tearsheet writes")
    if shutil.which("pdftoppm") is None:
        sys.exit(HOW_TO_INSTALL)
    with tempfile.TemporaryDirectory() as folder:
        build_model(coverage(load_book()), Path(folder) / "model.xlsx")
        for sheet, name in PICTURES.items():
            try:
                page = drawn(printed(Path(folder), sheet))
            except EngineError as error:
                sys.exit(str(error))
            (Path(target) / name).write_bytes(png(trimmed(page)))
            print(f"{name}: {sheet} as LibreOffice prints it")


def printed(folder, sheet):
    """Print one sheet of the model as PDF."""
    translate(folder / "model.xlsx", folder / "print.xlsx")
    parts = read_parts(folder / "print.xlsx")
    parts["xl/workbook.xml"] = put_first(parse_xml(parts["xl/workbook.xml"]), sheet)
    part = sheet_parts(parts)[sheet]
    page = parse_xml(parts[part])
    for footer in page.findall(tag("headerFooter")):
        page.remove(footer)
    parts[part] = etree.tostring(page)
    write_parts(folder / "print.xlsx", parts)
    return convert(folder / "print.xlsx", "pdf", folder / "out")


def put_first(workbook, sheet):
    """Move a sheet to the first place, and the names that count sheets by place with it."""
    sheets = workbook.find(tag("sheets"))
    before = [one.get("name") for one in sheets]
    sheets.insert(0, sheets[before.index(sheet)])
    after = [one.get("name") for one in sheets]
    for name in workbook.iter(tag("definedName")):
        if name.get("localSheetId") is not None:
            place = after.index(before[int(name.get("localSheetId"))])
            name.set("localSheetId", str(place))
    return etree.tostring(workbook)


def drawn(pdf):
    """Give the first page of a PDF as rows of pixels."""
    command = ["pdftoppm", "-r", str(RESOLUTION), "-f", "1", "-l", "1", str(pdf)]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    header, size, depth, pixels = data.split(b"\n", 3)
    if (header, depth) != (b"P6", b"255"):
        sys.exit(f"pdftoppm gave a picture of another kind: {header!r}")
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def trimmed(page):
    """Cut the white border off, but for a margin."""
    inked = (page < 250).any(axis=2)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    top, left = max(rows[0] - MARGIN, 0), max(columns[0] - MARGIN, 0)
    return page[top : rows[-1] + MARGIN, left : columns[-1] + MARGIN]


def png(page):
    """Write rows of pixels in the PNG format."""
    height, width, _ = page.shape
    lines = b"".join(b"\0" + line.tobytes() for line in page)
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    chunks = (
        (b"IHDR", size + bytes((8, 2, 0, 0, 0))),  # 8 bits of red, green, blue
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    body = (
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


if __name__ == "__main__":
    main(*sys.argv[1:])
