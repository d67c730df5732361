"""A call to start from for each worksheet function: the first example of its docstring.

The docstrings are run as tests, so that a call found there has an answer.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from doctest import DocTestParser
from typing import Any, Final

from valuation_core.catalogue.cards import Card, Kind
from valuation_core.catalogue.catalogue import card_named, formula

BOOK: Final = "book"
"""Argument by which a function takes the book it reads."""


def example(card: Card, book: str = "") -> str:
    """Give a formula that calls a function, with the arguments of its first example.

    Parameters
    ----------
    card : Card
        The function.
    book : str, optional
        What stands for the book where the function takes one; that of the example when left out.

    Examples
    --------
    >>> from valuation_core.catalogue.catalogue import card_named
    >>> example(card_named("HPC_VALUE"))
    '=HPC_VALUE("RIOT",0.5,600)'
    >>> example(card_named("HPC_SENSITIVITY"))
    '=HPC_SENSITIVITY("RIOT",{0,0.5},{300,600},"option")'
    >>> example(card_named("HPC_LADDER"))
    '=HPC_LADDER("RIOT",HPC_BOOK(,,"reconstruction"))'
    >>> example(card_named("HPC_LADDER"), "Book")
    '=HPC_LADDER("RIOT",Book)'
    >>> example(card_named("HPC_EXPLAIN"), "Book")
    '=HPC_EXPLAIN("HPC_VALUE","RIOT",0.5,1000,,,,Book)'
    """
    name = card.function.__name__
    for tree in _examples(card):
        first = {
            loop.target.id: loop.iter.elts[0]
            for loop in ast.walk(tree)
            if isinstance(loop, ast.comprehension)
            and isinstance(loop.target, ast.Name)
            and isinstance(loop.iter, ast.Tuple)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node) == name:
                return f"={_call(card, node, first, book)}"
    raise LookupError(f"no example of {card.name} calls {name}")


def _examples(card: Card) -> Iterator[ast.Module]:
    for found in DocTestParser().get_examples(card.sections["Examples"]):
        yield ast.parse(found.source)


def _name(call: ast.Call) -> str | None:
    return call.func.id if isinstance(call.func, ast.Name) else None


def _call(card: Card, call: ast.Call, first: dict[str, ast.expr], book: str) -> str:
    """Write a call; of several values the first one, where the function takes single cells too."""
    given = [first.get(node.id, node) if isinstance(node, ast.Name) else node for node in call.args]
    if card.kind is Kind.ELEMENTWISE:
        given = [node.elts[0] if isinstance(node, ast.List) else node for node in given]
    texts = [_argument(node) for node in given]
    if card.arguments and card.arguments[-1].repeats:
        explained, *rest = texts
        inner = _stated(card_named(ast.literal_eval(explained)), rest, {}, book)
        return f"{card.name}({explained},{inner.partition('(')[2]}"
    return _stated(card, texts, {str(w.arg): _argument(w.value) for w in call.keywords}, book)


def _stated(card: Card, texts: list[str], named: dict[str, str], book: str) -> str:
    names = [argument.name for argument in card.arguments]
    given = {**dict(zip(names, texts, strict=False)), **named}
    if book and BOOK in names:
        given[BOOK] = book
    return formula(card.name, **given)


def _argument(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and _name(node) == "load_book":
        named = {str(word.arg): _argument(word.value) for word in node.keywords}
        given = zip(("as_of",), map(_argument, node.args), strict=False)
        return formula("HPC_BOOK", **dict(given), **named)
    value = ast.literal_eval(node)
    if not isinstance(value, list):
        return _cell(value)
    rows = [row if isinstance(row, tuple) else (row,) for row in value]
    across = all(len(row) == 1 for row in rows)
    return "{" + ("," if across else ";").join(",".join(map(_cell, row)) for row in rows) + "}"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return f"{value:.15g}"
