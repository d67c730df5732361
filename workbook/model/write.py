"""Write a plan as a workbook: openpyxl writes all but the cells, which take it long."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import datetime
from errno import EISDIR
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import Outline
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.writer.excel import ExcelWriter

from workbook.cells import Ref
from workbook.model.chart_writer import drawn
from workbook.model.finish import finish
from workbook.model.formats import Formats, styles_of
from workbook.model.plan import Cell, ExcelTable, Plan, Sheet, Validation
from workbook.model.print_setup import set_print
from workbook.model.row_heights import heights_of
from workbook.model.sheet_data import SheetData, sheet_data
from workbook.model.sheet_kinds import tab_color
from workbook.opc.replace import write_workbook
from workbook.style import LOOKS, NAMED, WHITE

FRONT: Final = "Cover"
"""The sheet that every other one leads back to."""

WIDTH_OF_TITLE: Final = 1.5
"""Of a letter of a title, in the widths of columns."""


def write(plan: Plan, path: Path) -> None:
    """Write a workbook in one step: a reader sees the old file or the new one, never half of it."""
    if path.is_dir():
        raise IsADirectoryError(EISDIR, "is a folder, not a workbook", str(path))
    book = without_cells(plan)
    formats = Formats(book)
    data = {sheet.name: _data(book[sheet.name], sheet, plan, formats) for sheet in plan.sheets}
    write_workbook(path, finish(_saved(book), plan, data))


def without_cells(plan: Plan) -> Workbook:
    """Give the plan as an openpyxl workbook, but for what stands in the cells."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, role in NAMED.items():
        font, fill, alignment, border = styles_of(role)
        book.add_named_style(
            NamedStyle(name, font=font, fill=fill, alignment=alignment, border=border)
        )
    for sheet in plan.sheets:
        _set_up(book.create_sheet(sheet.name), sheet, plan)
    for name, ref in plan.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=ref.there)
    book.properties.title = plan.title
    book.properties.creator = "hpc-valuation"
    if plan.as_of is not None:
        book.properties.created = datetime(*plan.as_of.timetuple()[:3])  # noqa: DTZ001  a file date has no zone
    return book


def cells_of(sheet: Sheet, plan: Plan) -> Mapping[tuple[int, int], Cell]:
    """Give the cells of a sheet with the one that leads back to the front."""
    if sheet.name == FRONT or not any(one.name == FRONT for one in plan.sheets):
        return sheet.cells
    way_back = Cell(FRONT, "way_back", link=Ref.top_of(FRONT))
    return {**sheet.cells, (1, _free_column(sheet)): way_back}


def _data(target: Any, sheet: Sheet, plan: Plan, formats: Formats) -> SheetData:
    """Write the cells; those that are merged look like the first, ruled where the last one is."""
    cells = dict(cells_of(sheet, plan))
    ruled: dict[tuple[int, int], str | None] = {}
    for box in sheet.merges:
        first = cells[box.row, box.column]
        last = cells.get((box.last_row, box.last_column), first)
        below = LOOKS[first.style].rule_below or LOOKS[last.style].rule_below
        for row in range(box.row, box.last_row + 1):
            for column in range(box.column, box.last_column + 1):
                cells[row, column] = Cell(None, first.style, first.number_format)
                ruled[row, column] = below
        cells[box.row, box.column] = first
    rows = {row: dict(said) for row, said in target.row_dimensions.items()}
    return sheet_data(cells, rows, lambda place, cell: formats.of(cell, ruled.get(place)))


def _saved(book: Workbook) -> dict[str, bytes]:
    """Let openpyxl write a workbook into memory, not compressed: it is zipped when finished."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(book, archive).write_data()
    with zipfile.ZipFile(buffer) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def _set_up(target: Any, sheet: Sheet, plan: Plan) -> None:
    for (row, column), cell in cells_of(sheet, plan).items():
        if isinstance(cell.link, Ref):
            link = target.cell(row, column)
            link.hyperlink = Hyperlink(ref=link.coordinate, location=cell.link.there)
        elif cell.link is not None:
            target.cell(row, column).hyperlink = cell.link
    for index, width in enumerate(sheet.widths, start=1):
        target.column_dimensions[get_column_letter(index)].width = width
    for row, height in heights_of(sheet).items():
        target.row_dimensions[row].height = height
    for ref in sheet.merges:
        target.merged_cells.ranges.add(CellRange(ref.here))
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
        target.add_table(_table(table, sheet))
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
            formula1=f"{validation.low:.15G}",
            formula2=f"{validation.high:.15G}",
        )
    else:
        low = -1e300 if validation.low is None else validation.low
        made = DataValidation(
            validation.kind, operator="greaterThanOrEqual", formula1=f"{low:.15G}"
        )
    made.allow_blank = True
    made.showErrorMessage = True
    made.errorTitle = "Not a valid input"
    made.error = validation.message
    made.add(validation.ref.here)
    return made


def _table(table: ExcelTable, sheet: Sheet) -> Table:
    ref = table.ref
    made = Table(displayName=table.name, name=table.name, ref=ref.here)
    made.tableColumns = [
        TableColumn(id=column, name=str(sheet.cells[ref.row, column].value))
        for column in range(ref.column, ref.last_column + 1)
    ]
    made.autoFilter = AutoFilter(ref=ref.here)
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    return made
