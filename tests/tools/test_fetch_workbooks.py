"""Real workbooks for the long tests: the listed files of the pinned archives, and nothing else."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile

import pytest

from tools import archives, fetch_workbooks
from tools.fetch_workbooks import Archive, Workbook


def tarred(name, data):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return held.getvalue()


def zipped(name, data):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, data)
    return held.getvalue()


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """List one workbook of one archive; what the client fetches is given."""
    monkeypatch.setattr(fetch_workbooks, "FOLDER", tmp_path / "workbooks")

    def make(path, held, sha256=None):
        sha256 = sha256 or hashlib.sha256(held).hexdigest()
        workbook = Workbook(Archive("books", "pypi", "1.0", sha256, "MIT"), path)
        monkeypatch.setattr(fetch_workbooks, "listed", lambda: [workbook])
        monkeypatch.setattr(
            archives,
            "run",
            lambda command, failure: (tmp_path / command[-1]).write_bytes(held),
        )
        return workbook

    return make


@pytest.mark.parametrize("pack", [tarred, zipped])
def test_a_listed_file_is_unpacked_and_the_second_run_fetches_nothing(listed, capsys, pack):
    workbook = listed("books-1.0/a.xlsx", pack("books-1.0/a.xlsx", b"cells"))
    fetch_workbooks.main()
    assert workbook.place.read_bytes() == b"cells"
    assert "Fetching workbooks of books 1.0" in capsys.readouterr().out
    fetch_workbooks.main()
    assert capsys.readouterr().out == ""


def test_an_archive_that_is_not_the_pinned_one_is_refused_loudly(listed, capsys):
    workbook = listed("a.xlsx", tarred("a.xlsx", b"cells"), sha256="0" * 64)
    fetch_workbooks.main()
    said = capsys.readouterr().out
    assert said.count(archives.BANNER) == 2
    assert "books 1.0 is not the file it should be (its hash differs)" in said
    assert not workbook.place.exists()


def test_a_file_that_is_not_there_or_would_lie_outside_is_named(listed, capsys):
    listed("b.xlsx", tarred("a.xlsx", b"cells"))
    fetch_workbooks.main()
    assert "b.xlsx cannot be unpacked" in capsys.readouterr().out
    workbook = listed("../a.xlsx", tarred("../a.xlsx", b"cells"))
    fetch_workbooks.main()
    assert "../a.xlsx would lie outside its folder" in capsys.readouterr().out
    assert not workbook.place.exists()


def test_without_npm_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(archives.shutil, "which", lambda name: None)
    with pytest.raises(archives.MissingError, match="books 1.0 needs npm, which is not installed"):
        archives.fetch("npm", "books", "1.0", "0" * 64, tmp_path / "archive")


def test_the_list_names_versions_hashes_and_licences():
    for workbook in fetch_workbooks.listed():
        archive = workbook.archive
        assert archive.registry in ("pypi", "npm")
        assert len(archive.sha256) == 64
        assert all(archive)
        assert not workbook.path.startswith(("/", ".."))
