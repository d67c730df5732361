"""Defined names of inputs: scope and metric, such as RIOT_hashrate."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workbook.cells import Ref


def defined_names(facts: Mapping[tuple[str, str], Ref]) -> dict[str, Ref]:
    """Give each fact in use a legal name of its own.

    Letters, digits and underscores stay, anything else becomes an underscore; a name never starts
    with a digit, and a second one of the same spelling gets a number.

    Examples
    --------
    >>> cell = Ref("Inputs", 9, 3, 9, 3)
    >>> list(defined_names({("RIOT", "hashrate"): cell, ("3350.T", "price"): cell}))
    ['RIOT_hashrate', '_3350_T_price']
    """
    names: dict[str, Ref] = {}
    taken: set[str] = set()
    for (scope, metric), ref in facts.items():
        plain = re.sub(r"\W", "_", f"{scope}_{metric}")
        first = plain if re.match(r"[^\W\d]|_", plain) else f"_{plain}"
        name, number = first, 1
        while name.casefold() in taken:
            number += 1
            name = f"{first}_{number}"
        taken.add(name.casefold())
        names[name] = ref
    return names
