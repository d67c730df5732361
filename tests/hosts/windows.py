"""Windows Python under Wine, for the tests: run a program there and read what it wrote."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path

from tests.places import ROOT
from tools import setup_wine

FOLDER = setup_wine.FOLDER
PYTHON = FOLDER / "python" / "python.exe"


def windows_path(path):
    """Give the path under which Windows programs find a file."""
    return "Z:" + str(path).replace("/", "\\")


def dll():
    """Give the DLL of xlwings that VBA calls."""
    return windows_path(next((FOLDER / "python").rglob("xlwings64-*.dll")))


def command(*arguments):
    """Give the command of a Windows program for subprocess."""
    return [setup_wine.find(setup_wine.WINE), *map(str, arguments)]


def settings(**more):
    return {**setup_wine.environment(FOLDER), **more}


@contextmanager
def started(*arguments):
    """Start a program that goes on, and end it with the block at the latest."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=settings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,  # Windows Python cannot start on a file as Wine hands it over
        stderr=subprocess.STDOUT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def run(*arguments, cwd=ROOT, status=0, **more):
    """Run a program to its end, which it must reach with this status, and give what it wrote."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=settings(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=900,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    assert done.returncode == status, text
    return text


def run_client(folder, what, cwd=None, **job):
    """Let the client do its job in one process and give its answer."""
    job_file, answer_file = folder / f"{what}.json", folder / f"{what}-answer.json"
    more = job.pop("settings", {})
    job_file.write_text(json.dumps({"what": what, "dll": dll(), **job}), "utf-8")
    client = windows_path(Path(__file__).with_name("windows_client.py"))
    files = windows_path(job_file), windows_path(answer_file)
    run(PYTHON, "-I", client, *files, cwd=cwd or folder, **more)
    return json.loads(answer_file.read_text("utf-8"))


def run_script(name, *arguments):
    """Let Windows run a VBScript of the tests and give the lines that it echoed."""
    file = windows_path(Path(__file__).with_name(name))
    return run("cscript.exe", "//nologo", file, *arguments).splitlines()
