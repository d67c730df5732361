"""What kind of sheet each is: it gives the tab its colour."""

from __future__ import annotations

from typing import Final

from workbook.style import TABS

_SHEETS: Final = {
    "front": ("Cover", "Control", "Summary", "Functions", "Checks"),
    "facts": (
        *("Inputs", "Deals", "Instruments", "Sites", "History", "Sources"),
        *("Facts", "AllDeals", "AllInstruments", "AllSites", "Editions", "Cases", "Miners"),
        *("Series", "Keys", "RowChecks"),
    ),
    "valuation": (
        *("Mining", "HPC", "Pipeline", "Lease", "Leases", "Dilution", "SOTP", "Targets"),
        *("Implied", "Comps"),
    ),
    "what-if": ("WhatIf", "Distribution", "Bridge"),
}

_KINDS: Final = {name: kind for kind, names in _SHEETS.items() for name in names}


def tab_color(sheet: str) -> str | None:
    """Give the colour of a tab, None for a sheet of no kind.

    Examples
    --------
    >>> tab_color("SOTP") == TABS["valuation"], tab_color("Notes")
    (True, None)
    """
    return TABS[_KINDS[sheet]] if sheet in _KINDS else None
