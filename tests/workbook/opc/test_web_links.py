"""Links as Excel takes them: an address beyond its rules makes a file that has to be repaired.

XlsxWriter, which is written by what Excel itself writes, states both rules under `write_url`: 2,079
characters, and codes for what no address may hold (RFC 3986, appendix A).
"""

import pytest

from workbook.model.plan import Sheet
from workbook.model.tables import Field, put_record
from workbook.opc.web_links import link_to

START = "https://example.com/"


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("https://example.com/a?b=1&c=%20#d", "https://example.com/a?b=1&c=%20#d"),
        ("https://example.com/up 5%", "https://example.com/up%205%25"),
        ('https://example.com/<"a|b">', "https://example.com/%3C%22a%7Cb%22%3E"),
        ("http://[not an address", "http://%5Bnot%20an%20address"),
        ("https://example.com/日本", "https://example.com/日本"),
        (START + "x" * 2_059, START + "x" * 2_059),
        (START + "x" * 2_060, None),
        (START + " " * 700, None),  # 2,120 characters when written as %20
        ("company call", None),
        (2025.0, None),
    ],
)
def test_a_link_is_spelled_as_excel_takes_it_or_is_none(source, link):
    assert link_to(source) == link


def test_a_source_too_long_for_a_link_still_stands_in_its_cell():
    sheet, long = Sheet("Facts", (10,)), START + "x" * 3_000
    for row, source in ((1, long), (2, f"{START}a b")):
        put_record(sheet, row, [Field("source", "source", 10, "source")], {"source": source})
    assert sheet.cells[1, 1].value == long
    assert [sheet.cells[row, 1].link for row in (1, 2)] == [None, f"{START}a%20b"]
