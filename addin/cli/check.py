"""Commands that look into workbooks: check."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.markup import escape

from addin.boundary.desk import Desk
from addin.cli.commands import shared
from addin.cli.say import say, say_json
from addin.cli.screen import console, not_comparable_text, table_of
from workbook.audit.check import check as check_workbook
from workbook.audit.findings import KINDS, NO_VALUE, STALE_VALUE, Found, Kind, Report
from workbook.errors import WorkbookError

SHOWN: Final = 12
"""Cells of one kind listed before the rest is only counted."""

UNREADABLE: Final = 2
_COLORS: Final = {"problem": "red", "note": "yellow"}


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    main.add_command(check)


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--recalc", is_flag=True, help="Also recalculate in LibreOffice: stale values.")
@click.option("--timeout", default=180.0, show_default=True, help="Seconds for LibreOffice.")
@click.option("--all", "everything", is_flag=True, help="List every cell, however many.")
@shared("book", "cache", "json")
@click.pass_obj
def check(
    desk: Desk, file: Path, recalc: bool, timeout: float, everything: bool, plain: bool
) -> None:
    """Check FILE, any .xlsx, .xlsm or .xlam, and change nothing in it.

    Problems: failing checks, error cells, formulas without a stored value, stale values (with
    --recalc), broken names and references, links to other files. Notes: volatile functions,
    constants in formulas, formulas that differ from their neighbours, outside sources, numbers
    stored as text and more. Exit status 1 if there is a problem,
    2 if the file or LibreOffice cannot be used, else 0.
    """
    try:
        report = _looked_into(file)
        if recalc:
            _add_stale(report, desk, file, timeout)
    except WorkbookError as error:
        say(f"Error: {error}", err=True)
        sys.exit(UNREADABLE)
    if plain:
        say_json(_as_json(file, report, recalc), indent=1)
    else:
        show_report(file, report, recalc, everything)
    sys.exit(1 if report.problems else 0)


def _looked_into(file: Path) -> Report:
    """Check a workbook; who waits at a terminal sees which sheet is being read."""
    with Console(stderr=True).status("reading") as status:
        return check_workbook(file, lambda sheet: status.update(f"reading {escape(sheet)}"))


def _add_stale(report: Report, desk: Desk, file: Path, timeout: float) -> None:
    """Recalculate a workbook and report the cells whose stored value is another one."""
    from addin.calc.engine import EngineError
    from addin.calc.recalculate import compare_with_engine
    from addin.cli.screen import stored_text, working

    try:
        with working(f"LibreOffice computes {file.name} ..."):
            comparison = compare_with_engine(file, source=desk.source, timeout=timeout)
    except EngineError as error:
        raise WorkbookError(str(error)) from None
    report.not_comparable = dict(comparison.not_comparable)
    report.extend(
        Found(
            STALE_VALUE,
            cell.sheet,
            cell.address,
            f"stored {stored_text(cell.stored)}, recalculated {stored_text(cell.recalculated)}",
        )
        for cell in comparison.differences
        if cell.stored is not None  # a missing value is a finding of its own
    )


def show_report(file: Path, report: Report, recalculated: bool, everything: bool) -> None:
    """Print the findings by kind, problems first, and what was looked at."""
    screen = console()
    for kind in KINDS:
        count = report.counts[kind.name]
        if not count:
            continue
        color = _COLORS[kind.severity]
        screen.print(f"[{color}]{kind.severity}[/]  [bold]{kind.name}: {count:,}[/]  {kind.advice}")
        listed = report.of(kind)
        table = table_of("", ("", "cell", "what it is"), left=(0, 1, 2), wrap=(2,))
        table.show_header = False
        for found in listed if everything else listed[:SHOWN]:
            table.add_row("  ", escape(_place(found)), escape(found.what))
        screen.print(table)
        screen.print(_rest(kind, count, len(listed), everything))
    _show_totals(file, report, recalculated)


def _rest(kind: Kind, count: int, listed: int, everything: bool) -> str:
    shown = listed if everything else min(listed, SHOWN)
    if count == shown:
        return ""
    hint = "" if everything else ": give --all to see them"
    if count > listed:
        hint += f" (the first {listed:,} are kept)"
    return f"   ... and {count - shown:,} more of {kind.name}{hint}\n"


def _show_totals(file: Path, report: Report, recalculated: bool) -> None:
    screen = console()
    size = f"{report.sheets} sheets, {report.cells:,} cells, {report.formulas:,} formulas"
    screen.print(f"{escape(str(file))}: {size}")
    screen.print(f"{report.problems:,} problem(s), {report.notes:,} note(s)")
    if left := not_comparable_text(report.not_comparable):
        screen.print(left, soft_wrap=True)
    if not recalculated and report.formulas > report.counts[NO_VALUE.name]:
        screen.print("Stored values were not recalculated: --recalc compares them in LibreOffice.")


def _place(found: Found) -> str:
    quoted = f"'{found.sheet}'" if " " in found.sheet else found.sheet
    if found.sheet and found.cell:
        return f"{quoted}!{found.cell}"
    return quoted or found.cell or "workbook"


def _as_json(file: Path, report: Report, recalculated: bool) -> dict[str, object]:
    return {
        "file": str(file),
        "sheets": report.sheets,
        "cells": report.cells,
        "formulas": report.formulas,
        "recalculated": recalculated,
        "not_comparable": report.not_comparable,
        "problems": report.problems,
        "notes": report.notes,
        "counts": dict(report.counts),
        "findings": [
            {
                "kind": found.kind.name,
                "severity": found.kind.severity,
                "sheet": found.sheet,
                "cell": found.cell,
                "what": found.what,
                "do": found.kind.advice,
            }
            for found in report.found
        ],
    }
