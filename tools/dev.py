"""The commands of a developer: `make NAME`, or on Windows `py -m tools.dev NAME`.

Runs on the bare Python of a fresh machine, so it uses the standard library alone. A command first
makes `.venv` ready, which is quick where nothing changed.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tools import setup_environment, setup_office

ROOT = Path(__file__).resolve().parents[1]
VENV = ".venv"
RUN, DEV = "requirements.txt", "requirements-dev.txt"

PYTEST = ("python", "-m", "pytest")
TWO = ("-n", "2", "--dist", "worksteal")
"""Two tests at a time: each worker takes half of the files in order, so that the tests of a file
share what they build, and at the end takes over what is left of the other half."""
CORE = ("valuation_core", "addin/boundary", "tests/valuation_core", "tests/addin/boundary")


class Command(NamedTuple):
    """What it is for, the packages it needs, whether it wants LibreOffice, and what is run."""

    text: str
    lock: str = DEV
    """An empty one is for commands that must work where no environment can be made."""
    office: bool = False
    lines: tuple = ()


COMMANDS = {
    "demo": Command(
        "build the September 2025 model and print the coverage table",
        RUN,
        lines=(("hpcval", "build", "--out", "build/hpc-model-2025-09-26.xlsx", "--force"),),
    ),
    "quick": Command(
        "run the tests of the core and of the boundary (under 20 seconds)",
        lines=((*PYTEST, *TWO, "-q", "-m", "not long", *CORE),),
    ),
    "test": Command(
        "run the tests, the spreadsheet engine's included (about 9 minutes on two cores)",
        office=True,
        lines=((*PYTEST, *TWO, "-m", "not long"),),
    ),
    "test-long": Command(
        "run the proofs that take longer",
        office=True,
        lines=(
            ("python", "-m", "tools.setup_wine"),
            ("python", "-m", "tools.installer", "optional"),
            ("python", "-m", "tools.fetch_workbooks"),
            (*PYTEST, *TWO, "-m", "long and not alone"),
            (*PYTEST, "-m", "long and alone"),
        ),
    ),
    "test-windows": Command(
        "the server for Excel in Windows Python under Wine (a part of test-long)",
        lines=(("python", "-m", "tools.setup_wine"), (*PYTEST, "-m", "windows")),
    ),
    "installer": Command(
        "make the setup program for Windows (on Linux; build/installer)",
        RUN,
        lines=(("python", "-m", "tools.installer"),),
    ),
    "check": Command(
        "style, types, import contract",
        lines=(
            ("ruff", "format", "--check", "."),
            ("ruff", "check", "."),
            ("mypy",),
            ("lint-imports", "--no-cache"),
        ),
    ),
    "format": Command(
        "bring the style in order",
        lines=(("ruff", "format", "."), ("ruff", "check", "--fix", ".")),
    ),
    "bench": Command(
        "speed, as ratios within one run", office=True, lines=(("python", "-m", "benchmarks"),)
    ),
    "docs": Command(
        "write the generated reference pages anew",
        lines=(("python", "-m", "tools.reference", "docs"),),
    ),
    "golden": Command(
        "write the golden files of the tests anew",
        lines=(
            ("python", "-m", "tests.golden.remake"),
            ("python", "-m", "tests.workbook.model.golden"),
        ),
    ),
    "picture": Command(
        "draw the sheets that README and docs show anew",
        office=True,
        lines=(("python", "-m", "tools.picture", "docs"),),
    ),
    "lock": Command(
        "pin the newest allowed versions anew",
        "",
        lines=(("python", "-m", "tools.lock", RUN, DEV),),
    ),
    "clean": Command("remove the environment and what was built", ""),
}


def main(name="help", *rest):
    """Carry out one command; the first line that fails ends it with its status."""
    if rest or name not in COMMANDS:
        show_commands()
        sys.exit(0 if name == "help" and not rest else 2)
    command = COMMANDS[name]
    if command.lock:
        prepare(command.lock)
    if command.office:
        setup_office.main()
    if name == "clean":
        for folder in (VENV, "build"):
            shutil.rmtree(ROOT / folder, ignore_errors=True)
    for program, *arguments in command.lines:
        path = setup_environment.program(ROOT / VENV, program) if command.lock else sys.executable
        status = subprocess.run([str(path), *arguments], cwd=ROOT).returncode
        if status:
            sys.exit(status)


def show_commands():
    """Print the list."""
    how = "py -m tools.dev" if sys.platform == "win32" else "make"
    for name, command in COMMANDS.items():
        print(f"{how} {name:<13} {command.text}")


def prepare(lock):
    """Install what a lock file names, unless that was done since it last changed."""
    names = (RUN, lock, "pyproject.toml", "tools/setup_environment.py")
    recipe = "".join((ROOT / name).read_text(encoding="utf-8") for name in names)
    stamp = ROOT / VENV / f".{lock}"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != recipe:
        setup_environment.main(VENV, lock)
        stamp.write_text(recipe, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
