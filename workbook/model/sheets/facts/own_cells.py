"""The own value of a row of Inputs: where it is typed, what it may be, and what What-if tries."""

from __future__ import annotations

from math import isfinite

from valuation_core.book import METRICS
from workbook.cells import Ref, Value
from workbook.model.plan import Sheet, Validation
from workbook.model.sheets.facts.case_cells import Key, book_column
from workbook.model.sheets.facts.control_cells import taken_from
from workbook.model.sheets.facts.input_cells import COLUMN, OWN_VALUE
from workbook.model.sheets.facts.what_if_cells import with_tried


def put_own(sheet: Sheet, row: int, value: Value, number_format: str, typed: Ref | None) -> Ref:
    """Plan the cell of the own value: yellow, or a link to the yellow cell of Control."""
    if typed is None:
        return sheet.put(row, OWN_VALUE, value, "own", number_format)
    shown = "" if value is None else value
    own = sheet.put(row, OWN_VALUE, shown, "link", number_format, taken_from(typed))
    said = f"Type it into {typed.sheet}!{typed.here}: this cell takes it from there."
    sheet.validations.append(Validation(own, said, "closed"))
    return own


def put_yours(sheet: Sheet, row: int, key: Key, number_format: str) -> Ref:
    """Plan the own value in use: the one that What-if tries, else the one stated."""
    stated = sheet.cells[row, OWN_VALUE]
    formula = with_tried(*key, book_column("your value", row).here)
    value = "" if stated.value is None else stated.value
    return sheet.put(row, COLUMN["yours in use"], value, "calculation", number_format, formula)


def but_for(row: int, all_row: int) -> str:
    """Write the value in use where What-if tries none; `all_row` is that of ALL, 0 if none."""

    def at(heading: str, row: int = row) -> str:
        return book_column(heading, row).here

    own, theirs = at("your value"), at("in the book")
    book = f'IF({theirs}="","",{theirs})'
    off = f"{at('row of the case')}=0"
    if all_row:
        # What you state for ALL keeps every change of the case to that metric off.
        stated, of_all = at("your value", all_row), at("in the book", all_row)
        number, basis = at("row of the case", all_row), at("your basis", all_row)
        moved = f'OR({number}>0,{basis}<>"",{stated}<>{of_all})'
        off = f'OR({off},IF({stated}="",FALSE,{moved}))'
    return f'IF({own}<>"",{own},IF({off},{book},{at("set by the case")}))'


def validate(sheet: Sheet, cell: Ref, name: str) -> None:
    """Let a cell take what a metric allows."""
    metric = METRICS[name]
    if metric.unit == "date":
        message = f"{name} is a date."
        sheet.validations.append(Validation(cell, message, "date", low=1))
        return
    domain = metric.domain
    low = domain.low if isfinite(domain.low) else None
    high = domain.high if isfinite(domain.high) else None
    message = f"{name} in {metric.unit} {domain.rule}."
    sheet.validations.append(Validation(cell, message, "decimal", low, high))
