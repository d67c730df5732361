"""Actions on a workbook that is closed: refresh, snapshot, explain a cell."""
