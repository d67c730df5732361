"""Install, doctor, uninstall on a made-up Windows profile: real environments, nothing left behind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from addin.cli import main
from addin.excel.addin_file.files import addin_parts
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
from workbook.opc.package import write_parts
from workbook.opc.relations import set_content_type


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def run(profile, command, *options, status=0):
    result = CliRunner().invoke(main, [command, "--profile", str(profile), *options])
    assert result.exit_code == status, result.output
    return result.output


def quick(profile, *options, status=0):
    """Install on the Python that runs the tests, without the copy."""
    return run(profile, "install", "--python", sys.executable, *options, status=status)


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
    def no_template():
        raise FileNotFoundError(2, "No such file or directory", "HpcCells.bas")

    monkeypatch.setattr(installing, "addin_bytes", no_template)
    output = run(tmp_path, "install", status=1)
    assert "taken back: copy Python's packages to the private environment" in output
    assert "No such file or directory: HpcCells.bas" in output
    assert files(tmp_path) == []


def test_a_step_that_fails_leaves_an_earlier_installation_as_it_was(tmp_path, monkeypatch):
    quick(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(installing, "pointer_text", interrupted)
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
        assert names(home) == [f"environment-{version}", "installed.json", "library", "python.txt"]
    run(profile, "uninstall")
    assert files(profile) == []


def test_the_private_environment_holds_what_the_project_needs_and_no_tools():
    found = {package.metadata["Name"].lower() for package in required_distributions()}
    assert {"numpy", "pandas", "xlwings", "openpyxl", "lxml", "click"} <= found
    assert not {"pytest", "ruff", "mypy"} & found


def test_a_changed_addin_is_not_removed(tmp_path):
    quick(tmp_path)
    addin = find_places(tmp_path).addin
    write_parts(addin, {**addin_parts(), "xl/vbaProject.bin": b"other macros"})
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
    monkeypatch.setattr(installing, "is_addin", lambda _: False)
    monkeypatch.setattr(installing, "addin_bytes", lambda: b"another version")

    def in_use(self, target):
        if target == places.addin:
            raise PermissionError(13, "in use", str(target))
        return moved(self, target)

    monkeypatch.setattr(Path, "replace", in_use)
    output = quick(tmp_path, "--attach", status=1)
    assert "close Excel" in output
    assert (places.addin.read_bytes(), places.manifest.read_text()) == (addin, manifest)
    assert places.pointer.read_text() == f"{sys.executable}\n", "written before, and taken back"
    assert names(places.home) == ["installed.json", "library", "python.txt"]


def test_one_line_names_the_interpreter_or_says_to_attach(tmp_path):
    quick(tmp_path)
    manifest = installing.read_manifest(find_places(tmp_path))
    assert not manifest.attach_only
    assert find_places(tmp_path).pointer.read_text() == f"{sys.executable}\n"
    quick(tmp_path, "--attach")
    manifest = installing.read_manifest(find_places(tmp_path))
    assert manifest.attach_only
    assert find_places(tmp_path).pointer.read_text() == "attach\n"
    assert "attaching to hpcval serve" in findings(tmp_path)["installation"].sentence


def test_two_users_get_the_same_addin_byte_for_byte(tmp_path):
    ann, zoe = tmp_path / "ann", tmp_path / "Zoë o'Neil"
    for profile in (ann, zoe):
        profile.mkdir()
        quick(profile)
    assert find_places(ann).addin.read_bytes() == find_places(zoe).addin.read_bytes()
    digest = sha256(find_places(ann).addin.read_bytes()).hexdigest()
    assert findings(zoe)["add-in file"].sentence.endswith(f"not signed, SHA-256 {digest}")


SIGNATURE_TYPE = "application/vnd.ms-office.vbaProjectSignature"


def signed(folder):
    """The add-in as a signing tool leaves it: its macros, with a signature beside them."""
    path = folder / "signed.xlam"
    parts = {**addin_parts(), "xl/vbaProjectSignature.bin": b"signature"}
    set_content_type(parts, "xl/vbaProjectSignature.bin", SIGNATURE_TYPE)
    write_parts(path, parts)
    return path


def test_a_signed_addin_is_installed_stays_at_the_next_installation_and_goes(tmp_path):
    file, profile = signed(tmp_path), tmp_path / "profile"
    profile.mkdir()
    quick(profile, "--addin", str(file))
    quick(profile)
    assert find_places(profile).addin.read_bytes() == file.read_bytes()
    assert ", signed, SHA-256" in findings(profile)["add-in file"].sentence
    run(profile, "uninstall")
    assert files(profile) == []


def test_an_addin_signed_where_it_lies_is_no_change(tmp_path):
    quick(tmp_path)
    shutil.copy(signed(tmp_path), find_places(tmp_path).addin)
    assert findings(tmp_path)["add-in file"].state == "good"
    assert "remove the add-in" in run(tmp_path, "uninstall")


def test_another_file_is_not_taken_for_the_signed_addin(tmp_path):
    other = tmp_path / "other.xlam"
    other.write_bytes(b"other")
    output = run(tmp_path, "install", "--addin", str(other), status=1)
    assert "does not hold the macros of version" in output
    assert names(tmp_path) == ["other.xlam"]


def python_in(folder):
    """The interpreter that runs the tests, in another folder."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    path.chmod(0o755)
    return path


def python_beside_its_libraries(folder):
    """An interpreter as in Windows: xlwings' two libraries lie beside it."""
    for bits in (64, 32):
        (folder / f"xlwings{bits}-{metadata.version('xlwings')}.dll").write_bytes(b"%d bits" % bits)
    return python_in(folder)


def test_the_libraries_lie_where_the_rule_looks_under_names_of_ours(tmp_path):
    python = python_beside_its_libraries(tmp_path)
    profile = tmp_path / "profile"
    profile.mkdir()
    run(profile, "install", "--python", str(python))
    folder = profile / "AppData" / "Local" / "hpc-valuation" / "library"
    assert (folder / "hpc-xlwings64.dll").read_bytes() == b"64 bits"
    assert (folder / "hpc-xlwings32.dll").read_bytes() == b"32 bits"
    assert findings(profile)["library"].state == "good"
    run(profile, "uninstall")
    assert files(profile) == []


def test_a_path_that_macros_cannot_read_is_refused_in_words(tmp_path):
    folder = tmp_path / "李"
    folder.mkdir()
    output = run(tmp_path, "install", "--python", str(python_in(folder)), status=1)
    assert "the code page of Windows has no '李'" in " ".join(output.split())


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

    @pytest.mark.parametrize("line", ["attach\n", "C:\\other\\pythonw.exe\n", ""])
    def test_a_line_that_names_another_interpreter(self, tmp_path, line):
        quick(tmp_path)
        assert findings(tmp_path)["rule"].state == "good"
        find_places(tmp_path).pointer.write_text(line)
        assert "does not name" in findings(tmp_path)["rule"].sentence
        find_places(tmp_path).pointer.unlink()
        assert "is missing" in findings(tmp_path)["rule"].sentence

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
