"""Esc stops a button, and what it wrote until then is taken back."""

from __future__ import annotations

import threading
import time

import pytest

from addin.excel import buttons, commands, pages_button, stopping
from addin.excel.writing import Writer
from tests.addin.closed.many_facts import write_many
from tests.hosts.excel_fakes import OpenBook
from workbook.errors import WorkbookError
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells


@pytest.fixture
def opened(book_of_many, many):
    write_many(many, dict.fromkeys(range(0, 100, 5), 1500.0))
    book = OpenBook(read_cells(read_parts(book_of_many)))
    book.tables["Facts"] = "A1:J101"
    book.formats["Facts", "F101"] = "yyyy-mm-dd"
    return book


def cells_of(opened):
    return {
        sheet: {at: value for at, value in cells.items() if value is not None}
        for sheet, cells in opened.cells.items()
    }


@pytest.fixture
def at_write(monkeypatch):
    """Press Esc when a workbook has been written to so many times."""

    def press(opened, count):
        heard = threading.Event()
        put_block = Writer.put_block

        def put(writer, place, changed):
            if opened.writes >= count:
                heard.wait(10)
                time.sleep(10 * stopping.PULSE)
            put_block(writer, place, changed)

        def is_down():
            if opened.writes >= count:
                heard.set()
                return True
            return False

        monkeypatch.setattr(Writer, "put_block", put)
        return is_down

    return press


@pytest.mark.parametrize("writes", [0, 1, 3])
def test_esc_while_a_refresh_writes_takes_everything_back(opened, many, at_write, writes):
    before = cells_of(opened)
    opened.app.calculation = "automatic"
    with (
        stopping.listening(at_write(opened, writes)),
        pytest.raises(WorkbookError, match="^stopped by Esc; nothing was changed$"),
    ):
        buttons.refresh(opened.book, many)
    assert opened.writes >= writes
    assert cells_of(opened) == before
    assert opened.tables["Facts"] == "A1:J101"
    assert (opened.app.calculation, opened.app.screen_updating) == ("automatic", True)


def test_esc_before_the_cells_are_read_writes_nothing(opened, many):
    with stopping.listening(lambda: True):
        time.sleep(10 * stopping.PULSE)
        for button in (lambda book: buttons.refresh(book, many), buttons.snapshot, buttons.undo):
            with pytest.raises(stopping.StoppedError):
                button(opened.book)
    assert opened.writes == 0


def test_esc_after_the_rows_are_written_lets_the_log_tell_the_targets(built, folder, monkeypatch):
    """Excel has computed when the rows are there: here it makes RIOT's target 99."""
    model = OpenBook(read_cells(read_parts(built)))
    row = next(at[1:] for at, value in model.cells["Targets"].items() if value == "Target, model")
    told, down = buttons._log_targets, threading.Event()

    def pressed(*arguments):
        model.cells["Targets"][f"D{row}"] = 99.0
        down.set()
        time.sleep(10 * stopping.PULSE)
        return told(*arguments)

    monkeypatch.setattr(buttons, "_log_targets", pressed)
    with stopping.listening(down.is_set):
        buttons.refresh(model.book, folder)
    log = model.cells["Log"]
    last = max(int(at[1:]) for at in log)
    assert (log[f"E{last}"], log[f"G{last}"]) == ("RIOT target", 99.0)


def test_esc_while_pages_are_made_leaves_no_file(built, tmp_path, monkeypatch):
    model = OpenBook(read_cells(read_parts(built)))
    model.save_as(tmp_path / "model.xlsx", built.read_bytes())
    pages = pages_button.TearSheet.page
    begun = threading.Event()

    def page(one):
        begun.set()
        time.sleep(10 * stopping.PULSE)
        return pages(one)

    monkeypatch.setattr(pages_button.TearSheet, "page", page)
    with stopping.listening(begun.is_set), pytest.raises(stopping.StoppedError):
        pages_button.tear_sheets(model.book)
    assert not list(tmp_path.glob("*.pptx"))


def test_a_key_of_before_or_of_another_button_stops_nothing():
    with stopping.listening(lambda: True):
        time.sleep(10 * stopping.PULSE)
    stopping.look()
    with stopping.listening(lambda: False):
        time.sleep(3 * stopping.PULSE)
        stopping.look()


def test_every_command_listens(opened, monkeypatch):
    monkeypatch.setattr(commands.opened, "handed_over", lambda workbook: workbook)
    monkeypatch.setattr(commands.stopping, "escape_over", lambda book: lambda: True)

    def wait(book):
        time.sleep(10 * stopping.PULSE)
        stopping.look()

    for name in commands.COMMANDS:
        monkeypatch.setattr(commands, "COMMANDS", {name: wait})
        with pytest.raises(stopping.StoppedError):
            commands.carry_out(name, opened.book)
