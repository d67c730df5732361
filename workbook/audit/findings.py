"""What a check of a workbook can find: kinds, what to do about each, and a report of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Severity = Literal["problem", "note"]

LISTED: Final = 1000
"""Findings of one kind that are kept with their cells; further ones are counted only."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding: a problem is wrong or will be, a note is worth a look."""

    name: str
    severity: Severity
    advice: str


FAILING_CHECK: Final = Kind(
    "failing check", "problem", "Compare the figures on its row; something upstream disagrees."
)
ERROR_CELL: Final = Kind(
    "error cell", "problem", "Trace the precedents to the first cell that shows the error."
)
NO_VALUE: Final = Kind(
    "no stored value",
    "problem",
    "Open in Excel or LibreOffice, recalculate and save: viewers and pandas see nothing here.",
)
STALE_VALUE: Final = Kind(
    "stale value", "problem", "Recalculate and save: the stored figure is not what the cell gives."
)
BROKEN_NAME: Final = Kind(
    "broken name", "problem", "Point the name at a range, or delete it in the Name Manager."
)
BROKEN_REFERENCE: Final = Kind(
    "broken reference", "problem", "Put the lost reference back: its row, column or sheet is gone."
)
EXTERNAL_LINK: Final = Kind(
    "external link", "problem", "Bring the figures into this workbook; the other file may change."
)
MISSING_FIGURE: Final = Kind(
    "missing figure", "note", "No such figure, or a link to one; HPC_EXPLAIN gives the reason."
)
VOLATILE: Final = Kind(
    "volatile function", "note", "Use an input cell, INDEX or a defined name instead."
)
CONSTANT: Final = Kind(
    "constant in a formula", "note", "Move the number to an input cell with its unit and source."
)
DIFFERING: Final = Kind(
    "differs from its neighbours",
    "note",
    "Fill the formula of its neighbours over it, or say beside it why it is another one.",
)
OUTSIDE_SOURCE: Final = Kind(
    "outside source", "note", "Say where it comes from: its figures change or fail with it."
)
TEXT_NUMBER: Final = Kind(
    "number stored as text", "note", "Convert it to a number: sums and look-ups pass over text."
)
ADD_IN_PATH: Final = Kind(
    "path to the add-in", "note", "Remove the path in front: it holds on one machine only."
)
FULL_RECALCULATION: Final = Kind(
    "recalculates on opening",
    "note",
    "Save from Excel: as it is, stored figures go when it is opened without the add-in.",
)
MANUAL: Final = Kind(
    "calculates only when told",
    "note",
    "Set calculation to automatic and save: opened first, this file sets it for all others.",
)
DATE_SYSTEM: Final = Kind(
    "dates from 1904", "note", "Switch to dates from 1900: HPC_ functions read serials so."
)
NOT_READ: Final = Kind(
    "formula not read", "note", "Look at it in Excel; its functions and constants were not checked."
)

KINDS: Final = (
    FAILING_CHECK,
    ERROR_CELL,
    NO_VALUE,
    STALE_VALUE,
    BROKEN_NAME,
    BROKEN_REFERENCE,
    EXTERNAL_LINK,
    MISSING_FIGURE,
    VOLATILE,
    CONSTANT,
    DIFFERING,
    OUTSIDE_SOURCE,
    TEXT_NUMBER,
    ADD_IN_PATH,
    FULL_RECALCULATION,
    MANUAL,
    DATE_SYSTEM,
    NOT_READ,
)
"""Problems first, in the order in which a report shows them."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: where, and what it is. Sheet and cell are empty for the file as a whole."""

    kind: Kind
    sheet: str
    cell: str
    what: str


@dataclass
class Report:
    """Findings of one workbook: all counted, the first of each kind kept."""

    sheets: int = 0
    cells: int = 0
    formulas: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    not_comparable: dict[str, int] = field(default_factory=dict)
    """Cells that no recalculation here can judge, by reason."""

    def add(self, found: Found) -> None:
        """Count a finding, and keep it while there are few of its kind."""
        self.counts[found.kind.name] += 1
        if self.counts[found.kind.name] <= LISTED:
            self.found.append(found)

    def extend(self, several: Iterable[Found]) -> None:
        """Add findings one by one."""
        for found in several:
            self.add(found)

    def of(self, kind: Kind) -> list[Found]:
        """Give the findings of a kind that were kept."""
        return [found for found in self.found if found.kind == kind]

    @property
    def problems(self) -> int:
        """Number of findings that are problems."""
        return sum(self.counts[kind.name] for kind in KINDS if kind.severity == "problem")

    @property
    def notes(self) -> int:
        """Number of findings that are notes."""
        return sum(self.counts.values()) - self.problems
