"""The project itself: docs that are true, a wheel that works, imports that stay light."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    names = ["addin", "workbook", "valuation_core", "pyproject.toml", "README.md", "LICENSE"]
    source.mkdir()
    for name in names:
        subprocess.run(["cp", "-r", str(ROOT / name), str(source)], check=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "-w",
        str(folder),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_data_and_the_type_marker(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("inputs.csv", "format.csv", "SOURCES.md"):
        assert f"valuation_core/book/data/{name}" in names
    assert {"valuation_core/py.typed", "addin/calc/component.py"} <= set(names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "tools"))]


def test_the_built_wheel_works_away_from_the_checkout(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import addin, valuation_core as vc; from pathlib import Path;"
        "assert str(Path(addin.__file__)).startswith(str(Path.cwd() / 'site'));"
        "print(vc.hpc.value('RIOT', 0.5, 600))"
    )
    environment = dict(os.environ, PYTHONPATH=str(tmp_path / "site"))
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (run.stdout, run.stderr) == ("1845.0\n", "")


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
