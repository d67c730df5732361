"""The distribution of a miner's target, and of what the coverage may let: exact, without draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from valuation_core.book import Book
from valuation_core.company import target_of
from valuation_core.contracts import contracts_of
from valuation_core.domain import ZERO_TO_ONE
from valuation_core.errors import ValuationError, domain, misfit
from valuation_core.evaluation.arrays import Array, single_name, single_value
from valuation_core.evaluation.evaluation import Evaluation
from valuation_core.evaluation.shared_arguments import shared_parameters
from valuation_core.hpc import Choice
from valuation_core.lattice import Spread, joined, spread_of, weighted
from valuation_core.outcomes import Outcomes, outcomes_of
from valuation_core.published import price_of, published_figure
from valuation_core.quantiles import EDGE, percentiles_of, smallest
from valuation_core.result import ResultTable
from valuation_core.units import BookText, Fraction, Keyword, Percentiles, Spill

COVERAGE: Final = "ALL"
"""Stands for all names of the coverage together."""

HEADER: Final = ("figure", "probability", "HPC value, USD M", "target, USD per share")


@dataclass(frozen=True, slots=True)
class TargetSpread:
    """The distribution of a miner's target."""

    outcomes: Outcomes
    gains: Spread
    """Of what its contracts add together, before they grow, USD M."""

    def below(self, assets: Array) -> Array:
        """Probability that the assets at the target date are at most so much."""
        beside, growth = self.outcomes.beside, self.outcomes.growth
        if not beside.moves:
            return self.gains.below((assets - beside.assets[0]) / growth)
        value, weight = self.gains.points
        left = np.asarray(assets)[..., np.newaxis] - growth * value
        return np.asarray(weighted(weight, np.moveaxis(beside.below(left), -1, 0)))

    def at_or_above(self, per_share: float) -> float:
        """Probability that the target is at or above a figure, USD per share."""
        return float(self.reaches(np.array([per_share]))[0])

    def reaches(self, per_share: Array) -> Array:
        """Probability that the target is at or above figures, USD per share."""
        return np.asarray(1.0 - self.below(self.least_assets(per_share)))

    def least_assets(self, per_share: Array) -> Array:
        """Give assets that fall short of those that targets take by no more than rounding."""
        assets = np.array([self.outcomes.assets(one) for one in per_share.tolist()])
        size = np.maximum(np.abs(assets), np.abs(self.outcomes.beside.assets[0]))
        return assets - EDGE * size

    def quantile(self, probability: Array) -> Array:
        """Give the smallest targets that are not exceeded with probabilities, USD per share.

        Infinite at 1 where bitcoin may rise without limit.
        """
        beside, growth = self.outcomes.beside, self.outcomes.growth
        if not beside.moves:
            gains = quantile_of(self.gains, probability)
            return np.asarray(self.outcomes.per_share(beside.assets[0] + growth * gains))
        low, high = (growth * end for end in self.gains.ends)
        low, high = low + float(beside.assets[0]), high + float(beside.assets[-1])
        assets = smallest(self.below, np.minimum(probability, 1.0 - EDGE), low, high)
        found = np.asarray(self.outcomes.per_share(assets))
        return np.where(probability >= 1.0, np.inf, found)

    @property
    def mean(self) -> float:
        """The mean of the target, USD per share."""
        beside = self.outcomes.beside
        value, weight = self.gains.points
        assets = self.outcomes.growth * value[:, np.newaxis] + beside.assets
        return float(weighted(weight, self.outcomes.per_share(assets)) @ beside.weight)


def quantile_of(spread: Spread, probability: Array) -> Array:
    """Give the smallest values that are not exceeded with probabilities: atoms are met exactly.

    Examples
    --------
    A triangle of 3, 6, 9 at even odds: up to 0.5 nothing, at 0.75 the middle of the triangle.

    >>> from valuation_core.lattice import Triangles
    >>> one = Triangles(np.array([3.0]), np.array([6.0]), np.array([9.0]))
    >>> spread = spread_of(one, np.array([0.5]), 0.0)
    >>> quantile_of(spread, np.array([0.25, 0.5, 0.75, 1.0])).round(9).tolist()
    [0.0, 0.0, 6.0, 9.0]
    """
    low, high = spread.ends
    found = smallest(spread.below, probability, low, high)
    at_atom = spread.below(spread.atom)
    aim = np.maximum(probability - EDGE, 0.0)
    for atom, reached, weight in zip(spread.atom, at_atom, spread.atom_weight, strict=True):
        found = np.where((reached >= aim) & (reached - weight < aim), atom, found)
    return np.where(probability >= 1.0, high, found)


@shared_parameters
def distribution(
    miner: Keyword,
    percentiles: Percentiles | None = None,
    correlation: Fraction | None = None,
    book: BookText | None = None,
    *,
    evaluation: Evaluation | None = None,
) -> Spill:
    """Distribution of a miner's target, or of the HPC value of the whole coverage, exactly.

    Parameters
    ----------
    miner : str
        Ticker, name or alias; "ALL" for the coverage together, in USD M alone.
    <percentiles>
    <correlation>
    <book>
    evaluation : Evaluation, optional
        Notes the steps behind the table when explaining.

    Returns
    -------
    ResultTable
        Figure, probability, USD M of contracts signed, target in USD per share: the percentiles,
        each the smallest value not exceeded with that probability, column by column; the mean; the
        model's own target; then how likely no deal is, and a target at or above the price and the
        published target.

    Raises
    ------
    ValuationError
        For an unknown miner, percentiles or a correlation outside 0 to 1, or a missing fact. What
        fails in one row, such as a price that is missing, is an error there alone.

    Notes
    -----
    A contract is signed with the book's probability and is then worth a triangular value per MW,
    from colo_value_low to colo_value_high with the value in use as its mode, so the mean differs
    from the target. It is one contract a miner, or one a site with option_by_site. MW that an
    edition names, beyond those under contract, are certain unless your own fact gives a
    probability, at 75% to 125% of the value named. Signings hang together through the appetite of
    tenants, a one-factor Gaussian copula; values per MW and bitcoin are independent of it. Bitcoin
    is lognormal around the book's price up to target_date, with btc_volatility, which 0 switches
    off; the network stays as it is. A MW that is let is no longer valued as land. Dilution is
    solved in every outcome.

    Sums are exact for no contract and for one alone; of several they are added up on 4,096 points.

    Examples
    --------
    RIOT signs at even odds: 600 MW at a triangle of 3.7, 6.15 and 8.6 USD M, with a mean of 1,845.

    >>> for figure, probability, musd, _ in distribution("RIOT", [0.5, 0.75]).rows[:3]:
    ...     print(figure, probability, round(musd, 3))
    percentile 0.5 0.0
    percentile 0.75 3690.0
    mean None 1845.0
    """
    evaluation = evaluation or Evaluation()
    chosen = percentiles_of(percentiles)
    evaluation.use(book)
    shared = correlation_part(evaluation, correlation)
    with np.errstate(all="ignore"):
        if is_coverage(miner):
            rows = tuple(_of_coverage(evaluation, chosen, shared))
        else:
            ticker = evaluation.ticker(single_name("miner", miner))
            rows = tuple(_of_miner(evaluation, ticker, chosen, shared))
    return ResultTable(HEADER, rows)


def is_coverage(miner: Any) -> bool:
    """Tell whether all names of the coverage are meant."""
    return isinstance(miner, str) and miner.strip().upper() == COVERAGE


def correlation_part(evaluation: Evaluation, given: Any) -> float:
    """Give the correlation of signings: the caller's own, or the book's."""
    if given is None:
        return float(evaluation.number("ALL", "signing_correlation"))
    one = single_value("correlation", given)
    if not isinstance(one, float):
        raise misfit("correlation", "must be a number", one)
    return float(evaluation.argument("correlation", one, "fraction", ZERO_TO_ONE))


Row = tuple[Any, ...]


def _of_coverage(evaluation: Evaluation, percentiles: Array, correlation: float) -> Iterator[Row]:
    contracts = [contracts_of(evaluation, ticker) for ticker in evaluation.book.coverage]
    values = joined(one.values for one in contracts)
    probability = np.concatenate([one.probability for one in contracts])
    spread = spread_of(values, probability, correlation)
    quantiles = quantile_of(spread, percentiles)
    for chance, value in zip(percentiles.tolist(), quantiles.tolist(), strict=True):
        yield "percentile", chance, value, None
    mean = float(probability @ values.mean)
    yield "mean", None, evaluation.step("mean", "probability x mean", mean, "USD M"), None
    yield "model's own", None, float(probability @ values.mode), None
    yield "no deal", spread.no_deal, 0.0, None


def _of_miner(
    evaluation: Evaluation, ticker: str, percentiles: Array, correlation: float
) -> Iterator[Row]:
    own = float(target_of(evaluation, ticker, Choice()).per_share)
    spread, target = target_spread(evaluation, ticker, correlation)
    contracts = target.outcomes.contracts
    probability, values = contracts.probability, contracts.values
    columns = quantile_of(spread, percentiles), target.quantile(percentiles)
    for chance, musd, usd in zip(percentiles.tolist(), *(c.tolist() for c in columns), strict=True):
        yield "percentile", chance, musd, usd if np.isfinite(usd) else _no_limit(ticker)
    mean = evaluation.step("mean", "over all outcomes", target.mean, "USD/share")
    yield "mean", None, float(probability @ values.mean), mean
    yield "model's own", None, float(probability @ values.mode), own
    yield "no deal", spread.no_deal, 0.0, None
    for name, figure in compared_with(evaluation.book, ticker):
        if isinstance(figure, ValuationError):
            yield name, figure, None, figure
        else:
            yield name, target.at_or_above(figure), None, figure


def target_spread(
    evaluation: Evaluation, ticker: str, correlation: float
) -> tuple[Spread, TargetSpread]:
    """Give the distributions of what the contracts of a miner are worth, and of its target."""
    outcomes = outcomes_of(evaluation, ticker)
    contracts = outcomes.contracts
    spread = spread_of(contracts.values, contracts.probability, correlation)
    gains = spread_of(contracts.gains, contracts.probability, correlation)
    return spread, TargetSpread(outcomes, gains)


def _no_limit(ticker: str) -> ValuationError:
    return domain(ticker, "has no highest target, since bitcoin may rise without limit")


def compared_with(book: Book, ticker: str) -> Iterator[tuple[str, float | ValuationError]]:
    """Give what a target is compared with, each an error where it is missing."""
    look_ups: dict[str, Callable[[], float]] = {
        "at least the price": lambda: price_of(book, ticker).value,
        "at least the published target": lambda: float(published_figure(book, ticker, "target")),
    }
    for name, look_up in look_ups.items():
        try:
            yield name, look_up()
        except ValuationError as error:
            yield name, error
