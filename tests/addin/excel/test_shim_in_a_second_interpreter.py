"""The shim's VBA in a second interpreter, with Excel's objects before it and our server behind it.

LibreOffice Basic runs the same modules (test_shim_in_basic), but it shows an error as a text and lets
the server be a macro. Here an error is the value that CVErr makes, and a cell goes the whole way: sheet,
VBA, COM's values, our server, and back.
"""

from __future__ import annotations

import datetime as dt

import pytest
from pyopenvba.interpreter import VBACompileError

from addin.boundary.cells import OMITTED
from addin.excel.addin_file.ribbon import BUTTONS
from addin.excel.com import ERROR_MARK, NUMBER_OF_ERROR
from addin.excel.server import HpcServer
from tests.addin.boundary.cases import approximately, every_case
from tests.hosts.vba_interpreter import HIGH_WORD, Desk, Fixed, Server
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
    for button in BUTTONS.values():
        desk.app.run(f"{button.macro}Button", desk.bar)
    said = [text for _, text, *_ in desk.app.dialogs]
    commands = [f"{button.command} done" for button in BUTTONS.values() if button.command]
    assert said[0] == "0 HPC formulas were entered again."
    assert said[1].startswith(f"HPC valuation functions {__version__}")
    assert said[2:] == commands
    assert desk.app.application.cursor == cursor
    assert desk.shows("Application.Calculation = xlCalculationAutomatic") is True


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
