"""Where things are in the checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "valuation_core" / "book" / "data"
RECORDED = ROOT / "tests" / "addin" / "sources" / "edgar"
"""Answers of the SEC, as `hpcval fetch edgar` records them."""
