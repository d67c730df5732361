"""What the command line shows: tables for a person, in the terminal's width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from addin.boundary.digits import as_stated, site_of, units_of_rows, written
from addin.cli.say import Screen, say_marked
from addin.sources import name_of, tables_from
from valuation_core.book import SHIPPED_FOLDER, Book, BookError
from valuation_core.book.review import review
from valuation_core.catalogue.catalogue import card_named, catalogue
from valuation_core.errors import unknown
from workbook.cells import ErrorValue

if TYPE_CHECKING:
    from addin.calc.recalculate import Comparison, Finding

NARROWEST: Final = 132
"""Characters of a table where no terminal says how wide it is."""

SHOWN_FINDINGS: Final = 25
"""Cells of a recalculation listed before the rest is only counted."""


def console(least: int = NARROWEST) -> Screen:
    """Give a console that is never too narrow for the figures: it folds rather than cut one."""
    screen = Screen(highlight=False)
    width = least if screen.is_terminal else max(least, NARROWEST)
    return screen if screen.width >= width else Screen(highlight=False, width=width)


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that something takes its time; elsewhere nothing is printed."""
    with Console(stderr=True).status(escape(text)):
        yield


def table_of(
    title: str, headings: Sequence[str], left: Sequence[int], wrap: Sequence[int]
) -> Table:
    """Start a table: numbers to the right, text to the left, only long text folded."""
    style = {"title_justify": "left", "title_style": "bold", "header_style": "bold"}
    table = Table(title=title or None, box=None, **style)  # type: ignore[arg-type]
    for index, heading in enumerate(headings):
        justify: Literal["left", "right"] = "left" if index in left else "right"
        table.add_column(heading, justify=justify, no_wrap=index not in wrap, overflow="fold")
    return table


def show_facts(book: Book, scope: str) -> None:
    """Print every fact of a scope with date, confidence, source and note."""
    name = book.scope(scope)
    facts = sorted(
        (fact for fact in book.facts.values() if fact.scope == name), key=lambda fact: fact.metric
    )
    title = f"{name}: newest facts dated on or before {book.as_of}  ({book.handle})"
    table = table_of(
        title,
        ("metric", "value", "unit", "as of", "confidence", "source and note"),
        left=(0, 2, 3, 4, 5),
        wrap=(5,),
    )
    for fact in facts:
        note = f"\n{fact.note}" if fact.note else ""
        color = "yellow" if fact.confidence in ("low", "own") else "default"
        table.add_row(
            fact.metric,
            as_stated(fact.value),
            f"{fact.unit} {fact.basis}".strip(),
            fact.as_of.isoformat(),
            f"[{color}]{fact.confidence}[/]",
            escape(f"{fact.source}{note}"),
        )
    screen = console()
    screen.print(table)
    if name in book.edition:
        row = book.edition[name]
        screen.print(
            f"\nEdition of {row['edition_date']} ({row['broker']}): "
            f"rating {row['old_rating'] or '-'} to {row['new_rating'] or '-'}, "
            f"target {row['old_target'] or '-'} to "
            f"{row['new_target'] or '-'} USD; {row['confidence']}; {escape(row['source'])}"
        )


def show_book_check(source: Path | str | None) -> bool:
    """Print what a folder holds and every problem with it; whether it is a valid book."""
    screen = console()
    place = source or SHIPPED_FOLDER
    name = escape(name_of(place))
    try:
        tables = tables_from(place)
    except BookError as error:
        for problem in error.problems:
            say_marked("problem", "red", problem)
        screen.print(f"\n{len(error.problems)} problem(s): {name} is not a valid book.")
        return False
    counts = ", ".join(f"{len(table)} {name}" for name, table in tables.items())
    screen.print(f"{name}\nvalid: {counts}")
    confidence = Counter(tables["inputs"].columns["confidence"])
    shown = ", ".join(f"{confidence[level]} {level}" for level in ("high", "medium", "low"))
    screen.print(f"confidence of inputs: {shown}")
    for remark in review(tables):
        say_marked("note", "yellow", remark)
    return True


def show_functions() -> None:
    """Print the worksheet functions by group."""
    table = table_of("Worksheet functions", ("call", "gives"), left=(0, 1), wrap=(0, 1))
    for card in catalogue().values():
        table.add_row(escape(card.signature), escape(card.summary))
    console().print(table)


def show_function(name: str) -> None:
    """Print one function with its arguments."""
    if name.strip().upper() not in catalogue():
        raise unknown("function", name, list(catalogue()))
    card = card_named(name)
    screen = console()
    screen.print(
        f"[bold]{escape(card.signature)}[/]\n{escape(card.summary)}\n{escape(card.description)}"
    )
    table = table_of("", ("argument", "unit", "meaning"), left=(0, 1, 2), wrap=(2,))
    for argument in card.arguments:
        table.add_row(argument.name, argument.unit.name, escape(argument.help))
    screen.print(table)
    screen.print(f"Gives: {escape(card.returns_text)}")


NARROW_TEXT: Final = 20
NARROW_HEADING: Final = 14
"""Characters from which a text with words may be folded."""


def show_rows(title: str, rows: Sequence[Sequence[Any]]) -> None:
    """Print the rows of a table function, the first one as its headings."""
    header, *lines = rows
    headings = [fill(str(name), NARROW_HEADING) for name in header]
    left = [index for index in range(len(header)) if not _mostly_numbers(lines, index)]
    wrap = [index for index in left if any(_can_fold(str(line[index])) for line in lines)]
    table = table_of("", headings, left, wrap)
    texts = [
        [_shown(cell, name, unit) for cell, name, unit in zip(line, header, units, strict=True)]
        for line, units in zip(lines, units_of_rows(header, lines), strict=True)
    ]
    for line in texts:
        table.add_row(*map(escape, line))
    least = needed([headings, *texts], wrap)
    _share(table, [headings, *texts], wrap, console(least).width - least)
    show_table(title, table, least)
    reasons = (cell.reason for line in lines for cell in line if isinstance(cell, ErrorValue))
    for reason in dict.fromkeys(reasons):
        say_remark(f"n/a: {reason}")
    say_remark("")


def show_table(title: str, table: Table, least: int) -> None:
    """Print a table under a title that is not folded to the table's width."""
    screen = console(least)
    screen.print(f"[bold]{escape(title)}[/]", soft_wrap=not screen.is_terminal)
    screen.print(table)


def needed(rows: Sequence[Sequence[str]], wrap: Sequence[int] = ()) -> int:
    """Give the width at which a table cuts nothing: only texts with words are folded."""
    _, least = _widths(rows, wrap)
    return sum(least) + 2 * len(least)


def _widths(rows: Sequence[Sequence[str]], wrap: Sequence[int]) -> tuple[list[int], list[int]]:
    """Give how wide each column is in full, and at least: words and names stay in one piece."""
    columns = list(zip(*rows, strict=True))
    full = [
        max(len(line) for cell in column for line in (cell.splitlines() or ("",)))
        for column in columns
    ]
    least = list(full)
    for index in wrap:
        least[index] = min(full[index], max(_least(columns[index]), NARROW_TEXT))
    return full, least


def _share(table: Table, rows: Sequence[Sequence[str]], wrap: Sequence[int], spare: int) -> None:
    """Give texts that may be folded the room there is to spare, and no other column less."""
    full, widths = _widths(rows, wrap)
    while spare > 0 and (wanting := [index for index in wrap if widths[index] < full[index]]):
        narrowest = min(wanting, key=lambda index: widths[index])
        widths[narrowest] += 1
        spare -= 1
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width


def _least(column: Iterable[str]) -> int:
    """Give the length of the longest word of a column, addresses aside."""
    return max(
        (len(word) for cell in column for word in cell.split() if "://" not in word), default=0
    )


def say_remark(text: str) -> None:
    """Print a sentence, folded between words on a terminal and whole elsewhere."""
    screen = Screen(highlight=False)
    screen.print(escape(text), soft_wrap=not screen.is_terminal)


def _can_fold(text: str) -> bool:
    """Whether a text is long and has words; a name without any stays in one piece."""
    return len(text) > NARROW_TEXT and " " in text.strip()


def _mostly_numbers(lines: Sequence[Sequence[Any]], index: int) -> bool:
    cells = [line[index] for line in lines if line[index] != "-"]
    return sum(isinstance(cell, float | ErrorValue) for cell in cells) * 2 > len(cells)


def _shown(cell: Any, column: Any, unit: str | None) -> str:
    return site_of(str(cell)) if column == "source" else written(cell, unit)


def show_comparison(path: Path, comparison: Comparison, everything: bool = False) -> bool:
    """Print each difference and error of a recalculation; whether there is none."""
    screen = console()
    wrong = [("error", finding) for finding in comparison.errors]
    wrong += [
        ("differs", found) for found in comparison.differences if found not in comparison.errors
    ]
    for kind, finding in wrong if everything else wrong[:SHOWN_FINDINGS]:
        screen.print(f"[red]{kind}[/]  {_finding(finding)}", soft_wrap=True)
    if len(wrong) > SHOWN_FINDINGS and not everything:
        screen.print(f"... and {len(wrong) - SHOWN_FINDINGS} more cells: give --all to see them")
    if any(finding.stored is None for _, finding in wrong):
        screen.print(
            "Cells without a stored value were saved by a program that does not calculate."
        )
    screen.print(
        f"{path}: {comparison.compared} computed cells compared, "
        f"{len(comparison.differences)} differ, {len(comparison.errors)} show an error",
        soft_wrap=True,
    )
    if comparison.not_given:
        screen.print(
            f"{comparison.not_given} cells give no figure, as stored: a fact is missing (#N/A) "
            "or there is no solution (#NUM!)"
        )
    if left := not_comparable_text(comparison.not_comparable):
        screen.print(left, soft_wrap=True)
    if not comparison.compared:
        screen.print("Nothing was compared: the workbook holds no formula that can be.")
    return not comparison.differences and not comparison.errors


def not_comparable_text(reasons: Mapping[str, int]) -> str:
    """Say how many cells LibreOffice cannot judge, and why; nothing where there are none."""
    if not reasons:
        return ""
    listed = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    return f"{sum(reasons.values()):,} cells are not comparable in LibreOffice: {listed}"


def _finding(finding: Finding) -> str:
    return escape(
        f"{finding.sheet}!{finding.address}  stored {stored_text(finding.stored)}  "
        f"recalculated {stored_text(finding.recalculated)}  ={finding.formula}"
    )


def stored_text(value: Any) -> str:
    """Write a stored value: a number or text as Python shows it, an error as its code."""
    return str(getattr(value, "code", "nothing" if value is None else repr(value)))
