"""Make sure a real spreadsheet engine is there for the tests, or say loudly that it is not."""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = ("libreoffice-calc", "python3-uno", "poppler-utils")
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
BANNER = "*" * 78


def main():
    """Install LibreOffice, and what draws its pages, where apt and root allow it."""
    if not missing():
        return
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print(f"Installing {' '.join(PACKAGES)} (about a minute) ...", flush=True)
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update", "-qq"], env=quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
        subprocess.run(install, env=quiet, stdout=subprocess.DEVNULL)
    if missing():
        print(BANNER)
        print(f"NOT AVAILABLE: {' and '.join(missing())}.")
        print(
            "The tests that let a real spreadsheet engine evaluate or draw our cells will NOT run."
        )
        print("To get it on Debian or Ubuntu:")
        print(f"    apt-get install --no-install-recommends {' '.join(PACKAGES)}")
        print(BANNER, flush=True)


def missing():
    """Name what is not installed."""
    there = {
        "LibreOffice with its Python bridge": has_office(),
        "pdftoppm": shutil.which("pdftoppm") is not None,
    }
    return [name for name, found in there.items() if not found]


def has_office():
    """Tell whether LibreOffice and its bridge to Python are installed."""
    office = shutil.which("soffice", path=SYSTEM_PATH) or shutil.which("soffice")
    if office is None:
        return False
    return (Path(office).resolve().parent / "libpythonloaderlo.so").exists()
