"""Refresh killed at any moment, a whole model compared cell by cell, and a real PostgreSQL."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest

from addin.boundary.desk import Desk
from addin.calc.recalculate import compare_with_engine
from addin.closed.refresh import refresh
from addin.sources import tables_from
from addin.sources.push import push
from tests.addin.closed.many_facts import write_many
from tests.addin.sources.pushing import push_at_once
from tests.places import ROOT
from tests.valuation_core.book_files import add_rows
from valuation_core import BookError, load_book
from valuation_core.book.book import Book, shipped_tables
from valuation_core.coverage import coverage
from workbook.model.build import build_model
from workbook.opc.package import read_parts
from workbook.opc.stored import read_cells

pytestmark = [pytest.mark.long, pytest.mark.alone]
KILLS = 60

CHILD = """
import sys
from pathlib import Path
from addin.boundary.desk import Desk
from addin.closed.refresh import refresh
print("ready", flush=True)
sys.stdin.readline()
refresh(Path(sys.argv[1]), sys.argv[2], Desk(), recalculate=False)
print("done", flush=True)
"""


def start(path, source):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(source)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "ready\n"
    child.stdin.write("go\n")
    child.stdin.flush()
    return child


def test_killed_at_any_moment_the_file_is_the_original_or_complete(book_of_many, many, tmp_path):
    original = book_of_many.read_bytes()
    write_many(many, dict.fromkeys(range(0, 100, 5), 1500))
    began = time.monotonic()
    child = start(book_of_many, many)
    assert child.communicate()[0] == "done\n"
    whole = time.monotonic() - began
    outcomes = {"original": 0, "complete": 0}
    chance = random.Random(20250926)
    for _ in range(KILLS):
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        path = work / book_of_many.name
        path.write_bytes(original)
        child = start(path, many)
        time.sleep(chance.uniform(0, 1.6 * whole))
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        if path.read_bytes() == original:
            outcomes["original"] += 1
            continue
        outcomes["complete"] += 1
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
        cells = read_cells(read_parts(path))
        facts = [cell.value for at, cell in cells["Facts"].items() if at[0] == "C"]
        assert facts.count(1500.0) == 20
        assert "A21" in cells["Log"]
        assert (work / "many.before-refresh.xlsx").read_bytes() == original
    assert sum(outcomes.values()) == KILLS
    assert min(outcomes.values()) > 0, outcomes  # the moments reach from before to after


@pytest.mark.engine
def test_a_refreshed_coverage_model_recalculates_with_no_difference(folder, tmp_path):
    path = tmp_path / "model.xlsx"
    book = load_book("2025-10-01")
    build_model(coverage(book, book.coverage), path)
    add_rows(
        folder,
        ("RIOT", "hpc_mw_shopped", "650.5", "MW", "gross", "2025-10-01", ""),
        ("RIOT", "price", "17.25", "USD/share", "", "2025-10-01", ""),
        ("ALL", "tenant_cap", "900", "MW", "gross", "2025-10-01", ""),
    )
    assert len(refresh(path, folder, Desk()).rows) > 3
    comparison = compare_with_engine(path)
    assert comparison.compared > 7000
    assert (comparison.differences, comparison.errors) == ((), ())


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """A PostgreSQL of the test's own, on a free port; its URL."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"capture_output": True, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", "postgresql"], **quiet
        )
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path("/tmp") / f"hpcval-postgres-{os.getpid()}"  # noqa: S108  its user must reach it
    folder.mkdir(mode=0o755)
    password = folder / "password"
    password.write_text("s3cr3t")
    as_user = []
    if os.geteuid() == 0:  # which initdb refuses
        shutil.chown(folder, "postgres")
        shutil.chown(password, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data, programs = folder / "data", programs[-1].parent
    run = {"check": True, "capture_output": True, "cwd": folder}
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-U", "ann", "-A", "scram-sha-256", f"--pwfile={password}"], **run)  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    control = [*as_user, programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **(run | {"capture_output": False}))  # fmt: skip
    yield f"postgresql+psycopg://ann:s3cr3t@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "-m", "immediate", "stop"], **run)
    shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_is_pushed_to_at_once_read_and_refreshed_from(
    postgres, folder, tmp_path, book_of_many, many
):
    mine, theirs = folder, tmp_path / "theirs"
    shutil.copytree(mine, theirs)
    add_rows(mine, ("RIOT", "cash", "998", "USD M", "", "2025-09-26", ""))
    add_rows(theirs, ("IREN", "cash", "999", "USD M", "", "2025-09-26", ""))
    push_at_once(postgres, mine, theirs)  # the tables are made by whoever comes first
    tables = tables_from(postgres)
    assert len(tables["inputs"]) == len(shipped_tables()["inputs"]) + 2
    facts = Book.at(tables, date(2025, 9, 26)).facts
    assert (facts["RIOT", "cash"].value, facts["IREN", "cash"].value) == (998, 999)
    day = date(2025, 9, 25)
    assert Book.at(tables, day).handle == Book.at(shipped_tables(), day).handle
    assert push(postgres, tables_from(theirs)).added == 0
    wrong = postgres.replace("s3cr3t", "wr0ng")
    with pytest.raises(BookError) as caught:
        tables_from(wrong)
    assert "password authentication failed" in str(caught.value)
    assert "wr0ng" not in str(caught.value)


def test_a_workbook_is_refreshed_from_postgresql(postgres, book_of_many, many):
    import sqlalchemy

    engine = sqlalchemy.create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("CREATE DATABASE many"))
    engine.dispose()
    url = postgres.removesuffix("postgres") + "many"
    push(url, tables_from(many))
    write_many(many, dict.fromkeys(range(0, 100, 5), 1500), day="2025-09-02")
    # appended, not updated: the fact of the later day counts
    assert push(url, tables_from(many)).added == 20
    done = refresh(book_of_many, url, Desk(), recalculate=False)
    assert done.report.startswith(
        "20 rows added (Facts 20) from database postgresql+psycopg://ann:***@"
    )
    assert b"s3cr3t" not in b"".join(read_parts(book_of_many).values())
