"""Find LibreOffice and let it evaluate a workbook with our functions; nothing is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs

import addin
from addin.calc.profile import write_profile
from addin.interrupts import held, released
from addin.sources import is_url

SYSTEM_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
"""An activated virtual environment on PATH would keep LibreOffice from loading our component."""

HOW_TO_INSTALL: Final = (
    "LibreOffice with its Python bridge is needed; on Debian or Ubuntu: "
    "apt-get install --no-install-recommends libreoffice-calc python3-uno"
)
SIDE_PACKAGES: Final = ("numpy", "pandas", "platformdirs")


class EngineError(RuntimeError):
    """LibreOffice is missing, failed or took too long; the message says what to do."""


def find_office() -> Path | None:
    """Give the LibreOffice program, where it and its Python bridge are installed."""
    found = shutil.which("soffice", path=SYSTEM_PATH) or shutil.which("soffice")
    if found is None:
        return None
    program = Path(found).resolve()
    bridge = program.parent / "libpythonloaderlo.so"
    return program if bridge.exists() and _office_python(program) else None


@lru_cache(maxsize=4)
def _office_python(program: Path) -> str | None:
    """Give the version of the Python inside LibreOffice, such as "3.11"."""
    own = program.parent / "python"
    python = str(own) if own.exists() else "/usr/bin/python3"
    question = "import sys, uno; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(  # noqa: S603  LibreOffice's or the system's own interpreter
            [python, "-c", question],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={"PATH": SYSTEM_PATH},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def package_folders(program: Path) -> list[str]:
    """Give the folders in which LibreOffice's Python finds our code and what it needs."""
    ours = str(Path(addin.__file__).parents[1])
    version = _office_python(program)
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return [ours, str(Path(np.__file__).parents[1])]
    return [ours, str(_side_folder(version or ""))]


def _side_folder(version: str) -> Path:
    """Install numpy and pandas for another Python version next to ours, once."""
    folder = platformdirs.user_cache_path("hpc-valuation", appauthor=False) / f"python{version}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder.parent))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(staging)]
    command += ["--python-version", version, "--only-binary=:all:", *SIDE_PACKAGES]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        staging.rename(folder)
    except subprocess.CalledProcessError as error:
        raise EngineError(
            f"LibreOffice runs Python {version}; packages for it could not be installed: "
            f"{error.stderr.strip().splitlines()[-1] if error.stderr else error}"
        ) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def convert(
    source: Path,
    target_format: str,
    out_folder: Path,
    *,
    facts: Path | str | None = None,
    timeout: float = 180.0,
) -> Path:
    """Let LibreOffice load a workbook, recalculate it with our functions and save it.

    As `convert_all`, for one workbook.
    """
    return convert_all([source], target_format, out_folder, facts=facts, timeout=timeout)[0]


def convert_all(
    sources: Sequence[Path],
    target_format: str,
    out_folder: Path,
    *,
    facts: Path | str | None = None,
    timeout: float = 180.0,
) -> list[Path]:
    """Let one start of LibreOffice load, recalculate and save workbooks.

    Parameters
    ----------
    sources : sequence of pathlib.Path
        Workbooks of different names; calls of our functions must be translated already.
    target_format : str
        Target as LibreOffice names it, such as "xlsx:Calc MS Excel 2007 XML" or "pdf".
    out_folder : pathlib.Path
        Where the result goes.
    facts : path or str, optional
        Source of facts to read in place of the shipped book.
    timeout : float
        Seconds after which LibreOffice is ended.

    Raises
    ------
    EngineError
        When LibreOffice is missing, fails or takes too long.
    """
    program = find_office()
    if program is None:
        raise EngineError(HOW_TO_INSTALL)
    with tempfile.TemporaryDirectory(prefix="hpcval-office-") as name:
        profile = Path(name) / "profile"
        scratch = Path(name) / "scratch"
        scratch.mkdir()
        write_profile(profile)
        environment = {
            "PATH": SYSTEM_PATH,
            "HOME": name,
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "HPCVAL_PYTHONPATH": os.pathsep.join(package_folders(program)),
            "HPCVAL_CACHE": str(Path(name) / "books"),
            "HPCVAL_BOOK": _absolute(facts),
        }
        command = _command(program, profile, target_format, out_folder, sources)
        try:
            output = _run(command, environment, timeout)
        finally:
            _pipe_of(profile).unlink(missing_ok=True)
    ending = target_format.split(":")[0]
    results = [out_folder / f"{source.stem}.{ending}" for source in sources]
    for source, result in zip(sources, results, strict=True):
        if not result.exists():
            raise EngineError(
                f"LibreOffice could not convert {source.name}: {output[-500:].strip()}"
            )
    return results


def _pipe_of(profile: Path) -> Path:
    """Give the pipe of a profile, which LibreOffice leaves behind when it is ended."""
    digest = md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    user = os.getuid() if hasattr(os, "getuid") else ""
    return Path(f"/tmp/OSL_PIPE_{user}_SingleOfficeIPC_{''.join(f'{byte:x}' for byte in digest)}")  # noqa: S108  LibreOffice's own place


def _absolute(facts: Path | str | None) -> str:
    """Write a source of facts so that it is found from another working folder."""
    if facts is None or is_url(facts):
        return str(facts or "")
    return str(Path(facts).resolve())


def _command(
    program: Path, profile: Path, target_format: str, out_folder: Path, sources: Sequence[Path]
) -> list[str]:
    types = (program.parent / "types").as_uri()
    services = (program.parent / "services").as_uri()
    return [
        str(program),
        "--headless",
        "--norestore",
        f"-env:UserInstallation={profile.as_uri()}",
        f"-env:URE_MORE_TYPES=<{types}>* {(profile / 'XHpc.idl').as_uri()}",
        f"-env:URE_MORE_SERVICES=<{services}>* {(profile / 'services.rdb').as_uri()}",
        "--convert-to",
        target_format,
        "--outdir",
        str(out_folder),
        *map(str, sources),
    ]


def _run(command: Sequence[str], environment: dict[str, str], timeout: float) -> str:
    """Run a program in a process group of its own, so that its children end with it."""
    with held():  # a signal now would leave a process that nobody knows
        process = subprocess.Popen(  # noqa: S603  the program found above, our own arguments
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            with released():
                return process.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired:
            _end(process)
            raise EngineError(f"LibreOffice took longer than {timeout:g} s and was ended") from None
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    """End a program and its children, whatever interrupted us: nothing is written after this."""
    with suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()  # the output ends when the last of them is gone
