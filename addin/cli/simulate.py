"""Command that draws outcomes on many processes or on a cluster: simulate."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import click

from addin.boundary.desk import Desk
from addin.boundary.json_cells import from_json_text
from addin.cli import records
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Refusal, shared
from addin.cli.company import print_tables
from valuation_core.distribution import is_coverage
from valuation_core.readings import name_in_use
from valuation_core.scorecard import case_remark
from valuation_core.simulation import simulate as simulation

PATIENCE: Final = "10s"
"""How long a cluster may take to answer."""

_ADDRESS: Final = re.compile(r"(\w+://)?[^\s/]+:\d+")


def register(main: click.Group) -> None:
    """Add the command to the command line."""
    main.add_command(simulate)


@click.command("simulate")
@click.argument("miner")
@click.option("--percentile", multiple=True, help="Between 0 and 1; may be repeated.")
@click.option("--paths", default="1000000", help="Outcomes to draw; a million by default.")
@click.option("--seed", default="1", help="The same seed draws the same outcomes; 1 by default.")
@click.option("--correlation", help="Of signings, 0 to 1; the book's by default.")
@click.option("--tenants", help="Tenants that all names share; by default each name finds its own.")
@click.option(
    "--workers",
    type=click.IntRange(1, 61),  # Windows waits for no more processes than that
    help="Processes to draw on; one a core by default.",
)
@click.option(
    "--dask", "address", metavar="ADDRESS", help="Cluster of dask.distributed to draw on."
)
@reads_book
@shared("json")
@click.pass_obj
def simulate(
    desk: Desk,
    /,
    miner: str,
    percentile: tuple[str, ...],
    workers: int | None,
    address: str | None,
    plain: bool,
    chosen: Chosen,
    **given: str | None,
) -> None:
    """Draw outcomes of MINER's target, or of the HPC value of ALL the coverage.

    The figures are the same bits for any number of workers. HPC_DISTRIBUTION gives them exactly,
    but for tenants that names share.
    """
    if workers and address:
        raise click.UsageError("give either --workers or --dask")
    book = chosen.book(desk)
    numbers = {name: from_json_text(text) for name, text in given.items() if text is not None}
    percentiles = [from_json_text(text) for text in percentile] or None
    with _executor(workers, address) as executor, _progress(numbers["paths"]) as told:
        table = simulation(
            miner, percentiles, book=book, executor=executor, progress=told, **numbers
        )
    what = "HPC value of the coverage" if is_coverage(miner) else f"Target of {book.ticker(miner)}"
    title = f"{what}, {numbers['paths']:,.0f} outcomes, {name_in_use(book)}, {book.as_of}"
    remark = case_remark(desk.tables, book.case)
    print_tables(plain, {title: records.cells(table)}, [remark] if remark else [])


@contextmanager
def _executor(workers: int | None, address: str | None) -> Iterator[Executor]:
    """Give what draws: processes of this machine, or a cluster."""
    if address is not None:
        with _cluster(address) as cluster:
            yield cluster
        return
    pool = _Processes(workers or min(os.cpu_count() or 1, 61))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


class _Processes(ProcessPoolExecutor):
    """Processes that leave Ctrl+C to the one that started them."""

    def __init__(self, workers: int) -> None:
        # Started afresh on every system: a copy of this process would hold its signals too.
        afresh = multiprocessing.get_context("spawn")
        super().__init__(workers, mp_context=afresh, initializer=_leave_ctrl_c)

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        """Hand out a task; a process that is started for it inherits what is blocked meanwhile."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(function, *args, **more)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(function, *args, **more)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    """Give the workers of a cluster."""
    try:
        from distributed import Client
    except ImportError:
        needs = "needs dask.distributed: pip install 'hpc-valuation[cluster]'"
        raise Refusal(f"--dask {needs}") from None
    if not _ADDRESS.fullmatch(address):
        raise Refusal(f"--dask {address}: must be HOST:PORT, such as tcp://10.0.0.5:8786")
    connect: Any = Client  # not typed by its authors
    try:
        client = connect(address, timeout=PATIENCE, set_as_default=False)
    except OSError as error:
        raise Refusal(f"--dask {address} cannot be reached: {error}") from None
    with client:
        yield client.get_executor()


@contextmanager
def _progress(paths: Any) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far it is and how long it will take; elsewhere nothing is printed."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} outcomes"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    total = paths if isinstance(paths, float) else None
    screen = Console(stderr=True)
    with Progress(
        *columns, console=screen, transient=True, disable=not screen.is_terminal
    ) as shown:
        task = shown.add_task("", total=total)
        yield lambda done: shown.update(task, completed=done)
