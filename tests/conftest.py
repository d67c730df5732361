from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from addin.calc.engine import find_office
from addin.desk import Desk
from addin.store import BookStore
from valuation_core import load_book

settings.register_profile(
    "default",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "valuation_core" / "book" / "data"

_NO_ENGINE = "LibreOffice with its Python bridge is not installed"


def pytest_collection_modifyitems(items):
    if find_office() is None:
        for item in items:
            if item.get_closest_marker("engine"):
                item.add_marker(pytest.mark.skip(reason=_NO_ENGINE))


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    missed = [report for report in skipped if _NO_ENGINE in str(report.longrepr)]
    if missed:
        terminalreporter.write_sep("*", "NOT RUN", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(missed)} tests that let a real spreadsheet engine evaluate our cells: {_NO_ENGINE}."
        )
        terminalreporter.write_line(
            "To get it: apt-get install --no-install-recommends libreoffice-calc python3-uno"
        )


@pytest.fixture(scope="session")
def book():
    """The shipped book on 2025-09-26."""
    return load_book()


@pytest.fixture
def desk(tmp_path):
    """A session whose handles are kept in a folder of the test."""
    return Desk(store=BookStore(tmp_path / "books"))


@pytest.fixture(autouse=True)
def _no_user_cache(tmp_path_factory, monkeypatch):
    """No test reads or writes the cache of the person who runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.delenv("HPCVAL_BOOK", raising=False)
    monkeypatch.delenv("HPCVAL_CACHE", raising=False)
