"""A fresh copy of the checkout sets itself up and does its main job."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from tests.places import ROOT
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

pytestmark = [pytest.mark.long, pytest.mark.alone]

KEPT = ("PATH", "HOME", "PIP_CERT", "PIP_INDEX_URL", "PIP_FIND_LINKS", "SSL_CERT_FILE", "LANG")


def test_make_demo_works_in_a_fresh_copy_and_is_quick_the_second_time(tmp_path):
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    for name in filter(None, tracked):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment["PATH"] = ":".join(
        part for part in environment["PATH"].split(":") if ".venv" not in part
    )
    start = time.monotonic()
    subprocess.run(["make", "demo"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    first, start = time.monotonic() - start, time.monotonic()
    run = subprocess.run(
        ["make", "demo"], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    assert time.monotonic() - start < first / 2, "nothing is installed anew"
    assert "Workbook: build/hpc-model-2025-09-26.xlsx" in run.stdout
    cells = read_cells(read_parts(tmp_path / "build" / "hpc-model-2025-09-26.xlsx"))
    assert cells["Summary"]["R8"].value == 1845
