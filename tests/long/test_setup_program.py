"""The setup program under Wine, in a Windows without Python: install, upgrade, repair, uninstall.

It holds NumPy 2.0, as newer ones abort under Wine 8, and is not compressed; all else is as
`make installer` made it. The user of Windows is called ann, another one zoe.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from oletools.olevba import VBA_Parser

from tests.addin.excel.test_rule_in_basic import answers_of
from tests.hosts import windows
from tests.places import ROOT, SHIPPED
from tools import installer, setup_wine
from valuation_core import __version__

pytestmark = [pytest.mark.long, pytest.mark.alone, pytest.mark.setup_program]

LARGEST = 35e6
KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\hpc-valuation"
NUMPY = ("numpy", "numpy.libs", "numpy-*.dist-info")
CALL = ("call", "HPC_VALUE", "RIOT", "0.5", "600")
OF_WINDOWS = re.compile(r"~nsu|AppData/Local/Microsoft\b")
"""The uninstaller's own copy, which Windows removes at its next start, and Windows' own caches."""


def link(source, target):
    """Put a file there that is not changed in its place, without copying it where that can be."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


@dataclass
class Desk:
    """A user of a Windows."""

    windows: Path
    user: str

    @property
    def profile(self):
        return self.windows / "drive_c" / "users" / self.user

    @property
    def home(self):
        return self.profile / "AppData" / "Local" / "hpc-valuation"

    @property
    def addin(self):
        return self.profile / "AppData/Roaming/Microsoft/Excel/XLSTART/hpc-valuation.xlam"

    @property
    def settings(self):
        return {"WINEPREFIX": str(self.windows), "USER": self.user}

    def run(self, program, *arguments, status=0):
        return windows.run(program, *arguments, status=status, cwd=self.windows, **self.settings)

    def hpcval(self, *arguments):
        """Run the installed program as its command file does."""
        python = self.home / "program" / "python.exe"
        return self.run(python, "-I", "-B", "-m", "addin", *arguments)

    def uninstall(self, *options):
        """Run the uninstaller, which goes on by itself in a copy."""
        self.run(self.home / "program" / "uninstall.exe", "/S", *options)
        end = time.monotonic() + 300
        while self.registered() and time.monotonic() < end:
            time.sleep(0.5)
        time.sleep(2)

    def registered(self):
        """Give the version that Windows lists among its programs; None without one."""
        query = windows.command("reg.exe", "query", KEY, "/v", "DisplayVersion")
        done = subprocess.run(
            query,
            env=windows.settings(**self.settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=900,
        )
        found = re.search(r"REG_SZ\s+(\S+)", done.stdout.decode("utf-8", "replace"))
        return found and found[1]

    def files(self):
        """Every file and folder of the user, and of the temporary folder."""
        users = self.windows / "drive_c" / "users"
        paths = [str(path.relative_to(users)) for path in users.rglob("*")]
        return {path for path in paths if not OF_WINDOWS.search(path)}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """What is installed, with the NumPy that Wine takes, compiled once for all installations."""
    stage = tmp_path_factory.mktemp("setup") / "program"
    shutil.copytree(installer.made().with_name("program"), stage, copy_function=link)
    packages = stage / "Lib" / "site-packages"
    under_wine = setup_wine.FOLDER / "python" / "Lib" / "site-packages"
    for pattern in NUMPY:
        for path in packages.glob(pattern):
            shutil.rmtree(path)
        for path in under_wine.glob(pattern):
            shutil.copytree(path, packages / path.name, ignore=shutil.ignore_patterns("tests"))
    compiling = "import compileall, sys; compileall.compile_dir(sys.argv[1], quiet=2)"
    windows.run(stage / "python.exe", "-I", "-c", compiling, windows.windows_path(packages))
    return stage


@pytest.fixture(scope="module")
def setups(stage):
    """Two setup programs: of this version, and of one that says it is another."""
    first, second = stage.with_name("first.exe"), stage.with_name("second.exe")
    makensis = installer.find_makensis()
    installer.compile_setup(makensis, stage, first, quick=True)
    for file in ("valuation_core/__init__.py", f"hpc_valuation-{__version__}.dist-info/METADATA"):
        path = stage / "Lib" / "site-packages" / file
        text = path.read_text(encoding="utf-8").replace(__version__, "9.9.9", 1)
        path.unlink()  # another name of the file that make installer left
        path.write_text(text, encoding="utf-8")
    installer.compile_setup(makensis, stage, second, quick=True)
    return first, second


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A Windows of its own, without Python; it has the start menu that every Windows has."""
    prefix = tmp_path_factory.mktemp("windows") / "prefix"
    shutil.copytree(setup_wine.FOLDER / "prefix", prefix, symlinks=True, copy_function=link)
    assert not list((prefix / "drive_c").rglob("python*.exe"))
    for user in ("ann", "zoe"):
        menu = prefix / "drive_c/users" / user / "AppData/Roaming/Microsoft/Windows/Start Menu"
        (menu / "Programs").mkdir(parents=True)
    desk = Desk(prefix, "ann")
    desk.run("cmd.exe", "/c", "exit")
    Desk(prefix, "zoe").run("cmd.exe", "/c", "exit")
    yield desk
    server = setup_wine.find(setup_wine.WINE_SERVER)
    subprocess.run([server, "-k", "-w"], env=windows.settings(**desk.settings))


@pytest.fixture(scope="module")
def before(desk):
    return desk.files()


@pytest.fixture(scope="module")
def installed(desk, before, setups):
    """The desk after the first installation, without a question."""
    desk.run(setups[0], "/S")
    return desk


def test_the_setup_program_is_small_and_lists_the_licences():
    assert installer.made().stat().st_size < LARGEST
    stage = installer.made().with_name("program")
    assert not list(stage.rglob("xlwings/pro"))
    text = (stage / "LICENCES.txt").read_text(encoding="utf-8")
    for package in ("Python: PSF", "xlwings 0.", "pywin32 ", "numpy 2.", "hpc-valuation "):
        assert f"\n{package}" in text
    assert "LICENSE_PRO" not in text


def test_the_installed_program_computes(installed):
    assert json.loads(installed.hpcval(*CALL)) == {"value": 1845.0}
    command = r"C:\users\ann\AppData\Local\hpc-valuation\program\hpcval.cmd"
    assert json.loads(installed.run("cmd.exe", "/c", command, *CALL)) == {"value": 1845.0}
    assert installed.registered() == __version__


def macros_of(path):
    parser = VBA_Parser(str(path))
    try:
        return {name.removesuffix(".bas"): text for *_, name, text in parser.extract_macros()}
    finally:
        parser.close()


def test_com_answers_where_the_rule_of_the_installed_addin_leads(installed, tmp_path):
    """Basic runs the rule as it stands in the file; what it names is started as Excel does it."""
    macros = macros_of(installed.addin)
    local = f"/{installed.home.parent}"
    found = answers_of(tmp_path, macros["HpcPlace"], ["HOME()", "PYTHON()"], local)
    home, python = found["HOME()"], found["PYTHON()"].replace("\\", "/")
    assert home == f"/{installed.home}/"
    assert python == f"{home}program/pythonw.exe"
    connection = macros["HpcConnection"]
    options = re.search(r'command = Chr\$\(34\) & python & Chr\$\(34\) & "(.+)"', connection)[1]
    folder = re.search(r'place = HpcHome\(\) & "(.+)" & LIBRARY', connection)[1]
    library = re.search(r'LIBRARY As String = "(.+)"', connection)[1]
    answer = windows.run_client(
        tmp_path,
        "attached",
        cwd=tmp_path,
        settings=installed.settings,
        dll=windows.windows_path(home.removeprefix("/") + folder.replace("\\", "/") + library),
        command=f'"{windows.windows_path(python.removeprefix("/"))}"{options}',
        sessions=1,
    )
    assert answer["answers"] == [1845.0]


def test_the_installed_doctor_knows_the_rule_and_misses_nothing_but_excel(installed):
    python = installed.home / "program" / "python.exe"
    said = installed.run(python, "-I", "-B", "-m", "addin", "doctor", status=1)
    problems = [line for line in said.splitlines() if line.lstrip().startswith("problem")]
    assert [line.split(":")[0].split()[-1] for line in problems] == ["Excel"]
    assert r"python.txt names program\pythonw.exe" in said


@pytest.fixture(scope="module")
def upgraded(installed, setups, tmp_path_factory):
    """The desk after the second version came over the first, with what the user had chosen."""
    facts = tmp_path_factory.mktemp("facts") / "facts"
    shutil.copytree(SHIPPED, facts)
    installed.hpcval("source", windows.windows_path(facts))
    books = installed.home / "Cache" / "books"
    books.mkdir(parents=True)
    (books / "a-book.json").write_text("{}")
    (installed.home / "program" / "gone-in-the-next-version.py").write_text("")
    installed.run(setups[1], "/S")
    return installed


def kept(desk):
    return sorted(path.name for path in desk.home.iterdir())


OURS = ["Cache", "installed.json", "library", "program", "python.txt", "source.txt"]


def test_a_second_version_takes_the_place_of_the_first_and_keeps_the_users_choices(upgraded):
    assert "9.9.9" in upgraded.hpcval("--version")
    assert upgraded.registered() == "9.9.9"
    assert not (upgraded.home / "program" / "gone-in-the-next-version.py").exists()
    assert [name for name in kept(upgraded) if name != "Logs"] == OURS
    assert "facts" in (upgraded.home / "source.txt").read_text()
    assert (upgraded.home / "Cache" / "books" / "a-book.json").exists()


def test_run_again_it_repairs_and_attaching_stays_chosen(upgraded, setups):
    (upgraded.home / "program/Lib/site-packages/addin/cli/main.py").unlink()
    (upgraded.home / "python.txt").write_text("attach\r\n")
    upgraded.addin.unlink()
    upgraded.run(setups[1], "/S")
    assert json.loads(upgraded.hpcval(*CALL)) == {"value": 1845.0}
    assert upgraded.addin.exists()
    assert (upgraded.home / "python.txt").read_text().strip() == "attach"


def test_where_it_fails_the_earlier_version_is_as_it_was_and_the_reason_is_told(
    upgraded, setups, tmp_path
):
    addin = upgraded.addin.read_bytes()
    upgraded.addin.unlink()
    upgraded.addin.mkdir()  # nothing can be written there
    upgraded.run(setups[0], "/S", status=2)
    upgraded.addin.rmdir()
    upgraded.addin.write_bytes(addin)
    assert upgraded.registered() == "9.9.9"
    assert "9.9.9" in upgraded.hpcval("--version")
    log = next((upgraded.windows / "drive_c" / "users").rglob("hpc-valuation-setup.log"))
    assert "hpc-valuation.xlam" in log.read_text(encoding="utf-16")
    log.unlink()


def test_another_user_gets_the_same_addin_byte_for_byte(upgraded, setups):
    zoe = Desk(upgraded.windows, "zoe")
    zoe.run(setups[1], "/S")
    digests = {sha256(desk.addin.read_bytes()).hexdigest() for desk in (upgraded, zoe)}
    assert len(digests) == 1
    (zoe.home / "source.txt").write_text("a folder")
    (zoe.home / "Cache").mkdir()
    zoe.uninstall("/ALL")
    assert not zoe.home.exists(), "on request the user's choices go too"


def test_uninstalled_it_leaves_the_users_choices_and_nothing_else(upgraded, before):
    upgraded.uninstall()
    assert kept(upgraded) == ["Cache", "source.txt"]
    left = {path for path in upgraded.files() - before if "/hpc-valuation" not in path}
    assert left == set()
    assert upgraded.registered() is None


def test_the_project_names_the_setup_program_of_its_version():
    assert installer.made().name == f"hpc-valuation-{__version__}-setup.exe"
    assert installer.made().is_relative_to(ROOT)
