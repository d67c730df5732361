"""Write a plan as a workbook; with `draw`, the only module that holds openpyxl."""

from __future__ import annotations

import zipfile
from copy import copy
from datetime import date, datetime
from errno import EISDIR
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias

from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import DataTableFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import Outline
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.writer.excel import ExcelWriter

from workbook.cells import ErrorValue, Ref
from workbook.model.chart_writer import drawn
from workbook.model.finish import finish
from workbook.model.plan import Cell, ExcelTable, Plan, Sheet, Validation
from workbook.model.print_setup import set_print
from workbook.model.sheet_kinds import tab_color
from workbook.opc.replace import write_workbook
from workbook.style import DATE, FONT, LOOKS, NAMED, WHITE

FRONT: Final = "Cover"
"""The sheet that every other one leads back to."""

WIDTH_OF_TITLE: Final = 1.5
"""Of a letter of a title, in the widths of columns."""

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
    for name, role in NAMED.items():
        font, fill, alignment, border = _styles(role)
        book.add_named_style(
            NamedStyle(name, font=font, fill=fill, alignment=alignment, border=border)
        )
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
    if sheet.name != FRONT and any(one.name == FRONT for one in plan.sheets):
        way_back = Cell(FRONT, "way_back", link=Ref.top_of(FRONT))
        _write_cell(target.cell(1, _free_column(sheet)), way_back, known)
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
        target.add_chart(drawn(chart))
    for table in sheet.tables:
        target.add_table(_table(table))
    _fold(target, sheet)
    target.freeze_panes = sheet.freeze
    target.sheet_state = sheet.visibility
    target.sheet_view.showGridLines = False
    target.sheet_view.zoomScale = 100
    color = tab_color(sheet.name)
    if color is not None:
        target.sheet_properties.tabColor = color
    set_print(target, sheet, plan)


def _fold(target: Any, sheet: Sheet) -> None:
    """Let rows fold under the row above them, and fold away the columns that only compute."""
    if sheet.outline or sheet.folded:
        target.sheet_properties.outlinePr = Outline(summaryBelow=False, summaryRight=False)
    for first, last in sheet.outline:
        target.row_dimensions.group(first, last, outline_level=1)
        target.sheet_format.outlineLevelRow = 1
    if sheet.folded is not None:
        first, last = sheet.folded
        for column in range(first, last + 1):
            dimension = target.column_dimensions[get_column_letter(column)]
            dimension.outlineLevel, dimension.hidden = 1, True


def _free_column(sheet: Sheet) -> int:
    """Give the column behind what stands in the first row, a title that runs on included.

    Behind the header of a table one column stays free: Excel takes what touches it for a part.
    """
    first_row = [column for row, column in sheet.cells if row == 1]
    title = sheet.cells.get((1, 1))
    if title is None or title.style != "title":
        return max(first_row, default=-1) + 2
    reach, column = WIDTH_OF_TITLE * len(str(title.value)), 1
    while column <= len(sheet.widths) and (reach := reach - sheet.widths[column - 1]) > 0:
        column += 1
    return column + 1


def _write_cell(target: Any, cell: Cell, known: Looks) -> None:
    if cell.table is not None:
        table = cell.table
        target.value = DataTableFormula(
            table.cells.here, dt2D=True, dtr=True, r1=table.across.here, r2=table.down.here
        )
    elif cell.formula is not None:
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
        if (named := LOOKS[cell.style].named) is not None:
            target.style = named
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
    elif validation.kind == "closed":
        made = DataValidation("custom", formula1="FALSE")
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
