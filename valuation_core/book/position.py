"""The value per MW that the first format stated as `colo_value_mid`, as a place in its range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from valuation_core.book.metrics import MARKET_WIDE, METRICS
from valuation_core.book.parse import parse_date, parse_number
from valuation_core.book.schema import ASSUMPTION, folded
from valuation_core.errors import quote

MID: Final = "colo_value_mid"
POSITION: Final = "colo_value_position"
ENDS: Final = ("colo_value_low", "colo_value_high")
HALFWAY: Final = 0.5
"""Place in a range without a width."""

Stated = dict[str, str]
Refuse = Callable[[Stated, str], None]


class _Figure(NamedTuple):
    """A value per MW as a row states it; no value where the row says that it is not known."""

    row: Stated
    value: float | None
    as_of: date

    @property
    def known_on(self) -> date:
        return parse_date(self.row["known_on"])[0] or self.as_of


def positions(rows: Sequence[Stated], refuse: Refuse) -> Iterator[Stated]:
    """Give the rows of `colo_value_position` under which the value per MW stays what it was.

    There is one for each day on which the value or an end of its range changed.

    Parameters
    ----------
    rows : sequence of dict
        Rows of `inputs` as text, the last row about a day only.
    refuse : callable
        Told of each row whose value has no place in its range.
    """
    figures = _figures(rows, refuse)
    for scope in dict.fromkeys(scope for scope, metric in figures if metric == MID):
        mids = figures[scope, MID]
        ranges = [_of_scope(figures, scope, name) for name in ENDS]
        first = min(mid.as_of for mid in mids)
        days = {figure.as_of for series in (mids, *ranges) for figure in series}
        for day in sorted(day for day in days if day >= first):
            mid = _newest(mids, day)
            low, high = (_newest(series, day) for series in ranges)
            if mid is not None and (row := _position(scope, day, mid, low, high, refuse)):
                yield row


def _figures(rows: Sequence[Stated], refuse: Refuse) -> dict[tuple[str, str], list[_Figure]]:
    found: dict[tuple[str, str], list[_Figure]] = {}
    for row in rows:
        if row["metric"] not in (MID, *ENDS):
            continue
        day, no_day = parse_date(row["as_of"])
        value, no_number = parse_number(row["value"]) if row["value"] else (None, None)
        if row["metric"] == MID and (wrong := no_day or no_number or _wrong_unit(row)):
            refuse(row, f"{row['scope']} {MID}: {wrong}")
        elif day is not None:
            found.setdefault((row["scope"], row["metric"]), []).append(_Figure(row, value, day))
    return found


def _wrong_unit(row: Stated) -> str | None:
    unit = METRICS[ENDS[0]].unit
    if row["unit"] != unit:
        return f"is in {unit}, got {quote(row['unit'])}"
    return None if row["basis"] else "needs a basis, gross or critical"


def _of_scope(
    figures: Mapping[tuple[str, str], list[_Figure]], scope: str, metric: str
) -> list[_Figure]:
    """Give the figures that count for a scope: its own, else those for all."""
    return figures.get((scope, metric)) or figures.get((MARKET_WIDE, metric), [])


def _newest(figures: Sequence[_Figure], day: date) -> _Figure | None:
    known = [figure for figure in figures if figure.as_of <= day]
    return max(known, key=lambda figure: figure.as_of, default=None)


def _position(
    scope: str,
    day: date,
    mid: _Figure,
    low: _Figure | None,
    high: _Figure | None,
    refuse: Refuse,
) -> Stated | None:
    """Give the row that states the place of a value in its range on a day, or refuse the value."""
    place, note = "", f"{MID} was looked for, not found"
    if mid.value is not None:
        what = f"{scope} {MID} {mid.value:.15g} of {mid.as_of}"
        ends = [end.value for end in (low, high) if end is not None and end.value is not None]
        bases = {folded(figure.row["basis"]) for figure in (mid, low, high) if figure is not None}
        if len(ends) < len(ENDS):
            refuse(mid.row, f"{what}: there is no colo_value_low and colo_value_high on {day}")
            return None
        shown = f"the range {ends[0]:.15g} to {ends[1]:.15g} in force on {day}"
        if len(bases) > 1:
            refuse(mid.row, f"{what} is on another MW basis than {shown}")
            return None
        if not min(ends) <= mid.value <= max(ends) or ends[0] > ends[1]:
            refuse(mid.row, f"{what} is outside of {shown}, so it has no {POSITION}")
            return None
        width = ends[1] - ends[0]
        place = repr(round((mid.value - ends[0]) / width, 15) if width else HALFWAY)
        note = f"{MID} {mid.value:.15g} in {shown}"
    # A low value is an assumption or derived; its place in the range is ours, so it stands behind
    # no address.
    source, assumed = mid.row["source"], folded(mid.row["confidence"]) == "low"
    notes = [note, mid.row["note"].rstrip("."), f"Read at {source}" if assumed and source else ""]
    known = max(figure.known_on for figure in (mid, low, high) if figure is not None)
    return {
        "scope": scope,
        "metric": POSITION,
        "value": place,
        "unit": METRICS[POSITION].unit,
        "row": mid.row["row"],
        "as_of": day.isoformat(),
        "known_on": known.isoformat() if known > day else "",
        "source": ASSUMPTION if assumed and source else source,
        "confidence": mid.row["confidence"],
        "note": ". ".join(filter(None, notes)),
    }
