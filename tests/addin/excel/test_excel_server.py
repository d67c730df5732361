"""The COM server: only worksheet functions can be called, and nothing is ever raised to Excel."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from addin.boundary.cells import OMITTED
from addin.cli import main
from addin.excel import server
from addin.excel.addin_file.ribbon import BUTTONS
from addin.excel.com import ERROR_MARK, from_com, to_com
from addin.excel.commands import COMMANDS
from addin.sources.chosen import choose_source
from tests.addin.boundary.cases import approximately, every_case
from tests.addin.closed.stored import cell_with
from tests.hosts.excel_fakes import OpenBook
from tests.hosts.windows_stubs import MISSING, as_com, shown_by_excel, windows_xlwings
from tests.valuation_core.book_files import add_rows
from valuation_core import __version__
from workbook.cells import ErrorValue
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells


@pytest.fixture(scope="module")
def functions():
    """The object Excel gets, on the real call_udf of xlwings."""
    with windows_xlwings() as udfs:
        yield server.HpcServer(udfs.call_udf)


@every_case
def test_every_case_through_the_server(functions, case):
    found = functions.Call(case.function, tuple(as_com(cell) for cell in case.cells))
    assert shown_by_excel(found) == approximately(case.expected)


def test_the_object_offers_three_methods_and_nothing_else():
    assert server.HpcServer._public_methods_ == ["Call", "Command", "Version"]
    assert not hasattr(server.HpcServer, "_public_attrs_")


def test_the_version_is_the_package_version(functions):
    assert functions.Version() == __version__


@pytest.mark.parametrize(
    "name",
    ["hpc_value", "HPC_NOTHING", "", "bind", "Desk", "__class__", "os.system", r"C:\a.py", None, 1.0, ("HPC_VALUE",)],
)  # fmt: skip
def test_what_is_no_function_of_the_catalogue_is_a_name_error(functions, name):
    assert functions.Call(name, ("RIOT",)) == ERROR_MARK + "#NAME?"


@pytest.mark.parametrize("arguments", ["RIOT", 5.0, object(), (object(),), ("RIOT",) * 20])
def test_arguments_of_no_use_are_a_value_error(functions, arguments):
    assert functions.Call("HPC_VALUE", arguments) == ERROR_MARK + "#VALUE!"


def test_a_failure_goes_to_the_log_and_not_to_excel(caplog):
    def broken(*_):
        raise ZeroDivisionError("a defect")

    assert server.HpcServer(broken).Call("HPC_VALUE", ()) == ERROR_MARK + "#VALUE!"
    assert "a defect" in caplog.text


@pytest.mark.parametrize("arguments", [None, ()])
def test_no_arguments(functions, arguments):
    assert __version__ in functions.Call("HPC_VERSION", arguments)


def test_an_argument_left_out_of_explain_takes_its_default(functions):
    # 0.5 is RIOT's own probability; as a blank cell it would be an error.
    table = functions.Call("HPC_EXPLAIN", ("HPC_VALUE", "RIOT", MISSING, 600.0))
    assert table[-1][2] == 0.5 * 600 * 6.15


def test_a_table_is_a_list_of_rows_since_a_tuple_would_lose_all_but_the_first(functions):
    table = functions.Call("HPC_SOTP", ("RIOT",))
    assert type(table) is list
    assert {type(row) for row in table} == {list}


def test_a_row_written_out_in_a_formula_has_one_dimension(functions):
    assert functions.Call("HPC_VALUE", ("RIOT", (0.25, 0.5), 600.0)) == [[922.5, 1845.0]]


def test_any_code_of_an_error_cell_is_an_error_and_other_negative_numbers_are_numbers():
    assert from_com(-2146826246) == ErrorValue("#N/A")
    assert from_com(-2146826240) == ErrorValue("#VALUE!")  # 2048, newer than our list
    assert from_com(-2146828289) == -2146828289.0
    assert from_com(-5) == -5.0
    assert from_com((MISSING,)) == [[ErrorValue("#VALUE!")]]


@pytest.mark.parametrize("value", [(), ((1.0,), 2.0), object(), b"x"])
def test_what_no_cell_holds_is_an_error(value):
    assert from_com(value) == ErrorValue("#VALUE!")


def test_an_array_in_a_cell_is_an_error():
    assert from_com((((1.0,),), ((2.0,),))) == [[ErrorValue("#VALUE!")]] * 2


def test_an_omitted_argument_stays_omitted():
    assert from_com(OMITTED) is OMITTED


def test_no_text_of_a_cell_is_taken_for_an_error():
    assert to_com("\x01#N/A") == "#N/A"
    assert to_com([["\x01\x01", "#N/A"]]) == [["-", "#N/A"]]


@pytest.mark.skipif(
    sys.platform == "win32", reason="is about other systems than Windows: run it on Linux"
)
def test_elsewhere_than_on_windows_serve_says_so():
    said = CliRunner().invoke(main, ["serve"])
    assert (said.exit_code, said.output) == (1, "Error: the server for Excel needs Windows\n")
    run = subprocess.run(
        [sys.executable, "-I", "-m", "addin.excel.server", server.CLASS_ID],
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (1, "the server for Excel needs Windows\n")


def test_modules_in_the_working_folder_or_pythonpath_do_not_take_over(tmp_path):
    for name in ("addin", "xlwings", "numpy", "platformdirs", "logging", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken over')\n")
    command = [sys.executable, "-I", "-B", "-m", "addin.excel.server", server.CLASS_ID]
    run = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert "taken over" not in run.stderr
    assert "needs Windows" in run.stderr or sys.platform == "win32"


@pytest.mark.parametrize("text", ["", "Excel.Application", "{506e67c3}", "$(CLSID)"])
def test_only_a_class_id_is_served(text):
    with pytest.raises(server.ServerError, match="is not a class id"):
        server.serve(text)


def test_heavy_packages_are_hidden_from_xlwings_and_come_back():
    code = (
        "import sys; from addin.excel.server import _hidden\n"
        "with _hidden(['pandas']):\n"
        "    try: import pandas\n"
        "    except ImportError: print('hidden')\n"
        "import pandas; print(pandas.__name__)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "hidden\npandas\n"


@pytest.fixture
def opened(functions, built, monkeypatch):
    """A model that is open in Excel: handing it over is Excel's part."""
    found = OpenBook(read_cells(read_parts(built)))
    found.name(Book="=Inputs!$C$5")
    monkeypatch.setattr("addin.excel.opened.handed_over", lambda workbook: found.book)
    monkeypatch.setattr("addin.excel.stopping.escape_over", lambda book: lambda: False)
    return found


def test_a_command_works_in_the_workbook_and_says_what_it_did(functions, opened):
    said = functions.Command("snapshot", object())
    assert said.startswith("targets and ratings of 2 miners")
    assert "Snapshots of this model" in opened.cells["History"].values()


def test_explain_takes_the_selected_cell(functions, opened, built):
    sheet, address = cell_with(built, "HPC_TARGET(D$4:E$4,,,,,,,Book)").split("!")
    opened.select(sheet, address)
    said = functions.Command("explain", object())
    assert said == f"the steps of {sheet}!{address} are on the sheet Explain"


def test_refresh_and_undo_use_the_source_the_person_chose(functions, opened, folder):
    assert functions.Command("refresh", object()).startswith(
        f"{ERROR_MARK}no source is chosen yet: run hpcval source"
    )
    add_rows(folder, ("RIOT", "btc_held", "20000", "BTC", "", "2025-09-26", ""))
    choose_source(str(folder))
    assert " rows added (Facts " in functions.Command("refresh", object())
    assert 20000.0 in opened.cells["Facts"].values()
    assert functions.Command("refresh", object()).startswith("no row added from ")
    said = functions.Command("undo", object())
    assert " rows are off again that refresh 1 of " in said
    assert 20000.0 not in opened.cells["Facts"].values()
    assert functions.Command("undo", object()).startswith(ERROR_MARK)


def test_freeze_says_why_it_cannot(functions, opened):
    opened.book.api.FullName, opened.book.api.Path = "Book1", ""
    said = functions.Command("freeze", object())
    assert said == f"{ERROR_MARK}model.xlsx was never saved: save it first"


@pytest.mark.parametrize(
    "name", ["Refresh", "grids_of", "HPC_VALUE", "", "__class__", r"C:\a.py", None, 1.0, ("undo",)]
)
def test_there_is_no_other_command(functions, opened, name):
    assert functions.Command(name, object()) == f"{ERROR_MARK}there is no such command"
    assert opened.writes == 0


@pytest.mark.parametrize("workbook", ["Shell.Application", r"C:\model.xlsx", 5.0, object()])
def test_a_workbook_is_an_object_of_excel_and_never_a_text(functions, workbook):
    said = functions.Command("snapshot", workbook)
    assert said == f"{ERROR_MARK}no workbook was handed over"


def test_a_command_that_fails_goes_to_the_log(functions, opened, caplog, monkeypatch):
    def broken(book):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("addin.excel.buttons.grids_of", broken)
    assert functions.Command("snapshot", object()) == ERROR_MARK + server.FAILED
    assert "a defect" in caplog.text


def test_a_cell_that_cannot_be_written_is_told_in_words(functions, opened):
    opened.protected = {"History"}
    said = functions.Command("snapshot", object())
    assert said.startswith(f"{ERROR_MARK}History!A")
    assert said.endswith("perhaps since the sheet is protected; nothing was changed")


def test_every_command_has_its_button_and_the_reverse():
    asked = [button.command for button in BUTTONS.values() if button.command]
    assert sorted(asked) == sorted(COMMANDS)


def test_another_excel_is_never_ended_with_the_server_nor_a_busy_one_asked_for_ever(monkeypatch):
    """xlwings would end every Excel that shows no workbook, another program's too."""
    spared = []
    with windows_xlwings():
        monkeypatch.setattr("atexit.unregister", spared.append)
        server.load()
        windows = sys.modules["xlwings._xlwindows"]
        assert spared == [windows.cleanup]
        assert windows.N_COM_ATTEMPTS == 1000
