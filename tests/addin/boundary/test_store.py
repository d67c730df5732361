"""Books kept on disk by content."""

from __future__ import annotations

import json
import os

import pytest

from addin.boundary import store as store_module
from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from valuation_core import ValuationError, load_book, with_own_facts


@pytest.fixture
def own(book):
    return with_own_facts(book, [("RIOT", "cash", 1.0)])


def test_a_saved_book_is_one_json_file_named_by_its_digest(tmp_path, own):
    BookStore(tmp_path).save(own)
    (path,) = tmp_path.iterdir()
    assert path.suffix == ".json"
    assert path.stem.startswith(own.handle.split("+")[1])
    assert len(path.stem) == 64
    assert json.loads(path.read_text())["as_of"] == "2025-09-26"


def test_a_book_comes_back_equal(tmp_path, own):
    BookStore(tmp_path).save(own)
    assert BookStore(tmp_path).load(own.handle) == own


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-5], lambda text: text.replace("1.0", "2.0", 1)]
)
def test_a_damaged_file_is_refused(tmp_path, own, damage):
    BookStore(tmp_path).save(own)
    (path,) = tmp_path.iterdir()
    path.write_text(damage(path.read_text()))
    with pytest.raises(ValuationError, match="recalculate the HPC_BOOK cell"):
        BookStore(tmp_path).load(own.handle)


def test_a_forged_file_under_the_digits_of_a_handle_is_refused(tmp_path, book, own):
    BookStore(tmp_path).save(book)
    (path,) = tmp_path.iterdir()
    path.rename(tmp_path / f"{own.handle.split('+')[1]}{'0' * 48}.json")
    with pytest.raises(ValuationError, match="recalculate"):
        BookStore(tmp_path).load(own.handle)


def test_the_folder_is_bounded_and_the_least_recently_used_goes_first(tmp_path, book, monkeypatch):
    keep = BookStore(tmp_path)
    books = [with_own_facts(book, [("RIOT", "cash", float(n))]) for n in range(5)]
    for age, made in enumerate(books[:4]):
        keep.save(made)
        (newest,) = [p for p in tmp_path.iterdir() if p.stem.startswith(made.handle.split("+")[1])]
        os.utime(newest, (age, age))
    keep.load(books[0].handle)  # read again, so no longer the oldest
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    monkeypatch.setattr(store_module, "LARGEST_FOLDER", size)
    keep.save(books[4])
    assert len(list(tmp_path.iterdir())) == 4
    assert keep.load(books[0].handle) == books[0]
    with pytest.raises(ValuationError):
        keep.load(books[1].handle)


def test_a_folder_that_cannot_be_written_does_not_stop_the_session(tmp_path, own):
    (tmp_path / "file").write_text("in the way")
    desk = Desk(store=BookStore(tmp_path / "file"))
    assert desk.publish(own) == own.handle
    assert desk.resolve(own.handle) == own


def test_a_handle_without_own_facts_resolves_without_any_file(tmp_path):
    desk = Desk(store=BookStore(tmp_path))
    for day in ("2025-09-26", "2025-08-31"):
        assert desk.resolve(load_book(day).handle) == load_book(day)
        for case in load_book(day).cases:
            assert desk.resolve(load_book(day, case=case).handle).case == case


def test_a_damaged_file_is_mended_when_the_book_is_made_again(tmp_path, own):
    BookStore(tmp_path).save(own)
    (path,) = tmp_path.iterdir()
    path.write_text("{}")
    BookStore(tmp_path).save(own)
    assert BookStore(tmp_path).load(own.handle) == own


def test_a_long_session_writes_a_pruned_book_again(tmp_path, own):
    desk = Desk(store=BookStore(tmp_path))
    desk.publish(own)
    for path in tmp_path.iterdir():
        path.unlink()
    desk.publish(own)
    assert BookStore(tmp_path).load(own.handle) == own


def test_no_part_file_stays_behind(tmp_path, own):
    BookStore(tmp_path).save(own)
    BookStore(tmp_path).save(own)
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]
