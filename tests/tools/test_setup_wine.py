"""The set-up of Windows Python under Wine: whole or not at all, and loud about what is missing."""

from __future__ import annotations

from collections import namedtuple

import pytest

from tools import setup_wine


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place of the test, with the steps that take long left out."""
    monkeypatch.setattr(setup_wine, "FOLDER", tmp_path / "build" / ".wine")
    monkeypatch.setattr(setup_wine, "find", lambda names: names[0])
    for step in ("unpack_python", "install_packages", "start_windows"):
        monkeypatch.setattr(
            setup_wine, step, lambda where: where.mkdir(parents=True, exist_ok=True)
        )
    return setup_wine.FOLDER


def test_it_is_ready_after_the_first_run_and_left_alone_by_the_second(folder, capsys):
    setup_wine.main()
    assert setup_wine.ready()
    assert "is ready" in capsys.readouterr().out
    setup_wine.main()
    assert capsys.readouterr().out == ""


def test_another_pin_makes_it_anew(folder, monkeypatch):
    setup_wine.main()
    (folder / "old").touch()
    monkeypatch.setattr(setup_wine, "NUMPY", "numpy==2.0.1")
    assert not setup_wine.ready()
    setup_wine.main()
    assert setup_wine.ready()
    assert not (folder / "old").exists()


def test_an_interrupted_run_leaves_nothing_that_counts_and_the_next_repairs_it(folder, monkeypatch):
    def interrupt(where):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(setup_wine, "start_windows", interrupt)
        with pytest.raises(KeyboardInterrupt):
            setup_wine.main()
    assert not setup_wine.ready()
    setup_wine.main()
    assert setup_wine.ready()
    assert [path.name for path in folder.parent.iterdir()] == [".wine"]


def test_what_fails_is_said_loudly_and_stops_nothing(folder, monkeypatch, capsys):
    def fail(where):
        setup_wine.run(
            ["sh", "-c", "echo no such wheel; exit 1"], "The packages could not be installed"
        )

    monkeypatch.setattr(setup_wine, "install_packages", fail)
    setup_wine.main()
    said = capsys.readouterr().out
    assert said.count(setup_wine.BANNER) == 2
    assert "The packages could not be installed: no such wheel" in said
    assert not setup_wine.ready()


def test_without_wine_apt_and_root_it_says_how_to_get_it(folder, monkeypatch, capsys):
    monkeypatch.setattr(setup_wine, "find", lambda names: None)
    monkeypatch.setattr(setup_wine.shutil, "which", lambda name: None)
    setup_wine.main()
    assert "apt-get install --no-install-recommends wine64" in capsys.readouterr().out


def test_a_full_disk_is_said_before_anything_is_fetched(folder, monkeypatch, capsys):
    usage = namedtuple("usage", "free")(10**9)
    monkeypatch.setattr(setup_wine.shutil, "disk_usage", lambda path: usage)
    setup_wine.main()
    assert "1.0 GB are free here, 3 needed" in capsys.readouterr().out


def test_wine_is_kept_out_of_the_user_folder():
    settings = setup_wine.environment(setup_wine.FOLDER)
    assert settings["HOME"] == str(setup_wine.FOLDER / "home")
    assert "DISPLAY" not in settings
