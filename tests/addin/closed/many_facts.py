"""A folder of 100 facts, ten of each of ten miners, and a workbook of them."""

from __future__ import annotations

import csv
import shutil

from tests.places import SHIPPED
from tests.workbook.cases import inputs_of
from valuation_core import load_book
from valuation_core.book import METRICS
from workbook.model.plan import Plan, Sheet
from workbook.model.sheets.facts.input_cells import AS_OF, CASE
from workbook.model.write import write
from workbook.opc.package import read_parts, sheet_parts, write_parts
from workbook.opc.sheet_editor import SheetEditor
from workbook.style import DATE

MINERS = [f"M{number:03}" for number in range(10)]
OF_A_MINER = ("btc_held", "cash", "cloud_mw", "debt_reported", "efficiency", "hashrate", "hpc_mw_shopped", "power_operating", "price", "shares_basic")  # fmt: skip


def make_many(root):
    """Make the folder and the workbook; one fact has a value of the analyst's own."""
    folder, path = root / "many", root / "many.xlsx"
    shutil.copytree(SHIPPED, folder)
    for file in folder.glob("*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        if file.stem != "format":
            file.write_text(lines[0], encoding="utf-8")
    with (folder / "miners.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{miner},{miner} Inc,\n" for miner in MINERS)
    write_many(folder, {})
    sheet, cells, names, tables = inputs_of(load_book(folder=folder), MINERS)
    control = Sheet(AS_OF.sheet, ())
    control.put(AS_OF.row, AS_OF.column, cells.source.as_of, "fact", DATE)
    control.put(CASE.row, CASE.column, cells.source.case, "fact")
    write(
        Plan("Many", [sheet, *tables, control], {"Book": cells.book, **names}, cells.source.as_of),
        path,
    )
    parts = read_parts(path)
    part = sheet_parts(parts)["Inputs"]
    editor = SheetEditor("Inputs", parts[part])
    editor.put(f"E{cells.facts['M000', 'btc_held'].row}", 77.0)
    write_parts(path, {**parts, part: editor.to_part()})


HEADER = ["scope", "metric", "value", "unit", "basis", "as_of", "known_on", "source", "confidence", "note"]  # fmt: skip


def write_many(folder, changed, day="2025-09-02"):
    """State 100 facts of 1,000 each, and below them, of a later day, others by their place."""
    with (folder / "inputs.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for place in range(100):
            rows.writerow(row_of(place, 1000, "2025-09-01"))
        for place, value in changed.items():
            rows.writerow(row_of(place, value, day))


def row_of(place, value, day):
    metric = METRICS[OF_A_MINER[place % 10]]
    return [MINERS[place // 10], metric.name, value, metric.unit, metric.basis, day, "", "made up", "high", ""]  # fmt: skip
