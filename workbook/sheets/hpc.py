"""HPC: the option of each miner and the grids of one, in cells and through functions."""

from __future__ import annotations

from valuation_core.coverage import Coverage
from workbook.plan import Sheet
from workbook.sheets.grids import MONTHS, POWERS, Grids
from workbook.sheets.inputs import NEEDED_OF_ALL, InputCells
from workbook.sheets.option import NAME, HpcCells, MinerBlock


def plan_hpc(table: Coverage, inputs: InputCells) -> tuple[Sheet, HpcCells]:
    """Plan the sheet: one column per miner, then the grids of one chosen miner."""
    width = max(len(table.tickers), len(POWERS), len(MONTHS))
    sheet = Sheet(NAME, (40, 24, *[13] * width, *[13] * 2), freeze="C5")
    cells = HpcCells()
    sheet.put(1, 1, "Option to host AI/HPC load", "title")
    sheet.put(
        2,
        1,
        "Probability x MW, capped by one tenant's demand, x equity value per MW (net of project "
        "debt and capex). Black and green cells are native formulas, purple cells HPC_ functions.",
        "subtitle",
    )
    block = MinerBlock(sheet, cells, table, inputs)
    row = block.plan(4)
    if all(inputs.known("ALL", metric) for metric in NEEDED_OF_ALL):
        Grids(sheet, cells, table, block).plan(row + 2)
    else:
        note = "No grids: the book lacks parameters of the framework on its date, see Inputs."
        sheet.put(row + 2, 1, note, "subtitle")
    return sheet, cells
