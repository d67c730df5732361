"""The calculation chain: Excel repairs a file in which a cell without a formula stands in it."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Final

from workbook.opc.relations import forget_types, related, relations_part
from workbook.opc.xml import RELATION, parse_xml, tag, to_bytes

_RELATION: Final = f"{RELATION}/calcChain"


def forget_cells(
    parts: MutableMapping[str, bytes], main: str, gone: Callable[[str, str], bool]
) -> None:
    """Take cells out of the chain, by number of the sheet and address; an empty chain goes too."""
    part = related(parts, main, _RELATION)
    if part is None:
        return
    root = parse_xml(parts[part])
    sheet, touched = "0", False
    for cell in list(root.iter(tag("c"))):
        sheet = cell.get("i", sheet)
        if gone(sheet, cell.get("r")):
            root.remove(cell)
            touched = True
        else:
            # A cell without a number is on the sheet of the one before it.
            cell.set("i", sheet)
    if touched and len(root):
        parts[part] = to_bytes(root)
    elif touched:
        ways = parse_xml(parts[relations_part(main)])
        for way in [way for way in ways if way.get("Type") == _RELATION]:
            ways.remove(way)
        parts[relations_part(main)] = to_bytes(ways)
        forget_types(parts, [part])
        del parts[part]
