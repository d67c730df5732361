"""The project itself: docs that are true, imports that stay light."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT
from tools.reference import pages
from valuation_core import __version__


@pytest.mark.parametrize("name", list(pages(ROOT / "docs")))
def test_generated_pages_are_what_the_code_says(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages(ROOT / "docs")[name], (
        "run make docs"
    )


def test_links_between_the_docs_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_the_table_in_the_readme_is_what_build_prints(tmp_path):
    from click.testing import CliRunner

    from addin.cli import main

    output = CliRunner().invoke(main, ["build", "--out", str(tmp_path / "m.xlsx")]).output
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split("```text\n")[1].split("```")[0]
    printed = [line.rstrip() for line in output.splitlines()]
    assert block.splitlines() == printed[: len(block.splitlines())]


def test_the_changelog_begins_with_this_version():
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_importing_the_core_pulls_in_no_heavy_package():
    code = (
        "import sys, valuation_core;"
        "print([m for m in ('pandas', 'openpyxl', 'xlwings', 'lxml', 'click', 'rich') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_every_module_is_small_enough_to_read():
    for package in ("addin", "workbook", "valuation_core"):
        for path in Path(ROOT / package).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 350, path
