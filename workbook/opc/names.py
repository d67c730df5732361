"""Names of parts: how they compare, how they are spelled, which are free."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

_NUMBERED: Final = re.compile(r"^(.*?)\d*(\.\w+)?$")


def folded(name: str) -> str:
    r"""Give the form by which names of parts compare: case and escapes of a name do not count.

    Examples
    --------
    >>> folded("/xl/Worksheets/My%20Sheet.xml") == folded(r"xl\worksheets\my sheet.xml")
    True
    """
    return unquote(name.replace("\\", "/")).lstrip("/").lower()


def as_spelled(parts: Mapping[str, bytes], name: str) -> str:
    """Give the name of a part as the package spells it; a name without a part as it is."""
    spelled = getattr(parts, "spelled", None)
    return spelled(name) if spelled is not None else name


def free_name(parts: Mapping[str, bytes], usual: str) -> str:
    """Give the usual name of a new part where it is free, else the first numbered one that is.

    Examples
    --------
    >>> free_name({"xl/styles.xml": b"", "xl/comments1.xml": b""}, "xl/styles.xml")
    'xl/styles1.xml'
    >>> free_name({"xl/Comments1.xml": b""}, "xl/comments1.xml")
    'xl/comments2.xml'
    """
    taken = {folded(name) for name in parts}
    folder, name = posixpath.split(usual)
    found = _NUMBERED.match(name)
    stem, ending = (found[1], found[2] or "") if found else (name, "")
    made, number = usual, 0
    while folded(made) in taken:
        number += 1
        made = posixpath.join(folder, f"{stem}{number}{ending}")
    return made
