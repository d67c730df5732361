"""The share price a target is measured against, in cells."""

from __future__ import annotations

from collections.abc import Callable

from valuation_core.book import METRICS
from workbook.model.excel import AND, BLANK, FALSE, IF, ISERROR, NA, OR, ROUND, ZERO, Term
from workbook.model.figures import Figures
from workbook.model.lines import Lines
from workbook.model.sheets.facts.input_cells import NONE_STATED, InputCells
from workbook.style import DATE, PRICE


def plan_price(lines: Lines, figures: Figures, inputs: InputCells) -> None:
    """Plan the price: the analyst's own, else the edition's on its own date, else the newest."""

    def has_reference(ticker: str) -> Term:
        """Tell whether an edition of the very day gives a price."""
        today = inputs.edition_day(ticker).equals(inputs.date)
        return AND(today, inputs.published_figure(ticker, "price").differs(BLANK))

    def by_the_case(ticker: str) -> Term:
        """Tell whether the case in use changes the price."""
        return inputs.beside(inputs.place(ticker, "price"), "change in use") > ZERO

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
        return IF(has_reference(ticker), inputs.published_figure(ticker, "price"), NA)

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
        reference = lines.at("reference", ticker)
        own_or = IF(OR(mine.differs(known), by_the_case(ticker)), mine, reference)
        on_the_day = IF(inputs.is_blank(ticker, "price"), reference, own_or)
        return IF(has_reference(ticker), on_the_day, mine)

    lines.line(
        "price",
        "Share price",
        "USD/share",
        PRICE,
        price,
        style="total",
        core=figures.prices(),
        note="your own or the case's, else the edition's reference price, else the newest",
    )

    def of_edition(ticker: str) -> Term:
        own = inputs.is_own(inputs.place(ticker, "price"))
        return AND(has_reference(ticker), OR(own, by_the_case(ticker)).equals(FALSE))

    _plan_dates(lines, inputs, of_edition)


def _plan_dates(lines: Lines, inputs: InputCells, of_edition: Callable[[str], Term]) -> None:
    """Plan the day of the price and its age, and when the window for deals runs out."""
    constant, today = inputs.constants, inputs.date
    limit = float(METRICS["price"].stale_after or 0)

    def day(ticker: str) -> Term:
        place = inputs.place(ticker, "price")
        found = IF(of_edition(ticker), today, inputs.day_of(place))
        return IF(ISERROR(lines.at("price", ticker)), NONE_STATED, found)

    def age(ticker: str) -> Term:
        of = lines.at("price_date", ticker)
        return IF(of.equals(NONE_STATED), NONE_STATED, today - of)

    def window(ticker: str) -> Term:
        place = inputs.place(ticker, "hpc_probability")
        months = inputs.usable(ticker, "window_months")
        days = ROUND(months * constant["days_a_year"] / constant["months_a_year"])
        ends = inputs.day_of(place) + days
        return IF(inputs.is_blank(ticker, "hpc_probability"), NONE_STATED, ends)

    lines.line("price_date", "Day of that price", "date", DATE, day, style="link")
    lines.line("price_age", "Age of that price", "days", "0", age)
    lines.stated(
        "price_limit",
        "It is stale after",
        "days",
        "0",
        lambda _: limit,
        note="a price older than that is named on Summary",
    )
    lines.line(
        "window_ends",
        "Window for deals runs out on",
        "date",
        DATE,
        window,
        style="link",
        note="day of the probability + window; then set the probability yourself",
    )

    def left(ticker: str) -> Term:
        ends = lines.at("window_ends", ticker)
        return IF(ends.equals(NONE_STATED), NONE_STATED, ends - today)

    lines.line("window_left", "Days left of it", "days", "#,##0_);-#,##0_);0_)", left)
