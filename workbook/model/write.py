"""Write a plan as a workbook; with `draw`, the only module that holds openpyxl."""

from __future__ import annotations

import zipfile
from copy import copy
from datetime import date, datetime
from errno import EISDIR
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.writer.excel import ExcelWriter

from workbook.cells import ErrorValue, Ref
from workbook.model.chart_writer import bar_chart
from workbook.model.finish import finish
from workbook.model.plan import Cell, ExcelTable, Plan, Sheet, Validation
from workbook.opc.replace import write_workbook
from workbook.style import DATE, FONT, GREY, LOOKS, WHITE

Looks: TypeAlias = dict[tuple[str, str], Any]
"""By role and number format, what openpyxl made of them: it takes long over each cell."""


def write(plan: Plan, path: Path) -> None:
    """Write a workbook in one step: a reader sees the old file or the new one, never half of it."""
    if path.is_dir():
        raise IsADirectoryError(EISDIR, "is a folder, not a workbook", str(path))
    write_workbook(path, finish(_saved(filled(plan)), plan))


def filled(plan: Plan) -> Workbook:
    """Give the plan as an openpyxl workbook: formulas without their values."""
    book = Workbook()
    book.remove(book.worksheets[0])
    known: Looks = {}
    for sheet in plan.sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet, plan, known)
    for name, ref in plan.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=ref.there)
    book.properties.title = plan.title
    book.properties.creator = "hpc-valuation"
    if plan.as_of is not None:
        book.properties.created = datetime(*plan.as_of.timetuple()[:3])  # noqa: DTZ001  a file date has no zone
    return book


def _saved(book: Workbook) -> dict[str, bytes]:
    """Let openpyxl write a workbook into memory, not compressed: it is zipped when finished."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(book, archive).write_data()
    with zipfile.ZipFile(buffer) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def _write_sheet(target: Any, sheet: Sheet, plan: Plan, known: Looks) -> None:
    for (row, column), cell in sheet.cells.items():
        _write_cell(target.cell(row, column), cell, known)
    for index, width in enumerate(sheet.widths, start=1):
        target.column_dimensions[get_column_letter(index)].width = width
    for row, height in sheet.heights.items():
        target.row_dimensions[row].height = height
    for ref in sheet.merges:
        target.merge_cells(ref.here)
    for validation in sheet.validations:
        target.add_data_validation(_validation(validation))
    for highlight in sheet.highlights:
        look = LOOKS[highlight.style]
        rule = FormulaRule(  # type: ignore[no-untyped-call]
            formula=[highlight.formula],
            fill=PatternFill(bgColor=look.fill or WHITE, fill_type="solid"),
            font=Font(color=look.color, bold=True) if look.color else None,
        )
        target.conditional_formatting.add(highlight.ref.here, rule)
    for shading in sheet.shadings:
        scale = ColorScaleRule(  # type: ignore[no-untyped-call]
            start_type="min",
            start_color=shading.low,
            mid_type="percentile",
            mid_value=50,
            mid_color=shading.middle,
            end_type="max",
            end_color=shading.high,
        )
        target.conditional_formatting.add(shading.ref.here, scale)
    for row in sheet.page_breaks:
        target.row_breaks.append(Break(id=row - 1))
    for chart in sheet.charts:
        target.add_chart(bar_chart(chart))
    for table in sheet.tables:
        target.add_table(_table(table))
    target.freeze_panes = sheet.freeze
    target.sheet_state = sheet.visibility
    if sheet.locked:
        target.protection.sheet = True
        target.protection.autoFilter = target.protection.sort = False  # these stay allowed
    target.sheet_view.showGridLines = False
    target.sheet_view.zoomScale = 100
    _set_print(target, sheet, plan)


def _write_cell(target: Any, cell: Cell, known: Looks) -> None:
    if cell.formula is not None:
        target.value = f"={cell.formula}"
    elif isinstance(cell.value, ErrorValue):
        target.value = cell.value.code
        target.data_type = "e"
    else:
        target.value = cell.value
        if isinstance(cell.value, str):
            target.data_type = "s"  # text that starts with "=" stays text
    if isinstance(cell.link, Ref):
        target.hyperlink = Hyperlink(ref=target.coordinate, location=cell.link.there)
    elif cell.link is not None:
        target.hyperlink = cell.link
    number_format = DATE if isinstance(cell.value, date) else cell.number_format
    if (cell.style, number_format) not in known:
        target.font, target.fill, target.alignment, target.border = _styles(cell.style)
        target.number_format = number_format
        known[cell.style, number_format] = target._style
    target._style = copy(known[cell.style, number_format])


@lru_cache(maxsize=64)
def _styles(role: str) -> tuple[Font, PatternFill, Alignment, Border]:
    look = LOOKS[role]
    below, above = (
        Side(style="thin", color=color) if color else None
        for color in (look.rule_below, look.rule_above)
    )
    return (
        Font(name=FONT, size=look.size, bold=look.bold, color=look.color),
        PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill(),
        Alignment(look.align, "center", wrap_text=look.wrap, indent=look.indent),
        Border(bottom=below, top=above),
    )


def _validation(validation: Validation) -> DataValidation:
    if validation.source is not None:
        made = DataValidation("list", formula1=validation.source.there)
    elif validation.kind == "list":
        made = DataValidation("list", formula1=f'"{",".join(validation.choices)}"')
    elif validation.low is not None and validation.high is not None:
        made = DataValidation(
            validation.kind,
            operator="between",
            formula1=f"{validation.low:.15g}",
            formula2=f"{validation.high:.15g}",
        )
    else:
        low = -1e300 if validation.low is None else validation.low
        made = DataValidation(
            validation.kind, operator="greaterThanOrEqual", formula1=f"{low:.15g}"
        )
    made.allow_blank = True
    made.showErrorMessage = True
    made.errorTitle = "Not a valid input"
    made.error = validation.message
    made.add(validation.ref.here)
    return made


def _table(table: ExcelTable) -> Table:
    made = Table(displayName=table.name, name=table.name, ref=table.ref.here)
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    return made


def _set_print(target: Any, sheet: Sheet, plan: Plan) -> None:
    last_row = max(row for row, _ in sheet.cells)
    last_column = max(column for _, column in sheet.cells)
    target.print_area = f"A1:{get_column_letter(last_column)}{last_row}"
    if sheet.repeat_rows:
        target.print_title_rows = f"{sheet.repeat_rows[0]}:{sheet.repeat_rows[1]}"
    target.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    target.page_setup.paperSize = target.PAPERSIZE_A4
    target.page_setup.fitToWidth = 1
    target.page_setup.fitToHeight = 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    target.page_margins.left = target.page_margins.right = 0.5
    target.page_margins.top = target.page_margins.bottom = 0.6
    for part, text in (
        (target.oddFooter.left, plan.title),
        (target.oddFooter.center, "&A"),
        (target.oddFooter.right, "Page &P of &N"),
    ):
        part.text, part.size, part.color = text, 8, GREY
