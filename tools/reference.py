"""Write the generated pages of the docs: `python -m tools.reference docs`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tools.figures import figures_page
from valuation_core.book import METRICS
from valuation_core.book.metrics import MARKET_WIDE, SHARED
from valuation_core.catalogue.cards import Card, indented_entries
from valuation_core.catalogue.catalogue import catalogue

MADE = "<!-- Made by `make docs` from the code. Do not edit. -->\n\n"


def pages(docs: Path) -> dict[str, str]:
    """Give the text of each generated page by file name; `docs` holds the published figures."""
    return {
        "functions.md": functions_page(),
        "nomenclature.md": nomenclature_page(),
        "published-figures.md": MADE + figures_page(docs),
    }


def functions_page() -> str:
    """Describe every worksheet function with its arguments and examples."""
    cards = list(catalogue().values())
    groups = list(dict.fromkeys(card.group for card in cards))
    lines = [
        "# Worksheet functions",
        "",
        "Arguments in brackets are optional; an omitted one takes its default. *Elementwise* "
        "functions take a range for any argument and broadcast: a column and a row give a grid. "
        "*Table* functions take single cells and spill with a header row. What each error means "
        "is on the page [Cells and errors](cells-and-errors.md).",
        "",
    ]
    for group in groups:
        lines += [f"## {group}", ""]
        for card in (card for card in cards if card.group == group):
            lines += _function(card)
    return MADE + "\n".join(lines)


def _function(card: Card) -> list[str]:
    lines = [
        f"### {card.name}",
        "",
        f"`={card.signature}` · {card.kind.value}",
        "",
        card.summary,
        "",
    ]
    if card.description:
        lines += [card.description, ""]
    if card.arguments:
        lines += ["| argument | unit | meaning |", "|---|---|---|"]
        lines += [
            f"| `{argument.name}` | {argument.unit.name or '-'} | {argument.help} |"
            for argument in card.arguments
        ]
        lines.append("")
    lines += [f"**Gives:** {card.returns_text}", ""]
    if "Raises" in card.sections:
        ((_, refused),) = indented_entries(card.sections["Raises"])
        lines += [f"**Error:** {refused[0].lower()}{refused[1:]}", ""]
    if "Notes" in card.sections:
        lines += [re.sub(r" ?\[(\d)\]_", r" [\1]", card.sections["Notes"]), ""]
    if "References" in card.sections:
        lines += [re.sub(r"^\.\. \[(\d)\]", r"\1.", card.sections["References"], flags=re.M), ""]
    lines += ["```python", card.sections["Examples"], "```", ""]
    return lines


def nomenclature_page() -> str:
    """List every numeric fact with its unit and domain."""
    lines = [
        "# Nomenclature",
        "",
        "Every numeric fact of a book: one name, one unit, one meaning. A *company* fact is stated "
        "for a ticker; a parameter of the framework for `ALL`, and a ticker may have its own where "
        "the list says so; a fact of the bitcoin network for `NETWORK`. MW are gross (at the "
        "fence) or critical (IT load) as the row's basis says; an own fact is gross unless it says "
        "critical. A fact is stale when it is older than the days in the last column, and never "
        "where there are none.",
        "",
        "| metric | unit | stated for | meaning | must be | stale after, days |",
        "|---|---|---|---|---|---|",
    ]
    for metric in METRICS.values():
        rule = re.sub("^must be ", "", metric.domain.rule) if metric.unit != "date" else "a date"
        of = "ALL or a ticker" if metric.home == MARKET_WIDE else metric.home
        of = MARKET_WIDE if metric.name in SHARED else of
        lines.append(
            f"| `{metric.name}` | {metric.unit} | {of} | {metric.meaning} | {rule} "
            f"| {metric.stale_after or '-'} |"
        )
    return MADE + "\n".join([*lines, ""])


def main(folder: str) -> None:
    """Write the pages into a folder."""
    for name, text in pages(Path(folder)).items():
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(sys.argv[1])
