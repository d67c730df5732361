"""Outputs: the figures an analyst refers to, each with a name such as RIOT_target.

One table says where each is planned and which worksheet function gives the same figure, so that a
name can be used in a formula and a native cell can be explained like a call. Parts of the equity
are those that add up to it; what the HPC sheet values by itself, named MW aside, is called alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from valuation_core.catalogue.catalogue import card_named, formula
from valuation_core.coverage import LEVELS
from workbook.cells import Ref
from workbook.model.lines import Lines
from workbook.model.sheets.facts.defined_names import defined_names, legal_name
from workbook.model.sheets.facts.input_cells import BOOK_NAME, PLAIN_BOOK_NAME


@dataclass(frozen=True, slots=True)
class Output:
    """A figure of each miner: where it is planned, and the function that gives it."""

    name: str
    """What follows the miner in the defined name; never the name of a metric."""
    sheet: str
    key: str
    """Line of the sheet that holds it."""
    function: str
    arguments: tuple[tuple[str, str], ...] = ()
    """Arguments besides miner and book, as texts."""
    cells: tuple[tuple[str, str], ...] = ()
    """Arguments that take another output, by its name."""
    row: str = ""
    """Row of the table that the function gives; its first number is the figure."""
    step: str = ""
    """Step of the function that is the figure, where it is not the result."""
    less: str = ""
    """Output that is taken off the function's figure."""
    book: str = BOOK_NAME

    def call(self, ticker: str) -> str:
        """Write the call as it would stand in a cell.

        Examples
        --------
        >>> OUTPUTS["published_target"].call("RIOT"), OUTPUTS["capex"].call("RIOT")
        ('HPC_PUBLISHED("RIOT","target",Book)', 'HPC_CAPEX(RIOT_mw_capped,,,Book)')
        """
        given = {name: f'"{value}"' for name, value in self.arguments}
        given |= {name: legal_name(ticker, output) for name, output in self.cells}
        if any(argument.name == "miner" for argument in card_named(self.function).arguments):
            given["miner"] = f'"{ticker}"'
        return formula(self.function, **given, book=self.book)

    def is_called(self, name: str, ticker: str) -> bool:
        """Tell whether a defined name is that of this output of a miner, as it may be spelled.

        Examples
        --------
        >>> OUTPUTS["target"].is_called("_3350_T_target_2", "3350.T")
        True
        """
        return stands_for(name, legal_name(ticker, self.name))


def stands_for(name: str, usual: str) -> bool:
    """Tell whether a name is one of ours, numbered or as attach calls it where it is taken.

    Examples
    --------
    >>> [stands_for(name, "Book") for name in ("book", "Book_HPC", "Book_HPC_2", "Bookshop")]
    [True, True, True, False]
    """
    return re.fullmatch(rf"{re.escape(usual)}(?:_HPC)?(?:_\d+)?", name, re.IGNORECASE) is not None


def _of_table(name: str, sheet: str, key: str, row: str) -> Output:
    return Output(name, sheet, key, "HPC_SOTP", row=row)


_TABLE: Final = (
    Output("price_in_use", "Targets", "price", "HPC_UPSIDE", step="price"),
    Output("target", "Targets", "target", "HPC_TARGET"),
    Output("upside", "Targets", "upside", "HPC_UPSIDE"),
    Output("rating", "Targets", "rating", "HPC_RATING"),
    _of_table("target_shares", "Targets", "target_shares", "diluted shares at the target (M)"),
    Output("plain_target", "Targets", "plain", "HPC_TARGET", book=PLAIN_BOOK_NAME),
    Output("target_from_case", "Targets", "from_case", "HPC_TARGET", less="plain_target"),
    *(
        Output(
            f"published_{item}",
            "Targets",
            f"published_{item}",
            "HPC_PUBLISHED",
            arguments=(("item", item),),
        )
        for item in ("price", "target", "rating", "upside")
    ),
    Output("residual", "Targets", "residual", "HPC_TARGET", less="published_target"),
    *(
        Output(
            f"option_per_share_{level}",
            "Targets",
            f"option_per_share_{level}",
            "HPC_PER_SHARE",
            arguments=(("per_mw", level),),
        )
        for level in LEVELS
    ),
    Output("mining_value", "Mining", "mining", "HPC_MINING_VALUE"),
    _of_table("hodl_value", "SOTP", "hodl", "hodl"),
    _of_table("named_value", "HPC", "named_value", "named"),
    _of_table("signed_value", "SOTP", "signed", "signed"),
    _of_table("option_value", "SOTP", "option", "option"),
    _of_table("gpu_cloud_value", "SOTP", "cloud", "cloud"),
    _of_table("land_value", "SOTP", "land", "land"),
    _of_table("cash_pro_forma", "SOTP", "cash", "cash"),
    _of_table("debt_value", "SOTP", "debt", "debt"),
    _of_table("equity_value", "SOTP", "equity", "equity"),
    _of_table("value_per_share", "SOTP", "per_share", "value per share"),
    Output("diluted_shares", "Dilution", "shares", "HPC_DILUTED_SHARES"),
    Output(
        "shares_at_price",
        "Dilution",
        "shares_at_price",
        "HPC_DILUTED_SHARES",
        cells=(("price", "price_in_use"),),
    ),
    *(
        Output(
            f"option_alone_{level}",
            "HPC",
            f"option_{level}",
            "HPC_VALUE",
            arguments=(("per_mw", level),),
        )
        for level in LEVELS
    ),
    Output("option_alone", "HPC", "option_use", "HPC_VALUE"),
    Output("land_alone", "HPC", "land", "HPC_LAND_VALUE"),
    Output("mw_capped", "HPC", "capped", "HPC_VALUE", step="MW capped"),
    Output("capex", "HPC", "capex", "HPC_CAPEX", cells=(("mw", "mw_capped"),)),
    Output("implied_mw", "Implied", "mw", "HPC_IMPLIED_MW"),
    Output("implied_prob", "Implied", "prob", "HPC_IMPLIED_PROB"),
    Output("implied_per_mw", "Implied", "per_mw", "HPC_IMPLIED_PER_MW"),
)

OUTPUTS: Final = {output.name: output for output in _TABLE}
"""Every output by its name."""


def output_names(sheets: Iterable[Lines], taken: Collection[str]) -> dict[str, Ref]:
    """Give each output of each miner a name that is not taken, as inputs have theirs."""
    planned = {lines.name: lines for lines in sheets}
    places = {
        (ticker, output.name): ref
        for output in _TABLE
        for ticker, ref in planned[output.sheet].cells[output.key].items()
    }
    return defined_names(places, taken)
