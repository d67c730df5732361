"""Valuation core: what a bitcoin miner's option to host AI/HPC load is worth.

Plain functions over numbers and arrays, on sourced facts as of a date; no spreadsheet here.

>>> import valuation_core as vc
>>> vc.hpc.value("RIOT", 0.5, 600)
1845.0
"""

from typing import Final

__version__: Final = "0.1.0"

from valuation_core import hpc, published
from valuation_core.book import Book, BookError, Fact, load_book, with_own_facts
from valuation_core.errors import ErrorKind, ValuationError

__all__ = [
    "Book",
    "BookError",
    "ErrorKind",
    "Fact",
    "ValuationError",
    "__version__",
    "hpc",
    "load_book",
    "published",
    "with_own_facts",
]
