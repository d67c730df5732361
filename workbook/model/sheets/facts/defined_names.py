"""Defined names of inputs and outputs: whose it is and what, such as RIOT_hashrate."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from workbook.cells import Ref


def legal_name(scope: str, metric: str) -> str:
    """Write a scope and a metric as a name that a workbook accepts.

    Letters, digits and underscores stay, anything else becomes an underscore; a name never starts
    with a digit.

    Examples
    --------
    >>> legal_name("3350.T", "price")
    '_3350_T_price'
    """
    plain = re.sub(r"\W", "_", f"{scope}_{metric}")
    return plain if re.match(r"[^\W\d]|_", plain) else f"_{plain}"


def defined_names(
    places: Mapping[tuple[str, str], Ref], taken: Collection[str] = ()
) -> dict[str, Ref]:
    """Give each figure a legal name of its own; a second one of the same spelling gets a number.

    Parameters
    ----------
    places : mapping
        Cells by scope and metric.
    taken : collection of str, optional
        Names that others have already.

    Examples
    --------
    >>> cell = Ref("Inputs", 9, 3, 9, 3)
    >>> list(defined_names({("RIOT", "hashrate"): cell, ("3350.T", "price"): cell}))
    ['RIOT_hashrate', '_3350_T_price']
    >>> list(defined_names({("RIOT", "hashrate"): cell}, taken=["riot_HASHRATE"]))
    ['RIOT_hashrate_2']
    """
    names: dict[str, Ref] = {}
    used = {name.casefold() for name in taken}
    for (scope, metric), ref in places.items():
        first = name = legal_name(scope, metric)
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{first}_{number}"
        used.add(name.casefold())
        names[name] = ref
    return names
