"""The figures of the September 2025 account, each out of one documented call."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from addin.boundary.call import call
from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from workbook.cells import ErrorValue

PUBLISHED_FILE: Final = "published_figures.csv"
CIFR_DEAL: Final = "CIFR-fluidstack-barber-lake"
SAME: Final = "same"


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure: the calls that show it, and how the result compares."""

    name: str
    calls: tuple[tuple[Any, ...], ...]
    difference: str = SAME


def _published(ticker: str, *items: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(("HPC_PUBLISHED", ticker, item) for item in items)


def _data(scope: str, *metrics: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(("HPC_DATA", scope, metric) for metric in metrics)


def _deal(*metrics: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(("HPC_DEAL", CIFR_DEAL, metric) for metric in metrics)


def _series(*names: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(("HPC_SERIES", name, "2025-08") for name in names)


_RATING: Final = ("old_rating", "rating")
_TARGET: Final = ("old_target", "target")
_IREN_MW: Final = ("HPC_IMPLIED_MW", "IREN", 46.29, 1.0, "high")

FIGURES: Final = (
    Figure("RIOT rating 2025-09-26", _published("RIOT", *_RATING)),
    Figure("RIOT target", _published("RIOT", *_TARGET)),
    Figure("RIOT upside to target", _published("RIOT", "upside"), "13.5%, which rounds to +14%"),
    Figure("RIOT move that day", _published("RIOT", "move")),
    Figure("IREN rating", _published("IREN", *_RATING)),
    Figure("IREN target", _published("IREN", *_TARGET)),
    Figure("IREN move that day", _published("IREN", "move")),
    Figure(
        "IREN MW priced in at Sweetwater",
        (_IREN_MW,),
        "computed, not read: MW let for sure at the high value per MW",
    ),
    Figure(
        "IREN capex of such a deal",
        (("HPC_CAPEX", _IREN_MW),),
        "computed: those MW at 10 USD M per critical MW",
    ),
    Figure("CLSK rating", _published("CLSK", *_RATING)),
    Figure("CLSK target", _published("CLSK", *_TARGET)),
    Figure("CLSK move that day", _published("CLSK", "move")),
    Figure("CLSK hashrate", _data("CLSK", "hashrate")),
    Figure("CIFR rating", _published("CIFR", "rating")),
    Figure("CIFR target", _published("CIFR", *_TARGET)),
    Figure("MARA rating", _published("MARA", "rating")),
    Figure("MARA target", _published("MARA", *_TARGET)),
    Figure("Probability of new colocation deals", _data("RIOT", "hpc_probability")),
    Figure("Single-tenant demand cap", _data("ALL", "tenant_cap")),
    Figure("Equity per MW, colocation", _data("ALL", "colo_value_low", "colo_value_high")),
    Figure("Equity per MW, GPU cloud", _data("ALL", "cloud_value")),
    Figure("CIFR-Fluidstack critical IT", _deal("mw_critical")),
    Figure("CIFR-Fluidstack term and value", _deal("term_years", "revenue_usd_m")),
    Figure("with extensions", _deal("revenue_with_extensions_usd_m")),
    Figure("Google backstop", _deal("backstop_usd_m")),
    Figure(
        "Google warrants",
        _deal("warrants_m", "warrant_share"),
        "5.3% on the book's own share counts; 5.4% was published",
    ),
    Figure("Tenant's potential HPC cost reduction", _data("ALL", "hpc_cost_reduction")),
    Figure(
        "Aggregate market value August 2025, 13 names",
        _series(
            "aggregate_market_cap",
            "aggregate_market_cap_change",
            "sp500_change",
            "tracked_miner_count",
        ),
    ),
    Figure("Window for deals", _data("ALL", "window_months")),
    Figure("Grid backlog", _data("ALL", "grid_backlog")),
    Figure("Sector power", _data("ALL", "sector_power_operating", "sector_power_development")),
    Figure(
        "RIOT Rockdale / Corsicana",
        (("HPC_SITES", "RIOT"),),
        "same: Rockdale 700; Corsicana phase 1 and the rest of phase 2, 400 + 600",
    ),
)

_BOOK: Final = ("HPC_BOOK", "2025-09-26", None, "reconstruction")
_PAYS: Final = ("HPC_IMPLIED_MW", "IREN", 46.29, 1.0, None, None, _BOOK)

CHECKS: Final = (
    (
        Figure(
            "MARA mining part",
            (("HPC_MINING_VALUE", "MARA", None, _BOOK),),
            "4% below; hashrate at the guided 75 EH/s",
        ),
        "2,500 USD M",
    ),
    (
        Figure("IREN MW that the price pays for", (_PAYS,), "more than 1 GW"),
        "over 1,000 MW",
    ),
    (
        Figure("IREN capex of those MW", (("HPC_CAPEX", _PAYS),), "more than 10 USD bn"),
        "over 10 USD bn",
    ),
    (
        Figure(
            "RIOT upside, the highest of CIFR, IREN and RIOT",
            tuple(
                ("HPC_UPSIDE", ticker, *(None,) * 7, _BOOK) for ticker in ("CIFR", "IREN", "RIOT")
            ),
            "RIOT is the highest",
        ),
        "the name preferred",
    ),
)
"""Published statements that the choice of the reconstruction did not see, and how it meets them."""


def results(desk: Desk, figure: Figure) -> list[Any]:
    """Evaluate the calls of a figure; a call inside a call is evaluated first."""
    return [_evaluate(desk, made) for made in figure.calls]


def _evaluate(desk: Desk, made: Sequence[Any]) -> Any:
    name, *cells = made
    evaluated = [
        OMITTED if cell is None else _evaluate(desk, cell) if isinstance(cell, tuple) else cell
        for cell in cells
    ]
    return call(desk, name, evaluated)


def figures_page(docs: Path) -> str:
    """Write the page that puts every published figure beside its call and result."""
    with (docs / PUBLISHED_FILE).open(newline="", encoding="utf-8") as file:
        published = {row["figure"]: row["published"] for row in csv.DictReader(file)}
    desk = Desk()
    lines = [
        "# Published figures",
        "",
        "The figures of the September 2025 account as reported by press, the call that shows each, "
        "and where the result differs. Targets and ratings of the model itself stand beside the "
        "published ones in `HPC_RANK`; they are not expected to agree.",
        "",
        "| figure | published | call | result | difference |",
        "|---|---|---|---|---|",
    ]
    lines += [_line(desk, figure, published[figure.name]) for figure in FIGURES]
    lines += [
        "",
        "## Checks that the choice did not see",
        "",
        "The case `reconstruction` was selected because it explains the five targets. These "
        "published statements were no part of that choice.",
        "",
        "| figure | published | call | result | difference |",
        "|---|---|---|---|---|",
    ]
    lines += [_line(desk, figure, stated) for figure, stated in CHECKS]
    return "\n".join([*lines, ""])


def _line(desk: Desk, figure: Figure, stated: str) -> str:
    calls = "; ".join(f"`={_text(made)}`" for made in figure.calls)
    found = "; ".join(_shown(value) for value in results(desk, figure))
    return f"| {figure.name} | {stated} | {calls} | {found} | {figure.difference} |"


def _text(made: Sequence[Any]) -> str:
    name, *cells = made
    parts = []
    for cell in cells:
        if cell is None:
            parts.append("")
        elif isinstance(cell, tuple):
            parts.append(_text(cell))
        else:
            parts.append(f'"{cell}"' if isinstance(cell, str) else f"{cell:g}")
    return f"{name}({', '.join(parts)})"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"table of {len(value) - 1} rows"
    if isinstance(value, ErrorValue):
        return value.code
    return value if isinstance(value, str) else f"{value:,.6g}"
