"""Attach the model to an analyst's workbook in place, part by part.

Only the lists of sheets, of relationships and of content types and the table of formats change;
what the analyst made is copied as it lies in the file, compressed bytes included.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from workbook.attach.detach import (
    TabsKept,
    attached_parts,
    can_restore,
    restore,
    strip,
    tables_among,
)
from workbook.attach.lost_rows import lost_rows
from workbook.attach.mark import Mark, add_mark, attached_as, find_mark, mark_tab, to_xml
from workbook.attach.meaning import refuse_lost, refuse_moved
from workbook.attach.needed_sheets import with_needed
from workbook.attach.other_names import other_names, under_other_names
from workbook.attach.own_values import grid
from workbook.attach.since import put_back, sheets_since
from workbook.attach.snapshots import Snapshots, snapshots_in, with_snapshots
from workbook.attach.transplant import Transplant, name_of, tables
from workbook.attach.typed_cells import Written
from workbook.errors import WorkbookError
from workbook.formulas.references import pointers, sheets_in
from workbook.formulas.renaming import Renaming
from workbook.opc.package import WORKBOOK_PART, Package, sheet_parts
from workbook.opc.raw_zip import digest, digest_of_file
from workbook.opc.refusals import (
    is_signed,
    open_closed,
    refuse_other_arithmetic,
    refuse_protected,
    take_signature_off,
)
from workbook.opc.relations import add_relations, relations_part
from workbook.opc.replace import replace_with_backup
from workbook.opc.sheet_editor import asks_for_calculation, recalculate_on_opening
from workbook.opc.sheet_list import add_name, add_tab, names, tabs
from workbook.opc.xml import RELATION, parse_xml, to_bytes
from workbook.refresh.snapshot import HISTORY

BACKUP_LABEL: Final = "before-attach"
_SHEET_RELATION: Final = f"{RELATION}/worksheet"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done to a workbook file, part by part."""

    sheets: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    notes: tuple[str, ...]
    backup: Path | None = None
    """The file as it was; None when there was nothing to change."""

    @property
    def something(self) -> bool:
        """Whether any part is another than before."""
        return bool(self.changed or self.added or self.removed)


def attach(
    path: Path,
    ours: Mapping[str, bytes],
    *,
    sheets: Collection[str] = (),
    miners: Collection[str] = (),
    rows: Collection[str] = (),
    inputs: Mapping[str, Written] | None = None,
    break_signature: bool = False,
) -> Outcome:
    """Attach sheets of ours to a closed workbook, or bring those attached before up to date.

    Parameters
    ----------
    path : pathlib.Path
        The analyst's workbook. As it was it stays beside it, with `before-attach` in its name.
    ours : mapping of str to bytes
        Parts of the model workbook.
    sheets : collection of str, optional
        Sheets to attach; those that their formulas need come too. Default: all.
    miners : collection of str, optional
        Miners of the model, to be remembered.
    rows : collection of str, optional
        Digests of the rows of the book in its tables, likewise.
    inputs : mapping of str to mapping, optional
        What its input cells hold as we write it, by sheet and address, likewise.
    break_signature : bool, optional
        Take a digital signature off, which no change survives.

    Raises
    ------
    WorkbookError
        When the workbook is not to be touched; it stays as it was, byte for byte.
    """
    with open_closed(path) as draft:
        change = _Change(draft, ours)
        change.refuse(break_signature)
        change.name_ours()
        change.take_off_what_was_attached()
        change.put(sheets, Mark((), tuple(miners), rows=tuple(rows), inputs=inputs or {}))
        asked = change.pointed_at or change.asked or asks_for_calculation(ours)
        if asked and change.outcome().something:
            change.compute_on_opening()
        outcome = change.outcome()
        if not outcome.something:
            return outcome
        backup = replace_with_backup(path, draft.write, draft.size, BACKUP_LABEL)
        return replace(outcome, backup=backup)


class _Change:
    """One attachment: the draft of the workbook and what is noted on the way."""

    def __init__(self, draft: Package, ours: Mapping[str, bytes]) -> None:
        self.draft, self.ours, self.main = draft, ours, draft.main
        self.renaming = Renaming()
        self.file = draft.archive.path.name
        self.notes: list[str] = []
        self.earlier: Mark | None = None
        self.origin: Mark | None = None
        self.kept: TabsKept = {}
        self.since: dict[str, bytes] = {}
        self.history, self.snapshots = HISTORY, Snapshots({})
        self.asked = False
        """Whether a command of ours has asked Excel to compute the workbook on opening."""
        self.sheets: tuple[str, ...] = ()
        self.pointed_at = False
        self.before: tuple[set[str], set[str]] = set(), set()
        """Sheets, and names with tables, that were attached."""
        self._mark, self._mark_part = Mark(), ""

    def refuse(self, break_signature: bool) -> None:
        found = find_mark(self.draft, self.main)
        self.earlier = found[1] if found else None
        refuse_protected(self.draft, self.main, self.file)
        refuse_other_arithmetic(self.draft, self.main, self.file)
        if is_signed(self.draft):
            if not break_signature:
                raise WorkbookError(
                    f"{self.file} is digitally signed, and any change breaks the signature: "
                    "give --break-signature to take it off"
                )
            self.notes.append("The digital signature was taken off.")

    def name_ours(self) -> None:
        """Give ours other names where the workbook has them, and the snapshots taken in it.

        This comes before new sheets are compared with those attached: rows keep their meaning.
        """
        own = attached_parts(self.draft, self.main)[1] if self.earlier else set()
        self.renaming = other_names(self.draft, self.main, self.ours, own, self.earlier)
        self.ours = under_other_names(self.ours, self.renaming)
        self.history = self.renaming.sheets.get(HISTORY, HISTORY)
        attached = attached_as(parse_xml(self.draft[self.main]))
        self.notes += lost_rows(self.draft, attached, self.ours)
        before = attached.get(HISTORY)
        if before is None:
            return
        self.snapshots = snapshots_in(grid(self.draft, sheet_parts(self.draft)[before]))
        part = sheet_parts(self.ours).get(self.history)
        if self.snapshots.cells and part is not None:
            self.ours = {**self.ours, part: with_snapshots(self.ours, part, self.snapshots)}

    def take_off_what_was_attached(self) -> None:
        """Go back to the workbook before the first attachment, as far as it is still the same."""
        if self.earlier is None:
            return
        sheets, own = attached_parts(self.draft, self.main)
        held = {*self.earlier.names, *tables_among(self.draft, own)}
        self.pointed_at = refuse_moved(self.draft, self.main, self.ours, own, sheets, held)
        known = {name.get("name") for name in names(parse_xml(self.ours[WORKBOOK_PART]))}
        known |= {name_of(table) for _, table in tables(self.ours)}
        said = "the model no longer has names that the workbook uses"
        refuse_lost(self.draft, self.main, own, set(), held - known, said)
        self.before = sheets, held
        if can_restore(self.draft, self.earlier):
            self.since = sheets_since(self.draft, self.earlier)
            asked = asks_for_calculation(self.draft)
            restore(self.draft, self.earlier)
            self.origin = self.earlier
            self.asked = asked and not asks_for_calculation(self.draft)
        else:
            self.kept = strip(self.draft, self.main, self.earlier, keep_tabs=True)
            self.notes.append(
                "The workbook was saved by another program since: detach will take the sheets "
                "off, but cannot give back every byte."
            )

    def put(self, wanted: Collection[str], model_mark: Mark) -> None:
        if is_signed(self.draft):
            take_signature_off(self.draft)
        before = set(self.draft)
        model = parse_xml(self.ours[WORKBOOK_PART])
        self.sheets = self._chosen(model, {*wanted})
        carried = Transplant(self.ours, self.draft, self.main).carry(self.sheets)
        root = parse_xml(self.draft[self.main])
        new = [name for name in self.sheets if name not in self.kept]
        targets = [carried[name] for name in new]
        identities = dict(
            zip(new, add_relations(self.draft, self.main, _SHEET_RELATION, targets), strict=True)
        )
        for sheet in [sheet for sheet in tabs(model) if sheet.get("name") in self.sheets]:
            name = sheet.get("name")
            if name in self.kept:
                self._lead(self.kept[name].identity, carried[name])
            else:
                add_tab(root, name, identities[name], sheet.get("state", "visible"))
        order = [tab.get("name") for tab in tabs(root)]
        places = {name: order.index(name) for name in self.sheets}
        ours_global = self._put_names(root, model, places)
        self._say(ours_global)
        self.draft[self.main] = to_bytes(root)
        put_back(self.draft, self.since)
        self._mark_part = add_mark(self.draft, self.main)
        added = tuple(name for name in self.draft if name not in before)
        mark = replace(model_mark, sheets=self.sheets, names=ours_global)
        self._mark = replace(mark, stands_for=dict(self.renaming.words), added=added)
        self._remember(self._mark)
        self.draft[self._mark_part] = to_xml(self._mark)
        attached, own = attached_parts(self.draft, self.main)
        there = {*ours_global, *tables_among(self.draft, own)}
        if self.earlier is None:  # some may be of before our names, as =IFERROR(RIOT_target,0)
            found = pointers(self.draft, self.main, attached, there, own)
            self.pointed_at = next(found, None) is not None
        sheets, held = self.before
        said = "formulas of the workbook point at sheets left out: name these in --sheets too"
        refuse_lost(self.draft, self.main, own, sheets - attached, held - there, said)

    def compute_on_opening(self) -> None:
        """Have Excel compute the workbook when it opens it: the analyst's results are of before."""
        recalculate_on_opening(self.draft)
        self._remember(self._mark)
        self.draft[self._mark_part] = to_xml(self._mark)
        self.notes.append(
            "Formulas of yours use our cells: Excel computes them when it opens the file."
            if self.pointed_at
            else "Excel computes the file when it opens it."
        )

    def _chosen(self, model: Any, wanted: set[str]) -> tuple[str, ...]:
        """Give the sheets to attach, in tab order, with those that their formulas need."""
        every = [sheet.get("name") for sheet in tabs(model)]
        wanted = {self.renaming.sheets.get(name, name) for name in wanted}
        if unknown := sorted(wanted - set(every)):
            raise WorkbookError(
                f"the model has no sheet {', '.join(unknown)}: it has {', '.join(every)}"
            )
        earlier = set(self.earlier.sheets) if self.earlier else set()
        chosen = wanted or (earlier & set(every)) or set(every)
        chosen |= set(self.kept) & set(every)
        more = with_needed(self.ours, model, chosen)
        if said := "; ".join(f"for {name}: {', '.join(needs)}" for name, needs in more.items()):
            self.notes.append(f"Attached too, because formulas need it: {said}.")
        grown = chosen.union(*more.values())
        if lost := sorted(set(self.kept) - set(every)):
            raise WorkbookError(
                f"the model no longer has the sheet {', '.join(lost)}: detach first"
            )
        return tuple(name for name in every if name in grown)

    def _lead(self, identity: str, part: str) -> None:
        """Let a tab that stays lead to its new part."""
        name = relations_part(self.main)
        ways = parse_xml(self.draft[name])
        for way in ways:
            if way.get("Id") == identity:
                way.set("Target", f"/{part}")
        self.draft[name] = to_bytes(ways)

    def _put_names(self, root: Any, model: Any, places: dict[str, int]) -> tuple[str, ...]:
        """Define our names, and mark our sheets by hidden ones."""
        order = [sheet.get("name") for sheet in tabs(model)]
        of_model = {made: name for name, made in self.renaming.sheets.items()}
        for name, place in places.items():
            mark_tab(root, place, name, of_model.get(name, name))
        put: list[str] = []
        for name in names(model):
            title, text, scope = name.get("name"), name.text or "", name.get("localSheetId")
            hidden = name.get("hidden") in ("1", "true")
            if scope is not None:
                if order[int(scope)] in places:
                    add_name(root, title, text, places[order[int(scope)]], hidden=hidden)
            elif not sheets_in(text).isdisjoint(places):
                add_name(root, title, text, hidden=hidden)
                put.append(title)
        return tuple(put)

    def _say(self, put: Collection[str]) -> None:
        """Say which of ours have other names than usual, and what became of the snapshots."""
        for name, made in self.renaming.sheets.items():
            if made in self.sheets:
                self.notes.append(f"You have a sheet {name} of your own: ours is called {made}.")
        there = {*put, *(name_of(table) for _, table in tables(self.draft))}
        for name, made in self.renaming.words.items():
            if made in there:
                self.notes.append(
                    f"You have a name or table {name} of your own: ours is called {made}."
                )
        if rows := self.snapshots.count:
            self.notes.append(
                f"Rows of snapshots kept on {self.history}: {rows}."
                if self.history in self.sheets
                else f"Rows of snapshots not kept, as the sheet {self.history} was not asked for: "
                f"{rows}; they are in the file as it was."
            )

    def _remember(self, mark: Mark) -> None:
        """Put into the mark how each part was before, and how we leave it."""
        draft = self.draft
        if self.earlier is not None and self.origin is None:
            return
        origin = self.origin
        archive = draft.archive
        mark.order = origin.order if origin else tuple(archive.entries)
        mark.tail = origin.tail if origin else archive.tail()
        mark.whole = origin.whole if origin else digest_of_file(archive.path)
        stored = origin.before if origin else {}
        for name in mark.order:
            if name not in draft or name in draft.changed:
                mark.before[name] = stored[name] if name in stored else archive.raw(name)
            if name in draft.changed:
                mark.written[name] = digest(draft.changed[name])

    def outcome(self) -> Outcome:
        """Say which parts will be others than they are."""
        archive = self.draft.archive
        put, there = self.draft.changed, archive.entries
        changed = [name for name in put if name in there and archive.read(name) != put[name]]
        added = [name for name in put if name not in there]
        return Outcome(
            self.sheets,
            tuple(changed),
            tuple(added),
            tuple(sorted(self.draft.removed)),
            tuple(self.notes),
        )
