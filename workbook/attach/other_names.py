"""The model under other names where the workbook has a sheet, a name or a table of ours already.

Both stay in one workbook: the analyst's keep theirs, and ours take others, which every formula,
name, chart, link, validation and conditional format of ours follows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from lxml import etree

from workbook.attach.mark import Mark, attached_as
from workbook.attach.transplant import name_of, tables
from workbook.errors import WorkbookError
from workbook.formulas.references import sheets_in
from workbook.formulas.renaming import Renaming
from workbook.model.sheet_data import LONGEST_FORMULA
from workbook.opc.package import WORKBOOK_PART, sheet_parts
from workbook.opc.sheet_list import names, tabs
from workbook.opc.xml import parse_xml, tag, to_bytes

_FORMULAS: Final = (
    *("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula"),
    "definedName",
)
"""Elements whose text is a formula or an address, on a sheet, in a chart, a table or a list."""

_FOLDERS: Final = ("xl/worksheets/", "xl/charts/", "xl/tables/")
_TABLES: Final = "xl/tables/"


def other_names(
    theirs: Mapping[str, bytes],
    main: str,
    ours: Mapping[str, bytes],
    own: Collection[str],
    earlier: Mark | None,
) -> Renaming:
    """Find which sheets, names and tables of the model need another name in a workbook.

    What was attached under another name keeps it, for formulas may point there.

    Parameters
    ----------
    theirs : mapping of str to bytes
        Parts of the workbook.
    main : str
        Its part that lists the sheets.
    ours : mapping of str to bytes
        Parts of the model.
    own : collection of str
        Parts of theirs that are sheets of ours already, with what belongs to these.
    earlier : Mark or None
        What was attached before.
    """
    root, model = parse_xml(theirs[main]), parse_xml(ours[WORKBOOK_PART])
    before = attached_as(root)
    there = {one.get("name") for one in tabs(root)} - set(before.values())
    every = [one.get("name") for one in tabs(model)]
    sheets = _renamed(every, there, before, lambda name: f"HPC {name}", " ")
    stood_for = earlier.stands_for if earlier else {}
    known = set(earlier.names) if earlier else set()
    taken = {
        name.get("name")
        for name in names(root)
        if name.get("localSheetId") is None
        and (
            name.get("name") not in known or sheets_in(name.text or "").isdisjoint(before.values())
        )
    }
    taken |= {name_of(table) for part, table in tables(theirs) if part not in own}
    words = [one.get("name") for one in names(model) if one.get("localSheetId") is None]
    words += [name_of(table) for _, table in tables(ours)]
    # Behind the name, not before it: HPC_Book would be the function HPC_BOOK.
    return Renaming(sheets, _renamed(words, taken, stood_for, lambda name: f"{name}_HPC", "_"))


def _renamed(
    wanted: Iterable[str],
    taken: Collection[str],
    earlier: Mapping[str, str],
    other: Callable[[str], str],
    gap: str,
) -> dict[str, str]:
    """Give other names for those that are taken; Excel tells names apart in no letter case."""
    wanted = list(wanted)
    theirs = {name.casefold() for name in taken}
    used = theirs | {name.casefold() for name in wanted}
    found = {}
    for name in wanted:
        if name in earlier and earlier[name].casefold() not in theirs:
            made = earlier[name]
        elif name.casefold() in theirs:
            made, number = other(name), 1
            while made.casefold() in used:
                number += 1
                made = f"{other(name)}{gap}{number}"
        else:
            continue
        if made != name:
            found[name] = made
            used.add(made.casefold())
    return found


def under_other_names(ours: Mapping[str, bytes], renaming: Renaming) -> dict[str, bytes]:
    """Give the parts of the model with the other names in them."""
    done = dict(ours)
    if not renaming:
        return done
    links = set(sheet_parts(ours).values())
    for part in ours:
        if part != WORKBOOK_PART and not (part.startswith(_FOLDERS) and part.endswith(".xml")):
            continue
        root = parse_xml(ours[part])
        _rename_formulas(root, renaming)
        if part == WORKBOOK_PART:
            for sheet in tabs(root):
                sheet.set("name", renaming.sheets.get(sheet.get("name"), sheet.get("name")))
            for name in names(root):
                if name.get("localSheetId") is None:
                    name.set("name", renaming.words.get(name.get("name"), name.get("name")))
        elif part.startswith(_TABLES):
            for attribute in ("name", "displayName"):
                if (name := root.get(attribute)) is not None:
                    root.set(attribute, renaming.words.get(name, name))
        elif part in links:
            _rename_links(root, renaming)
            _rename_texts(root, renaming)
        done[part] = to_bytes(root)
    return done


def _rename_formulas(root: Any, renaming: Renaming) -> None:
    for element in root.iter(etree.Element):
        if element.text and etree.QName(element).localname in _FORMULAS:
            element.text = renaming.everywhere(element.text)
            if len(element.text) > LONGEST_FORMULA:
                raise WorkbookError(
                    f"with other names of sheets a formula has {len(element.text):,} characters, "
                    f"more than Excel takes ({LONGEST_FORMULA:,}): choose fewer miners, or rename "
                    "your sheets that are called as ours"
                )


def _rename_texts(root: Any, renaming: Renaming) -> None:
    """Let texts that name a sheet in words name it as it is called: of cells, and of prompts."""
    for cell in root.iter(tag("c")):
        shown = cell.iter(tag("t")) if cell.get("t") == "inlineStr" else cell.iter(tag("v"))
        for text in shown if cell.get("t") in ("inlineStr", "str") else ():
            text.text = text.text and renaming.in_words(text.text)
    for rule in root.iter(tag("dataValidation")):
        for attribute in ("prompt", "error"):
            if (said := rule.get(attribute)) is not None:
                rule.set(attribute, renaming.in_words(said))


def _rename_links(root: Any, renaming: Renaming) -> None:
    """Let links lead to the sheets, and a cell that shows the name of one show the new one."""
    led: dict[str, str] = {}
    for link in root.iter(tag("hyperlink")):
        location = link.get("location")
        if location is None:
            continue
        link.set("location", renaming.of(location))
        for sheet in sheets_in(location) & renaming.sheets.keys():
            led[link.get("ref")] = sheet
    for cell in root.iter(tag("c")):
        shown = led.get(cell.get("r"))
        for text in cell.iter(tag("t")):
            if shown is not None and text.text == shown:
                text.text = renaming.sheets[shown]
