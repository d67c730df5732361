"""Checks: every figure two ways, sensible inputs, and one cell that says whether all hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from valuation_core.catalogue.catalogue import catalogue, formula
from workbook.cells import Ref
from workbook.model.excel import BLANK, IF, ONE, ZERO, Term, joined_text, text
from workbook.model.lines import Lines, Pair
from workbook.model.plan import Highlight, Sheet
from workbook.model.sheets.facts.input_cells import AS_OF, CASE, CASE_KNOWN, InputCells
from workbook.model.sheets.facts.input_sections import NEEDED_OF_ALL
from workbook.model.sheets.facts.newest_rows import unseen_facts
from workbook.model.sheets.facts.row_checks import FINE, RowChecks
from workbook.model.sheets.facts.row_checks import RESULT as RESULT_OF_ROW
from workbook.model.sheets.front.check_lines import FIRST_PART, TOLERANCE, CheckLines
from workbook.model.sheets.front.look_at import Look
from workbook.model.sheets.front.verdict import (
    COUNT_ROW,
    FAILING_ROW,
    FIRST_ROW,
    HEADINGS,
    IDLE_ROW,
    LOOK_ROW,
    NAME,
    NOT_RUN,
    PASSED_ROW,
    RESULT,
    TOLERANCE_ROW,
    UNAVAILABLE,
    VERSION_ROW,
    CheckCells,
    together,
)

WIDTH_OF_PART: Final = 14
ROOM_BELOW: Final = 10_000
"""Row down to which rows typed below a table are looked for."""


def plan_checks(
    inputs: InputCells,
    sheets: Sequence[Sheet],
    lines: Sequence[Lines],
    pairs: Sequence[Pair],
    row_checks: Mapping[str, RowChecks],
    look_at: Sequence[Look],
) -> tuple[Sheet, CheckCells]:
    """Plan the sheet: what to look at, inputs, then cells on the left and functions beside them.

    Parameters
    ----------
    inputs : InputCells
        Where facts landed.
    sheets : sequence of Sheet
        Every sheet that a pair names.
    lines : sequence of Lines
        Sheets of lines; each line that has pairs shows whether they agree.
    pairs : sequence of Pair
        Pairs of other sheets.
    row_checks : mapping of str to RowChecks
        By table of the book, whether each of its rows can be read.
    look_at : sequence of Look
        What is to be looked at, by which no check fails.
    """
    last_part = FIRST_PART + max(len(look.named) for look in look_at) - 1
    sheet = Sheet(
        NAME,
        (50, 22, 22, 14, 10, 2, *[WIDTH_OF_PART] * (last_part - FIRST_PART + 1)),
        freeze=f"A{FIRST_ROW}",
        repeat_rows=(8, 8),
        landscape=False,
        folded=(FIRST_PART - 1, last_part),
    )
    sheet.put(1, 1, "Checks", "title")
    sheet.put(2, 1, "Inputs within their domain; native cells against functions.", "subtitle")
    tolerance = sheet.put(TOLERANCE_ROW, 2, TOLERANCE, "input", "0E+00")
    sheet.put_row(FIRST_ROW - 1, 1, HEADINGS[:1], "heading_left")
    sheet.put_row(FIRST_ROW - 1, 2, HEADINGS[1:], "heading")
    made = CheckLines(sheet, tolerance, sheets)
    looked, named = _look_at(sheet, made, look_at)
    _check_inputs(made, inputs)
    _check_tables(made, row_checks, inputs)
    for one in lines:
        if one.pairs:
            made.section(f"{one.name}: cells against functions")
            _check_lines(made, one)
    if pairs:
        made.section("Other sheets")
    for pair in pairs:
        made.compare(pair)
    made.section("Facts as the functions read them")
    made.compare_facts(inputs, NEEDED_OF_ALL)
    return sheet, _verdict(sheet, made, looked, named)


def _look_at(sheet: Sheet, made: CheckLines, look_at: Sequence[Look]) -> tuple[Term, Term]:
    """Plan what is to be looked at, and what of it there is together."""
    made.section("To look at, how many and which: no check fails by these")
    counts, names = [], []
    for look in look_at:
        count = made.look(look.label, look.named)
        some = count > ZERO
        counts.append(IF(some, ONE, ZERO))
        names.append(IF(some, text(f" - {look.label}"), BLANK))
    total, named = sum(counts[1:], counts[0]), joined_text(names)
    sheet.put(LOOK_ROW, 1, "To look at, no check fails by it", "label")
    looked = sheet.put(LOOK_ROW, 2, total.value, "calculation", "0", total.text)
    which = sheet.put(LOOK_ROW, 3, named.value, "look", formula=named.text)
    sheet.highlights.append(Highlight(looked, f"{looked.here}>0", "amber"))
    return Term(looked.there, total.value), Term(which.there, named.value)


def _verdict(sheet: Sheet, made: CheckLines, looked: Term, named: Term) -> CheckCells:
    results = Ref(NAME, FIRST_ROW, RESULT, made.row - 1, RESULT)
    for row, label, style in (
        (FAILING_ROW, "Checks that fail", "label"),
        (PASSED_ROW, "Every check that ran holds", "label_bold"),
        (COUNT_ROW, "Number of checks", "label"),
        (IDLE_ROW, "Checks not run, for want of the functions", "label"),
        (VERSION_ROW, "Version of the functions", "label"),
        (TOLERANCE_ROW, "Tolerance, relative to values above 1", "label"),
    ):
        sheet.put(row, 1, label, style)
    idle = f'COUNTIF({results.here},"{NOT_RUN}")'
    counted = f"COUNTIF({results.here},TRUE)+COUNTIF({results.here},FALSE)+{idle}"
    shown = (cell.value for (_, column), cell in sheet.cells.items() if column == RESULT)
    failed = sum(value is False for value in shown)
    fails = f"COUNTIF({results.here},FALSE)"
    failing = sheet.put(FAILING_ROW, 2, float(failed), "calculation", "0", fails)
    passed = sheet.put(PASSED_ROW, 2, not failed, "check", formula=f"{failing.here}=0")
    count = sheet.put(COUNT_ROW, 2, float(made.number), "calculation", "0", counted)
    not_run = sheet.put(IDLE_ROW, 2, 0.0, "calculation", "0", idle)
    _mark_false(sheet, results)
    _mark_false(sheet, passed)
    # The data stamp after the semicolon is of the facts a machine has by default, not of these.
    call = formula("HPC_VERSION")
    written = f'IFERROR(LEFT({call},FIND(";",{call})-1),"{UNAVAILABLE}")'
    version = catalogue()["HPC_VERSION"].function().split(";")[0]
    sheet.put(VERSION_ROW, 2, version, "function_left", formula=written)
    return CheckCells(count, made.number, failing, failed, not_run, looked, named)


def _mark_false(sheet: Sheet, ref: Ref) -> None:
    """Show in red where a check is false, in grey where it is not run."""
    first = Ref(sheet.name, ref.row, ref.column, ref.row, ref.column).here
    sheet.highlights += [
        Highlight(ref, f"AND(ISLOGICAL({first}),NOT({first}))", "red"),
        Highlight(ref, f'{first}="{NOT_RUN}"', "idle"),
    ]


def _check_inputs(made: CheckLines, inputs: InputCells) -> None:
    made.section("Inputs: numbers, within their domain")
    made.verdict(
        "Case in use is one of sheet Cases",
        (1.0, f"IF({CASE_KNOWN.there},1,0)"),
        f'IF({CASE_KNOWN.there},"-","no case of this name: "&{CASE.there})',
        "1",
    )
    date = AS_OF.there
    made.verdict(
        "Date in use is a day",
        (1.0, f"IF(ISNUMBER({date}),IF(AND({date}>=1,INT({date})={date}),1,0),0)"),
        f'IF(D{made.row}=0,"-","type a date, without a time of day, into {AS_OF.there}")',
        "1",
    )
    for scope, (metrics, states, valid) in inputs.blocks.items():
        first = f"MATCH(FALSE,{valid.there},0)"
        named = f'INDEX({metrics.there},{first})&": "&INDEX({states.there},{first})'
        good = f"COUNTIF({valid.there},TRUE)"
        made.verdict(
            f"{scope}: valid inputs of all",
            (float(sum(place[0] == scope for place in inputs.facts)), good),
            f'IFERROR({named},"-")',
            f"COUNTA({valid.there})",
        )
    count, named = unseen_facts(inputs.keys["inputs"])
    label = "Facts without a row on Inputs, which cells do not see"
    made.verdict(label, (0.0, count), named, "0")


def _check_tables(
    made: CheckLines, row_checks: Mapping[str, RowChecks], inputs: InputCells
) -> None:
    """Check that each row of a table is read, and that none is typed so far below that none is."""
    made.section("Tables of the book: rows as they should be, and none below those that are read")
    for one in row_checks.values():
        columns = one.columns
        ref, results = columns.table.cells, columns.span(RESULT_OF_ROW)
        read, every = (Ref(ref.sheet, 2, 1, last, 1) for last in (ref.last_row, ROOM_BELOW))
        fine = float(results.values.count(FINE))
        wrong = f'({results.address}<>"{FINE}")*({results.address}<>"")*(ROW({results.address})>1)'
        last = f"SUMPRODUCT(MAX({wrong}*ROW({results.address})))"
        made.verdict(
            f"{ref.sheet}: rows that can be read",
            (fine, f'COUNTIF({results.address},"{FINE}")'),
            f'IF(D{made.row}=0,"-","row "&{last}&": "&INDEX({results.address},{last}))',
            f'SUMPRODUCT(({results.address}<>"")*(ROW({results.address})>1))',
        )
        rules = one.rules
        told = replace(rules, column=rules.column + 1, last_column=rules.column + 1)
        lines = range(rules.row, rules.last_row + 1)
        kept = sum(one.columns.sheet.cells[line, rules.column].value == 0 for line in lines)
        broken = f"MAX({rules.there})"
        first = f"INDEX({told.there},MATCH({broken},{rules.there},0))"
        made.verdict(
            f"{ref.sheet}: numbers, days and names that can be",
            (float(kept), f"COUNTIF({rules.there},0)"),
            f'IF(D{made.row}=0,"-","row "&{broken}&": "&{first})',
            f"ROWS({rules.there})",
        )
        made.verdict(
            f"{ref.sheet}: rows, to the last one that is read",
            (float(len(columns.table.rows)), f"COUNTA({every.there})"),
            f'IF(D{made.row}=0,"-","insert them above row {ref.last_row}")',
            f"COUNTA({read.there})",
        )

    made.handle(inputs)


def _check_lines(made: CheckLines, lines: Lines) -> None:
    by_line: dict[str, list[Pair]] = {}
    for pair in lines.pairs:
        by_line.setdefault(pair.key, []).append(pair)
    for key, pairs in by_line.items():
        first = made.row
        for pair in pairs:
            made.compare(pair)
        if key in lines.rows:
            span = Ref(NAME, first, RESULT, made.row - 1, RESULT)
            lines.mark_check(key, together(span.there), made.hold(span))
            # No colour here: LibreOffice 7.4 ends while it prints a rule that reads such a mark
            # where the functions are not available. Checks and Cover colour what is false.
