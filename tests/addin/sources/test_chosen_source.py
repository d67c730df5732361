"""The source chosen once for Refresh: one that can be read, meant the same from any folder."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from addin.cli import main
from addin.sources import tables_from
from addin.sources.chosen import choose_source, chosen_source, forget_source
from addin.sources.push import push
from valuation_core import ValuationError
from valuation_core.book.book import shipped_tables


def said(*arguments):
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


def test_without_one_the_command_says_so():
    assert said("source") == (0, "no source is chosen\n")
    assert said("source", "--forget") == (0, "no source was chosen\n")


def test_a_folder_is_kept_with_its_whole_path(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    code, output = said("source", folder.name)
    assert code == 0
    assert output.startswith(f"every refresh reads folder {folder}; kept in ")
    monkeypatch.chdir("/")
    assert chosen_source() == str(folder)
    assert said("source") == (0, f"chosen: folder {folder}\n")
    assert said("source", "--forget") == (0, "no source is chosen any more\n")
    assert chosen_source() is None


def test_so_is_the_file_of_a_database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    push("sqlite:///facts.db", shipped_tables())
    choose_source("sqlite:///facts.db")
    monkeypatch.chdir("/")
    assert chosen_source() == f"sqlite:///{tmp_path}/facts.db"
    assert len(tables_from(chosen_source())["miners"]) == len(shipped_tables()["miners"])


def test_what_cannot_be_read_is_not_chosen_and_the_one_before_stays(folder, tmp_path):
    choose_source(str(folder))
    with pytest.raises(ValuationError, match="nowhere"):
        choose_source(str(tmp_path / "nowhere"))
    assert chosen_source() == str(folder)
    assert forget_source()


@pytest.mark.parametrize(
    "url",
    ["postgresql://ann:secret@desk/facts", "postgresql://ann@desk/facts?password=secret"],
)
def test_no_password_is_ever_kept(url):
    code, output = said("source", url)
    assert code == 1
    assert "must have no password and no options" in output
    assert "secret" not in output
    assert chosen_source() is None


def test_refresh_reads_the_chosen_source_where_none_is_named(folder, tmp_path):
    code, output = said("refresh", str(tmp_path / "model.xlsx"))
    assert code == 2
    assert "give --from SOURCE, or choose one for good: hpcval source SOURCE" in output
    choose_source(str(folder))
    code, output = said("refresh", str(tmp_path / "model.xlsx"))
    assert code == 1
    assert "model.xlsx" in output
    assert "--from" not in output


def test_either_a_source_or_forget(folder):
    assert said("source", str(folder), "--forget")[0] == 2


def test_an_empty_source_is_not_the_chosen_one(folder, tmp_path):
    choose_source(str(folder))
    code, output = said("refresh", str(tmp_path / "model.xlsx"), "--from", "")
    assert code != 0
    assert str(folder) not in output


def test_a_file_of_the_choice_that_a_person_spoiled(folder):
    _, place = choose_source(str(folder))
    place.write_bytes(b"\xef\xbb\xbf" + str(folder).encode())
    assert chosen_source() == str(folder)  # an editor put its mark in front
    place.write_bytes(b"\xff\xfe\x00")
    assert said("source")[0] == 1
    assert "choose it again with hpcval source" in said("source")[1]
    assert said("source", "--forget") == (0, "no source is chosen any more\n")
    assert chosen_source() is None
