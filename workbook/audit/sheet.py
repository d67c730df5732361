"""Check one worksheet, read piece by piece: its size does not matter to the memory used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any, Final

from lxml import etree
from openpyxl.worksheet.cell_range import CellRange

from workbook.audit.consistency import Consistency, Formula, Odd, relative
from workbook.audit.findings import (
    ADD_IN_PATH,
    BROKEN_REFERENCE,
    CONSTANT,
    DIFFERING,
    ERROR_CELL,
    EXTERNAL_LINK,
    FAILING_CHECK,
    MISSING_FIGURE,
    NO_VALUE,
    NOT_READ,
    TEXT_NUMBER,
    VOLATILE,
    Found,
    Report,
)
from workbook.audit.number_text import is_number_text
from workbook.cells import place_of
from workbook.formulas.stated import ROW
from workbook.formulas.traits import traits
from workbook.opc.stored import give_addresses
from workbook.opc.xml import MAIN, elements_of, tag

CHECK_SHEETS: Final = ("check", "checks", "hpc checks")
"""Names of sheets whose logical values promise something, in any case; ours has the last one where
the analyst has a sheet Checks."""

SOLVING: Final = re.compile(r"HPC_(?:IMPLIED_\w+|SOLVE|LEASE_RETURN)\(", re.IGNORECASE)
"""Functions of ours that answer #NUM! where nothing solves; of the others it is a mistake."""

OVER: Final = re.compile(r" over ([A-Z]+[0-9]+:[A-Z]+[0-9]+)$")
"""How the note of a frozen formula ends that spilled."""

LINK: Final = re.compile(r"(?:(?:'[^'\[]+'|[A-Za-z0-9_.]+)!)?\$?[A-Z]{1,3}\$?[0-9]+")
"""A formula that shows another cell of the file and does nothing else."""

_SPEAKS_OF_FAILURE: Final = re.compile(r"\b(fail|fails|failed|failing|failures?)\b", re.IGNORECASE)
_FAILED: Final = ("FAIL", "FAILED", "FAILS", "ERROR", "NOT OK")
_SHOWN: Final = 120

_FORMULA, _VALUE, _INLINE, _TEXT = map(tag, ("f", "v", "is", "t"))
_LOOKED_AT: Final = etree.XPath("m:c[m:f or @t]", namespaces={"m": MAIN})
"""Formulas and what is not a number; plain numbers are passed over without a Python object."""


def kept_strings(stream: IO[bytes]) -> dict[int, str]:
    """Give the shared texts that a check looks at, by index: numbers, and talk of failure."""
    kept: dict[int, str] = {}
    for index, item in enumerate(elements_of(stream, tag("si"))):
        text = "".join(part.text or "" for part in item.iter(_TEXT))
        if is_number_text(text) or _SPEAKS_OF_FAILURE.search(text):
            kept[index] = text
    return kept


def check_sheet(
    name: str,
    elements: Iterable[Any],
    strings: Mapping[int, str],
    report: Report,
    notes: Mapping[str, str],
) -> Iterator[Any]:
    """Add the findings in the cells of a worksheet to a report, and give its other elements.

    Parameters
    ----------
    name : str
        The sheet.
    elements : iterable
        Its rows and whatever else is read of it, one after the other.
    strings : mapping of int to str
        From `kept_strings`.
    report : Report
        Takes findings and counts.
    notes : mapping of str to str
        Notes of `hpcval freeze` by address: the formulas that its values were.
    """
    reader = _SheetCheck(name, strings, report)
    reader.frozen(notes)
    for element in elements:
        if element.tag == ROW:
            reader.row(element)
        else:
            yield element
    reader.end()


class _SheetCheck:
    """Looks at one cell after the other, in the order of the sheet."""

    def __init__(self, name: str, strings: Mapping[int, str], report: Report) -> None:
        self.name, self.strings, self.report = name, strings, report
        self.promises = name.strip().casefold() in CHECK_SHEETS
        self.shared: dict[str, str] = {}
        """Formula of each group of cells that share one."""
        self.answers: dict[str, list[CellRange]] = {"#N/A": [], "#NUM!": []}
        """Arrays in which an error is an answer."""
        self.heading_fails: dict[str, bool] = {}
        """By column: whether the nearest text above speaks of failure."""
        self.number = 0
        self.consistency = Consistency()
        self.forms: dict[str, str] = {}
        """How the formula of each such group reads from its own cell."""

    def frozen(self, notes: Mapping[str, str]) -> None:
        """Take an error that a frozen formula answered for the answer it still is."""
        for address, note in notes.items():
            area = OVER.search(note)
            for code, is_answer in self._answers(note).items():
                if is_answer:
                    self.answers[code].append(CellRange(area[1] if area else address))

    def row(self, element: Any) -> None:
        self.number = int(element.get("r") or self.number + 1)
        self.report.cells += len(element)
        if any(cell.get("r") is None for cell in element):
            give_addresses(element, self.number)
        label_fails: bool | None = None
        formulas: list[Formula] = []
        cells: Any = _LOOKED_AT(element)
        for cell in cells:
            address, kind = cell.get("r"), cell.get("t", "n")
            formula = value = None
            for part in cell:
                if part.tag == _FORMULA:
                    formula = part
                elif part.tag == _VALUE:
                    value = part.text
                elif part.tag == _INLINE:
                    value = "".join(text.text or "" for text in part.iter(_TEXT))
            text = None if formula is None else self._formula(address, formula)
            if text and formula is not None and formula.get("t") != "dataTable":
                formulas.append(self._seen(address, formula, text))
            if kind in ("s", "inlineStr") and formula is None:
                fails = self._text(address, kind, value or "")
                label_fails = fails if label_fails is None else label_fails
                continue
            if kind == "e":
                self._error(address, value or "an error", text)
            elif text is not None and value is None and kind not in ("str", "inlineStr"):
                self._add(NO_VALUE, address, f"={text}")
            elif self.promises and text is not None:
                self._promise(address, kind, value or "", bool(label_fails))
        self._differing(self.consistency.row(self.number, formulas))

    def end(self) -> None:
        """Add what only the end of the sheet tells."""
        self._differing(self.consistency.end())

    def _seen(self, address: str, element: Any, text: str) -> Formula:
        """Give a formula as it reads from its own cell."""
        row, column = place_of(address)
        group = element.get("si") if element.get("t") == "shared" else None
        if group in self.forms and not element.text:
            return Formula(column, text, self.forms[group])
        seen = relative(text, row, column)
        if group is not None:
            self.forms[group] = seen
        return Formula(column, text, seen)

    def _differing(self, found: Iterable[Odd]) -> None:
        for odd in found:
            what = f"unlike {odd.neighbour} and others along its {odd.line}: ={odd.formula.text}"
            self._add(DIFFERING, odd.address, what)

    def _add(self, kind: Any, address: str, what: str) -> None:
        shown = what if len(what) <= _SHOWN else f"{what[: _SHOWN - 3]}..."
        self.report.add(Found(kind, self.name, address, shown))

    def _formula(self, address: str, element: Any) -> str:
        """Check the formula of a cell and give its text; a shared one has that of its group."""
        text: str = element.text or ""
        if element.get("t") == "shared":
            group = element.get("si") or ""
            if text:
                self.shared[group] = text
            text = self.shared.get(group, "")
        elif element.get("t") == "dataTable":
            text = f"TABLE({', '.join(_input_cells(element))})"
            # Its cells show the figure of another one, which may be none.
            self.answers["#N/A"].append(CellRange(element.get("ref") or address))
        self.report.formulas += 1
        found = traits(text)
        if element.get("t") == "array":
            area = CellRange(element.get("ref") or address)
            for code, is_answer in self._answers(text).items():
                if is_answer:
                    self.answers[code].append(area)
        if not found.readable:
            self._add(NOT_READ, address, f"={text}")
        if found.broken:
            self._add(BROKEN_REFERENCE, address, f"={text}")
        for kind, items in (
            (EXTERNAL_LINK, found.external),
            (VOLATILE, found.volatile),
            (CONSTANT, found.constants),
            (ADD_IN_PATH, found.add_in),
        ):
            if items:
                self._add(kind, address, f"{', '.join(items)} in ={text}")
        return text

    def _text(self, address: str, kind: str, value: str) -> bool:
        """Check a typed text; say whether it speaks of failure."""
        text = self.strings.get(int(value or 0), "") if kind == "s" else value
        if is_number_text(text):
            self._add(TEXT_NUMBER, address, f'"{text}"')
        fails = _SPEAKS_OF_FAILURE.search(text) is not None
        if self.promises:
            self.heading_fails[address.rstrip("0123456789")] = fails
        return fails

    def _error(self, address: str, code: str, formula: str | None) -> None:
        what = code if formula is None else f"{code} from ={formula}"
        missing = code in self.answers and self._is_answer(code, address, formula)
        # What a plain link shows is reported, and judged, where it comes from.
        missing = missing or (formula is not None and LINK.fullmatch(formula) is not None)
        self._add(MISSING_FIGURE if missing else ERROR_CELL, address, what)

    def _answers(self, formula: str) -> dict[str, bool]:
        """Tell by error whether a formula answers it: a fact is missing, or nothing solves."""
        return {
            "#N/A": traits(formula).may_miss,
            "#NUM!": SOLVING.search(formula) is not None,
        }

    def _is_answer(self, code: str, address: str, formula: str | None) -> bool:
        """Whether an error is an answer of a formula, or of the array that spills here."""
        if formula is not None:
            return self._answers(formula)[code]
        return any(CellRange(address).issubset(answer) for answer in self.answers[code])

    def _promise(self, address: str, kind: str, value: str, label_fails: bool) -> None:
        """Check a computed cell of a sheet of checks: TRUE is promised, or the word OK.

        Where the label of the row or the heading above speaks of failure, as in "Any check
        fails", it is FALSE that is promised.
        """
        column = address.rstrip("0123456789")
        fails = label_fails or self.heading_fails.get(column, False)
        if kind == "b" and (value == "1") == fails:
            self._add(FAILING_CHECK, address, "TRUE" if fails else "FALSE")
        elif kind in ("str", "inlineStr") and value.strip().upper() in _FAILED:
            self._add(FAILING_CHECK, address, f'"{value}"')


def _input_cells(element: Any) -> Iterator[str]:
    """Give the input cells of a data table; one that was deleted is a lost reference."""
    for number in ("1", "2"):
        if element.get(f"del{number}") in ("1", "true"):
            yield "#REF!"
        elif cell := element.get(f"r{number}"):
            yield cell
