"""Excel as a host, through xlwings."""
