"""The last snapshot of a miner in a workbook: the handle of the facts it was taken on."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from addin.closed.last_snapshot import last_snapshot
from workbook.errors import WorkbookError
from workbook.refresh.snapshot import HEADINGS, HISTORY, TITLE


@pytest.fixture
def path(tmp_path):
    """Two snapshots of RIOT and one of IREN below what else History holds."""
    book = Workbook()
    sheet = book.active
    sheet.title = HISTORY
    sheet.append(["Editions, newest first"])
    sheet.append([])
    sheet.append([TITLE])
    sheet.append(list(HEADINGS))
    for day, miner in (("2025-09-26", "RIOT"), ("2025-10-31", "RIOT"), ("2025-10-31", "IREN")):
        sheet.append(["then", miner, 12.4, "UW", 16.74, 19.0, "OW", day, f"book:{day}+{miner}"])
    path = tmp_path / "model.xlsx"
    book.save(path)
    return path


def test_the_newest_row_of_the_miner_counts(path):
    assert last_snapshot(path, "RIOT") == "book:2025-10-31+RIOT"
    assert last_snapshot(path, "IREN") == "book:2025-10-31+IREN"


def test_a_miner_without_snapshot_is_told(path):
    with pytest.raises(WorkbookError, match=r"model\.xlsx holds no snapshot of CLSK: hpcval snap"):
        last_snapshot(path, "CLSK")
