"""The picture of the README: pixels in, a PNG file out, and a word on what is missing."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from tools import picture
from workbook.opc.package import read_parts
from workbook.opc.xml import parse_xml, tag


def test_the_white_border_is_cut_but_for_a_margin():
    page = np.full((100, 200, 3), 255, np.uint8)
    page[40:50, 60:160] = 0
    cut = picture.trimmed(page)
    assert cut.shape == (10 - 1 + 2 * picture.MARGIN, 100 - 1 + 2 * picture.MARGIN, 3)
    assert (cut[picture.MARGIN, picture.MARGIN] == 0).all()


def test_the_file_holds_the_pixels():
    page = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    data = picture.png(page)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert data[12:16] == b"IHDR"
    assert [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)] == [3, 2]
    start = data.index(b"IDAT")
    length = int.from_bytes(data[start - 4 : start], "big")
    lines = zlib.decompress(data[start + 4 : start + 4 + length])
    assert lines == b"\0" + page[0].tobytes() + b"\0" + page[1].tobytes()


def test_the_sheet_moves_to_the_front_and_names_follow(model_of, tmp_path):
    model_of(tmp_path / "model.xlsx", ["RIOT"])
    before = parse_xml(read_parts(tmp_path / "model.xlsx")["xl/workbook.xml"])
    main = parse_xml(read_parts(tmp_path / "model.xlsx")["xl/workbook.xml"])
    after = parse_xml(picture.put_first(main, "Bridge"))
    sheets = [sheet.get("name") for sheet in after.iter(tag("sheet"))]
    assert sheets[0] == "Bridge"
    assert set(picture.PICTURES) <= set(sheets)

    def areas(workbook):
        names = [sheet.get("name") for sheet in workbook.iter(tag("sheet"))]
        return {
            (names[int(name.get("localSheetId"))], name.get("name"), name.text)
            for name in workbook.iter(tag("definedName"))
            if name.get("localSheetId") is not None
        }

    assert areas(after) == areas(before)
    assert all(text.lstrip("'").startswith(sheet) for sheet, _, text in areas(after))


def test_without_pdftoppm_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(picture.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install poppler-utils"):
        picture.main(tmp_path)
