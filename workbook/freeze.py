"""Freeze: a copy of a workbook to share, with values in place of `HPC_` formulas.

Each value keeps its type and its look, and the formula stays as a note of its cell. Checks of
functions say nothing, as there are none to check. All other parts are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lxml import etree

from workbook.errors import WorkbookError
from workbook.formulas.cell_references import mentions_of
from workbook.formulas.ours import PREFIX, calls_ours
from workbook.opc.calc_chain import forget_cells
from workbook.opc.comments import add_notes
from workbook.opc.package import Package, sheet_titles
from workbook.opc.refusals import is_signed, open_closed, take_signature_off
from workbook.opc.replace import write_new
from workbook.opc.sheet_list import names, tabs
from workbook.opc.stored import parse_sheet
from workbook.opc.xml import SPACE, parse_xml, tag, to_bytes
from workbook.silent_checks import silence

_SHOWN: Final = 10
_LONGEST_NAME: Final = 256


@dataclass
class Frozen:
    """What was frozen, and what could not be."""

    cells: int = 0
    sheets: tuple[str, ...] = ()
    errors: list[str] = field(default_factory=list)
    """Cells whose stored value is an error such as #NAME?."""
    left: list[str] = field(default_factory=list)
    """Where a formula of ours stays: names, conditional formats, validations."""
    without_note: list[str] = field(default_factory=list)
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def _remarks(self) -> tuple[tuple[str, list[str]], ...]:
        return (
            ("Still calls our functions, or is otherwise not as in the file", self.left),
            ("The cell has a discussion, so its formula is not noted", self.without_note),
            ("An error is what is stored", self.errors),
        )

    @property
    def _cells(self) -> str:
        return f"{self.cells} cell{'' if self.cells == 1 else 's'}"

    def report(self, out: Path) -> list[str]:
        """Say what was done, and what could not be, a line each."""
        lines = [f"{out}: {self._cells} frozen on {', '.join(self.sheets) or 'no sheet'}"]
        for label, found in self._remarks:
            lines += [f"{label}: {one}" for one in found]
        return lines

    def summary(self, out: Path) -> str:
        """Say the same in few lines: of what could not be done, how often and the first."""
        sheets = f"{len(self.sheets)} sheet{'' if len(self.sheets) == 1 else 's'}"
        lines = [f"{self._cells} frozen on {sheets}: {out}"]
        lines += [
            f"{label}: {len(found)}, first {found[0]}" for label, found in self._remarks if found
        ]
        return "\n".join(lines)


def free_name(path: Path) -> Path:
    """Give the name of a frozen copy beside a file that no file has yet."""
    out, number = path.with_name(f"{path.stem}.frozen{path.suffix}"), 1
    while out.exists():
        number += 1
        out = path.with_name(f"{path.stem}.frozen-{number}{path.suffix}")
    return out


def freeze(path: Path, out: Path) -> Frozen:
    """Write a copy of a closed workbook with values in place of `HPC_` formulas.

    Parameters
    ----------
    path : pathlib.Path
        The workbook; it stays as it is.
    out : pathlib.Path
        The copy, written in one step.

    Raises
    ------
    WorkbookError
        When the file cannot be read, or a formula of ours has no stored value to keep.
    """
    with open_closed(path) as draft:
        main = draft.main
        done = Frozen()
        if is_signed(draft):
            take_signature_off(draft)
            done.left.append("the digital signature is not on the copy")
        _freeze_sheets(draft, main, done)
        there = draft.archive.entries
        done.changed = tuple(name for name in draft.changed if name in there)
        done.added = tuple(name for name in draft.changed if name not in there)
        write_new(out, draft.write, draft.size, path)
        return done


def _freeze_sheets(draft: Package, main: str, done: Frozen) -> None:
    root = parse_xml(draft[main])
    numbers = {sheet.get("name"): sheet.get("sheetId") for sheet in tabs(root)}
    calling = _Calling.of(root)
    done.left += [f"the name {name}" for name in calling.names.values()]
    gone = {
        (numbers[title], address)
        for title, addresses in silence(draft).items()
        for address in addresses
    }
    touched = []
    for part, title in sheet_titles(draft).items():
        if part not in draft or not _may_call(draft, part, set(calling.names.values())):
            continue
        sheet = _Sheet(parse_sheet(draft[part]), title, calling)
        formulas = sheet.freeze()
        done.errors += sheet.errors
        done.left += sheet.left()
        if formulas:
            touched.append(title)
            done.cells += len(formulas)
            gone |= {(numbers[title], address) for address in formulas}
            skipped = add_notes(draft, part, sheet.root, formulas)
            done.without_note += [f"{title}!{address}" for address in skipped]
            draft[part] = to_bytes(sheet.root)
    done.sheets = tuple(touched)
    forget_cells(draft, main, lambda sheet_id, address: (sheet_id, address) in gone)


@dataclass(frozen=True, slots=True)
class _Calling:
    """Names of a workbook that call our functions, by what formulas call them."""

    names: dict[str, str] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    """Those that are called as functions themselves, being a LAMBDA."""

    @classmethod
    def of(cls, root: Any) -> _Calling:
        """Find those that do themselves or by way of other names."""
        ahead = [(name.get("name"), name.text or "") for name in names(root)]
        found = cls()
        while fresh := [one for one in ahead if found.has(one[1])]:
            ahead = [one for one in ahead if one not in fresh]
            found.names.update((name.casefold(), name) for name, _ in fresh)
            found.functions.update(
                name.casefold() for name, text in fresh if "LAMBDA(" in text.upper()
            )
        return found

    def has(self, formula: str) -> bool:
        """Tell whether a formula calls our functions, itself or by a name."""
        if calls_ours(formula):
            return True
        said = mentions_of(formula)
        return any(one.word.casefold() in self.names for one in said.words) or any(
            function.casefold() in self.functions for function in said.functions
        )


def _may_call(draft: Package, part: str, calling: set[str]) -> bool:
    """Tell whether a sheet may hold a formula of ours, without unpacking it as a whole."""
    marks = re.compile("|".join(map(re.escape, {PREFIX, *calling})).encode(), re.IGNORECASE)
    end = b""
    for piece in draft.pieces(part):
        if marks.search(end + piece):
            return True
        end = piece[-_LONGEST_NAME:]
    return False


class _Sheet:
    """A sheet whose formulas of ours become values."""

    def __init__(self, root: Any, title: str, calling: _Calling) -> None:
        self.root, self.title, self._calling = root, title, calling
        self.errors: list[str] = []
        self._shared: dict[str, tuple[str, str]] = {}

    def freeze(self) -> dict[str, str]:
        """Freeze every cell that is to be, and give what is to be noted by address."""
        noted: dict[str, str] = {}
        empty: list[str] = []
        for cell in self.root.iter(tag("c")):
            formula = cell.find(tag("f"))
            if formula is None:
                continue
            text, note = self._text_of(cell.get("r"), formula)
            if not self._calling.has(text):
                continue
            if cell.find(tag("v")) is None and cell.find(tag("is")) is None:
                empty.append(f"{self.title}!{cell.get('r')}")
                continue
            noted[cell.get("r")] = note
            self._keep_value(cell, formula)
        if empty:
            more = f" and {len(empty) - _SHOWN} more" if len(empty) > _SHOWN else ""
            raise WorkbookError(
                f"{', '.join(empty[:_SHOWN])}{more}: no value is stored, so there is none to keep; "
                "let Excel calculate and save the workbook first"
            )
        return noted

    def _text_of(self, address: str, formula: Any) -> tuple[str, str]:
        """Give the text of a formula, and what to note of it."""
        text, number = formula.text or "", formula.get("si")
        if formula.get("t") == "shared" and number is not None:
            if text:
                self._shared[number] = text, address
            else:
                text, first = self._shared.get(number, ("", ""))
                return text, f"={text} as filled from {first}"
        area = formula.get("ref", "")
        if formula.get("t") == "array" and ":" in area:
            return text, f"={text} over {area}"
        return text, f"={text}"

    def _keep_value(self, cell: Any, formula: Any) -> None:
        cell.remove(formula)
        # Only a formula can be a dynamic array.
        cell.attrib.pop("cm", None)
        kind, value = cell.get("t"), cell.find(tag("v"))
        if kind == "e":
            self.errors.append(f"{self.title}!{cell.get('r')} {value.text}")
        if kind == "str":
            cell.set("t", "inlineStr")
            text = etree.Element(tag("t"))
            text.text = value.text or ""
            text.set(SPACE, "preserve")
            holder = etree.Element(tag("is"))
            holder.append(text)
            for earlier in cell.findall(tag("is")):
                cell.remove(earlier)  # files of version 0.1 hold the text twice
            cell.replace(value, holder)

    def left(self) -> Iterator[str]:
        """Say where else formulas of ours stand."""
        kinds = {"cfRule": "conditional formats", "dataValidation": "validations"}
        for kind, label in kinds.items():
            if any(
                self._calling.has("".join(element.itertext()))
                for element in self.root.iter(f"{{*}}{kind}")
            ):
                yield f"{label} of {self.title}"
