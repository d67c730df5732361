"""The charts of Summary: upside, parts per share, football field."""

from __future__ import annotations

from typing import Final

from workbook.cells import Ref
from workbook.model.lines import Lines
from workbook.model.plan import Chart, ChartSeries
from workbook.model.sheets.valuation.sotp import LABELS
from workbook.style import AMBER, GREY, INK, NAVY, PALE, PURPLE, STEEL, TEAL

PART_COLORS: Final = {
    "mining": STEEL,
    "hodl": NAVY,
    "named": AMBER,
    "signed": TEAL,
    "option": PURPLE,
    "cloud": "9166C2",
    "land": "8C6D46",
    "other": PALE,
    "cash": "7FA39A",
    "debt": GREY,
}


def upside_chart(tickers: Ref, place: Ref, published: int, model: int) -> Chart:
    """Chart the upside of the model's target beside the published one's."""

    def column(number: int) -> Ref:
        return Ref(tickers.sheet, tickers.row, number, tickers.last_row, number)

    series = (
        ChartSeries("Published target", column(published), PALE, "0%"),
        ChartSeries("Model", column(model), NAVY, "0%"),
    )
    return Chart("Upside over the share price", "upside", "0%", tickers, series, place)


def parts_chart(sotp: Lines, place: Ref) -> Chart:
    """Chart the parts per share, one stacked column a miner, debt below zero."""
    series = tuple(
        ChartSeries(
            "Debt" if part == "debt" else LABELS[part][0],
            sotp.across(f"{part}_per_share"),
            color,
            "0.0",
        )
        for part, color in PART_COLORS.items()
    )
    return Chart(
        "Sum of the parts per diluted share",
        "USD per share",
        "0",
        sotp.header,
        series,
        place,
        kind="stacked",
    )


def football_chart(labels: Ref, place: Ref) -> Chart:
    """Chart ranges of the target with price and published target marked."""

    def column(number: int) -> Ref:
        return Ref(labels.sheet, labels.row, number, labels.last_row, number)

    series = (
        ChartSeries("blank above", column(8), None, "0.00"),
        ChartSeries("Low to high", column(9), PALE, "0.00"),
        ChartSeries("blank below", column(10), None, "0.00"),
        ChartSeries("Low to high, below 0", column(11), PALE, "0.00"),
    )
    markers = (
        ChartSeries("Middle", column(4), NAVY, "0.00", marker="dash"),
        ChartSeries("Share price", column(6), INK, "0.00", marker="diamond"),
        ChartSeries("Published target", column(7), AMBER, "0.00", marker="circle"),
    )
    return Chart(
        "Target by value per MW (low, mid, high) and by probability (0%, 50%, 100%)",
        "USD per share",
        "0",
        labels,
        series,
        place,
        kind="stacked",
        markers=markers,
    )
