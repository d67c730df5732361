from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.calc.engine import find_office
from tests.addin.closed.many_facts import make_many
from tests.places import SHIPPED
from tools import installer, setup_wine
from valuation_core import load_book
from valuation_core.coverage import coverage
from workbook.model.build import build_model

settings.register_profile(
    "default",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")

_WANTED = {
    "engine": (
        "LibreOffice with its Python bridge is not installed: "
        "apt-get install --no-install-recommends libreoffice-calc python3-uno",
        lambda: find_office() is not None,
    ),
    "windows": ("Windows Python under Wine is not set up: make test-windows", setup_wine.ready),
    "setup_program": (
        "the setup program was not made: make installer, and make test-windows",
        lambda: setup_wine.ready() and installer.made(),
    ),
    "pdftoppm": (
        "pdftoppm is not installed: apt-get install poppler-utils",
        lambda: shutil.which("pdftoppm") is not None,
    ),
}
"""By marker: what is missing and how to get it, and how to tell that it is there."""


def pytest_collection_modifyitems(items):
    missing = {marker: reason for marker, (reason, there) in _WANTED.items() if not there()}
    for item in items:
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports]
    terminalreporter.write_sep("*", f"{len(reasons)} SKIPPED", red=bool(reasons), bold=True)
    for line in skipped_by_reason(reasons):
        terminalreporter.write_line(line)


def skipped_by_reason(reasons):
    """Count the tests that were not run, by reason; each reason says what would make them run."""
    return [f"{count} x {reason}" for reason, count in Counter(reasons).most_common()]


@pytest.fixture(scope="session")
def book():
    """The shipped book on 2025-09-26."""
    return load_book()


@pytest.fixture(scope="session")
def model_of(tmp_path_factory):
    """Copies the model of the shipped book to a place; one of a kind is built once for all tests.

    Tests that run at the same time share what is built: a file is put in place in one step.
    """
    root = tmp_path_factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "models"
    folder.mkdir(exist_ok=True)

    def copied(target, miners=None, as_of="2025-09-26"):
        path = folder / f"{as_of} {' '.join(miners or ['all'])}.xlsx"
        if not path.exists():
            build_model(coverage(load_book(as_of), miners), path)
        shutil.copy(path, target)
        return target

    return copied


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
    """A folder of 100 facts and a workbook of them, made once."""
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
