from __future__ import annotations

import pytest

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.pages.tear_sheet import TearSheet
from valuation_core import load_book

NAMES = ("RIOT", "IREN", "CLSK", "CIFR", "MARA")
LATER = "2025-11-24"


@pytest.fixture(scope="session")
def page_of(tmp_path_factory):
    """Makes the page of a miner on a date under a case, each once."""
    desk = Desk(store=BookStore(tmp_path_factory.mktemp("books")))
    made = {}

    def page(ticker, as_of=LATER, case="reconstruction", options=None):
        options = ("--as-of", as_of, "--case", case) if options is None else options
        key = (ticker, as_of, case, options)
        if key not in made:
            made[key] = TearSheet(desk, load_book(as_of, case=case), ticker, None, options).page()
        return made[key]

    return page
