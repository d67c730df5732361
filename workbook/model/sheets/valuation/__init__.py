"""Sheets that calculate: mining, option, leases, dilution, targets."""
