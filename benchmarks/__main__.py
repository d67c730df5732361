"""Run every benchmark, or those named, and print figures with their ratio to a bare equivalent."""

from __future__ import annotations

import argparse

from benchmarks import attach, excel, functions, imports, model, office, recalculation, uncertainty

MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        attach,
        functions,
        uncertainty,
        excel,
        imports,
        model,
        office,
        recalculation,
    )
}


def main() -> None:
    """Print one line per benchmark, as each finishes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODULES))
    names = parser.parse_args().names
    if unknown := [name for name in names if name not in MODULES]:
        parser.error(f"{unknown[0]} is none of {', '.join(MODULES)}")
    line = "{:90} {:>9} {:>9} {:>8}  {}".format
    print("Processor time of each, and their ratio, within one run", flush=True)
    print(line("benchmark", "ours", "bare", "ratio", "goal"), flush=True)
    for name in names or MODULES:
        for row in MODULES[name].run():
            print(line(*row), flush=True)


if __name__ == "__main__":
    main()
