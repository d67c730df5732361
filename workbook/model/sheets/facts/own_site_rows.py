"""Your own probability of a site: typed on Pipeline, taken by Inputs, read there by HPC_BOOK."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from valuation_core.book import METRICS, OWN, Book
from valuation_core.book.own import PROBABILITY
from workbook.cells import Ref, Value
from workbook.model.excel import AND, BLANK, IF, ISNUMBER, ZERO, Span, Term, text
from workbook.model.excel_values import order
from workbook.model.lines import CHECK, FIRST_COLUMN, LABEL, UNIT, Lines
from workbook.model.plan import Sheet
from workbook.model.sheets.facts.input_cells import (
    AS_OF,
    CASE_KNOWN,
    COLUMN,
    IN_USE,
    NAME,
    NO_BASIS,
    OK,
    OWN_FACT,
    READ,
    STATUS,
    VALID,
)
from workbook.model.sheets.facts.input_rows import NOWHERE
from workbook.model.sheets.facts.keys import KEY, LIVE, KeyColumns, joined_key, picked
from workbook.model.sheets.facts.own_cells import put_own, validate
from workbook.model.sheets.facts.own_sites import (
    OwnSite,
    OwnSites,
    own_probability,
    own_sites_of,
    typed_at,
)
from workbook.style import DATE, PERCENT, PLAIN

UNKNOWN: Final = "not known on this date"
NONE_OF_ITS_OWN: Final = "the book states none: that of its stage is in use"
_LOOKS: Final = "0.0##%"


def put_own_sites(
    sheet: Sheet, first: int, book: Book, keys: KeyColumns, tickers: Sequence[str]
) -> OwnSites:
    """Plan the rows of Inputs, from a row on, that take what is typed on Pipeline."""
    sites = own_sites_of(keys.table.rows_built, tickers)
    if not sites:
        nothing = Span("", ())
        return OwnSites((), nothing, nothing, nothing)
    for row, one in enumerate(sites, start=first):
        _SiteRow(sheet, row, keys).put(one, book, typed_at(sites, one, tickers))

    def span(heading: str) -> Span:
        column, rows = COLUMN[heading], range(first, first + len(sites))
        ref = Ref(NAME, first, column, first + len(sites) - 1, column)
        return Span(ref.there, tuple(sheet.cells[row, column].value for row in rows))

    return OwnSites(sites, span("row in the book"), span("yours in use"), span("valid"))


class _SiteRow:
    """Plans the row of one site on Inputs."""

    def __init__(self, sheet: Sheet, row: int, keys: KeyColumns) -> None:
        self.sheet, self.row, self.keys = sheet, row, keys

    def at(self, heading: str) -> Term:
        column = COLUMN[heading]
        ref = Ref(NAME, self.row, column, self.row, column)
        return Term(ref.here, self.sheet.cells[self.row, column].value)

    def _put(self, heading: str, term: Term, style: str = "unit", looks: str = PLAIN) -> None:
        self.sheet.put(self.row, COLUMN[heading], term.value, style, looks, term.text)

    def _say(self, heading: str, value: Value, style: str = "unit", looks: str = PLAIN) -> None:
        self.sheet.put(self.row, COLUMN[heading], value, style, looks)

    def put(self, one: OwnSite, book: Book, typed: Ref) -> None:
        metric, own = METRICS[PROBABILITY], own_probability(book, one)
        self._say("scope", one.scope, "label_wrap")
        self._say("metric", PROBABILITY, "label")
        self._put_book(one)
        put_own(self.sheet, self.row, own, _LOOKS, typed)
        given = self.at("your value")
        self._put("yours in use", IF(given.equals(BLANK), BLANK, given), "calculation", _LOOKS)
        mine = self.at("yours in use")
        self._put("own in use", mine.differs(BLANK))
        chosen = IF(mine.differs(BLANK), mine, self.at("in the book"))
        self.sheet.put(self.row, IN_USE, chosen.value, "calculation", _LOOKS, chosen.text)
        self._say("unit", metric.unit)
        self._say("basis", NO_BASIS)
        today = Term(AS_OF.there, book.as_of)
        for heading, instead, looks in (
            ("as of", today, DATE),
            ("confidence", text(OWN), PLAIN),
            ("source", text(OWN_FACT), PLAIN),
        ):
            theirs = self.at(f"{heading} in the book")
            style = "source" if heading == "source" else "unit"
            self._put(heading, IF(self.at("own in use"), instead, theirs), style, looks)
        for heading, bound in (("from", metric.domain.low), ("to", metric.domain.high)):
            self._say(heading, float(bound), "fact", "General")
        self._put_status()
        self._say("meaning", metric.meaning, "label_wrap")
        self._put_read()

    def _put_book(self, one: OwnSite) -> None:
        """Plan what the table of sites says on the date, and in which of its rows."""
        names, live = self.keys.span(KEY), self.keys.span(LIVE)
        name = joined_key(text(one.ticker), text(one.site))
        rows = [
            float(row)
            for row, (key, counts) in enumerate(
                zip(names.values, live.values, strict=True), start=1
            )
            if counts == 1.0 and order(key, name.value) == 0
        ]
        # Exact, unlike MATCH: a name may hold characters that stand for others in a pattern.
        written = (
            f"SUMPRODUCT(({names.address}={name.text})*({live.address}=1)*ROW({live.address}))"
        )
        self._put("row in the book", Term(written, sum(rows)), "unit", "0")
        row = self.at("row in the book")

        def told(field: str, otherwise: Term) -> Term:
            found = picked(self.keys.table.span(field), row)
            return IF(row > ZERO, found, otherwise)

        stated = told("hpc_probability", BLANK)
        some = stated.differs(BLANK)
        self._put("in the book", IF(stated.equals(BLANK), BLANK, stated), "calculation", _LOOKS)
        self._put("confidence in the book", IF(some, told("confidence", BLANK), text("missing")))
        self._put("as of in the book", IF(some, told("as_of", BLANK), text(NO_BASIS)), "unit", DATE)
        source = IF(some, told("source", BLANK), text(NOWHERE))
        self._put("source in the book", source, "source_name")
        self._say("basis in the book", NO_BASIS)
        none = IF(row > ZERO, text(NONE_OF_ITS_OWN), text(UNKNOWN))
        self._put("note", IF(self.at("in the book").equals(BLANK), none, BLANK), "note")

    def _put_status(self) -> None:
        used, low, high = self.at("in use"), self.at("from"), self.at("to")
        inside = IF(AND(used >= low, used <= high), text(OK), text("out of range"))
        said = IF(ISNUMBER(used), inside, text("not a number"))
        # Without a probability of its own the site has that of its stage: nothing is missing.
        state = IF(used.equals(BLANK), text(OK), said)
        self.sheet.put(self.row, STATUS, state.value, "status", formula=state.text)
        valid = self.at("status").equals(text(OK))
        self.sheet.put(self.row, VALID, valid.value, "check_small", formula=valid.text)

    def _put_read(self) -> None:
        """Plan the row as HPC_BOOK reads it: it refuses a site that is not known on the date."""
        known = AND(Term(CASE_KNOWN.fixed, True), self.at("row in the book") > ZERO)
        for heading, of in zip(READ, ("scope", "metric", "yours in use", ""), strict=True):
            term = IF(known, self.at(of), BLANK) if of else BLANK
            style, looks = ("calculation", _LOOKS) if of == "yours in use" else ("unit", PLAIN)
            self._put(heading, term, style, looks)


def put_typed(lines: Lines, own: OwnSites, book: Book) -> None:
    """Plan the yellow cells on Pipeline, one line a site, in the column of its miner."""
    if not own.sites:
        return
    lines.section("Your own probability of a site: type it into the yellow cell")
    for one in own.sites:
        lines.sheet.put(lines.row, LABEL, f"{one.ticker}: {one.site}", "label")
        lines.sheet.put(lines.row, UNIT, "fraction", "unit")
        lines.sheet.put(lines.row, CHECK, None, "label")
        for ticker in lines.columns:
            at = (lines.row, FIRST_COLUMN + lines.columns.index(ticker))
            if ticker != one.ticker:
                lines.sheet.put(*at, None, "label")
                continue
            cell = lines.sheet.put(*at, own_probability(book, one), "own", PERCENT)
            validate(lines.sheet, cell, PROBABILITY)
        first = one == own.sites[0]
        said = "comes before the site's and its stage's; sites of other dates stand here too"
        lines.sheet.put(lines.row, lines.note_column, said if first else None, "note_line")
        lines.row += 1
