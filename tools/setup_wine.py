"""Make a Windows for the tests: Wine, Python for Windows, pywin32 and xlwings in `build/.wine`.

Takes about two minutes and 1 GB the first time, nothing afterwards. Where something is missing it
says so loudly, and the tests that need it are skipped; it never stops a run.
"""

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from tools import windows_python
from tools.archives import BANNER, MissingError, run
from tools.windows_python import NUMPY

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / ".wine"
"""Hidden: the drive Z: in it is a link to the whole disk, and setuptools follows links, but into no
folder with a dot."""

NEEDED_SPACE = 3 * 10**9

PACKAGE = "wine64"
WINE = ("wine64", "/usr/lib/wine/wine64", "wine")
WINE_SERVER = ("wineserver64", "/usr/lib/wine/wineserver64", "wineserver")

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
    pins = [*windows_python.pinned(NUMPY), windows_python.PYTHON_SHA256, *SEARCH_PATH]
    return hashlib.sha256("\n".join(pins).encode()).hexdigest()


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
    """Put Windows Python there, which sees the checkout."""
    windows_python.unpack_python(folder, SEARCH_PATH)


def install_packages(folder):
    """Install the pinned packages as Windows under Wine takes them."""
    windows_python.install_packages(folder, windows_python.pinned(NUMPY))


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
