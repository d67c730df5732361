"""The real COM server in Windows Python under Wine, started and called as Excel does it.

What Excel itself adds - the VBA project, its cells, its own COM client - is not here.
"""

from __future__ import annotations

import shutil
import signal
import time

import pytest

from addin.boundary.cells import OMITTED
from addin.boundary.desk import Desk
from addin.boundary.store import BookStore
from addin.closed.snapshot_and_explain import explain_cell
from addin.closed.workbook import ClosedWorkbook
from addin.excel.com import MISSING
from addin.excel.server import CLASS_ID, FAILED
from tests.addin.boundary.cases import CASES, approximately, every_case
from tests.addin.closed.stored import cell_with
from tests.hosts import windows
from tests.hosts.windows_stubs import COM_CODES, shown_by_excel
from tests.places import SHIPPED
from tests.valuation_core.book_files import add_rows
from valuation_core import __version__, load_book
from valuation_core.coverage import coverage
from workbook.cells import ErrorValue
from workbook.model.build import build_model
from workbook.refresh import log

pytestmark = [pytest.mark.long, pytest.mark.alone, pytest.mark.windows]

PYTHONW = windows.PYTHON.with_name("pythonw.exe")
COMMAND = f'"{windows.windows_path(PYTHONW)}" -I -B -m addin.excel.server $(CLSID)'
"""What the VBA shim gives the DLL: no shell in between, no folder but the installation's own."""

ATTACKS = ["os.system", "addin.cli", r"Z:\evil.py", "../evil", "hpc_value", "bind", "__import__('os')", ""]  # fmt: skip
MEMBERS = ["Eval", "Exec", "Module", "Builtin", "GetAttr", "SetAttr", "CallUDF", "ShowConsole", "Obj", "__class__"]  # fmt: skip
NO_WORKBOOKS = ["Shell.Application", "WScript.Shell", "Excel.Application", 5.0, None]
"""What a text or number in the place of a workbook must not become: a program that is started."""

UNKNOWN_NAME = -2147352570
"""DISP_E_UNKNOWNNAME"""

COLUMN = [[0.25], [0.5]] * 5000
RPC_FAILURES = {-2147023170, -2147023174, -2147417848, -2147417851}
"""RPC call failed, server unavailable, object disconnected, server threw."""


def as_json(cell):
    """Write a cell for the client; what is no JSON goes as its VT_ERROR code."""
    if isinstance(cell, list):
        return [[as_json(item) for item in row] for row in cell]
    if cell is OMITTED:
        return {"code": MISSING}
    return {"code": COM_CODES[cell.code]} if isinstance(cell, ErrorValue) else cell


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A folder like that of a mailed workbook: modules and settings that would take over."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in ("addin", "xlwings", "numpy", "pythoncom", "win32com", "valuation_core", "sitecustomize", "usercustomize"):  # fmt: skip
        (folder / f"{name}.py").write_text(
            f"open(r'Z:{folder}/taken-over', 'w')\nraise SystemExit\n"
        )
    (folder / "xlwings.conf").write_text(
        '"INTERPRETER_WIN","Z:\\evil.exe"\n"PYTHONPATH","Z:\\evil"\n'
    )
    return folder


@pytest.fixture(scope="module")
def session(tmp_path_factory, hostile):
    """What one Excel session found, the working folder and environment being hostile."""
    return windows.run_client(
        tmp_path_factory.mktemp("session"),
        "started_by_excel",
        cwd=hostile,
        settings={"PYTHONPATH": windows.windows_path(hostile), "XLWINGS_ON_SERVER": "true"},
        command=COMMAND,
        cases=[[case.function, [as_json(cell) for cell in case.cells]] for case in CASES],
        attacks=ATTACKS,
        members=["Call", "Command", "Version", *MEMBERS],
        range=COLUMN,
    )


@every_case
def test_every_case_through_com(session, case):
    found = session["cases"][CASES.index(case)]
    assert shown_by_excel(found) == approximately(case.expected)


def test_what_no_case_holds_through_com(session):
    assert session["first"] == 0.5 * 600 * 6.15
    assert session["version"] == __version__
    assert session["one_dimension"] == [[922.5, 1845.0]]
    assert session["integer"] == "\x01#NUM!"  # -5 MW is a number outside its domain, no error cell
    assert session["object"] == "\x01#VALUE!"


def test_nothing_but_calls_commands_and_the_version_is_offered(session):
    members = session["members"]
    assert len({members[name] for name in ("Call", "Command", "Version")}) == 3
    assert {name: members[name] for name in MEMBERS} == dict.fromkeys(MEMBERS, UNKNOWN_NAME)


def test_no_module_path_or_code_is_taken_from_a_caller(session):
    assert dict(zip(ATTACKS, session["attacks"], strict=True)) == dict.fromkeys(
        ATTACKS, "\x01#NAME?"
    )


def test_nothing_in_the_working_folder_or_environment_takes_over(session, hostile):
    assert session["first"] == 1845.0
    assert not (hostile / "taken-over").exists()


def test_a_server_that_ended_is_started_again(session):
    assert session["processes"] == 1
    assert session["call_after_end"] in RPC_FAILURES
    assert not session["found_after_end"]
    assert session["restarted"]
    assert session["after_restart"] == 1845.0


def test_a_command_longer_by_a_space_starts_a_server_of_a_new_class(session):
    assert session["call_after_kill"] in RPC_FAILURES
    assert session["after_new_class"] == 1845.0


def test_the_server_ends_when_the_last_workbook_lets_go(session):
    assert session["left_over"] == 0


def test_it_does_so_by_itself_where_the_dll_does_not_end_it(tmp_path):
    """As after Excel has crashed: nobody but COM tells the server that nobody is left."""
    class_id = "{0d5a3e0c-7c1e-4d6b-9a55-0f6f5f0c2a11}"
    server = "-I", "-B", "-m", "addin.excel.server", class_id
    with windows.started(windows.PYTHON, *server) as process:
        found = windows.run_client(tmp_path, "attached", command=class_id, sessions=1)
        assert found["answers"] == [1845.0]
        assert process.wait(timeout=100) == 0


def test_speed_is_told(session, capsys):
    with capsys.disabled():
        print(
            f"\nUnder Wine: first value {session['first_value']:.1f} s after a cold start; a call",
            end="",
        )
        print(
            f" {session['scalar_trip'] * 1e3:.2f} ms, of which COM {session['version_trip'] * 1e3:.2f}",
            end="",
        )
        print(f" ms; a range of 10,000 cells {session['range_trip'] * 1e3:.0f} ms")
    assert session["first_value"] < 300
    assert session["again"] < session["activation"] / 10


def test_a_server_that_cannot_start_is_told_in_words(tmp_path):
    python = windows.windows_path(windows.PYTHON)
    commands = [
        '"C:\\nowhere\\pythonw.exe" -I',
        f'"{python}" -I -c 1',
        "{00000000-0000-0000-0000-0000000000ff}",
    ]
    said = windows.run_client(tmp_path, "failing", commands=commands)
    for command, words in zip(
        commands, ("Could not create", "exited before", "No command"), strict=True
    ):
        assert words in said[command]


@pytest.fixture(scope="module")
def served():
    """`hpcval serve` in a window of its own."""
    with windows.started(windows.PYTHON, "-I", "-B", "-m", "addin", "serve") as process:
        yield process, process.stdout.readline().decode()


def test_serve_says_that_it_serves_and_how_to_stop_it(served):
    _, line = served
    assert line.strip() == f"Serving Excel's HPC functions ({__version__}). Press Ctrl+C to stop."


def test_excel_attaches_to_a_server_that_a_person_started(served, tmp_path):
    found = windows.run_client(tmp_path, "attached", command=CLASS_ID, sessions=2)
    assert found == {"answers": [1845.0, 1845.0], "processes_started": 0}


@pytest.fixture(scope="module")
def pressed(tmp_path_factory):
    """What the buttons said and wrote, in a workbook that another process holds as Excel does."""
    folder = tmp_path_factory.mktemp("buttons")
    facts, model = folder / "facts", folder / "held.xlsx"
    shutil.copytree(SHIPPED, facts)
    build_model(coverage(load_book(), ["RIOT", "IREN"]), model)
    target = cell_with(model, "HPC_TARGET(D$4:E$4,,,,,,,Book)")
    explain_cell(model, target, Desk(store=BookStore(folder / "books")), write=True)
    with ClosedWorkbook.to_change(model) as closed:
        closed.sheet_with(log.NAME, list(log.HEADINGS), log.WIDTHS)
        closed.finish()
        closed.save("before-log")
    add_rows(facts, ("RIOT", "btc_held", "21000", "BTC", "", "2025-12-01", ""))
    said = windows.run(windows.PYTHON, "-I", "-m", "addin", "source", windows.windows_path(facts))
    assert said.startswith("every refresh reads folder Z:")
    yield windows.run_client(
        folder,
        "buttons",
        command=COMMAND,
        workbook=windows.windows_path(model),
        place=windows.windows_path(folder),
        attacks=NO_WORKBOOKS,
        presses=[
            ["snapshot"],
            ["refresh"],
            ["refresh"],
            ["undo"],
            ["explain", *target.split("!")],
            ["freeze"],
        ],
    )
    windows.run(windows.PYTHON, "-I", "-m", "addin", "source", "--forget")


def test_the_buttons_reach_the_workbook_that_excel_hands_over(pressed):
    snapshot, first, second, undo, explain, freeze = pressed["said"]
    assert snapshot == "targets and ratings of 2 miners appended to History"
    assert " rows added (Facts " in first
    assert second.startswith("no row added from ")
    assert " rows are off again that refresh 1 of " in undo
    assert explain.endswith("are on the sheet Explain")
    assert freeze.endswith("model.frozen.xlsx")


def test_they_write_what_was_decided_and_nothing_else(pressed):
    written = [
        {(sheet, address): value for sheet, address, value in cells} for cells in pressed["written"]
    ]
    snapshot, first, second, undo, explain, freeze = written
    assert {sheet for sheet, _ in snapshot} == {"History"}
    assert {"Facts", "AllDeals", "Log"} <= {sheet for sheet, _ in first}
    assert "Inputs" not in {sheet for sheet, _ in first}
    brought = {at for at, value in first.items() if at[0] == "Facts" and value is not None}
    assert 21000.0 in [first[at] for at in brought]
    assert second == {} == freeze
    assert {at for at, value in undo.items() if at[0] == "Facts" and value is None} == brought
    assert {sheet for sheet, _ in explain} == {"Explain"}
    assert any(
        value == pytest.approx(12.41, abs=0.005)
        for value in explain.values()
        if isinstance(value, float)
    )


def test_a_command_takes_an_object_of_excel_and_a_name_of_the_list(pressed):
    assert set(pressed["attacks"]) == {"\x01no workbook was handed over"}
    assert pressed["no_command"] == "\x01there is no such command"
    assert pressed["left_over"] == 0


ECHOED = [
    __version__,
    "5: 1845",  # a double
    "5: 1110",  # 0.5 by default x 600 x 3.7
    "error #N/A",  # blank is not omitted
    "5: 3690",
    "2 x 3",
    "5: 461.25",
    "5: 922.5",
    "error #N/A",
    "5: 922.5",
    "5: 1845",
    "error #N/A",
    load_book().handle,
    "error #NAME?",
    "7",
    "5: 1845",
    "error no workbook was handed over",
    "error no workbook was handed over",
    "error there is no such command",
    f"error {FAILED}",  # an object, but none of Excel's
    "Eval 438",  # no such member
    "Exec 438",
    "Module 438",
]


def test_the_same_from_vbscript(served):
    assert windows.run_script("windows_calls.vbs", CLASS_ID) == ECHOED


def test_the_server_goes_on_for_the_next_workbook_and_stops_when_told(served):
    process, _ = served
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=100) == 0
