"""Target at each level of the value per MW and at other probabilities, on Targets.

Where MW are named these are no drivers, and the functions refuse to move them: #N/A.
"""

from __future__ import annotations

from typing import Any, Final

from valuation_core.catalogue.catalogue import formula
from valuation_core.coverage import LEVELS
from workbook.model.excel import IF, NA, ONE, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Elsewhere, Lines, Through
from workbook.model.sheets.facts.input_cells import BOOK_NAME
from workbook.model.sheets.valuation.dilution_instruments import dilution_instruments, per_share_of
from workbook.model.sheets.valuation.hpc_grids import limit
from workbook.model.sheets.valuation.targets import NONE_PUBLISHED
from workbook.model.sheets.valuation.value_per_mw import USE, VALUES
from workbook.style import MONEY_EXACT, PER_SHARE, PERCENT

PROBABILITIES: Final = (0.0, 0.5, 1.0)
"""Probabilities of the football field."""


def add_scenarios(figures: Figures, lines: Lines, hpc: Lines, sotp: Lines, dilution: Lines) -> None:
    """Plan the target at each level of the value per MW and at other probabilities."""
    lines.section("Football field: target by value per MW and by probability, named MW set aside")

    def rest(ticker: str) -> Term:
        parts = [sotp.there("mining", ticker), sotp.there("other", ticker)]
        return sum((hpc.there(key, ticker) for key in ("cloud", "land")), parts[0] + parts[1])

    lines.line(
        "rest",
        "Operating parts but signed deals and the option",
        "USD M",
        MONEY_EXACT,
        rest,
        style="link",
        note="mining, other, cloud, land",
    )
    lines.line(
        "face_less_debt",
        "Coins and cash less debt that cannot convert",
        "USD M",
        MONEY_EXACT,
        lambda t: lines.at("at_face", t) - dilution.there("other_debt", t),
        style="link",
    )
    for level in LEVELS:

        def at_level(ticker: str, level: str = level) -> Term:
            option = hpc.there(f"option_{level}", ticker)
            counted = IF(option.equals(NONE_PUBLISHED), ZERO, option)
            return lines.at("rest", ticker) + hpc.there(f"signed_value_{level}", ticker) + counted

        lines.line(
            f"operating_{level}",
            f"Operating parts, {level} value per MW",
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
            option = option * hpc.there(VALUES[USE], ticker)
            return lines.at("rest", ticker) + hpc.there("signed_value_use", ticker) + option

        lines.line(
            f"operating_{index}",
            "Operating parts at it, value per MW in use",
            "USD M",
            MONEY_EXACT,
            at_probability,
        )
    _targets(figures, lines, hpc, dilution)


def _targets(figures: Figures, lines: Lines, hpc: Lines, dilution: Lines) -> None:
    instruments = dilution_instruments(figures)
    away = Elsewhere(dilution)
    names: list[tuple[str, str, dict[str, Any]]] = [
        (level, f"{level} value per MW", {"per_mw": level}) for level in LEVELS
    ]
    names += [
        (str(index), f"probability {index + 1}", {"prob": probability})
        for index, probability in enumerate(PROBABILITIES)
    ]
    for key, label, choice in names:

        def target(ticker: str, key: str = key) -> Term:
            grown = lines.at(f"operating_{key}", ticker) * lines.at("growth", ticker)
            shared = grown + lines.at("face_less_debt", ticker)
            found = per_share_of(shared, away, instruments, ticker)
            return IF(hpc.there("named", ticker).equals(ONE), NA, found)

        lines.line(
            f"field_{key}",
            f"Target, {label}",
            "USD/share",
            PER_SHARE,
            target,
            core=figures.call("HPC_TARGET", **choice),
            style="result",
            note="#N/A where the edition names MW" if key == LEVELS[0] else "",
        )
    made = [
        Through(
            f"function_field_{key}",
            f"HPC_TARGET, {label}",
            "USD/share",
            PER_SHARE,
            figures.call("HPC_TARGET", **choice),
            of=f"field_{key}",
            note=key if key in LEVELS else "",
        )
        for key, label, choice in names
    ]
    level = lines.notes_of_next(len(LEVELS))
    call = formula("HPC_TARGET", miner=lines.heads, per_mw=level, book=BOOK_NAME)
    lines.functions(call, made[: len(LEVELS)])
    for index, one in enumerate(made[len(LEVELS) :]):
        probability = lines.across(f"probability_{index}").here
        call = formula("HPC_TARGET", miner=lines.heads, prob=probability, book=BOOK_NAME)
        lines.functions(call, [one])
