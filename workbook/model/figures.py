"""Figures of the core for the miners of a workbook, as cells show them.

Each is asked of the core once. A figure the core cannot give is an error value; no other miner is
touched by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from valuation_core.book import Book
from valuation_core.catalogue.catalogue import catalogue
from valuation_core.company import target_of, value_of
from valuation_core.errors import ValuationError
from valuation_core.evaluation.arrays import Elements
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.hpc import Choice
from valuation_core.parts import ASSETS
from valuation_core.published import price_of
from valuation_core.target import target_part
from workbook.cells import CODE_OF_KIND, MISSING, ErrorValue, Value, cut

PARTS: Final = (*ASSETS, "debt", "equity", "shares", "per_share")
"""Figures of a valuation, as `valuation_core.company.Value` names them."""

ByMiner = Mapping[str, Value]


def as_value(figure: Any) -> Value:
    """Give a figure of the core as a cell holds it."""
    if isinstance(figure, ValuationError):
        return ErrorValue(CODE_OF_KIND[figure.kind])
    if isinstance(figure, str):
        return cut(figure)
    return float(figure) if isinstance(figure, float | int | np.number) else figure


class Figures:
    """The core's figures of some miners of one book.

    `chosen` has the miner of a sheet, `laid_out` is the book by whose rows sheets have their lines:
    rows that a workbook in use was brought since move none.
    """

    def __init__(
        self,
        book: Book,
        tickers: Sequence[str],
        chosen: Mapping[str, str] | None = None,
        laid_out: Book | None = None,
    ) -> None:
        self.book, self.tickers, self.chosen = book, tuple(tickers), chosen or {}
        self.laid_out = laid_out or book
        self._array = np.array(self.tickers, dtype=object)
        self._known: dict[Any, Any] = {}

    def call(self, name: str, **arguments: Any) -> ByMiner:
        """Give a worksheet function of every miner; one element of an array each, or one for all.

        Examples
        --------
        >>> from valuation_core import load_book
        >>> Figures(load_book(), ["RIOT"]).call("HPC_VALUE", per_mw="low")
        {'RIOT': 1110.0}
        """
        key = (name, tuple(sorted(arguments.items())))
        if key not in self._known:
            given = {
                item: np.array(value, dtype=object) if isinstance(value, tuple) else value
                for item, value in arguments.items()
            }
            call = {"miner": self._array, **given, "book": self.book}
            try:
                made = self._shown(catalogue()[name].function.evaluate(call))  # type: ignore[attr-defined]
            except ValuationError as error:
                made = dict.fromkeys(self.tickers, as_value(error))
            self._known[key] = made
        return self._known[key]  # type: ignore[no-any-return]

    def one(self, name: str, **arguments: Any) -> Value:
        """Give a worksheet function of no miner."""
        try:
            return as_value(catalogue()[name].function(**arguments, book=self.book))
        except ValuationError as error:
            return as_value(error)

    def table(self, name: str, *arguments: Any) -> list[list[Value]] | ErrorValue:
        """Give a table function with its header row; a blank cell is None."""
        try:
            made = catalogue()[name].function(*arguments, book=self.book)
        except ValuationError as error:
            return ErrorValue(CODE_OF_KIND[error.kind])
        return [list(made.header), *([as_value(cell) for cell in row] for row in made.rows)]

    def targets_at(self, ticker: str, **moved: Sequence[Sequence[float]]) -> list[list[Value]]:
        """Give the target of a miner with facts set anew, one by row and another by column.

        Examples
        --------
        >>> from valuation_core import load_book
        >>> down, across = [[0.0], [1.0]], [[80_000.0, 120_000.0]]
        >>> made = Figures(load_book(), ["RIOT"]).targets_at(
        ...     "RIOT", hpc_probability=down, btc_price=across
        ... )
        >>> [[round(one, 2) for one in row] for row in made]
        [[4.37, 8.55], [14.35, 18.18]]
        """
        arrays = {metric: np.array(values, dtype=np.float64) for metric, values in moved.items()}
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        try:
            evaluation = Evaluation(shape).use(self.book, **arrays)
            with np.errstate(all="ignore"):
                made = target_part(evaluation, ticker, Choice())
        except ValuationError:
            return [[MISSING] * shape[1] for _ in range(shape[0])]
        found = Elements(np.broadcast_to(made, shape), tuple(evaluation.faults))
        return [
            [
                MISSING if found.error_at((i, j)) else float(found.values[i, j])
                for j in range(shape[1])
            ]
            for i in range(shape[0])
        ]

    def prices(self) -> ByMiner:
        """Give the share price that each target is measured against."""
        found: dict[str, Value] = {}
        for ticker in self.tickers:
            try:
                found[ticker] = float(price_of(self.book, ticker).value)
            except ValuationError as error:
                found[ticker] = as_value(error)
        return found

    def valuation(self, *, with_named: bool = True, **choice: Any) -> Mapping[str, ByMiner]:
        """Give the parts, the equity, the shares and the value per share of every miner.

        `with_named` False sets MW aside that the edition names.
        """
        key = ("valuation", with_named, tuple(sorted(choice.items())))

        def value(evaluation: Evaluation) -> Any:
            return value_of(evaluation, self._array, Choice(**choice), with_named=with_named)

        return self._solved(key, value, PARTS)

    def target(self) -> Mapping[str, ByMiner]:
        """Give what operating parts grow by, and the shares and the target of every miner."""

        def target(evaluation: Evaluation) -> Any:
            return target_of(evaluation, self._array, Choice())

        return self._solved(("target",), target, ("growth", "shares", "per_share"))

    def _solved(
        self, key: Any, solve: Callable[[Evaluation], Any], parts: Sequence[str]
    ) -> dict[str, ByMiner]:
        if key not in self._known:
            evaluation = Evaluation((len(self.tickers),)).use(self.book)
            try:
                with np.errstate(all="ignore"):
                    found = solve(evaluation)
            except ValuationError as error:
                failed = dict.fromkeys(self.tickers, as_value(error))
                self._known[key] = dict.fromkeys(parts, failed)
            else:
                shape, faults = self._array.shape, tuple(evaluation.faults)
                self._known[key] = {
                    part: self._shown(
                        Elements(np.broadcast_to(getattr(found, part), shape), faults)
                    )
                    for part in parts
                }
        return self._known[key]  # type: ignore[no-any-return]

    def _shown(self, elements: Elements) -> dict[str, Value]:
        return {
            ticker: as_value(elements.error_at((index,)) or elements.values[index])
            for index, ticker in enumerate(self.tickers)
        }
