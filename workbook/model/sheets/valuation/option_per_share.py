"""Option value per diluted share at each level of the value per MW, on Targets; named MW aside.

As HPC_PER_SHARE has it: the shares are those at the value per share solved with the same level.
"""

from __future__ import annotations

from valuation_core.catalogue.catalogue import formula
from valuation_core.coverage import LEVELS
from workbook.cells import NOT_AVAILABLE
from workbook.model.excel import IF, Term
from workbook.model.figures import ByMiner, Figures
from workbook.model.lines import Elsewhere, Lines, Through
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.sheets.valuation.dilution_instruments import (
    diluted_shares_of,
    dilution_instruments,
    per_share_of,
)
from workbook.model.sheets.valuation.targets import NONE_PUBLISHED
from workbook.style import PER_SHARE, SHARES


def add_option_per_share(figures: Figures, lines: Lines, hpc: Lines, dilution: Lines) -> None:
    """Plan the diluted shares and the option over them, from the lines of the football field."""
    instruments, away = dilution_instruments(figures), Elsewhere(dilution)
    lines.section("HPC option per diluted share, by value per MW")
    for level in LEVELS:

        def shares(ticker: str, level: str = level) -> Term:
            value = lines.at(f"operating_{level}", ticker) + lines.at("face_less_debt", ticker)
            solved = per_share_of(value, away, instruments, ticker)
            return diluted_shares_of(value, solved, away, instruments, ticker)

        lines.line(
            f"shares_{level}",
            f"Diluted shares, {level} value per MW",
            "M shares",
            SHARES,
            shares,
            core=figures.valuation(with_named=False, per_mw=level)["shares"],
            note="basic + new shares - proceeds of exercise / value per share"
            if level == "low"
            else "",
        )
    for level in LEVELS:

        def per_share(ticker: str, level: str = level) -> Term:
            option = hpc.there(f"option_{level}", ticker)
            none = option.equals(NONE_PUBLISHED)
            return IF(none, NONE_PUBLISHED, option / lines.at(f"shares_{level}", ticker))

        lines.line(
            f"option_per_share_{level}",
            f"Option per diluted share, {level} value per MW",
            "USD/share",
            PER_SHARE,
            per_share,
            style="result",
            core=_core(figures, hpc, level),
            note="option value / diluted shares" if level == "low" else "",
        )
    made = [
        Through(
            f"function_option_per_share_{level}",
            f"HPC_PER_SHARE, {level}",
            "USD/share",
            PER_SHARE,
            _core(figures, hpc, level),
            of=f"option_per_share_{level}",
            note=level,
        )
        for level in LEVELS
    ]
    level = lines.notes_of_next(len(made))
    call = formula("HPC_PER_SHARE", miner=lines.heads, per_mw=level, book=BOOK_NAME)
    keys = [f"option_per_share_{level}" for level in LEVELS]
    none = f'{lines.block(keys[0], keys[-1]).here}="{NOT_AVAILABLE}"'
    lines.functions(f'IF({none},"{NOT_AVAILABLE}",{call})', made)


def _core(figures: Figures, hpc: Lines, level: str) -> ByMiner:
    """Give the core's figures, and the label where no probability is applied."""
    return {
        ticker: NOT_AVAILABLE if hpc.value(f"option_{level}", ticker) == NOT_AVAILABLE else value
        for ticker, value in figures.call("HPC_PER_SHARE", per_mw=level).items()
    }
