from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.calc.engine import find_office
from tests.addin.closed.many_facts import make_many
from tests.places import SHIPPED
from tools import setup_wine
from valuation_core import load_book

settings.register_profile(
    "default",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")

_NO_ENGINE = "LibreOffice with its Python bridge is not installed"
_NO_WINDOWS = "Windows Python under Wine is not set up"
_WANTED = {
    "engine": (
        _NO_ENGINE,
        "tests that let a real spreadsheet engine evaluate our cells",
        "apt-get install --no-install-recommends libreoffice-calc python3-uno",
    ),
    "windows": (
        _NO_WINDOWS,
        "tests of the server that Excel talks to, in Windows Python",
        "make test-windows (needs Wine; says what is missing)",
    ),
}
"""By marker: what is missing, what then is not run, how to get it."""


def _missing():
    """Give the markers of tests that cannot run here."""
    there = {"engine": find_office() is not None, "windows": setup_wine.ready()}
    return [marker for marker, found in there.items() if not found]


def pytest_collection_modifyitems(items):
    missing = _missing()
    for item in items:
        for marker in missing:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=_WANTED[marker][0]))


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, what, how in _WANTED.values():
        missed = [report for report in skipped if reason in str(report.longrepr)]
        if missed:
            terminalreporter.write_sep("*", "NOT RUN", red=True, bold=True)
            terminalreporter.write_line(f"{len(missed)} {what}: {reason}.")
            terminalreporter.write_line(f"To get it: {how}")


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
    """No test reads or writes the cache or the settings of the person who runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("settings")))
    monkeypatch.delenv("HPCVAL_BOOK", raising=False)
    monkeypatch.delenv("HPCVAL_CACHE", raising=False)


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped book that a test may change."""
    copy = tmp_path / "facts"
    shutil.copytree(SHIPPED, copy)
    return copy


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A folder of 500 facts and a workbook of them, made once."""
    root = tmp_path_factory.mktemp("many")
    make_many(root)
    return root


@pytest.fixture
def many(template, tmp_path):
    """The folder, which a test may change."""
    return shutil.copytree(template / "many", tmp_path / "many")


@pytest.fixture
def book_of_many(template, tmp_path):
    """The workbook, which a test may change."""
    return shutil.copy(template / "many.xlsx", tmp_path / "many.xlsx")
