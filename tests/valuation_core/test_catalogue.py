"""Promises every card of the catalogue keeps."""

from __future__ import annotations

import inspect
import re

import docstring_parser
import numpy as np
import pytest

from tests.valuation_core.scalars import SCALARS
from valuation_core import hpc
from valuation_core.catalogue.cards import Kind
from valuation_core.catalogue.catalogue import catalogue, formula
from valuation_core.evaluation.elementwise import Elementwise
from valuation_core.units import Takes

CARDS = list(catalogue().values())
ELEMENTWISE = [card for card in CARDS if card.kind is Kind.ELEMENTWISE]
every_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)


@every_card
def test_the_name_is_legal_in_excel_and_not_a_cell(card):
    assert re.fullmatch(r"HPC_[A-Z][A-Z_]*[A-Z]", card.name)
    assert len(card.name) <= 31


@every_card
def test_texts_fit_the_function_wizard(card):
    for text in (card.summary, *(argument.help for argument in card.arguments)):
        assert 0 < len(text) <= 255
        assert "\n" not in text


@every_card
def test_the_docstring_says_what_the_signature_says(card):
    parsed = docstring_parser.parse(
        inspect.getdoc(card.function), docstring_parser.DocstringStyle.NUMPYDOC
    )
    documented = [parameter.arg_name.lstrip("*") for parameter in parsed.params]
    assert documented == list(inspect.signature(card.function).parameters)
    for argument, parameter in zip(card.arguments, parsed.params, strict=False):
        assert argument.help == " ".join(parameter.description.split())
        assert parameter.is_optional != (argument.required or argument.repeats)
    assert card.summary == parsed.short_description
    assert card.returns_text
    assert parsed.examples


@every_card
def test_the_docstring_says_when_there_is_an_error_and_what_else_it_refers_to(card):
    text = inspect.getdoc(card.function)
    parsed = docstring_parser.parse(text, docstring_parser.DocstringStyle.NUMPYDOC)
    refused = [(one.type_name, bool(one.description)) for one in parsed.raises]
    assert refused == ([] if card.name == "HPC_VERSION" else [("ValuationError", True)])
    cited = set(re.findall(r"\[(\d)\]_", card.sections.get("Notes", "")))
    listed = set(re.findall(r"^\.\. \[(\d)\]", card.sections.get("References", ""), re.M))
    assert cited == listed


@every_card
def test_optional_arguments_come_after_required_ones_and_the_book_last(card):
    required = [argument.required for argument in card.arguments if not argument.repeats]
    assert required == sorted(required, reverse=True)
    names = [argument.name for argument in card.arguments]
    if card.kind is Kind.ELEMENTWISE:
        assert names[-1] == "book"
        assert card.argument("book").unit.takes is Takes.BOOK


@every_card
def test_numbers_have_a_unit(card):
    for argument in card.arguments:
        if argument.unit.takes is Takes.NUMBER and argument.unit.name != "table":
            assert argument.unit.name
            assert argument.unit.number_format != "General"


@pytest.mark.parametrize("card", ELEMENTWISE, ids=lambda card: card.name)
def test_an_elementwise_card_gives_arrays_of_what_it_gives_scalars(card):
    assert isinstance(card.function, Elementwise)
    scalars = SCALARS[card.name]
    alone = card.function(*scalars)
    grids = [
        np.array([[value, value]], dtype=None if isinstance(value, float) else object)
        for value in scalars
    ]
    expected = pytest.approx(alone, rel=1e-13) if isinstance(alone, float) else alone
    assert card.function(*grids).tolist() == [[expected, expected]]


def test_a_call_that_python_would_refuse_is_refused():
    for call in (
        lambda: hpc.value(),
        lambda: hpc.value("RIOT", miner="IREN"),
        lambda: hpc.value("RIOT", 0.5, 600, "mid", "gross", 800, None, "one too many"),
        lambda: hpc.value("RIOT", megawatts=600),
    ):
        with pytest.raises(TypeError):
            call()


def test_the_promise_above_covers_every_elementwise_card():
    assert set(SCALARS) == {card.name for card in ELEMENTWISE}


def test_a_formula_with_an_unknown_argument_fails_when_it_is_written():
    assert formula("HPC_VALUE", miner="A1", mw="B1") == "HPC_VALUE(A1,,B1)"
    assert formula("HPC_VERSION") == "HPC_VERSION()"
    with pytest.raises(TypeError, match="HPC_VALUE has no argument megawatts"):
        formula("HPC_VALUE", miner="A1", megawatts="B1")
