"""What hpcval check looks at in any workbook."""
