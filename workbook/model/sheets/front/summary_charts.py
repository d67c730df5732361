"""The charts of Summary: upside and parts per share."""

from __future__ import annotations

from typing import Final

from workbook.cells import Ref
from workbook.model.lines import Lines
from workbook.model.plan import Chart, ChartSeries
from workbook.model.sheets.valuation.sotp import LABELS
from workbook.style import AMBER, GREY, INK, NAVY, PALE, PURPLE, RED, STEEL, TEAL

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


def parts_chart(sotp: Lines, targets: Lines, place: Ref) -> Chart:
    """Chart the parts per share, one stacked column a miner, debt below zero.

    A dash marks what they come to, a diamond the share price.
    """
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
        markers=(
            ChartSeries("Value per share", sotp.across("per_share"), INK, "0.0", marker="dash"),
            ChartSeries("Share price", targets.across("price"), RED, "0.0", marker="diamond"),
        ),
    )
