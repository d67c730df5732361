"""The XML of a part: parsed without tricks, written as Excel writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any, Final

from lxml import etree

from workbook.errors import WorkbookError

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATION: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"

_AWAY: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no XML holds."""
_CODE: Final = re.compile(r"_x((?![dD][89a-fA-F])[0-9a-fA-F]{4})_")
"""A character of a text, written as its code; one half of a character is none."""
_LIKE_A_CODE: Final = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_SPECIAL: Final = re.compile(rf"[&<>\r]|{_AWAY.pattern}")


def tag(name: str) -> str:
    """Give the qualified name of a spreadsheet element."""
    return f"{{{MAIN}}}{name}"


def parse_xml(data: bytes) -> Any:
    """Parse a part without entities, network or external definitions.

    Raises
    ------
    WorkbookError
        When it is no XML, or declares a document type.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise WorkbookError(f"a part of the file is damaged: {error}") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise WorkbookError("a part of the file declares a document type, which is refused")
    return root


def elements_of(stream: IO[bytes], *tags: str) -> Iterator[Any]:
    """Give elements of a part as they are read, and forget each when the next is asked for.

    Raises
    ------
    WorkbookError
        When the part is no XML, or declares a document type.
    """
    context: Any = etree.iterparse(
        stream, events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
    )
    first = True
    try:
        for _, element in context:
            if first and element.getroottree().docinfo.doctype:
                raise WorkbookError("a part of the file declares a document type, which is refused")
            first = False
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise WorkbookError(f"a part of the file is damaged: {error}") from None


def to_bytes(root: Any) -> bytes:
    """Write an XML part."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def without_controls(text: str) -> str:
    """Put a blank for each character that no XML holds."""
    return _AWAY.sub(" ", text)


def decoded(text: str) -> str:
    r"""Give a text of a cell: Excel writes some characters as codes, such as the end of a line.

    Examples
    --------
    >>> decoded("one_x000D_"), decoded("_x005F_x000D_")
    ('one\r', '_x000D_')
    """
    return _CODE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def coded(text: str) -> str:
    r"""Write a text of a cell: what only looks like a code is told from one, `decoded` undoes it.

    Examples
    --------
    >>> coded("_x000D_"), coded("usd_xmas")
    ('_x005F_x000D_', 'usd_xmas')
    """
    return _LIKE_A_CODE.sub("_x005F_", text) if "_x" in text else text


def escaped(text: str) -> str:
    r"""Write a text as it stands between the tags of a part.

    Examples
    --------
    >>> escaped("IF(A1<>B1,C1&D1)"), escaped("one\x00two")
    ('IF(A1&lt;&gt;B1,C1&amp;D1)', 'one two')
    """
    if _SPECIAL.search(text) is None:
        return text
    text = without_controls(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")
