"""Install the add-in into a user profile, and remove exactly what was installed.

What will be done is first laid down as a list of steps, so that a dry run shows the truth.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from addin.excel.addin_file.files import addin_bytes, is_addin
from addin.excel.addin_file.rule import LIBRARIES, pointer_text
from addin.excel.setup.environment import (
    InterpreterError,
    describe_interpreter,
    library_of,
    make_environment,
)
from addin.excel.setup.places import Places, interpreter_of
from valuation_core import __version__

IN_USE: Final = "close Excel and every hpcval serve, then run this again"


class InstallError(RuntimeError):
    """Nothing, or not all, could be installed or removed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: how it reads, what does it, and what takes it back.

    A step that nothing takes back stands: when a later one fails, it and all before it stay.
    """

    text: str
    do: Callable[[], None]
    undo: Callable[[], None] | None = None


@dataclass
class Manifest:
    """What was installed: exactly this is removed again."""

    version: str
    addin: str
    addin_sha256: list[str]
    """The file as written; while one replaces another, both."""
    interpreter: str
    attach_only: bool
    environments: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """What the add-in finds by its rule: the libraries, and the line that names the interpreter."""
    folders: list[str] = field(default_factory=list)
    """Folders that were not there before, outermost first."""


def read_manifest(places: Places) -> Manifest | None:
    """Give what is installed, or None."""
    try:
        return Manifest(**json.loads(places.manifest.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise InstallError(
            f"{places.manifest} is damaged: delete {places.home} and {places.addin} by hand"
        ) from None


def plan_install(
    places: Places,
    *,
    python: Path | None = None,
    attach_only: bool = False,
    addin: Path | None = None,
) -> list[Step]:
    """Lay down the steps of an installation.

    Parameters
    ----------
    places : Places
        The profile.
    python : pathlib.Path, optional
        An interpreter that has these packages, to use in place of a private environment.
    attach_only : bool
        Whether Excel attaches to `hpcval serve` and never starts Python.
    addin : pathlib.Path, optional
        The add-in of this version, signed. Without it, one that is in place already stays, lest a
        signature be lost.

    Raises
    ------
    InstallError
        Where `addin` is another file.
    """
    if addin is not None and not is_addin(addin):
        raise InstallError(f"{addin} does not hold the macros of version {__version__}")
    before = read_manifest(places)
    environment = None if python else _free_environment(places)
    interpreter = python or interpreter_of(environment or places.home)
    missing = [*_missing_folders(places.start_folder), *_missing_folders(places.library_folder)]
    folders = list(dict.fromkeys(missing))
    after = Manifest(
        __version__,
        str(places.addin),
        [],
        str(interpreter),
        attach_only,
        [str(environment)] if environment else [],
        [],
        [*(before.folders if before else []), *map(str, folders)],
    )
    steps = [
        Step(f"create the folder {folder}", folder.mkdir, partial(_leave, folder))
        for folder in folders
    ]
    if environment is not None:
        text = f"copy Python's packages to the private environment {environment}"
        steps.append(
            Step(text, partial(make_environment, environment), partial(_remove, environment))
        )
    verb = "replace" if places.addin.exists() else "write"
    what = f"{verb} the add-in {places.addin}, {places.pointer} and {places.library_folder}"
    steps.append(Step(what, lambda: _write_files(places, after, before, addin)))
    steps += [
        Step(f"remove the earlier environment {name}", partial(_remove, Path(name)))
        for name in (before.environments if before else [])
    ]
    note = f"note what was installed in {places.manifest}"
    return [*steps, Step(note, partial(_note, places, after))]


def _free_environment(places: Places) -> Path:
    """Give a folder for the environment that no earlier installation occupies."""
    number, version = 1, __version__
    while places.environment(version).exists():
        number += 1
        version = f"{__version__}-{number}"
    return places.environment(version)


def _missing_folders(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    return missing[::-1]


def _write_files(
    places: Places, after: Manifest, before: Manifest | None, signed: Path | None
) -> None:
    """Write the add-in and what its rule finds, all or none; the interpreter is asked first."""
    contents = _contents(places, after, signed)
    after.addin_sha256 = [sha256(contents[places.addin]).hexdigest()]
    after.files = [str(path) for path in contents if path != places.addin]
    earlier = {path: path.read_bytes() if path.exists() else None for path in contents}
    try:
        # Noted first, with what it replaces: whatever happens next can be removed.
        _note(places, after if before is None else _both(after, before))
        for path, data in contents.items():
            # What is the same already may be in use.
            if data != earlier[path]:
                _put(path, data)
    except BaseException:
        for path in contents:
            with suppress(OSError):
                _restore(path, earlier[path])
        if before is None:
            places.manifest.unlink(missing_ok=True)
        else:
            _note(places, before)
        raise


def _contents(places: Places, after: Manifest, signed: Path | None) -> dict[Path, bytes]:
    """Give what each file is to hold; the add-in last, as an open Excel holds it."""
    interpreter = Path(after.interpreter)
    described = describe_interpreter(interpreter)
    if described["hpc-valuation"] != __version__:
        raise InterpreterError(
            f"{interpreter} has hpc-valuation {described['hpc-valuation']}, this is {__version__}"
        )
    found: dict[Path, bytes] = {}
    for bits in LIBRARIES:
        source = library_of(interpreter, described, bits)
        if source is not None:
            found[places.library(bits)] = source.read_bytes()
        elif sys.platform == "win32":
            raise InterpreterError(f"xlwings' library is not beside {interpreter}: reinstall it")
    found[places.pointer] = _for_vba(pointer_text(places.home, interpreter, after.attach_only))
    if signed is None and is_addin(places.addin):
        signed = places.addin
    found[places.addin] = addin_bytes() if signed is None else signed.read_bytes()
    return found


def _for_vba(line: str) -> bytes:
    """Write a line as VBA reads it: in the code page of Windows."""
    page = "mbcs" if sys.platform == "win32" else "cp1252"
    try:
        return f"{line}\r\n".encode(page)
    except UnicodeEncodeError as error:
        letter = line[error.start]
        raise InterpreterError(
            f"macros cannot read the path {line}: the code page of Windows has no {letter!r}"
        ) from None


def _put(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _restore(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != data:
        _put(path, data)


def _both(after: Manifest, before: Manifest) -> Manifest:
    return replace(
        after,
        addin_sha256=[*after.addin_sha256, *before.addin_sha256],
        environments=[*after.environments, *before.environments],
        files=list(dict.fromkeys([*after.files, *before.files])),
    )


def _note(places: Places, manifest: Manifest) -> None:
    part = places.manifest.with_name(".installed.part")
    part.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    part.replace(places.manifest)


def plan_uninstall(places: Places) -> list[Step]:
    """Lay down the steps that remove what was installed, and nothing else.

    Raises
    ------
    InstallError
        When nothing is installed, or the add-in file is not the one that was installed.
    """
    manifest = read_manifest(places)
    if manifest is None:
        raise InstallError(f"nothing is installed in {places.home}")
    addin = Path(manifest.addin)
    steps = []
    if addin.exists():
        known = sha256(addin.read_bytes()).hexdigest() in manifest.addin_sha256
        if not known and not is_addin(addin):
            raise InstallError(
                f"{addin} was changed since it was installed: keep a copy if you need it, "
                "delete it, then run this again"
            )
        steps.append(Step(f"remove the add-in {addin}", addin.unlink))
    steps += [
        Step(f"remove the private environment {name}", partial(_remove, Path(name)))
        for name in manifest.environments
    ]
    steps += [
        Step(f"remove {name}", partial(Path(name).unlink, missing_ok=True))
        for name in manifest.files
    ]
    steps.append(Step(f"remove {places.manifest}", places.manifest.unlink))
    steps += [
        Step(f"remove the folder {name}, if nothing else is in it", partial(_leave, Path(name)))
        for name in reversed(manifest.folders)
    ]
    return steps


def carry_out(steps: list[Step], report: Callable[[str], None]) -> None:
    """Do the steps in order, reporting each that is done; where one fails, take back the others.

    Raises
    ------
    InstallError
        With what to do, where a file is in use or missing or an interpreter does not serve.
    """
    done: list[Step] = []
    for step in steps:
        try:
            step.do()
        except BaseException as error:
            _take_back(done, report)
            if isinstance(error, InterpreterError):
                raise InstallError(str(error)) from None
            if isinstance(error, PermissionError):
                raise InstallError(f"{error.filename} is in use or protected: {IN_USE}") from None
            if isinstance(error, OSError):
                raise InstallError(f"{step.text}: {_cause(error)}") from None
            raise
        report(f"done: {step.text}")
        done = [] if step.undo is None else [*done, step]


def _take_back(done: list[Step], report: Callable[[str], None]) -> None:
    """Undo steps, last first; one that cannot be undone does not keep the others."""
    for step in reversed(done):
        try:
            if step.undo is not None:
                step.undo()
        except OSError as error:
            report(f"could not take back: {step.text} ({_cause(error)})")
        else:
            report(f"taken back: {step.text}")


def _cause(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{reason}: {error.filename}" if error.filename else reason


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _leave(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
