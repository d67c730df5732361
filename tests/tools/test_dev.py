"""The commands of a developer: the same on every system, and those that the pages name exist."""

from __future__ import annotations

import re

import pytest

from tests.conftest import skipped_by_reason
from tests.places import ROOT
from tools import dev, setup_environment, setup_office


def test_make_has_the_same_commands():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^COMMANDS := (.*)$", text, re.M)[1].split() == list(dev.COMMANDS)


def test_every_command_that_a_page_or_the_checkout_names_exists():
    named = set()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob(".github/**/*.yml")]:
        text = page.read_text(encoding="utf-8")
        named |= set(re.findall(r"(?:^|`)(?:make|py -m tools\.dev) ([a-z-]+)", text, re.M))
        named |= set(re.findall(r"python -m tools\.dev ([a-z-]+)", text))
    named |= set(re.findall(r"^make (\S+)", (ROOT / ".ci" / "run").read_text(), re.M))
    assert named >= {"demo", "test", "quick", "check"}
    assert named <= {*dev.COMMANDS, "help"}


def test_the_hooks_before_a_commit_run_what_check_runs():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    lines = re.findall(r"^ +entry: .*PATH\"; (.*)'$", text, re.M)
    assert lines == [" ".join(line) for line in dev.COMMANDS["check"].lines]


@pytest.fixture
def started(monkeypatch, tmp_path):
    """What is installed and run, without doing it; the second program fails."""
    done = []
    (tmp_path / "tools").mkdir()
    for name in (dev.RUN, dev.DEV, "pyproject.toml", "tools/setup_environment.py"):
        (tmp_path / name).write_text("1")
    (tmp_path / dev.VENV).mkdir()

    class Ended:
        @property
        def returncode(self):
            return 3 if len([one for one in done if one[0] == "run"]) == 2 else 0

    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(setup_environment, "main", lambda *call: done.append(("install", *call)))
    monkeypatch.setattr(setup_office, "main", lambda: done.append(("office",)))
    monkeypatch.setattr(
        dev.subprocess, "run", lambda line, cwd: done.append(("run", *line)) or Ended()
    )
    return done


def test_packages_are_installed_once_and_again_when_their_list_changes(started, tmp_path):
    dev.main("demo")
    dev.prepare(dev.RUN)
    assert [one[0] for one in started] == ["install", "run"]
    (tmp_path / dev.RUN).write_text("2")
    dev.prepare(dev.RUN)
    dev.prepare(dev.DEV)
    (tmp_path / dev.DEV).write_text("2")
    dev.prepare(dev.RUN)
    dev.prepare(dev.DEV)
    assert [lock for _, _, lock in started[2:]] == [dev.RUN, dev.DEV, dev.DEV]


def test_the_first_line_that_fails_ends_a_command_with_its_status(started):
    with pytest.raises(SystemExit, match="3"):
        dev.main("check")
    assert [one[2:] for one in started if one[0] == "run"] == [
        ("format", "--check", "."),
        ("check", "."),
    ]


def test_tests_have_their_engine_before_they_start(started):
    dev.main("test")
    assert [one[0] for one in started] == ["install", "office", "run"]


@pytest.mark.parametrize(("arguments", "status"), [((), 0), (("tset",), 2), (("test", "x"), 2)])
def test_without_a_command_of_ours_the_list_is_shown(started, capsys, arguments, status):
    with pytest.raises(SystemExit, match=str(status)):
        dev.main(*arguments)
    assert "quick" in capsys.readouterr().out
    assert started == []


def test_on_windows_programs_stand_in_another_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(setup_environment.os, "name", "nt")
    found = setup_environment.program(tmp_path, "hpcval")
    monkeypatch.undo()
    assert found == tmp_path / "Scripts" / "hpcval.exe"
    assert setup_environment.program(tmp_path, "hpcval") == tmp_path / "bin" / "hpcval"


def test_what_is_not_installed_is_named_and_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(setup_office.shutil, "which", lambda name, path=None: None)
    setup_office.main()
    said = capsys.readouterr().out
    assert "LibreOffice with its Python bridge and pdftoppm" in said
    assert "libreoffice-calc python3-uno poppler-utils" in said


def test_skipped_tests_are_counted_by_reason():
    reasons = ["no a: get a", "no b: get b", "no b: get b"]
    assert skipped_by_reason(reasons) == ["2 x no b: get b", "1 x no a: get a"]
    assert skipped_by_reason([]) == []
