"""Hosts: Excel through xlwings, LibreOffice Calc, and the command line, on one boundary."""
