"""Numbers as desks type them are found where they are texts; codes, dates and words are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbook.audit.check import check
from workbook.audit.number_text import is_number_text

NUMBERS = [
    "1,250", "(1,250)", "$5.2", "1 250", "1\u00a0250", "1\u202f250", "1\u2009250", "12 %", "1.5x",
    "1.5\u00d7", "\u20ac3.1m", "$1.2bn", "($1,250)", "$(1,250)", "-$5", "$-5", "USD 5.2", "5.2 USD",
    "US$5", "(5%)", "(5)%", "1.250,75", "1'250.50", "1\u2019250", "5-", "250 bps", "1e5", "1.2E+05",
    ".5", "5.", "+7", "\u22125", "12,34,567", "600 MW", "100 EH/s", "\uff11\uff12", "\u0663",
    "5 ", " 5", "\u200b5", "0,5", "0", "2024", "1000000000", "1 250 000", "1,250\u00a0\u20ac",
]  # fmt: skip

OTHERS = [
    "007", "00123", "0123.5", "2025-09-26", "26/09/2025", "26.09.2025", "20250926", "1/2", "12:30",
    "2024-25", "Sep-25", "037833100", "594918104", "38259P508", "12345E102", "US0378331005",
    "555-1234", "2125551234", "+1 212 555 1234", "+1 212 555", "(212) 555-1234", "020 7946 0958",
    "TRUE", "#N/A", "n/a", "RIOT", "3M", "10K", "8-K", "4Q25", "FY25", "1H", "2x4", "1.2.3",
    "1,2,3", "1,25,0", "-", "()", "$", "%", "x", "", "(5", "5)", "--5", "(-5)", "$5$", "m\u00b2",
    "\u00bd", "10\u00b2", "1e", "e5", "1 2", "12 34", "v1.5", "A1", "0x1F", "1 of 2", "5th", "3D",
    "Site 5", "5 sites", "5'10", "NaN", "inf", "1_000", "1.5.", "600 MW signed",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS, ids=ascii)
def test_a_number_as_desks_type_it_is_one(text):
    assert is_number_text(text)


@pytest.mark.parametrize("text", OTHERS, ids=ascii)
def test_a_code_a_date_or_a_word_is_none(text):
    assert not is_number_text(text)


def test_each_form_of_a_file_of_them_is_found_in_its_cell():
    """24 texts: only 00123, 1/2, TRUE and #N/A, the last four, are no numbers."""
    report = check(Path(__file__).parent / "files" / "numbers_as_text.xlsx")
    assert [(one.kind.name, one.cell) for one in report.found] == [
        ("number stored as text", f"A{row}") for row in range(1, 21)
    ]


@given(st.integers(0, 10**8), st.sampled_from(["{:,}", "({:,})", "${:,}", "{:,}%", "{:,.2f}x"]))
def test_whatever_a_format_writes_is_read_back(number, form):
    assert is_number_text(form.format(number))


@given(st.text(st.characters(categories=["L", "Z", "P", "S"]), max_size=12))
def test_a_text_without_a_digit_is_never_a_number(text):
    assert not is_number_text(text)
