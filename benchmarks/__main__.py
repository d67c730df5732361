"""Run every benchmark and print figures with their ratio to a bare equivalent."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from benchmarks import attach, excel, functions, imports, model, office, recalculation, uncertainty

MODULES = (attach, functions, uncertainty, excel, imports, model, office, recalculation)


def main() -> None:
    """Print one line per benchmark, as each finishes."""
    table = Table(
        "benchmark", "ours", "bare", "ratio", "goal", title="Ratios within one run", box=None
    )
    screen = Console(width=130)
    with screen.status("Measuring ..."):
        for module in MODULES:
            for row in module.run():
                table.add_row(*row)
    screen.print(table)


if __name__ == "__main__":
    main()
