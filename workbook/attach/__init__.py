"""Our sheets in an analyst's workbook, and off again."""
