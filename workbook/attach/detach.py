"""Detach what was attached: to the byte where nothing else changed, else sheet by sheet."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from workbook.attach.mark import SHEET_NAME, Mark, find_mark, marked_sheets
from workbook.attach.transplant import name_of, tables
from workbook.errors import WorkbookError
from workbook.formulas.references import Pointer, pointers, sheets_in
from workbook.opc.calc_chain import forget_cells
from workbook.opc.package import Package
from workbook.opc.raw_zip import RawArchive, digest, directory_lines
from workbook.opc.refusals import is_signed, open_closed, refuse_protected
from workbook.opc.relations import PACKAGE, forget_types, reached_from, relations_of, relations_part
from workbook.opc.replace import replace_with_backup
from workbook.opc.sheet_list import names, tabs, take_names, take_tabs
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes

BACKUP_LABEL: Final = "before-detach"
_SHOWN: Final = 10
"""Formulas named in a refusal; the rest are counted."""

_PREFIX: Final = re.compile(r"\b_(?:xlfn|xlws|xlpm|xll|xludf)\.")
"""What a file puts before the names of newer functions and of what a LAMBDA is given."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of ours: its number, its identifier in the list of sheets, and its part."""

    number: int
    identity: str
    sheet_id: str
    part: str


TabsKept = dict[str, Tab]


@dataclass(frozen=True, slots=True)
class Detached:
    """What was taken off a workbook file."""

    sheets: tuple[str, ...]
    to_the_byte: bool
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    backup: Path


def detach(path: Path) -> Detached:
    """Take off a closed workbook what was attached to it.

    Raises
    ------
    WorkbookError
        When nothing was attached, when formulas of the analyst point at our sheets or names, or
        when the workbook is not to be touched; it stays as it was.
    """
    with open_closed(path) as draft:
        archive = draft.archive
        main = draft.main
        found = find_mark(draft, main)
        if found is None:
            raise WorkbookError(f"nothing of ours is attached to {path.name}")
        mark = found[1]
        refuse_protected(draft, main, path.name)
        if is_signed(draft):
            raise WorkbookError(f"{path.name} is digitally signed: take the signature off first")
        whole = can_restore(draft, mark)
        if not (whole and _is_as_written(archive, mark)):
            refuse_pointers(draft, main, mark)
        if whole:
            restore(draft, mark)
        else:
            strip(draft, main, mark, keep_tabs=False)
        exact: list[bool] = []

        def write(target: IO[bytes]) -> None:
            exact.append(whole and _write_original(archive, mark, target))
            if not exact[-1]:
                target.seek(0)
                target.truncate()
                draft.write(target)

        backup = replace_with_backup(path, write, archive.size, BACKUP_LABEL)
        changed = tuple(name for name in draft.changed if name in archive.entries)
        return Detached(mark.sheets, exact[-1], changed, tuple(sorted(draft.removed)), backup)


def can_restore(draft: Package, mark: Mark) -> bool:
    """Tell whether the lists that were changed are still as they were written."""
    archive = draft.archive
    present = set(archive.entries)
    untouched = {name for name in mark.order if name not in mark.before}
    return (
        bool(mark.order)
        and untouched | mark.written.keys() <= present
        and present <= untouched | mark.written.keys() | set(mark.added)
        and all(digest(archive.read(name)) == text for name, text in mark.written.items())
    )


def restore(draft: Package, mark: Mark) -> None:
    """Put every changed part back and take every added one out."""
    lines = dict(directory_lines(mark.tail))
    for name, raw in mark.before.items():
        draft[name] = _content(raw, lines[name])
    for name in mark.added:
        if name in draft:
            del draft[name]


def _content(raw: bytes, line: bytes) -> bytes:
    """Give the content of an entry of a zip that was kept as it lay in the file."""
    alone = line[:42] + struct.pack("<L", 0) + line[46:]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(alone), len(raw), 0)
    with zipfile.ZipFile(io.BytesIO(raw + alone + end)) as small:
        return small.read(small.infolist()[0])


def _is_as_written(archive: RawArchive, mark: Mark) -> bool:
    """Tell whether the parts of the analyst are those of the file before."""
    before = {name: line[16:20] for name, line in directory_lines(mark.tail)}
    return all(
        archive.entries[name].line[16:20] == checksum
        for name, checksum in before.items()
        if name not in mark.before
    )


def _write_original(archive: RawArchive, mark: Mark, target: IO[bytes]) -> bool:
    """Write the file as it was before, and tell whether it is that to the byte."""
    counted = _Counted(target)
    for name in mark.order:
        if name in mark.before:
            counted.write(mark.before[name])
        else:
            archive.copy_raw(name, counted)
    counted.write(mark.tail)
    return counted.sum.hexdigest() == mark.whole


class _Counted:
    """Passes on what is written and keeps its checksum."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target, self.sum = target, hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        self.sum.update(data)
        self._target.write(data)


def refuse_pointers(draft: Package, main: str, mark: Mark) -> None:
    """Refuse where formulas of the analyst would be left pointing at nothing."""
    sheets, ours = attached_parts(draft, main)
    found = list(pointers(draft, main, sheets, {*mark.names, *tables_among(draft, ours)}, ours))
    if found:
        raise WorkbookError(
            "formulas of the workbook point at what would be taken off, change them first: "
            + listed(found)
        )


def tables_among(draft: Package, parts: Collection[str]) -> set[str]:
    """Give the names of the tables among some parts."""
    return {name_of(table) for part, table in tables(draft) if part in parts}


def attached_parts(draft: Package, main: str) -> tuple[set[str], set[str]]:
    """Give the names of our sheets as they are, and the parts that only they lead to."""
    root = parse_xml(draft[main])
    ours = _our_tabs(draft, main, root, strict=False)
    sheets = {tabs(root)[tab.number].get("name") for tab in ours}
    return sheets, _owned(draft, {tab.part for tab in ours})


def listed(found: list[Pointer]) -> str:
    """Name the first formulas of a list, as Excel shows them."""
    shown = "; ".join(f"{one.place} ={_PREFIX.sub('', one.formula)}" for one in found[:_SHOWN])
    more = len(found) - _SHOWN
    return shown + (f"; and {more} more" if more > 0 else "")


def strip(draft: Package, main: str, mark: Mark, *, keep_tabs: bool) -> TabsKept:
    """Take our sheets out of a workbook that another program saved since.

    With `keep_tabs` the tabs stay in their places, to lead to new sheets: they are given by name.
    """
    root = parse_xml(draft[main])
    ours = _our_tabs(draft, main, root, strict=True)
    _refuse_modules(draft, main, ours)
    kept = {tabs(root)[tab.number].get("name"): tab for tab in ours}
    gone = _owned(draft, {tab.part for tab in ours})
    gone |= _mark_parts(draft, main)
    numbers = {tab.number for tab in ours}
    global_names = {
        name.get("name")
        for name in names(root)
        if name.get("name") in mark.names and not sheets_in(name.text or "").isdisjoint(kept)
    }
    take_names(root, global_names, numbers)
    if not keep_tabs:
        take_tabs(root, numbers)
        for name in [name for name in names(root) if name.get("name") == SHEET_NAME]:
            name.getparent().remove(name)
    draft[main] = to_bytes(root)
    sheet_ids = {tab.sheet_id for tab in ours}
    forget_cells(draft, main, lambda sheet_id, _: sheet_id in sheet_ids)
    _forget_ways(draft, main, gone, {tab.identity for tab in ours} if keep_tabs else set())
    _forget_ways(draft, PACKAGE, gone, set())
    forget_types(draft, gone)
    for part in gone:
        del draft[part]
    return kept if keep_tabs else {}


def _forget_ways(draft: Package, part: str, gone: set[str], stay: set[str]) -> None:
    """Take away the relationships of a part that lead to parts that go."""
    ways = parse_xml(draft[relations_part(part)])
    leads = {relation.identifier: relation.target for relation in relations_of(draft, part)}
    for way in list(ways):
        if leads[way.get("Id")] in gone and way.get("Id") not in stay:
            ways.remove(way)
            draft[relations_part(part)] = to_bytes(ways)


def _our_tabs(draft: Package, main: str, root: Any, *, strict: bool) -> list[Tab]:
    """Give our tabs; a copy that the analyst made of one is the analyst's.

    Raises
    ------
    WorkbookError
        With `strict`, when a sheet of ours was renamed: formulas would lose it.
    """
    leads = {relation.identifier: relation.target for relation in relations_of(draft, main)}
    listed_tabs = tabs(root)
    current = [tab.get("name") for tab in listed_tabs]
    found = []
    for attached, present in marked_sheets(root).items():
        if attached not in present:
            if strict:
                raise WorkbookError(
                    f"the sheet {attached} was renamed to {present[0]}: name it {attached} again"
                )
            continue
        number = current.index(attached)
        identity = listed_tabs[number].get(f"{{{RELATION}}}id")
        sheet_id = listed_tabs[number].get("sheetId")
        found.append(Tab(number, identity, sheet_id, leads[identity]))
    return found


def _owned(draft: Package, sheets: set[str]) -> set[str]:
    """Give the parts that only these sheets lead to, with their relationships."""
    reached = reached_from(draft, PACKAGE, set(sheets))
    owned = set()
    for sheet in sheets:
        owned |= reached_from(draft, sheet, set()) | {sheet}
    owned -= reached
    return owned | {relations_part(part) for part in owned if relations_part(part) in draft}


def _mark_parts(draft: Package, main: str) -> set[str]:
    found = find_mark(draft, main)
    return _owned(draft, {found[0]}) if found and found[0] else set()


def _refuse_modules(draft: Package, main: str, ours: list[Tab]) -> None:
    """Refuse where Excel gave our sheets modules of their own in the macros of the workbook."""
    has_macros = any(
        relation.kind.endswith("/vbaProject") for relation in relations_of(draft, main)
    )
    for tab in ours:
        properties = parse_xml(draft[tab.part]).find(tag("sheetPr"))
        if has_macros and properties is not None and properties.get("codeName"):
            raise WorkbookError(
                "Excel has saved the workbook with macros and knows our sheets there: "
                "delete the sheets in Excel instead"
            )
