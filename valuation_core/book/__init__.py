"""The book: sourced facts as of a date, own facts on top, handles that name the content."""

from valuation_core.book.book import (
    DEFAULT_DATE,
    SHIPPED_FOLDER,
    Book,
    load_book,
)
from valuation_core.book.content import content_of
from valuation_core.book.fact import OWN, Fact
from valuation_core.book.handles import book_from_content, parse_handle
from valuation_core.book.metrics import METRICS, Metric
from valuation_core.book.own import with_own_facts
from valuation_core.book.reader import BookError, Problem, read_tables
from valuation_core.book.schema import PLAIN

__all__ = [
    "DEFAULT_DATE",
    "METRICS",
    "OWN",
    "PLAIN",
    "SHIPPED_FOLDER",
    "Book",
    "BookError",
    "Fact",
    "Metric",
    "Problem",
    "book_from_content",
    "content_of",
    "load_book",
    "parse_handle",
    "read_tables",
    "with_own_facts",
]
