"""The button Tear sheets: a page a name of the open workbook, beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from addin.boundary.desk import Desk
from addin.excel.attached import called_in, ours_only
from addin.excel.buttons import carried_by, place_of
from addin.excel.open_cells import grids_of
from addin.excel.stopping import look
from addin.pages.blocks import Page
from addin.pages.tear_sheet import TearSheet
from workbook.opc.replace import whole, write_new
from workbook.refresh.inputs import miners_of

if TYPE_CHECKING:
    import xlwings


def tear_sheets(book: xlwings.Book) -> str:
    """Write a page on each miner of an open workbook, from the facts and values it holds.

    As slides; as a workbook where PowerPoint files cannot be written.
    """
    path = place_of(book)
    grids = grids_of(book)
    carried = carried_by(book, grids)
    desk = Desk()
    desk.tables = carried.tables
    facts, miners = carried.book(), miners_of(ours_only(called_in(book, grids), grids))
    options = ("--model", path.name)
    pages = []
    for miner in miners:
        look()
        pages.append(TearSheet(desk, facts, miner, None, options).page())
    suffix, content = _written(pages)
    out = _free(path, suffix)
    look()
    write_new(out, whole(content), len(content))
    return f"pages of {', '.join(miners)}, facts as of {facts.as_of}: {out}"


def _written(pages: Sequence[Page]) -> tuple[str, bytes]:
    try:
        from addin.pages.slides import to_pptx
    except ImportError:
        from addin.pages.sheets import to_xlsx

        return ".xlsx", to_xlsx(pages)
    return ".pptx", to_pptx(pages)


def _free(path: Path, suffix: str) -> Path:
    """Give a name beside the workbook that no file has yet."""
    out, number = path.with_name(f"{path.stem}.pages{suffix}"), 1
    while out.exists():
        number += 1
        out = path.with_name(f"{path.stem}.pages-{number}{suffix}")
    return out
