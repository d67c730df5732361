"""Make the setup program for Windows: `make installer`, on Linux.

For analysts without Python: an .exe that installs Python, the packages of the lock file and this
project for one user. `PYTHON_ZIP=FILE` takes another embeddable Python, `ADDIN=FILE` the add-in
that the bank has signed; the program `SIGN=FILE` signs the .exe and its uninstaller in place.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import windows_python
from tools.archives import BANNER, MissingError, run
from tools.windows_python import PYTHON_TAG, ROOT

FOLDER = ROOT / "build" / "installer"
SCRIPT = ROOT / "tools" / "installer.nsi"
ADDIN = "hpc-valuation.xlam"
PACKAGE = "nsis"
OWN_PACKAGES = ("addin", "workbook", "valuation_core")
SEARCH_PATH = ("{zip}", ".", r"Lib\site-packages", "import site")

LEFT_OUT = (
    "xlwings/pro",  # another licence, for other uses than ours
    "xlwings-*/licenses/LICENSE_PRO.txt",
    "adodbapi",  # another licence; a part of pywin32 that nothing here uses
    "pythonwin",
    "isapi",
    "PyWin32.chm",
    "bin",
    "numpy/**/tests",
    "pandas/tests",
    "olefile/olefile2.py",  # for Python 2
    "*.whl",
)
"""What is not installed, in the folder of packages."""

COMMANDS = {
    "hpcval.cmd": '@"%~dp0python.exe" -I -B -m addin %*\n',
    "commands.cmd": '@set "PATH=%~dp0;%PATH%"\n@cd /d "%USERPROFILE%"\n@call hpcval --help\n',
}
"""What a person starts: hpcval, and a window in which it is found."""


def main(optional=None):
    """Make the setup program, or say what is missing; `optional` then is no failure."""
    start = time.monotonic()
    try:
        makensis = find_makensis()
        shutil.rmtree(FOLDER, ignore_errors=True)
        stage = FOLDER / "program"
        fill(stage, windows_python.pinned(), os.environ.get("PYTHON_ZIP"))
        addin = os.environ.get("ADDIN")
        if addin:
            shutil.copy(addin, stage / ADDIN)
        setup = FOLDER / f"hpc-valuation-{version_in(stage)}-setup.exe"
        sign = os.environ.get("SIGN")
        compile_setup(makensis, stage, setup, sign=sign and Path(sign).absolute())
        write_addin(FOLDER / ADDIN)
    except (MissingError, OSError, subprocess.SubprocessError) as error:
        print(BANNER)
        print(f"NOT AVAILABLE: the setup program for Windows. {error}")
        print(f"What it needs on Debian or Ubuntu: apt-get install {PACKAGE}")
        print(BANNER, flush=True)
        sys.exit(0 if optional else 1)
    size, digest = setup.stat().st_size, hashlib.sha256(setup.read_bytes()).hexdigest()
    print(f"{setup.relative_to(ROOT)}: {size / 1e6:.1f} MB ({time.monotonic() - start:.0f} s)")
    print(f"SHA-256 {digest}", flush=True)


def made():
    """Give the setup program that was made last, if it was made whole."""
    return next(FOLDER.glob("*-setup.exe"), None) if (FOLDER / ADDIN).exists() else None


def find_makensis():
    """Give the program that makes setup programs, installed where apt and root allow it."""
    if shutil.which("makensis") is None and shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing {PACKAGE} ...", flush=True)
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update", "-qq"], env=quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGE]
        subprocess.run(install, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = shutil.which("makensis")
    if found is None:
        raise MissingError("makensis is not installed, and apt with root is not here to do it.")
    return found


def fill(stage, pins, python_zip=None):
    """Put everything that is installed into a folder: Python, packages, this project, licences."""
    stage.parent.mkdir(parents=True, exist_ok=True)
    tag = unpack_python(stage, python_zip)
    packages = stage / "Lib" / "site-packages"
    windows_python.install_packages(packages, pins, tag)
    add_project(packages)
    for pattern in LEFT_OUT:
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for library in packages.glob("xlwings*.dll"):
        library.rename(stage / library.name)
    check_needs(packages, tag)
    for name, text in COMMANDS.items():
        (stage / name).write_text(text, newline="\r\n")
    (stage / "LICENCES.txt").write_text(licences(packages), encoding="utf-8", newline="\r\n")


def unpack_python(stage, python_zip):
    """Unpack the pinned embeddable Python, or the one that was named; give its tag."""
    if python_zip:
        shutil.unpack_archive(python_zip, stage, "zip")
    else:
        windows_python.unpack_python(stage, SEARCH_PATH)
    found = next(stage.glob("python3*._pth"), None)
    if found is None:
        raise MissingError(f"{python_zip} is no embeddable Python for Windows.")
    name = found.stem
    windows_python.look_in(stage, [line.format(zip=f"{name}.zip") for line in SEARCH_PATH])
    return name.replace("python", "cp") if python_zip else PYTHON_TAG


def add_project(packages):
    """Unpack this project's own wheel, made of a copy: a build folder may hold what is gone."""
    with TemporaryDirectory() as name:
        copy, wheels = Path(name) / "project", Path(name) / "wheels"
        copy.mkdir()
        for file in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / file, copy)
        for package in OWN_PACKAGES:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, copy / package, ignore=ignored)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
        run([*pip, "--no-deps", "-w", str(wheels), str(copy)], "The project's wheel was not made")
        with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
            wheel.extractall(packages)


def metadata_of(packages):
    """Give what each package says of itself."""
    for file in sorted(packages.glob("*.dist-info/METADATA")):
        yield file.parent, HeaderParser().parsestr(file.read_text(encoding="utf-8"))


def check_needs(packages, tag):
    """See that every package finds what it needs on Windows: the lock file is made on Linux.

    Raises
    ------
    MissingError
        When one does not.
    """
    from pip._vendor.packaging.requirements import Requirement
    from pip._vendor.packaging.utils import canonicalize_name

    windows = {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "os_name": "nt",
        "platform_machine": "AMD64",
        "python_version": f"{tag[2]}.{tag[3:]}",
        "python_full_version": f"{tag[2]}.{tag[3:]}.0",
        "extra": "",
    }
    told = [told for _, told in metadata_of(packages)]
    there = {canonicalize_name(one["Name"]): one["Version"] for one in told}
    for one in told:
        for line in one.get_all("Requires-Dist", []):
            need = Requirement(line)
            if need.marker is not None and not need.marker.evaluate(windows):
                continue
            version = there.get(canonicalize_name(need.name))
            if version is None or not need.specifier.contains(version, prereleases=True):
                raise MissingError(f"{one['Name']} needs {line}, and {version} is there.")


def licences(packages):
    """List the packages with their licences, and where the texts lie."""
    lines = ["What is installed, and under which licence", "", "Python: PSF licence, LICENSE.txt"]
    for folder, told in metadata_of(packages):
        texts = [str(path.relative_to(packages)) for path in licence_texts(folder)]
        lines.append(f"{told['Name']} {told['Version']}: {licence_of(told)}")
        lines += [f"    Lib/site-packages/{text}" for text in texts]
    return "\n".join([*lines, ""])


def licence_of(told):
    """Give the licence that a package states: as an expression, a class, or the first line."""
    classes = [
        one.rpartition(" :: ")[2]
        for one in told.get_all("Classifier", [])
        if one.startswith("License :: OSI Approved")
    ]
    stated = (told["License"] or "").strip().splitlines()
    return told["License-Expression"] or " and ".join(classes) or (stated or ["see its text"])[0]


def licence_texts(folder):
    """Give the texts of licences that a package brings."""
    names = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
    return sorted(path for path in folder.rglob("*") if path.is_file() and names.search(path.name))


def version_in(stage):
    """Give the version of this project in the folder."""
    text = (stage / "Lib/site-packages/valuation_core/__init__.py").read_text(encoding="utf-8")
    return re.search(r'__version__\b[^=\n]*= "([^"]+)"', text)[1]


def compile_setup(makensis, stage, setup, sign=None, quick=False):
    """Make the setup program of what the folder holds; a quick one is not compressed."""
    name = next(stage.glob("python3*._pth")).stem.removeprefix("python")
    defined = {
        "VERSION": version_in(stage),
        "STAGE": stage,
        "OUT": setup,
        "PYTHON": f"{name[0]}.{name[1:]}",
        **({"SIGN": sign} if sign else {}),
    }
    options = [f"-D{name}={value}" for name, value in defined.items()]
    small = ["-XSetCompressor /SOLID lzma", "-XSetCompressorDictSize 64"]
    how = ["-XSetCompress off"] if quick else small
    run([makensis, "-V2", *how, *options, str(SCRIPT)], "makensis failed")


def write_addin(path):
    """Write the add-in beside the setup program, for the bank to sign."""
    from addin.excel.addin_file.files import addin_bytes

    path.write_bytes(addin_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
