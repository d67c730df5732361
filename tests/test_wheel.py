"""What a user gets: the wheel in an empty environment, and every command that the pages show.

The wheel is built and installed once, outside the checkout; all commands run there.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from openpyxl import Workbook

from addin.cli import main
from tests.places import RECORDED, ROOT, SHIPPED
from tests.valuation_core.book_files import add_rows
from tests.workbook.analysts import by_openpyxl
from tools.setup_environment import program
from valuation_core import __version__
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]
INSTALLED = ("addin", "workbook", "valuation_core", "pyproject.toml", "README.md", "LICENSE")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")

COMMANDS = {
    "hpcval value RIOT": "target",
    "hpcval value RIOT --case base --set RIOT.hashrate=40": "base + own",
    "hpcval rank": "MARA",
    "hpcval ladder RIOT --case reconstruction": "roll-forward",
    "hpcval bridge RIOT --from 2025-09-26 --to 2025-11-24": "price of bitcoin",
    "hpcval cases": "plain: published parameters only",
    "hpcval scorecard": "that edition is no evidence for it",
    "hpcval fit land_power_value,hodl_premium --edition 2025-09-26": "3 degrees of freedom",
    "hpcval implied IREN --case reconstruction": "pays for 1,377 MW gross let for certain",
    "hpcval solve RIOT btc_price --target 19": "176,437",
    "hpcval deals": "CIFR-fluidstack",
    "hpcval pipeline IREN": "MW 1,400 against 800",
    "hpcval comps --sort EV": "other brokers, not mixed in: RIOT, Citi",
    "hpcval simulate RIOT --workers 4": "standard error of the mean",
    "hpcval explain HPC_TARGET RIOT": "12.41",
    "hpcval call HPC_VALUE RIOT 0.5 600": '{"value": 1845.0}',
    'hpcval call HPC_VALUE RIOT "[[0.25],[0.5]]" "[[300,600,900]]"': "[922.5, 1845.0, 2460.0]",
    "hpcval functions": "HPC_VALUE",
    "hpcval book show RIOT --as-of 2025-08-31": "Edition of 2025-07-28",
    "hpcval book check FOLDER": "valid:",
    "hpcval build --miners RIOT,CIFR --out model.xlsx": "Workbook: model.xlsx",
    "hpcval build --paper letter": "Workbook: hpc-model-2025-09-26.xlsx",
    "hpcval build --xlsm": "Workbook: hpc-model-2025-09-26.xlsm",
    "hpcval attach MODEL.xlsx": "added",
    "hpcval attach MODEL.xlsx --sheets Inputs,HPC": "Attached too, because formulas need it",
    "hpcval attach MODEL.xlsx --miners RIOT,CIFR --as-of 2025-09-26": "added",
    "hpcval attach MODEL.xlsx --case reconstruction": "added",
    "hpcval recalc model.xlsx": "0 differ, 0 show an error",
    "hpcval rebind model.xlsx": "nothing to repair",
    "hpcval refresh model.xlsx --from facts": "RIOT hpc_mw_shopped: 650, 2025-12-01",
    "hpcval refresh model.xlsx --from facts.xlsx": "RIOT hpc_mw_shopped: 650, 2025-12-01",
    "hpcval refresh model.xlsx --from facts --dry-run": "dry run, nothing was changed: ",
    "hpcval refresh model.xlsx --from facts --as-of 2025-11-24": "the date is now 2025-11-24",
    "hpcval refresh model.xlsx --undo": "rows are off again that refresh ",
    "hpcval source facts": "every refresh reads folder",
    "hpcval refresh model.xlsx --from book+edgar:filings": "shipped book with filings of filings",
    "hpcval refresh model.xlsx --from facts+edgar:filings": "with filings of filings",
    "hpcval value RIOT --book book+edgar:filings": "target",
    "hpcval compare --with edgar:filings": "CLSK   cash",
    "hpcval feed bloomberg model.xlsx": "prices are taken from Bloomberg",
    "hpcval export rank --out rank.xlsx": "rank.xlsx: rank, plain, facts as of 2025-09-26",
    "hpcval export ladder RIOT IREN --case reconstruction --format md": "| roll-forward",
    "hpcval snapshot model.xlsx": "2 miners appended to History",
    "hpcval explain-cell model.xlsx RIOT_target": "RIOT_target, the figure of HPC_TARGET(",
    "hpcval check model.xlsx": "0 problem(s)",
}
"""Each shown command that ends with status 0 everywhere, and something it must say."""

WITH_DATABASE = {
    "hpcval book push sqlite:///facts.db": "0 were there already",
    "hpcval book push sqlite:///facts.db facts": "0 were there already",
    "hpcval refresh model.xlsx --from sqlite:///facts.db": "hpc_mw_shopped: 650, 2025-12-01",
}
"""The same, once SQLAlchemy is installed as the pages say."""

BEFORE = {
    "hpcval build --miners RIOT,CIFR --out model.xlsx": "rm model.xlsx",
    "hpcval refresh model.xlsx --undo": "hpcval refresh model.xlsx --from facts",
    "hpcval refresh model.xlsx --from sqlite:///facts.db": "hpcval book push sqlite:///facts.db facts",
    "hpcval slides note.pptx": "hpcval tearsheet RIOT --out note.pptx",
    "hpcval slides note.pptx --update --as-of 2025-11-24": "hpcval tearsheet RIOT --out note.pptx",
}
"""What else must have happened in the folder."""

NEEDS_ENGINE = ("hpcval recalc model.xlsx",)

WITH_PAGES = {
    "hpcval tearsheet RIOT --out riot.pdf": "riot.pdf: RIOT",
    "hpcval tearsheet RIOT --as-of 2025-11-24 --case reconstruction --out riot.pdf": "riot.pdf: RIOT",
    "hpcval tearsheet RIOT --model model.xlsx --out riot.pdf": "riot.pdf: RIOT",
    "hpcval tearsheet --all --out coverage.pptx": "coverage.pptx: RIOT, IREN, CLSK, CIFR, MARA",
    "hpcval slides note.pptx": "linked shapes, 0 changes",
    "hpcval slides note.pptx --update --as-of 2025-11-24": "as it was: ",
}
"""Each shown command that needs the extra of pages, and words that it says."""

LONG = {
    "hpcval fit land_power_value,hodl_premium --edition 2025-09-26",
    "hpcval simulate RIOT --workers 4",
    "hpcval build --miners RIOT,CIFR --out model.xlsx",
    "hpcval build --paper letter",
    "hpcval build --xlsm",
    "hpcval attach MODEL.xlsx --sheets Inputs,HPC",
    "hpcval attach MODEL.xlsx --miners RIOT,CIFR --as-of 2025-09-26",
    "hpcval attach MODEL.xlsx --case reconstruction",
    "hpcval recalc model.xlsx",
    "hpcval refresh model.xlsx --from facts.xlsx",
    "hpcval refresh model.xlsx --from facts --as-of 2025-11-24",
    "hpcval refresh model.xlsx --undo",
    "hpcval refresh model.xlsx --from book+edgar:filings",
    "hpcval refresh model.xlsx --from facts+edgar:filings",
    "hpcval refresh model.xlsx --from sqlite:///facts.db",
    "hpcval snapshot model.xlsx",
    "hpcval tearsheet RIOT --as-of 2025-11-24 --case reconstruction --out riot.pdf",
    "hpcval tearsheet RIOT --model model.xlsx --out riot.pdf",
}
"""What takes seconds and runs from the wheel in another form among the quick tests, or from the
checkout: the template of the folder is built, one workbook is attached to, one refreshed."""

NOT_RUN = {
    "hpcval fetch edgar --contact MAIL --out filings": "asks the SEC; tests serve it on the loopback",
    "hpcval fetch edgar --contact ann@bank.example --out filings": "as above",
    "hpcval keep model.xlsx": "needs the prices that a terminal puts into the workbook",
    "hpcval install": "the user's own profile is one of Windows; with --profile it is run below",
    "hpcval doctor": "as hpcval install",
    "hpcval serve": "Excel talks to it through Windows; make test-windows runs it",
    "hpcval refresh --open --from facts": "needs a running Excel",
    "py -m pip install .": "the launcher of Windows; the fixture does the same with the wheel",
}
"""Each shown command that cannot run here, and why."""


@dataclass(frozen=True)
class Shipped:
    """The wheel, and the environment it is installed in."""

    wheel: Path
    environment: Path

    def run(self, command, folder):
        """Run a command line in a folder, as a person does who has this environment alone."""
        name, *arguments = shlex.split(command)
        if name == "rm":
            return [(folder / file).unlink() for file in arguments]
        settings = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
        return subprocess.run(
            [program(self.environment, name), *arguments],
            cwd=folder,
            env=settings | {"PYTHONIOENCODING": "utf-8", "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def install(self, extra, lock):
        """Install the wheel as pip does for a user, with the pinned versions.

        Not compiled ahead, which takes longer than all else: most of it is never imported here.
        """
        into = [*PIP, "--python", program(self.environment, "python"), "install", "--no-compile"]
        what = ["--constraint", ROOT / lock, f"{self.wheel}{extra}"]
        subprocess.run([*into, *what], check=True)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The wheel of this tree, installed in an environment outside the checkout."""
    folder = tmp_path_factory.mktemp("shipped")
    assert not folder.is_relative_to(ROOT)
    source = folder / "source"
    source.mkdir()
    for name in INSTALLED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name)
        else:
            shutil.copy(ROOT / name, source)
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", folder, source], check=True)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    made = Shipped(next(folder.glob("*.whl")), environment)
    made.install("", "requirements.txt")
    return made


@pytest.fixture(scope="module")
def template(shipped, tmp_path_factory):
    """A folder of an analyst: a model, a workbook of their own, facts with one more."""
    folder = tmp_path_factory.mktemp("desk")
    assert shipped.run("hpcval build --miners RIOT,CIFR --out model.xlsx", folder).returncode == 0
    by_openpyxl(folder / "MODEL.xlsx")
    shutil.copytree(SHIPPED, folder / "FOLDER")
    shutil.copytree(SHIPPED, folder / "facts")
    shutil.copytree(RECORDED, folder / "filings")
    add_rows(folder / "facts", ("RIOT", "hpc_mw_shopped", "650", "MW", "gross", "2025-12-01", ""))
    book = Workbook()
    book.remove(book.active)
    for path in sorted((folder / "facts").glob("*.csv")):
        sheet = book.create_sheet(path.stem)
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                sheet.append(row)
    book.save(folder / "facts.xlsx")
    return folder


@pytest.fixture
def desk_folder(template, tmp_path):
    """A copy of that folder for one test."""
    return Path(shutil.copytree(template, tmp_path / "desk"))


@pytest.fixture(scope="module")
def told_without_sqlalchemy(shipped, tmp_path_factory):
    """What a push says in the bare environment; SQLAlchemy is there afterwards."""
    told = shipped.run("hpcval book push sqlite:///facts.db", tmp_path_factory.mktemp("bare"))
    shipped.install("[sql]", "requirements-dev.txt")
    return told


@pytest.fixture(scope="module")
def told_without_pages(shipped, tmp_path_factory):
    """What a page says in the bare environment; its packages are there afterwards."""
    told = shipped.run("hpcval tearsheet RIOT --out riot.pdf", tmp_path_factory.mktemp("no-pages"))
    shipped.install("[pages]", "requirements-dev.txt")
    return told


def shown_commands():
    """Every command line in the fenced blocks of the pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
            assert language in ("", "sh", "bat", "python", "text"), f"{page.name}: {language}"
            for line in block.splitlines():
                command = re.sub(r"\s+#.*|^#.*", "", line).strip()
                if command and language in ("sh", "bat"):
                    yield command
                elif re.match(r"(hpcval|make|pip|py|python3?) ", command):
                    pytest.fail(f"{page.name}: a block with commands is sh or bat: {line}")


def test_the_wheel_holds_the_data_the_macros_and_the_type_marker(shipped):
    names = zipfile.ZipFile(shipped.wheel).namelist()
    for name in ("inputs.csv", "format.csv", "SOURCES.md"):
        assert f"valuation_core/book/data/{name}" in names
    there = [str(path.relative_to(ROOT)) for path in ROOT.glob("addin/excel/**/*.bas")]
    assert there
    assert {"valuation_core/py.typed", "addin/calc/component.py", *there} <= set(names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "tools"))]


def test_installed_updated_and_removed_nothing_is_left(shipped, tmp_path):
    place = tmp_path / "ann"

    def said(command):
        done = shipped.run(f"hpcval {command} --profile ann", tmp_path)
        assert done.returncode == 0, done.stdout
        return done.stdout

    assert "would write the add-in" in said("install --dry-run")
    assert not place.exists()
    for _ in ("first", "again"):
        said("install")
        assert "round trip: a cold Python answered" in (doctor := said("doctor"))
        assert "No problems found." in doctor
        assert f"version {__version__}" in doctor
    assert "would remove the add-in" in said("uninstall --dry-run")
    assert len(list(place.rglob("hpc-valuation.xlam"))) == 1
    said("uninstall")
    assert not place.exists()


def test_the_model_is_built_with_and_without_macros(shipped, tmp_path):
    for command, name in (("build", "xlsx"), ("build --xlsm", "xlsm")):
        assert shipped.run(f"hpcval {command}", tmp_path).returncode == 0
        parts = read_parts(tmp_path / f"hpc-model-2025-09-26.{name}")
        assert ("xl/vbaProject.bin" in parts) == (name == "xlsm")
        assert read_cells(parts)["Summary"]["R8"].value == 1845  # RIOT: 0.5 x 600 x 6.15


def test_the_packages_are_those_of_the_environment(shipped, tmp_path):
    (tmp_path / "where.py").write_text(
        "import addin, valuation_core, workbook\n"
        "print(*(module.__file__ for module in (addin, valuation_core, workbook)), sep='\\n')\n"
    )
    files = shipped.run("python where.py", tmp_path).stdout.splitlines()
    assert len(files) == 3
    assert all(Path(file).is_relative_to(shipped.environment) for file in files), files


def test_the_python_of_the_readme_gives_the_figures_beside_it(shipped, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split("```python\n")[1].split("```")[0]
    block, count = re.subn(r"^(vc\..*?)  # ([\d.]+).*$", r"assert \1 == \2", block, flags=re.M)
    assert count == 2
    (tmp_path / "readme.py").write_text(block)
    done = shipped.run("python readme.py", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def in_turn(table):
    """Each command of a table as a case, those that take seconds among the long tests."""
    marks = {"engine": NEEDS_ENGINE, "long": LONG}
    return [
        pytest.param(
            command,
            marks=[getattr(pytest.mark, mark) for mark, those in marks.items() if command in those],
        )
        for command in table
    ]


@pytest.mark.parametrize("command", in_turn(COMMANDS))
def test_a_shown_command_does_what_the_page_says(shipped, desk_folder, command):
    _run_as_shown(shipped, desk_folder, command, COMMANDS[command])


@pytest.mark.parametrize("command", in_turn(WITH_DATABASE))
def test_a_shown_command_with_a_database(shipped, told_without_sqlalchemy, desk_folder, command):
    _run_as_shown(shipped, desk_folder, command, WITH_DATABASE[command])


def _run_as_shown(shipped, folder, command, words):
    if command in BEFORE:
        shipped.run(BEFORE[command], folder)
    done = shipped.run(command, folder)
    assert done.returncode == 0, done.stdout
    assert words in done.stdout


@pytest.mark.parametrize("command", in_turn(WITH_PAGES))
def test_a_shown_command_that_draws_pages(shipped, told_without_pages, desk_folder, command):
    _run_as_shown(shipped, desk_folder, command, WITH_PAGES[command])


def test_without_the_packages_of_pages_a_page_is_refused_with_what_to_do(told_without_pages):
    assert told_without_pages.returncode == 1
    assert 'pip install "hpc-valuation[pages]"' in told_without_pages.stdout


def test_without_sqlalchemy_a_database_is_refused_with_what_to_do(told_without_sqlalchemy):
    assert told_without_sqlalchemy.returncode == 1
    assert told_without_sqlalchemy.stdout.startswith("Error: databases need SQLAlchemy")
    assert "pip install SQLAlchemy" in told_without_sqlalchemy.stdout


def test_every_shown_command_is_in_a_table_above_and_the_reverse():
    dev = re.compile(r"(make|py -m tools\.dev) [\w-]+")  # tests/tools/test_dev.py knows these
    shown = {command for command in shown_commands() if not dev.fullmatch(command)}
    assert shown == {*COMMANDS, *WITH_DATABASE, *WITH_PAGES, *NOT_RUN}
    assert {*COMMANDS, *WITH_DATABASE, *WITH_PAGES} > LONG


def test_commands_within_sentences_exist_with_the_options_they_name():
    seen = 0
    for page in PAGES:
        for text in re.findall(r"`hpcval ([^`]+)`", page.read_text(encoding="utf-8")):
            command, options = main, []
            for word in text.split():
                options += [name for parameter in command.params for name in parameter.opts]
                if isinstance(command, click.Group) and word in command.commands:
                    command = command.commands[word]
                elif word.startswith("--"):
                    assert word in options, f"{page.name}: hpcval {text}"
                elif isinstance(command, click.Group):
                    assert word.isupper() or word == "...", f"{page.name}: hpcval {text}"
            seen += 1
    assert seen > 40
