"""Value per share at each level of the value per MW and at other probabilities, on Targets."""

from __future__ import annotations

from typing import Any, Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.company import ASSETS
from valuation_core.evaluation.lookup import COLOCATION_LEVELS
from valuation_core.evaluation.lookup import LEVELS as LEVEL_METRICS
from workbook.model.excel import IF, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Elsewhere, Lines
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.sheets.valuation.dilution_instruments import dilution_instruments, per_share_of
from workbook.model.sheets.valuation.hpc_grids import limit
from workbook.model.sheets.valuation.targets import NONE_PUBLISHED
from workbook.style import MONEY_EXACT, PER_SHARE, PERCENT

PROBABILITIES: Final = (0.0, 0.5, 1.0)
"""Probabilities of the football field."""


def add_scenarios(figures: Figures, lines: Lines, hpc: Lines, sotp: Lines, dilution: Lines) -> None:
    """Plan the value per share at each level of the value per MW and at other probabilities."""
    lines.section("Football field: value per share by value per MW and by probability")
    rest = tuple(part for part in ASSETS if part not in ("signed", "option"))

    def base(ticker: str) -> Term:
        total = sotp.there(rest[0], ticker)
        for part in rest[1:]:
            total = total + sotp.there(part, ticker)
        return total - dilution.there("other_debt", ticker)

    lines.line(
        "rest",
        "Other parts less debt that cannot convert",
        "USD M",
        MONEY_EXACT,
        base,
        style="link",
        note="all but signed deals and the option",
    )
    for level in COLOCATION_LEVELS:

        def at_level(ticker: str, level: str = level) -> Term:
            option = hpc.there(f"option_{level}", ticker)
            counted = IF(option.equals(NONE_PUBLISHED), ZERO, option)
            return lines.at("rest", ticker) + hpc.there(f"signed_value_{level}", ticker) + counted

        lines.line(
            f"shared_{level}",
            f"Value to be shared, {level} value per MW",
            "USD M",
            MONEY_EXACT,
            at_level,
        )
    for index, probability in enumerate(PROBABILITIES):
        lines.stated(
            f"probability_{index}",
            f"Probability {index + 1}",
            "fraction",
            PERCENT,
            lambda _, probability=probability: probability,  # type: ignore[misc]
            style="input",
            note="change it to see another" if index == 0 else "",
        )

        limit(lines.sheet, lines.across(f"probability_{index}"), "A probability", 1.0)

        def at_probability(ticker: str, index: int = index) -> Term:
            option = lines.at(f"probability_{index}", ticker) * hpc.there("capped", ticker)
            option = option * hpc.there(LEVEL_METRICS["mid"], ticker)
            return lines.at("rest", ticker) + hpc.there("signed_value_mid", ticker) + option

        lines.line(
            f"shared_{index}",
            "Value to be shared at it, mid value per MW",
            "USD M",
            MONEY_EXACT,
            at_probability,
        )
    _scenario_values(figures, lines, dilution)


def _scenario_values(figures: Figures, lines: Lines, dilution: Lines) -> None:
    instruments = dilution_instruments(figures)
    away = Elsewhere(dilution)
    names: list[tuple[str, str, dict[str, Any]]] = [
        (level, f"{level} value per MW", {"per_mw": level}) for level in COLOCATION_LEVELS
    ]
    names += [
        (str(index), f"probability {index + 1}", {"prob": probability})
        for index, probability in enumerate(PROBABILITIES)
    ]
    for key, label, choice in names:
        lines.line(
            f"field_{key}",
            f"Value per share, {label}",
            "USD/share",
            PER_SHARE,
            lambda ticker, key=key: per_share_of(  # type: ignore[misc]
                lines.at(f"shared_{key}", ticker), away, instruments, ticker
            ),
            core=figures.valuation(**choice)["per_share"],
            style="result",
        )
    for key, label, choice in names:

        def call(ticker: str, key: str = key) -> str:
            given = {"per_mw": f'"{key}"'}
            if key not in COLOCATION_LEVELS:
                given = {"prob": lines.at(f"probability_{key}", ticker).text}
            made = formula("HPC_TARGET", miner=lines.head(ticker), **given, book=BOOK_NAME)
            return f"{made}/{lines.at('growth', ticker).text}"

        lines.function(
            f"function_field_{key}",
            f"HPC_TARGET / roll-forward, {label}",
            "USD/share",
            PER_SHARE,
            call,
            figures.valuation(**choice)["per_share"],
            of=f"field_{key}",
        )
