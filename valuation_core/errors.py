"""The one error type: which input broke which rule, with which value."""

from __future__ import annotations

from enum import Enum
from math import isfinite
from typing import Final


class ErrorKind(Enum):
    """Why a figure cannot be given; hosts map a kind to their own error value."""

    MISSING = "missing"
    """An unknown name, a fact the book does not hold, or nothing where a value is due."""
    MISFIT = "misfit"
    """Text where a number is due, an unknown keyword, shapes that do not broadcast."""
    DOMAIN = "domain"
    """A number outside its domain, no solution, or a result too large to give."""


class ValuationError(ValueError):
    """A figure cannot be given; the reason is one line and its parts are attributes.

    Parameters
    ----------
    kind : ErrorKind
        The family of the cause.
    input : str
        Name of the argument, fact or row at fault.
    rule : str
        What it breaks, in words that follow the input.
    value : object, optional
        What was given, shown after "got".
    reason : str, optional
        The whole sentence, where "input rule, got value" would read badly.

    Examples
    --------
    >>> error = ValuationError(ErrorKind.DOMAIN, "prob", "must be between 0 and 1", 1.7)
    >>> print(error)
    prob must be between 0 and 1, got 1.7
    >>> error.input, error.value
    ('prob', 1.7)
    """

    def __init__(
        self,
        kind: ErrorKind,
        input: str,
        rule: str,
        value: object = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(kind, input, rule, value, reason)
        self.kind = kind
        self.input = input
        self.rule = rule
        self.value = value
        self.reason = reason or _sentence(input, rule, value)

    def __str__(self) -> str:
        return self.reason


LONGEST_QUOTE: Final = 60
"""Characters of a given value quoted in a reason: enough to recognise it, still one line."""


def quote(value: object) -> str:
    """Show a given value inside a one-line reason.

    Examples
    --------
    >>> quote(1.70), quote("abc"), quote("x" * 100)[-4:]
    ('1.7', "'abc'", "xx…'")
    """
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, str):
        short = value if len(value) <= LONGEST_QUOTE else value[:LONGEST_QUOTE] + "…"
        return repr(short)
    text = str(value)
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"


def _sentence(input: str, rule: str, value: object) -> str:
    if value is not None:
        return f"{input} {rule}, got {quote(value)}"
    return f"{input} {rule}" if rule.startswith(("must ", "is ")) else f"{input}: {rule}"


def missing(
    input: str, rule: str, value: object = None, reason: str | None = None
) -> ValuationError:
    """Make the error for a name or fact that is not there."""
    return ValuationError(ErrorKind.MISSING, input, rule, value, reason)


def misfit(
    input: str, rule: str, value: object = None, reason: str | None = None
) -> ValuationError:
    """Make the error for a value of the wrong type, keyword or shape."""
    return ValuationError(ErrorKind.MISFIT, input, rule, value, reason)


def domain(
    input: str, rule: str, value: object = None, reason: str | None = None
) -> ValuationError:
    """Make the error for a number outside its domain."""
    return ValuationError(ErrorKind.DOMAIN, input, rule, value, reason)


def kept(error: ValuationError) -> ValuationError:
    """Let an error that stays, as the figure it stands for, forget where it was raised.

    What it was raised in would stay with it, up to whoever asked: a whole model that is planned.
    """
    error.__traceback__ = error.__context__ = None
    return error


NOT_FINITE: Final = "is not a finite number"


def finite(value: float, name: str = "result") -> float:
    """Give a number, or refuse one that is infinite or none at all."""
    if not isfinite(value):
        raise domain(name, NOT_FINITE, value)
    return value


def nearest(name: str, choices: list[str]) -> str:
    """Suggest the closest known name, as the tail of a reason.

    Examples
    --------
    >>> nearest("RIOTT", ["RIOT", "IREN"])
    '; did you mean RIOT?'
    >>> nearest("zzz", ["RIOT", "IREN"])
    ''
    """
    from difflib import get_close_matches

    folded = {choice.casefold(): choice for choice in choices}
    close = get_close_matches(name.casefold()[:LONGEST_QUOTE], list(folded), n=1, cutoff=0.6)
    return f"; did you mean {folded[close[0]]}?" if close else ""


def unknown(input: str, name: str, choices: list[str]) -> ValuationError:
    """Make the error for a name that is not known, with the nearest one.

    Examples
    --------
    >>> print(unknown("miner", "RIOTT", ["RIOT", "IREN"]))
    unknown miner 'RIOTT'; did you mean RIOT?
    """
    suggestion = nearest(name, choices)
    rule = "is not known" + suggestion
    return missing(input, rule, name, f"unknown {input} {quote(name)}{suggestion}")
