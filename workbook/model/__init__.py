"""The model workbook: planned as data, written, finished."""
