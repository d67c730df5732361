"""The shim's VBA in a second interpreter, with Excel's objects before it and our server behind it.

LibreOffice Basic runs the same modules (test_shim_in_basic), but it shows an error as a text and lets
the server be a macro. Here an error is the value that CVErr makes, and a cell goes the whole way: sheet,
VBA, COM's values, our server, and back.
"""

from __future__ import annotations

import datetime as dt

import pytest
from pyopenvba.interpreter import NOTHING, VBACompileError
from pyopenvba.interpreter import VBARuntimeError as VbaError

from addin.boundary.cells import OMITTED
from addin.excel.addin_file.examples import example
from addin.excel.addin_file.ribbon import BUTTONS
from addin.excel.com import ERROR_MARK, NUMBER_OF_ERROR
from addin.excel.server import HpcServer
from tests.addin.boundary.cases import approximately, every_case
from tests.hosts.vba_interpreter import HIGH_WORD, Choice, Desk, Drawable, Fixed, Server
from tests.hosts.windows_stubs import windows_xlwings
from valuation_core import __version__
from valuation_core.catalogue.catalogue import catalogue

LEFT_OUT = HIGH_WORD + 448


def desk_of(answer=1845.0, **more):
    return Desk(Server(Fixed(answer), **more))


@pytest.fixture(scope="module")
def desk():
    """A desk with the real server."""
    with windows_xlwings() as udfs:
        yield Desk(Server(HpcServer(udfs.call_udf)))


# values and errors


@every_case
def test_every_case_goes_from_the_sheet_to_the_server_and_back(desk, case):
    assert desk.call(case.function, case.cells) == approximately(case.expected)


@pytest.mark.parametrize("code", NUMBER_OF_ERROR)
def test_a_marked_answer_is_an_error_value_and_a_text_like_it_is_a_text(code):
    assert desk_of(f"{ERROR_MARK}{code}").shows("HPC_VALUE(1)") == code
    assert desk_of(code).shows("HPC_VALUE(1)") == f"text {code}"


def test_in_an_array_the_marked_elements_alone_become_errors():
    grid = [[1.5, f"{ERROR_MARK}#NUM!", True], [f"{ERROR_MARK}#N/A", "#N/A", "RIOT"]]
    shown = [[1.5, "#NUM!", True], ["#N/A", "text #N/A", "RIOT"]]
    assert desk_of(grid).shows("HPC_VALUE(1)") == shown


def test_a_code_that_vba_does_not_know_is_a_value_error():
    assert desk_of(f"{ERROR_MARK}#NEW!").shows("HPC_VALUE(1)") == "#VALUE!"


# arguments


def test_what_is_left_out_is_told_from_what_is_blank():
    desk = desk_of()
    desk.call("HPC_VALUE", ("RIOT", OMITTED, 600.0, None))
    rest = [LEFT_OUT] * 3
    assert desk.server.asked == [("HPC_VALUE", ("RIOT", LEFT_OUT, 600.0, None, *rest))]


def test_several_areas_are_no_range():
    desk = desk_of()
    desk.shows('HPC_CAPEX(Range("A1,C3"))')
    [(_, arguments)] = desk.server.asked
    assert arguments[0] == HIGH_WORD + 2015  # #VALUE!


def test_every_function_hands_its_arguments_over_in_order():
    desk = desk_of()
    for card in catalogue().values():
        names = [argument.name for argument in card.arguments]
        texts = ",".join(f'"{name}"' for name in names)
        assert desk.shows(f"{card.name}({texts})") == 1845.0
        assert desk.server.asked[-1] == (card.name, tuple(names))


# the connection


def test_a_server_that_was_ended_is_started_again_once():
    desk = desk_of(fails=1)
    assert desk.shows("HPC_VALUE(1)") == 1845.0
    assert desk.server.started == 2
    assert desk_of(fails=2).shows("HPC_VALUE(1)") == "#N/A"


def test_a_desk_without_a_server_says_so_and_tries_again_after_half_a_minute():
    desk = desk_of(there=False)
    noon = dt.datetime(2025, 9, 26, 12)  # noqa: DTZ001  a desk's clock has no zone
    desk.app.freeze_clock(noon)
    assert desk.shows("HPC_VALUE(1)") == "#N/A"
    sentence = "HPC functions: no server to attach to: start it with hpcval serve."
    assert desk.shows("HpcReason()") == sentence
    desk.server.there = True
    desk.app.freeze_clock(noon + dt.timedelta(seconds=29))
    assert desk.shows("HPC_VALUE(1)") == "#N/A"
    desk.app.freeze_clock(noon + dt.timedelta(seconds=31))
    assert desk.shows("HPC_VALUE(1)") == 1845.0
    assert desk.shows("HpcReason()") == ""


def test_a_desk_where_nothing_is_installed_says_how_to_install():
    desk = Desk(Server(Fixed()), python="")
    assert desk.shows("HPC_VALUE(1)") == "#N/A"
    said = desk.shows("HpcReason()")
    assert said.startswith("HPC functions: nothing is installed in the folder hpc-valuation")
    assert said.endswith("run hpcval install or the setup program.")
    assert desk.server.started == 0


def test_a_server_of_another_version_is_not_asked():
    desk = Desk(Server(Fixed(version="9.9")))
    assert desk.shows("HPC_VALUE(1)") == "#N/A"
    assert f"this file is version {__version__}, Python has 9.9" in desk.shows("HpcReason()")
    assert desk.server.asked == []


def test_nothing_is_computed_while_the_function_wizard_is_open():
    desk = desk_of()
    desk.bar.enabled = False
    assert desk.shows("HPC_VALUE(1)") == "#N/A"
    assert desk.server.asked == []


# macros


def test_every_button_of_the_tab_runs_its_macro_and_leaves_excel_as_it_was():
    """The interpreter reports a variable that is not declared when it comes to the line."""
    desk = desk_of()
    cursor = desk.app.application.cursor
    desk.app.application.selected = Drawable("Range")
    for button in BUTTONS.values():
        desk.app.run(f"{button.macro}Button", desk.bar)
    said = [text for _, text, *_ in desk.app.dialogs]
    commands = [f"{button.command} done" for button in BUTTONS.values() if button.command]
    assert said[0] == "0 HPC formulas were entered again."
    assert said[1].startswith(f"HPC valuation functions {__version__}")
    assert said[2:-1] == commands
    assert said[-1].startswith("The picture is on the clipboard")
    assert desk.app.application.cursor == cursor
    assert desk.shows("Application.Calculation = xlCalculationAutomatic") is True


class Watched(Fixed):
    """Notes what the status bar says while it works; may end meanwhile."""

    def __init__(self, fails=False):
        super().__init__()
        self.fails, self.bars, self.keys = fails, [], set()

    def Command(self, name, workbook):  # noqa: N802  COM's name
        self.bars.append(self.app.status_bar)
        self.keys.add(self.app.cancel_key)
        if self.fails:
            raise VbaError(462, "The remote server machine does not exist or is unavailable")
        return super().Command(name, workbook)


@pytest.mark.parametrize("fails", [False, True])
def test_the_status_bar_says_what_a_button_does_and_is_given_back(fails):
    server = Watched(fails)
    desk = Desk(Server(server))
    server.app = desk.app.application
    asking = [button for button in BUTTONS.values() if button.command]
    for button in asking:
        desk.app.run(f"{button.macro}Button", desk.bar)
        assert server.app.status_bar is False
    assert server.bars == [f"HPC: {button.doing} ..." for button in asking]
    assert server.bars[0] == "HPC: refreshing the facts ..."


def test_esc_is_left_to_python_while_it_works_and_is_excels_again_after_it():
    server = Watched()
    desk = Desk(Server(server))
    server.app = desk.app.application
    desk.app.run("HpcRefreshButton", desk.bar)
    assert (server.keys, server.app.cancel_key) == ({0}, 1)


def test_where_python_cannot_be_reached_the_status_bar_still_says_why_after_a_button():
    desk = desk_of(there=False)
    desk.app.run("HpcRefreshButton", desk.bar)
    why = "HPC functions: no server to attach to: start it with hpcval serve."
    assert desk.app.application.status_bar == why
    desk.server.there = True
    desk.app.run("HpcRefreshButton", desk.bar)
    assert desk.app.application.status_bar is False


def test_rebind_tells_how_many_formulas_it_had_entered_when_it_stopped(monkeypatch):
    desk = desk_of()
    cells = "\n".join(f'Range("A{row}").Formula = "=HPC_VALUE(1)"' for row in (1, 2, 3))
    desk.app.add_module(f"Sub Fill()\n{cells}\nEnd Sub\n", name="Filled")
    desk.app.run("Fill")

    def refuse_the_third(target, member):
        if target.vba_get("Row", []) == 3 and member.startswith("Formula"):
            raise VbaError(1004, "The cell is locked")

    monkeypatch.setattr("pyopenvba.apps.excel._protection.check_range_set", refuse_the_third)
    desk.app.run("HpcRebindButton", desk.bar)
    said = "Re-bind stopped after 2 formulas: The cell is locked "
    assert desk.app.dialogs[-1][1] == said
    assert desk.app.application.status_bar is False


# the menu and pictures


def test_every_function_of_the_menu_is_entered_into_the_selected_cell():
    desk = desk_of()
    for row, card in enumerate(catalogue().values(), start=1):
        desk.app.evaluate(f'Range("B{row}").Select')
        desk.app.run("HpcInsertButton", Choice(example(card)))
        assert desk.app.sheet(1).formula(f"B{row}") == example(card)
    assert desk.app.dialogs == []


TWO = '=HPC_TARGET("RIOT")|=HPC_TARGET("RIOT",@)'


@pytest.mark.parametrize(
    ("cells", "entered"),
    [
        # In a model, and where our name had to give way to one of the analyst.
        ({"Book": "=HPC_BOOK()"}, '=HPC_TARGET("RIOT",Book)'),
        ({"Book": "Flaubert", "Book_HPC": "=HPC_BOOK()"}, '=HPC_TARGET("RIOT",Book_HPC)'),
        ({"Book": "Flaubert"}, '=HPC_TARGET("RIOT")'),
        ({"Booked": "=HPC_BOOK()"}, '=HPC_TARGET("RIOT")'),
        ({}, '=HPC_TARGET("RIOT")'),
    ],
)
def test_the_menu_enters_the_book_of_the_workbook_where_our_model_is_in_it(cells, entered):
    desk = desk_of()
    lines = [
        f'Range("D{row}").Formula = "{held}"\nActiveWorkbook.Names.Add "{name}", "=Sheet1!$D${row}"'
        for row, (name, held) in enumerate(cells.items(), start=1)
    ]
    desk.app.add_module("\n".join(["Sub Fill()", *lines, "End Sub", ""]), name="Filled")
    desk.app.run("Fill")
    desk.app.evaluate('Range("B1").Select')
    desk.app.run("HpcInsertButton", Choice(TWO))
    assert desk.app.sheet(1).formula("B1") == entered
    assert desk.app.dialogs == []


@pytest.mark.parametrize(
    ("spoilt", "refusal"),
    [
        ('Range("A1").Value = 0', "The cell A1 is not empty: nothing was entered."),
        ('Range("A1").Formula = "="""""', "The cell A1 is not empty: nothing was entered."),
        ("ActiveSheet.Protect", "The sheet Sheet1 is protected: nothing was entered."),
        (
            'Range("A1").NumberFormat = "@"',
            "The cell A1 is formatted as text: nothing was entered.",
        ),
    ],
)
def test_the_menu_refuses_a_cell_that_is_not_free(spoilt, refusal):
    desk = desk_of()
    desk.app.add_module(f"Sub Spoil()\n    {spoilt}\nEnd Sub\n", name="Spoilt")
    desk.app.run("Spoil")
    before = desk.app.sheet(1).formula("A1")
    desk.app.run("HpcInsertButton", Choice("=HPC_RANK()"))
    assert [text for _, text, *_ in desk.app.dialogs] == [refusal]
    assert desk.app.sheet(1).formula("A1") == before


def test_the_menu_asks_for_a_cell_where_a_sheet_has_none():
    desk = desk_of()
    desk.app.application.active_book = None
    desk.app.run("HpcInsertButton", Choice(TWO))
    assert desk.app.dialogs[0][1] == "Select an empty cell first: nothing was entered."


AS_SHOWN = (1, -4147)  # xlScreen, xlPicture


@pytest.mark.parametrize(
    ("chart", "selected", "said"),
    [
        (Drawable("Chart"), Drawable("ChartArea"), "The picture is on the clipboard"),
        (None, Drawable("Range"), "The picture is on the clipboard"),
        (None, Drawable("Range", areas=2), "Select one block of cells: nothing was copied."),
        (None, Drawable("Rectangle"), "Select a chart or cells first: nothing was copied."),
        (None, Drawable("Range", fails=True), "Excel made no picture: CopyPicture failed"),
    ],
)
def test_the_selected_chart_or_cells_are_copied_as_a_picture(chart, selected, said):
    desk = desk_of()
    desk.app.application.chart = chart or NOTHING
    desk.app.application.selected = selected
    desk.app.run("HpcPictureButton", desk.bar)
    [(_, text, *_)] = desk.app.dialogs
    assert text.startswith(said)
    copied = [AS_SHOWN] if "clipboard" in said else []
    assert (chart or selected).copied == copied


def test_the_function_wizard_gets_a_text_for_every_function_and_argument():
    desk = desk_of()
    desk.app.run("HpcDescribeAll")
    assert set(desk.texts) == set(catalogue())
    for card in catalogue().values():
        summary, category, helps = desk.texts[card.name]
        assert card.summary.startswith(summary)
        assert category.startswith("HPC")
        assert len(helps) == len(card.arguments)
        assert max(map(len, [summary, *helps])) <= 255


def test_the_interpreter_would_find_a_variable_that_is_not_declared():
    desk = desk_of()
    desk.app.add_module("Option Explicit\nSub Wrong()\n    total = 1\nEnd Sub\n", name="Wrong")
    with pytest.raises(VBACompileError, match="Variable not defined: total"):
        desk.app.run("Wrong")
