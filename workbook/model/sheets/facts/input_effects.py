"""What keeps a fact of Inputs from taking effect: another that is missing, or one that wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from valuation_core.book.metrics import MARKET_WIDE, NETWORK
from workbook.cells import Ref
from workbook.model.excel import (
    AND,
    BLANK,
    FALSE,
    IF,
    ISNUMBER,
    OR,
    ZERO,
    Span,
    Term,
    text,
)
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import COLUMN, IN_USE, NAME
from workbook.model.sheets.facts.input_sections import Key
from workbook.model.sheets.facts.keys import row_of

HEADING: Final = "to take effect"

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "hpc_probability": ("hpc_mw_shopped",),
    "hpc_mw_named": ("hpc_value_named", "use_named"),
    "hpc_value_named": ("hpc_mw_named", "use_named"),
    "hashrate_guided": ("guided_hashrate_share",),
    "hashrate_displaced": ("displaced_on",),
    "displaced_on": ("hashrate_displaced",),
    "land_on_unlet": ("land_power_value",),
    "cloud_value": ("cloud_mw",),
    "site_probability_12m": ("option_by_site",),
    "site_probability_24m": ("option_by_site",),
    "site_probability_later": ("option_by_site",),
    "site_probability_pipeline": ("option_by_site",),
}
"""Facts that move nothing while another is not above 0."""

OPTION: Final = ("hpc_probability", "hpc_mw_shopped")
"""Facts of the option, whose place MW take that an edition names."""


def put_effects(sheet: Sheet, rows: Mapping[Key, int], owing: Span) -> None:
    """Say beside each fact what it needs to take effect, blank where nothing.

    `owing` names the miners with a debt instrument: what they report as debt is not in use.
    """
    effects = _Effects(sheet, rows)
    for key, row in rows.items():
        term = effects.of(key)
        if key[1] == "debt_reported":
            none = row_of(Term(f"$A{row}", key[0]), owing).equals(ZERO)
            term = IF(none, BLANK, text("set aside: instruments count"))
        value = None if term is BLANK else term.value
        formula = None if term is BLANK else term.text
        sheet.put(row, COLUMN[HEADING], value, "status", formula=formula)


class _Effects:
    """Knows the values in use, and what each lets take effect."""

    def __init__(self, sheet: Sheet, rows: Mapping[Key, int]) -> None:
        self.sheet, self.rows = sheet, rows

    def of(self, key: Key) -> Term:
        """Say what a fact needs, or what it is set aside for."""
        scope, metric = key
        said = BLANK
        for other in reversed(NEEDS.get(metric, ())):
            said = IF(self._some(scope, other), said, text(f"needs {other}"))
        if metric == "hpc_mw_shopped":
            # The option takes both; land, too, what is not shopped.
            others = ("hpc_probability", "option_by_site", "land_power_value")
            some = OR(*(self._some(scope, other) for other in others))
            said = IF(some, said, text("needs hpc_probability"))
        if metric == "hpc_probability":
            by_site = self._some(scope, "option_by_site")
            unused = AND(by_site, self._some(scope, "land_on_unlet").equals(FALSE))
            said = IF(unused, text("set aside: option_by_site is 1"), said)
        if metric in OPTION:
            named = AND(self._some(scope, "use_named"), self._some(scope, "hpc_mw_named"))
            said = IF(named, text("set aside: use_named is 1"), said)
        return said

    def _some(self, scope: str, metric: str) -> Term:
        """Tell whether a fact is above 0: of a miner its own, else that of ALL; else any."""
        if scope in (MARKET_WIDE, NETWORK):
            keys = [key for key in self.rows if key[1] == metric]
            return OR(*(self._above(key) for key in keys)) if keys else FALSE
        own, of_all = (scope, metric), (MARKET_WIDE, metric)
        found = self._above(of_all) if of_all in self.rows else FALSE
        if own in self.rows:
            found = IF(self._in_use(own).equals(BLANK), found, self._above(own))
        return found

    def _above(self, key: Key) -> Term:
        value = self._in_use(key)
        return IF(ISNUMBER(value), value > ZERO, FALSE)

    def _in_use(self, key: Key) -> Term:
        row = self.rows[key]
        return Term(Ref(NAME, row, IN_USE, row, IN_USE).here, self.sheet.cells[row, IN_USE].value)
