"""Cells as JSON, for the command line."""

from __future__ import annotations

import json
from typing import Any

from addin.boundary.cells import OMITTED
from workbook.cells import ERROR_CODES, ErrorValue


def from_json_text(text: str) -> Any:
    """Read one argument of the shell: JSON where it parses, text otherwise, `_` omitted.

    Examples
    --------
    >>> from_json_text("-5"), from_json_text("RIOT"), from_json_text("null") is None
    (-5.0, 'RIOT', True)
    >>> from_json_text('{"error":"#N/A"}').code
    '#N/A'
    """
    if text == "_":
        return OMITTED
    try:
        parsed = json.loads(text, parse_int=float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return _cell(parsed, text)


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _cell(value: Any, text: str) -> Any:
    if isinstance(value, list):
        return [_cell(item, text) for item in value]
    if isinstance(value, dict):
        code = value.get("error")
        return ErrorValue(code) if code in ERROR_CODES else text
    return value


def to_json(value: Any) -> Any:
    """Give cells as JSON values; an error as its code and reason."""
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, ErrorValue):
        return {"error": value.code, "reason": value.reason}
    return value
