"""Workbooks: planned as data, written with openpyxl, finished at package level. No host here."""
