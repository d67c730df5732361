"""Install, doctor, uninstall on a made-up Windows profile: real environments, nothing left behind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from addin.cli import main
from addin.excel.setup import install as installing
from addin.excel.setup.doctor import examine
from addin.excel.setup.environment import (
    InterpreterError,
    describe_interpreter,
    required_distributions,
)
from addin.excel.setup.places import Places, find_places
from tests.places import ROOT
from valuation_core import __version__


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def run(profile, command, *options, status=0):
    result = CliRunner().invoke(main, [command, "--profile", str(profile), *options])
    assert result.exit_code == status, result.output
    return result.output


def quick(profile, *options):
    """Install on the Python that runs the tests, without the copy."""
    return run(profile, "install", "--python", sys.executable, *options)


def findings(profile, start_processes=False):
    found = examine(find_places(profile), start_processes=start_processes)
    return {finding.subject: finding for finding in found}


def test_a_dry_run_lists_the_steps_and_does_none(tmp_path):
    output = run(tmp_path, "install", "--dry-run")
    assert "would copy Python's packages to the private environment" in output
    assert files(tmp_path) == []
    quick(tmp_path)
    before = files(tmp_path)
    assert "would remove the add-in" in run(tmp_path, "uninstall", "--dry-run")
    assert files(tmp_path) == before


def test_install_doctor_uninstall_leave_no_file_behind(tmp_path):
    run(tmp_path, "install")
    assert "No problems found." in run(tmp_path, "doctor")
    run(tmp_path, "uninstall")
    assert files(tmp_path) == []


def test_a_step_that_fails_takes_back_what_was_done_before_it(tmp_path, monkeypatch):
    def no_template(connection):
        raise FileNotFoundError(2, "No such file or directory", "HpcCells.bas")

    monkeypatch.setattr(installing, "addin_parts", no_template)
    output = run(tmp_path, "install", status=1)
    assert "taken back: copy Python's packages to the private environment" in output
    assert "No such file or directory: HpcCells.bas" in output
    assert files(tmp_path) == []


def test_a_step_that_fails_leaves_an_earlier_installation_as_it_was(tmp_path, monkeypatch):
    quick(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def interrupted(connection):
        raise KeyboardInterrupt

    monkeypatch.setattr(installing, "addin_parts", interrupted)
    run(tmp_path, "install", status=130)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_interpreter_without_venv_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "venv", None)
    output = run(tmp_path, "install", status=1)
    assert "it has no venv" in output
    assert "--python" in output
    assert files(tmp_path) == []


def test_what_was_there_before_stays(tmp_path):
    start = find_places(tmp_path).start_folder
    start.mkdir(parents=True)
    (start / "mine.xlam").write_text("mine")
    before = files(tmp_path)
    quick(tmp_path)
    run(tmp_path, "uninstall")
    assert files(tmp_path) == before


def other_version(folder, version):
    """A copy of the packages that says it is another version."""
    for name in ("addin", "workbook", "valuation_core"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    init = folder / "valuation_core" / "__init__.py"
    text = init.read_text(encoding="utf-8")
    init.write_text(text.replace(f'"{__version__}"', f'"{version}"'), encoding="utf-8")
    return folder


def install_from(packages, profile):
    code = "from addin.cli import main; main()"
    subprocess.run(
        [sys.executable, "-c", code, "install", "--profile", str(profile)],
        env=dict(os.environ, PYTHONPATH=str(packages)),
        cwd=packages,
        check=True,
        capture_output=True,
    )
    return installing.read_manifest(find_places(profile))


@pytest.mark.long
def test_a_second_version_over_the_first_and_back(tmp_path):
    profile = tmp_path / "profile"
    profile.mkdir()
    newer = other_version(tmp_path / "newer", "9.9.9")
    for packages, version in ((ROOT, __version__), (newer, "9.9.9"), (ROOT, __version__)):
        manifest = install_from(packages, profile)
        assert manifest.version == version
        assert describe_interpreter(Path(manifest.interpreter))["hpc-valuation"] == version
        home = find_places(profile).home
        assert names(home) == [f"environment-{version}", "installed.json"]
    run(profile, "uninstall")
    assert files(profile) == []


def test_the_private_environment_holds_what_the_project_needs_and_no_tools():
    found = {package.metadata["Name"].lower() for package in required_distributions()}
    assert {"numpy", "pandas", "xlwings", "openpyxl", "lxml", "click"} <= found
    assert not {"pytest", "ruff", "mypy"} & found


def test_a_changed_addin_is_not_removed(tmp_path):
    quick(tmp_path)
    addin = find_places(tmp_path).addin
    addin.write_bytes(addin.read_bytes() + b"x")
    assert "was changed since it was installed" in run(tmp_path, "uninstall", status=1)
    assert addin.exists()
    assert findings(tmp_path)["add-in file"].state == "problem"


@pytest.mark.parametrize("broken", ["/bin/false", "/bin/true"])
def test_an_interpreter_that_cannot_serve_is_refused_and_nothing_stays(tmp_path, broken):
    output = run(tmp_path, "install", "--python", broken, status=1)
    assert "/bin" in output
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_that_is_in_use_leaves_the_earlier_installation_whole(tmp_path, monkeypatch):
    quick(tmp_path)
    places = find_places(tmp_path)
    addin, manifest = places.addin.read_bytes(), places.manifest.read_text()

    moved = Path.replace

    def in_use(self, target):
        if target == places.addin:
            raise PermissionError(13, "in use", str(target))
        return moved(self, target)

    monkeypatch.setattr(Path, "replace", in_use)
    output = run(tmp_path, "install", status=1)
    assert "close Excel" in output
    assert (places.addin.read_bytes(), places.manifest.read_text()) == (addin, manifest)
    assert names(places.home) == ["installed.json"]


def test_the_paths_are_fixed_in_the_file_and_attach_names_a_class(tmp_path):
    quick(tmp_path)
    manifest = installing.read_manifest(find_places(tmp_path))
    assert not manifest.attach_only
    quick(tmp_path, "--attach")
    manifest = installing.read_manifest(find_places(tmp_path))
    assert manifest.attach_only
    assert "attaching to hpcval serve" in findings(tmp_path)["installation"].sentence


def test_without_a_windows_profile_it_says_what_to_do(monkeypatch):
    monkeypatch.delenv("APPDATA", raising=False)
    result = CliRunner().invoke(main, ["install"])
    assert result.exit_code == 1
    assert "name its folder with --profile" in result.output


def test_the_profile_of_the_current_user_is_where_windows_says(monkeypatch, tmp_path):
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    assert find_places() == Places(tmp_path / "Roaming", tmp_path / "Local")


class TestDoctor:
    def test_nothing_installed(self, tmp_path):
        assert findings(tmp_path)["installation"].sentence.endswith("run hpcval install")
        assert "1 problem found." in run(tmp_path, "doctor", status=1)

    def test_a_file_that_windows_marked_as_downloaded(self, tmp_path):
        quick(tmp_path)
        stream = Path(f"{find_places(tmp_path).addin}:Zone.Identifier")
        stream.write_text("[ZoneTransfer]\nZoneId=3\n")
        assert "tick Unblock" in findings(tmp_path)["blocked"].sentence
        stream.write_text("[ZoneTransfer]\nZoneId=1\n")
        assert findings(tmp_path)["blocked"].state == "good"

    def test_another_addin_with_the_same_functions(self, tmp_path):
        quick(tmp_path)
        (find_places(tmp_path).start_folder / "hpc-old.xlam").write_text("old")
        assert findings(tmp_path)["other add-ins"].state == "note"

    def test_a_lost_addin_and_a_damaged_one(self, tmp_path):
        quick(tmp_path)
        addin = find_places(tmp_path).addin
        addin.write_bytes(b"no zip")
        assert findings(tmp_path)["add-in file"].state == "problem"
        addin.unlink()
        assert "is missing" in findings(tmp_path)["add-in file"].sentence

    def test_an_interpreter_that_went_away(self, tmp_path):
        quick(tmp_path)
        places = find_places(tmp_path)
        manifest = installing.read_manifest(places)
        manifest.interpreter = str(tmp_path / "gone")
        installing._note(places, manifest)
        assert findings(tmp_path, start_processes=True)["Python"].state == "problem"

    def test_a_damaged_list_of_what_was_installed(self, tmp_path):
        quick(tmp_path)
        find_places(tmp_path).manifest.write_text("{")
        assert "is damaged" in findings(tmp_path)["installation"].sentence

    def test_the_round_trip_is_measured_and_leaves_no_book_behind(self, tmp_path):
        quick(tmp_path)
        sentence = findings(tmp_path, start_processes=True)["round trip"].sentence
        assert re.match(r"a cold Python answered after \d+\.\d s; each later call took", sentence)
        assert not (tmp_path / "AppData" / "Local" / "hpc-valuation" / "Cache").exists()

    def test_a_dry_run_starts_no_process(self, tmp_path, monkeypatch):
        quick(tmp_path)
        monkeypatch.setattr(subprocess, "run", None)
        assert "does not start" in run(tmp_path, "doctor", "--dry-run")


def test_an_interpreter_that_is_no_program_is_named():
    with pytest.raises(InterpreterError, match="does not run"):
        describe_interpreter(Path("/nowhere/python"))
