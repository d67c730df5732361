"""Several processes that push to one database at the same moment."""

from __future__ import annotations

import subprocess
import sys

from tests.places import ROOT


def push_at_once(url, *folders):
    """Start a process per folder and let them push at the same moment."""
    program = (
        "import sys; from addin.sources import tables_from; from addin.sources.push import push\n"
        "tables = tables_from(sys.argv[2]); print('ready', flush=True); sys.stdin.readline()\n"
        "print(push(sys.argv[1], tables))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, url, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for folder in folders
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert "rows added" in output
