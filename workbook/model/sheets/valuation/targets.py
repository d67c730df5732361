"""Targets: target, upside and rating beside the published ones, the residual, and scenarios."""

from __future__ import annotations

from typing import Final

from valuation_core.catalogue.catalogue import formula
from workbook.cells import NOT_AVAILABLE
from workbook.model.excel import BLANK, IF, ONE, Term, text
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.model.sheets.valuation.price import plan_price
from workbook.model.sheets.valuation.roll_forward import plan_roll_forward
from workbook.model.sheets.valuation.target_functions import put_target_functions
from workbook.style import DATE, PER_SHARE, PERCENT, PRICE, TEXT

NAME: Final = "Targets"
NONE_PUBLISHED: Final = text(NOT_AVAILABLE)


def plan_targets(figures: Figures, inputs: InputCells, sotp: Lines, dilution: Lines) -> Lines:
    """Plan the sheet up to the residual; `add_scenarios` adds the football field."""
    lines = Lines(
        NAME,
        "Targets",
        "The model's target, upside and rating by the rule beside the published ones; what the "
        "framework does not explain is the residual. Published figures as reported by press.",
        figures.tickers,
    )
    lines.section("Price")
    plan_price(lines, figures, inputs)
    lines.section("Target: operating parts grown to the target date")
    plan_roll_forward(lines, figures, inputs, sotp, dilution)
    lines.section("Upside and rating")
    _upside(lines, figures, inputs)
    lines.name_missing(
        ("price", "cost_of_equity", "growth"),
        lambda ticker: [sotp.there("missing", ticker)],
        {"growth": "target_date"},
    )
    lines.section("Published edition")
    _published(lines, figures, inputs)
    lines.section("Plain, case, published: three side by side")
    _plain(lines, figures, inputs)
    _residual(lines)
    lines.section("Through functions")
    put_target_functions(lines, figures)
    return lines


def _upside(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    def at(key: str, ticker: str) -> Term:
        return lines.at(key, ticker)

    lines.line(
        "upside",
        "Upside, model",
        "fraction",
        PERCENT,
        lambda ticker: at("target", ticker) / at("price", ticker) - ONE,
        core=figures.call("HPC_UPSIDE"),
        note="target / price - 1",
    )
    for key, label in (
        ("rating_overweight_from", "Upside from which a name is OW"),
        ("rating_underweight_below", "Upside below which a name is UW"),
    ):
        lines.line(
            key,
            label,
            "fraction",
            PERCENT,
            lambda ticker, key=key: inputs.usable(ticker, key),  # type: ignore[misc]
            style="link",
        )
    lines.line(
        "rating",
        "Rating by the rule",
        "",
        TEXT,
        lambda ticker: _rating(lines, inputs, "upside", ticker),
        style="total",
        core=figures.call("HPC_RATING"),
        note="OW, N, UW by the upside; the bank rates relative to its coverage",
    )


def _rating(lines: Lines, inputs: InputCells, upside: str, ticker: str) -> Term:
    """Rate an upside; one that meets a threshold but for rounding meets it."""
    value, edge = lines.at(upside, ticker), inputs.constants["rating_edge"]
    over = value >= lines.at("rating_overweight_from", ticker) - edge
    under = value < lines.at("rating_underweight_below", ticker) - edge
    return IF(over, text("OW"), IF(under, text("UW"), text("N")))


def _published(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    def given(cell: Term) -> Term:
        return IF(cell.equals(BLANK), NONE_PUBLISHED, cell)

    lines.line(
        "published_date",
        "Edition",
        "date",
        DATE,
        lambda ticker: given(inputs.edition_day(ticker)),
        style="link",
        note="the bank's newest row on the miner",
    )
    items = (
        ("price", "Published reference price", PRICE),
        ("old_target", "Target before", PRICE),
        ("target", "Published target", PRICE),
        ("old_rating", "Rating before", TEXT),
        ("rating", "Published rating", TEXT),
    )
    for item, label, number_format in items:

        def published(ticker: str, item: str = item) -> Term:
            return given(inputs.published_figure(ticker, item))

        unit = "" if "rating" in item else "USD/share"
        lines.line(
            f"published_{item}",
            label,
            unit,
            number_format,
            published,
            style="link",
            note=f'"{NOT_AVAILABLE}": the edition gives none' if item == "price" else "",
        )

    def either_given(ticker: str, term: Term, *keys: str) -> Term:
        for key in keys:
            term = IF(lines.at(key, ticker).equals(NONE_PUBLISHED), NONE_PUBLISHED, term)
        return term

    def upside(ticker: str) -> Term:
        aim, price = lines.at("published_target", ticker), lines.at("published_price", ticker)
        return either_given(ticker, aim / price - ONE, "published_target", "published_price")

    lines.line(
        "published_upside",
        "Upside of the published target",
        "fraction",
        PERCENT,
        upside,
        core=figures.call("HPC_PUBLISHED", item="upside"),
        note="published target / published price - 1",
    )
    lines.line(
        "rule_rating",
        "Rating of that upside by the rule",
        "",
        TEXT,
        lambda ticker: either_given(
            ticker, _rating(lines, inputs, "published_upside", ticker), "published_upside"
        ),
        core=figures.call("HPC_PUBLISHED", item="rule_rating"),
    )
    lines.line(
        "published_upside_in_use",
        "The same over the price in use",
        "fraction",
        PERCENT,
        lambda ticker: either_given(
            ticker,
            lines.at("published_target", ticker) / lines.at("price", ticker) - ONE,
            "published_target",
        ),
        note="published target / share price - 1",
    )


def _plain(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    """Plan the target on published parameters alone: other facts than the cells here, so a call."""
    plain = Figures(figures.book.plain, figures.tickers)
    lines.function(
        "plain",
        "Target, plain",
        "USD/share",
        PER_SHARE,
        formula("HPC_TARGET", miner=lines.heads, book=inputs.plain_book.there),
        plain.call("HPC_TARGET"),
        of=None,
        note="published parameters only: without the case and without your values",
    )
    lines.line(
        "from_case",
        "What case and own values add",
        "USD/share",
        PER_SHARE,
        lambda ticker: lines.at("target", ticker) - lines.at("plain", ticker),
        note="target of the case less plain",
    )


def _residual(lines: Lines) -> None:
    def against(ticker: str, term: Term) -> Term:
        stated = lines.at("published_target", ticker)
        return IF(stated.equals(NONE_PUBLISHED), NONE_PUBLISHED, term)

    def gap(ticker: str) -> Term:
        return lines.at("target", ticker) - lines.at("published_target", ticker)

    lines.line(
        "residual",
        "Residual",
        "USD/share",
        PER_SHARE,
        lambda ticker: against(ticker, gap(ticker)),
        style="total",
        note="shown, never tuned away",
    )
    lines.line(
        "residual_share",
        "Residual over the published target",
        "fraction",
        PERCENT,
        lambda ticker: against(
            ticker, lines.at("residual", ticker) / lines.at("published_target", ticker)
        ),
    )
