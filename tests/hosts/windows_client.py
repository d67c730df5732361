"""Runs in Windows Python: starts our server through xlwings' DLL as Excel does, and calls it.

Reads what to call from a JSON file and writes what came back to another. Only Windows has what it
imports, so nothing is imported before it is run.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from pathlib import Path

from tests.hosts.windows_variants import Failed, Server, Variant, from_variant

STARTED_BY_EXCEL = "pythonw.exe"


class Excel:
    """What the VBA shim has of xlwings: one function of its DLL."""

    def __init__(self, dll):
        ctypes.WinDLL("ole32").CoInitialize(None)
        self._activate = ctypes.WinDLL(dll).XLPyDLLActivateAuto
        self._activate.argtypes = [ctypes.POINTER(Variant), ctypes.c_char_p, ctypes.c_int]
        self._activate.restype = ctypes.c_long

    def activate(self, command, mode=1):
        """Give the server: None if there is none, the DLL's text if it failed."""
        result = Variant()
        if self._activate(ctypes.byref(result), command.encode("mbcs"), mode):
            return from_variant(result)
        return Server(result.value) if result.value else None


def call(server, name, cells):
    return server.call("Call", name, tuple(cells))


def main(job_file, answer_file):
    job = json.loads(Path(job_file).read_text("utf-8"))
    answer = globals()[job["what"]](Excel(job["dll"]), job)
    Path(answer_file).write_text(json.dumps(answer), "utf-8")


def started_by_excel(excel, job):
    """Everything one Excel session does with a server that it starts itself."""
    command = job["command"]
    start = time.perf_counter()
    server = excel.activate(command)
    activated = time.perf_counter()
    first = call(server, "HPC_VALUE", ["RIOT", 0.5, 600.0])
    answer = {
        "activation": activated - start,
        "first_value": time.perf_counter() - start,
        "first": first,
        "version": server.call("Version"),
        "again": time_of(lambda: excel.activate(command).release(), 20),
        "version_trip": time_of(lambda: server.call("Version"), 200),
        "scalar_trip": time_of(lambda: call(server, "HPC_VALUE", ["RIOT", 0.5, 600.0]), 200),
        "range_trip": time_of(lambda: call(server, "HPC_VALUE", ["RIOT", job["range"], 600.0]), 5),
        "cases": [call(server, name, cells) for name, cells in job["cases"]],
        "attacks": [call(server, name, ["RIOT"]) for name in job["attacks"]],
        "members": {name: failure(server.member, name) for name in job["members"]},
        "one_dimension": call(server, "HPC_VALUE", ["RIOT", (0.25, 0.5), 600.0]),
        "integer": call(server, "HPC_VALUE", ["RIOT", 1, -5]),
        "object": call(server, "HPC_VALUE", ["RIOT", server, 600.0]),
    }
    answer.update(after_its_end(excel, command, server))
    return answer


def after_its_end(excel, command, server):
    """Let the server's process end under Excel's hands, then let Excel ask for it again.

    Windows forgets what a killed process registered. Wine remembers: there the process has to end
    by itself, or the command has to differ by a space, for which the DLL makes a new class id.
    """
    first = processes()
    answer = {"processes": len(first)}
    for process in first:
        end_itself(process)
    answer["call_after_end"] = failure(server.call, "Version")
    answer["found_after_end"] = excel.activate(command, 0) is not None
    server = excel.activate(command)
    answer["after_restart"] = call(server, "HPC_VALUE", ["RIOT", 0.5, 600.0])
    second = processes()
    answer["restarted"] = len(second) == 1 and second != first
    for process in second:
        terminate(process)
    answer["call_after_kill"] = failure(server.call, "Version")
    server = excel.activate(command + " ")
    answer["after_new_class"] = call(server, "HPC_VALUE", ["RIOT", 0.5, 600.0])
    server.release()
    excel.activate(command + " ", -1)
    answer["left_over"] = len(wait_for_none())
    return answer


def buttons(excel, job):
    """What the buttons do in a workbook that this process holds as Excel does."""
    import pythoncom
    from win32com.client.dynamic import Dispatch

    from tests.hosts.windows_excel import Workbook

    activated = excel.activate(job["command"])
    server = Dispatch(pythoncom.ObjectFromAddress(activated.pointer, pythoncom.IID_IDispatch))
    book = Workbook(job["workbook"], job["place"])
    answer = {"attacks": [server.Command("snapshot", one) for one in job["attacks"]]}
    for command, *selected in job["presses"]:
        book.app.selected = selected or None
        book.app.Calculation = -4135  # as the macro sets it
        book.written = []
        said = server.Command(command, book.given())
        answer.setdefault("said", []).append(said)
        answer.setdefault("written", []).append(book.written)
    answer["no_command"] = server.Command("Range", book.given())
    del server
    activated.release()
    excel.activate(job["command"], -1)
    answer["left_over"] = len(wait_for_none())
    return answer


def attached(excel, job):
    """Excel sessions, one after the other, with a server that is started by someone else."""
    answers = []
    for _ in range(job["sessions"]):
        server = excel.activate(job["command"])
        end = time.monotonic() + 300
        while isinstance(server, str) and time.monotonic() < end:
            time.sleep(0.1)
            server = excel.activate(job["command"])
        answers.append(call(server, "HPC_VALUE", ["RIOT", 0.5, 600.0]))
        server.release()
        excel.activate(job["command"], -1)
    return {"answers": answers, "processes_started": len(processes())}


def failing(excel, job):
    """What the DLL says of commands that do not bring a server up."""
    return {command: excel.activate(command) for command in job["commands"]}


def failure(action, *arguments):
    """Give the HRESULT with which an action fails, or else its result."""
    try:
        return action(*arguments)
    except Failed as failed:
        return failed.args[0]


def time_of(action, times):
    start = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - start) / times


def processes():
    """Give the ids of the processes that this Windows runs of what Excel would have started."""
    import pywintypes
    import win32api
    import win32con
    import win32process

    found = []
    rights = win32con.PROCESS_QUERY_INFORMATION | win32con.PROCESS_VM_READ
    for process in win32process.EnumProcesses():
        try:
            handle = win32api.OpenProcess(rights, False, process)
            name = win32process.GetModuleFileNameEx(handle, 0)
        except pywintypes.error:
            continue
        if name.lower().endswith(STARTED_BY_EXCEL):
            found.append(process)
    return found


def end_itself(process):
    """Make a process call ExitProcess."""
    import win32api
    import win32con

    kernel = ctypes.WinDLL("kernel32")
    kernel.GetModuleHandleW.restype = kernel.GetProcAddress.restype = ctypes.c_void_p
    kernel.GetProcAddress.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    leave = kernel.GetProcAddress(kernel.GetModuleHandleW("kernel32.dll"), b"ExitProcess")
    handle = win32api.OpenProcess(win32con.PROCESS_ALL_ACCESS, False, process)
    kernel.CreateRemoteThread(
        ctypes.c_void_p(int(handle)),
        None,
        ctypes.c_size_t(0),
        ctypes.c_void_p(leave),
        None,
        0,
        None,
    )
    wait_for_end(handle)


def terminate(process):
    import win32api
    import win32con

    rights = win32con.PROCESS_TERMINATE | win32con.SYNCHRONIZE
    handle = win32api.OpenProcess(rights, False, process)
    win32api.TerminateProcess(handle, 1)
    wait_for_end(handle)


def wait_for_end(handle):
    import win32event

    win32event.WaitForSingleObject(handle, 10_000)


def wait_for_none(seconds=50):
    end = time.monotonic() + seconds
    while processes() and time.monotonic() < end:
        time.sleep(0.1)
    return processes()


if __name__ == "__main__":
    main(*sys.argv[1:])
