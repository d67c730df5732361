"""Addresses on the web as the link of a cell may hold them."""

from __future__ import annotations

import re
from typing import Final

from workbook.cells import Value

LONGEST_LINK: Final = 2_079
"""Characters of an address behind a cell: with more of them Excel repairs the file."""

_WEB: Final = ("http://", "https://")
_FOREIGN: Final = re.compile(r'[\x00-\x20"<>\[\\\]^`{|}\x7f]|%(?![0-9A-Fa-f]{2})')
"""What no address holds as it is, by RFC 3986; other scripts may stay, as Excel leaves them."""


def link_to(source: Value) -> str | None:
    """Give the link to a source, None for one that is no address on the web, or too long for Excel.

    Examples
    --------
    >>> link_to("https://example.com/a b?c=100%&d=%20"), link_to("company call")
    ('https://example.com/a%20b?c=100%25&d=%20', None)
    """
    if not isinstance(source, str) or not source.startswith(_WEB):
        return None
    address = _FOREIGN.sub(lambda found: f"%{ord(found[0]):02X}", source)
    return address if len(address) <= LONGEST_LINK else None
