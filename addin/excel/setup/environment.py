"""The add-in's private Python environment: the packages of this one, copied, at the same versions.

Nothing is downloaded: a desk without a package index gets what already runs here, and a later
upgrade of another environment cannot change the add-in's figures.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

import addin

PROJECT: Final = "hpc-valuation"
OWN_PACKAGES: Final = ("addin", "workbook", "valuation_core")
DATABASES: Final = (
    "sqlalchemy",
    "psycopg",
    "psycopg-binary",
    "psycopg2",
    "psycopg2-binary",
    "pyodbc",
    "pymysql",
    "oracledb",
)
"""What reads facts from a database for the button Refresh: copied where it is installed."""

SLIDES: Final = ("python-pptx",)
"""What the button Tear sheets writes slides with: copied where it is installed."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_QUESTION: Final = """
import json, struct, sys
from importlib.metadata import version
from valuation_core import __version__
names = ("numpy", "pandas", "xlwings")
print(json.dumps({"python": "%d.%d.%d" % sys.version_info[:3], "bits": struct.calcsize("P") * 8,
    "prefix": sys.prefix, "base": sys.base_prefix, "hpc-valuation": __version__,
    **{name: version(name) for name in names}}))
"""


class InterpreterError(RuntimeError):
    """An interpreter cannot serve the add-in; the message says why."""


def make_environment(folder: Path) -> None:
    """Make the private environment in a folder that is not there yet, in one step.

    Raises
    ------
    InterpreterError
        When this Python cannot make environments.
    """
    try:
        import venv
    except ImportError:
        # Python's embeddable package for Windows is one.
        raise InterpreterError(
            f"{sys.executable} cannot make a private environment (it has no venv): "
            "run hpcval install --python with a Python that has these packages"
        ) from None
    staging = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        venv.EnvBuilder(symlinks=sys.platform != "win32").create(staging)
        target = _site_packages(staging)
        for name in OWN_PACKAGES:
            source = Path(addin.__file__).parents[1] / name
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        for package in required_distributions():
            _copy_distribution(package, target, staging)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def required_distributions(name: str = PROJECT) -> list[Distribution]:
    """Give the distributions that this project needs here, directly or through others."""
    found: dict[str, Distribution] = {}
    waiting = [*_requirements(distribution(name)), *DATABASES, *SLIDES]
    while waiting:
        needed = waiting.pop()
        if needed in found:
            continue
        try:
            found[needed] = distribution(needed)
        except PackageNotFoundError:
            continue  # needed on other systems only, or not used here
        waiting += _requirements(found[needed])
    return [found[needed] for needed in sorted(found)]


def _requirements(package: Distribution) -> Iterator[str]:
    for line in package.requires or ():
        requirement, _, marker = line.partition(";")
        if "extra" not in marker and (match := _NAME.match(requirement.strip())):
            yield match[0].lower().replace("_", "-").replace(".", "-")


def _copy_distribution(package: Distribution, target: Path, environment: Path) -> None:
    """Copy the files of a distribution; libraries beside the interpreter go beside the new one."""
    for file in package.files or ():
        source = Path(str(package.locate_file(file)))
        if "__pycache__" in file.parts or not source.is_file():
            continue
        if file.parts[0] != "..":
            place = target.joinpath(*file.parts)
        elif file.suffix.lower() == ".dll":
            place = environment / file.name
        else:
            continue  # commands and manuals, which a server needs not
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, place)


def _site_packages(environment: Path) -> Path:
    scheme = "nt" if sys.platform == "win32" else "posix_prefix"
    known = {"base": str(environment), "platbase": str(environment)}
    return Path(sysconfig.get_path("purelib", scheme, vars=known))


def describe_interpreter(interpreter: Path) -> dict[str, Any]:
    """Ask an interpreter for its versions and bitness, as the add-in will start it.

    Raises
    ------
    InterpreterError
        When it does not run, or lacks a package.
    """
    try:
        answer = subprocess.run(  # noqa: S603  the interpreter that the person installing named
            [str(console_of(interpreter)), "-I", "-B", "-c", _QUESTION],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    except OSError as error:
        raise InterpreterError(f"{interpreter} does not run: {error.strerror or error}") from None
    except subprocess.TimeoutExpired:
        raise InterpreterError(f"{interpreter} gave no answer within 120 s") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()
        cause = last[-1] if last else f"status {error.returncode}"
        raise InterpreterError(f"{interpreter} cannot serve the add-in: {cause}") from None
    try:
        described: dict[str, Any] = json.loads(answer.stdout)
    except ValueError:
        raise InterpreterError(f"{interpreter} does not answer as Python does") from None
    return described


def library_of(interpreter: Path, described: dict[str, Any], bits: int) -> Path | None:
    """Give xlwings' library beside an interpreter that described itself; None where it has none."""
    name = f"xlwings{bits}-{described['xlwings']}.dll"
    known = (described["prefix"], interpreter.parent, described["base"])
    paths = [Path(folder) / name for folder in known]
    return next((path for path in paths if path.exists()), None)


def console_of(interpreter: Path) -> Path:
    """Give the interpreter whose answers can be read: pythonw.exe has no output."""
    return interpreter.with_name("python.exe") if interpreter.name == "pythonw.exe" else interpreter
