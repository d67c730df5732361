"""The share price a target is measured against, in cells."""

from __future__ import annotations

from workbook.cells import Value
from workbook.model.excel import IF, NA, Term
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import InputCells
from workbook.style import PRICE


def plan_price(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    """Plan the price: the analyst's own, else the edition's on its own date, else the newest."""
    book = figures.book

    def edition(ticker: str) -> Value:
        cell = inputs.published.get((ticker, "price"))
        on_the_day = cell is not None and book.edition_date == book.as_of
        return book.edition[ticker]["ref_price"] if on_the_day else None

    lines.line(
        "stated",
        "Price in the book",
        "USD/share",
        PRICE,
        lambda ticker: inputs.in_the_book(ticker, "price"),
        style="link",
        note="blank where a price of your own is in use",
    )
    lines.line(
        "newest",
        "Price in use on Inputs",
        "USD/share",
        PRICE,
        lambda ticker: inputs.usable(ticker, "price"),
        style="link",
    )

    def reference(ticker: str) -> Term:
        if edition(ticker) is None:
            return NA
        return Term(inputs.published[ticker, "price"].there, edition(ticker))

    lines.line(
        "reference",
        "Reference price of the edition",
        "USD/share",
        PRICE,
        reference,
        style="link",
        note="on the edition's own date only",
    )

    def price(ticker: str) -> Term:
        mine, known = lines.at("newest", ticker), lines.at("stated", ticker)
        if edition(ticker) is None:
            return mine
        reference = lines.at("reference", ticker)
        is_own = mine.differs(known)
        own_or = IF(is_own, mine, reference)
        return IF(inputs.is_blank(ticker, "price"), reference, own_or)

    lines.line(
        "price",
        "Share price",
        "USD/share",
        PRICE,
        price,
        style="total",
        core=figures.prices(),
        note="your own, else the edition's reference price, else the newest",
    )
