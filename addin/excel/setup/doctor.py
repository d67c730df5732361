"""Say in plain sentences whether the Excel add-in can work here, and what to do where it cannot."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, Final, Literal

from addin.excel.addin_file.files import is_addin
from addin.excel.addin_file.rule import pointer_text
from addin.excel.setup.environment import InterpreterError, console_of, describe_interpreter
from addin.excel.setup.install import InstallError, Manifest, read_manifest
from addin.excel.setup.places import ADDIN_FILE, Places
from valuation_core import __version__
from workbook.errors import WorkbookError
from workbook.macros.files import check_macros
from workbook.opc.package import read_parts

State = Literal["good", "note", "problem", "not run"]

SLOW_SECONDS: Final = 0.05
"""A call that takes longer makes a model of a few hundred functions wait."""

_ROUND_TRIP: Final = """
import json, time
from addin.boundary.call import call
from addin.boundary.desk import Desk
desk = Desk()
value = call(desk, "HPC_VALUE", ["RIOT", 0.5, 600.0])
start = time.perf_counter()
for _ in range(100):
    call(desk, "HPC_VALUE", ["RIOT", 0.5, 600.0])
print(json.dumps({"value": value, "each": (time.perf_counter() - start) / 100}))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it is, how it stands, and a sentence that says what to do."""

    subject: str
    state: State
    sentence: str


def examine(places: Places, *, start_processes: bool = True) -> Iterator[Finding]:
    """Look at one thing after the other; what depends on something missing is left out.

    Parameters
    ----------
    places : Places
        The profile.
    start_processes : bool
        Whether interpreters may be started; a dry run looks at files alone.
    """
    yield _system()
    try:
        manifest = read_manifest(places)
    except InstallError as error:
        yield Finding("installation", "problem", str(error))
        return
    if manifest is None:
        yield Finding("installation", "problem", "nothing is installed: run hpcval install")
        return
    yield _installation(manifest)
    yield from _addin_file(places, manifest)
    yield _pointer(places, manifest)
    yield _library(places)
    yield from _other_files(places)
    if start_processes:
        yield from _python(manifest)
    else:
        yield Finding("Python", "not run", f"a dry run does not start {manifest.interpreter}")
    yield from _excel(manifest)


def _system() -> Finding:
    if sys.platform == "win32":
        return Finding("system", "good", _windows())
    return Finding(
        "system", "note", f"this is {platform.system()}: Excel's own side was not looked at"
    )


def _windows() -> str:
    """Name the Windows that runs; `platform.platform()` asks a service that may not answer."""
    found = sys.getwindowsversion()  # type: ignore[attr-defined,unused-ignore]
    return f"Windows {found.major}.{found.minor}.{found.build}"


def _installation(manifest: Manifest) -> Finding:
    if manifest.version != __version__:
        return Finding(
            "installation",
            "problem",
            f"version {manifest.version} is installed, this is {__version__}: run hpcval install",
        )
    how = "attaching to hpcval serve" if manifest.attach_only else "starting Python by itself"
    return Finding("installation", "good", f"version {manifest.version}, {how}")


def _addin_file(places: Places, manifest: Manifest) -> Iterator[Finding]:
    path = Path(manifest.addin)
    if not path.exists():
        yield Finding("add-in file", "problem", f"{path} is missing: run hpcval install")
        return
    try:
        complaints = check_macros(read_parts(path))
    except WorkbookError as error:
        complaints = [str(error)]
    if complaints:
        yield Finding("add-in file", "problem", f"{complaints[0]}: run hpcval install")
    elif path != places.addin:
        yield Finding("add-in file", "problem", f"{path} belongs to another profile")
    elif not is_addin(path):
        yield Finding("add-in file", "problem", f"{path} was changed since: run hpcval install")
    else:
        yield Finding("add-in file", "good", f"{path}, {_sameness(path)}")
    yield _blocked(path)


def _sameness(path: Path) -> str:
    """Say what a person compares between desks."""
    signed = any("vbaProjectSignature" in part for part in read_parts(path))
    digest = sha256(path.read_bytes()).hexdigest()
    return f"{'signed' if signed else 'not signed'}, SHA-256 {digest}"


def _pointer(places: Places, manifest: Manifest) -> Finding:
    """Look at the line by which the add-in finds Python: it may have been typed into."""
    wanted = pointer_text(places.home, Path(manifest.interpreter), manifest.attach_only)
    try:
        found = places.pointer.read_bytes().splitlines()[:1]
    except FileNotFoundError:
        return Finding("rule", "problem", f"{places.pointer} is missing: run hpcval install")
    if found != [wanted.encode("mbcs" if sys.platform == "win32" else "cp1252")]:
        return Finding(
            "rule", "problem", f"{places.pointer} does not name {wanted}: run hpcval install"
        )
    return Finding("rule", "good", f"{places.pointer} names {wanted}")


def _library(places: Places) -> Finding:
    wanted = places.library(_excel_bits() or 64)
    if wanted.exists():
        return Finding("library", "good", str(wanted))
    if sys.platform != "win32":
        return Finding("library", "note", "xlwings brings its library on Windows only")
    return Finding("library", "problem", f"{wanted} is missing: run hpcval install")


def _blocked(path: Path) -> Finding:
    """Windows marks what was downloaded by a stream beside the file; Excel runs no macro of it."""
    try:
        zone = Path(f"{path}:Zone.Identifier").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Finding("blocked", "good", "Windows has not marked the add-in as downloaded")
    place = re.search(r"ZoneId=(\d)", zone)
    if place and int(place[1]) < 3:
        return Finding("blocked", "good", "the add-in is marked as local")
    return Finding(
        "blocked",
        "problem",
        f"Windows marked {path} as downloaded, so its macros do not run: "
        "open its Properties and tick Unblock, or run hpcval install",
    )


def _other_files(places: Places) -> Iterator[Finding]:
    """Two add-ins with the same functions are one too many: which of them answers is chance."""
    if not places.start_folder.is_dir():
        return
    for path in sorted(places.start_folder.iterdir()):
        if path.name != ADDIN_FILE and re.match(r"hpc.*\.xla[m]?$", path.name, re.IGNORECASE):
            yield Finding("other add-ins", "note", f"{path} may hold the same functions: remove it")


def _python(manifest: Manifest) -> Iterator[Finding]:
    interpreter = Path(manifest.interpreter)
    if not interpreter.exists():
        yield Finding("Python", "problem", f"{interpreter} is missing: run hpcval install")
        return
    try:
        described = describe_interpreter(interpreter)
    except InterpreterError as error:
        yield Finding("Python", "problem", f"{error}: run hpcval install")
        return
    names = ("numpy", "pandas", "xlwings")
    versions = ", ".join(f"{name} {described[name]}" for name in names)
    text = f"Python {described['python']}, {described['bits']} bit, {versions}"
    if described["hpc-valuation"] != manifest.version:
        wrong = f"{interpreter} has hpc-valuation {described['hpc-valuation']}"
        yield Finding("Python", "problem", f"{wrong}: run hpcval install")
    else:
        yield Finding("Python", "good", text)
    yield _round_trip(interpreter)


def _round_trip(interpreter: Path) -> Finding:
    """Let the add-in's Python evaluate functions, as the server does; its cache is thrown away."""
    with tempfile.TemporaryDirectory() as cache:
        start = perf_counter()
        try:
            answer = subprocess.run(  # noqa: S603  the interpreter that was installed
                [str(console_of(interpreter)), "-I", "-B", "-c", _ROUND_TRIP],
                capture_output=True,
                text=True,
                timeout=120,
                check=True,
                env={**os.environ, "HPCVAL_CACHE": cache, "XDG_CACHE_HOME": cache},
            )
            found = json.loads(answer.stdout)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            return Finding("round trip", "problem", f"no value came back: {error}")
    total = perf_counter() - start
    if found["value"] != 1845.0:
        return Finding("round trip", "problem", f"HPC_VALUE gave {found['value']}, not 1,845")
    slow = found["each"] > SLOW_SECONDS
    return Finding(
        "round trip",
        "note" if slow else "good",
        f"a cold Python answered after {total:.1f} s; each later call took "
        f"{found['each'] * 1000:.2f} ms without Excel",
    )


def _excel(manifest: Manifest) -> Iterator[Finding]:
    if sys.platform != "win32":
        yield Finding("Excel", "not run", "Excel runs on Windows")
        return
    bits = _excel_bits()
    if bits is None:
        yield Finding("Excel", "problem", "no Excel 2016 or newer was found in the registry")
    else:
        yield Finding("Excel", "good", f"{bits} bit")
    if _policy("VBAWarnings") == 4:
        yield Finding("macros", "problem", "a policy disables all macros: ask IT, see docs/it.md")
    elif _policy("VBAWarnings") == 3:
        yield Finding(
            "macros", "problem", "a policy allows signed macros only: ask IT to sign the add-in"
        )
    else:
        yield Finding("macros", "good", "no policy forbids macros of the start folder")
    if not manifest.attach_only:
        yield Finding(
            "child processes",
            "note",
            "if a policy keeps Excel from starting programs, install with --attach",
        )


def _registry(read: Callable[[Any], Any]) -> Any:
    """Read the registry, where there is one; None for what is not there."""
    if sys.platform != "win32":
        return None
    import winreg

    try:
        return read(winreg)
    except OSError:
        return None


def _excel_bits() -> int | None:
    def click_to_run(winreg: Any) -> int:
        place = r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return 64 if winreg.QueryValueEx(key, "Platform")[0] == "x64" else 32

    def installer(winreg: Any) -> int:
        place = r"SOFTWARE\Microsoft\Office\16.0\Outlook"
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return 64 if winreg.QueryValueEx(key, "Bitness")[0] == "x64" else 32

    found: int | None = _registry(click_to_run) or _registry(installer)
    return found


def _policy(name: str) -> int | None:
    def read(winreg: Any) -> int:
        place = r"SOFTWARE\Policies\Microsoft\Office\16.0\Excel\Security"
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, place) as key:
            return int(winreg.QueryValueEx(key, name)[0])

    found: int | None = _registry(read)
    return found
