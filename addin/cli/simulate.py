"""Command that draws outcomes on many processes or on a cluster: simulate."""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    InvalidStateError,
    ProcessPoolExecutor,
)
from contextlib import contextmanager, suppress
from typing import Any, Final

import click

from addin.boundary.desk import Desk
from addin.boundary.json_cells import from_json_text
from addin.cli import records
from addin.cli.chosen import Chosen, reads_book
from addin.cli.commands import Refusal, shared
from addin.cli.company import print_tables
from valuation_core import __version__
from valuation_core.distribution import is_coverage
from valuation_core.readings import name_in_use
from valuation_core.scorecard import case_remark
from valuation_core.simulation import simulate as simulation

PATIENCE: Final = "10s"
"""How long a cluster may take to answer."""

WATCH: Final = 0.2
"""Seconds between two looks at whether the cluster is still there."""

LOST: Final = "the cluster is lost"

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
        # Another thread may take the signal: this one would hear of it half way through a start.
        heard: list[int] = []
        handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(function, *args, **more)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            signal.signal(signal.SIGINT, handler)
            if heard:
                signal.raise_signal(signal.SIGINT)


def _leave_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    """Give the workers of a cluster."""
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        needs = 'needs dask.distributed: pip install "hpc-valuation[cluster]"'
        raise Refusal(f"--dask {needs}") from None
    if not _ADDRESS.fullmatch(address):
        raise Refusal(f"--dask {address}: must be HOST:PORT, such as tcp://10.0.0.5:8786")
    # What befalls the cluster is told in one sentence, not by its package as well.
    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    connect: Any = Client  # not typed by its authors
    try:
        client = connect(address, timeout=PATIENCE, set_as_default=False)
        _check_workers(client, address)
    except OSError as error:
        raise Refusal(f"--dask {address} cannot be reached: {error}") from None
    with client:
        workers = _Workers(client)
        try:
            yield workers
        except KilledWorker:
            raise Refusal(f"--dask {address}: workers died while they drew") from None
        finally:
            workers.shutdown()


def _check_workers(client: Any, address: str) -> None:
    """Refuse a cluster without workers, and one that would draw by other rules than these."""

    def version() -> str:  # travels by value: a worker may lack this package
        try:
            from valuation_core import __version__
        except ImportError:
            return "none"
        return __version__

    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:  # one of OSError too
        raise Refusal(f"--dask {address} has no worker") from None
    for worker, found in client.run(version).items():
        if found != __version__:
            needs = f"hpc-valuation {__version__}, and has {found}"
            raise Refusal(f"--dask {address}: the worker {worker} needs {needs}")


class _Workers(Executor):
    """The workers of a cluster; once it is lost, so is every task that it has not done.

    Its own futures would not tell: some of them wait for ever.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._cluster: Executor = client.get_executor()
        self._undone: set[Future[Any]] = set()
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        """Hand out a task."""
        if self._over.is_set():
            raise BrokenExecutor(LOST)
        theirs = self._cluster.submit(function, *args, **more)
        ours: Future[Any] = Future()
        self._undone.add(ours)
        theirs.add_done_callback(lambda _: _hand_on(theirs, ours))
        ours.add_done_callback(lambda _: theirs.cancel() if ours.cancelled() else None)
        ours.add_done_callback(self._undone.discard)
        if self._over.is_set():  # meanwhile
            self._break_off()
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Watch no longer."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(WATCH):
            if self._client.status != "running":
                self._over.set()
                self._break_off()

    def _break_off(self) -> None:
        for future in [*self._undone]:
            with suppress(InvalidStateError):
                future.set_exception(BrokenExecutor(LOST))


def _hand_on(theirs: Future[Any], ours: Future[Any]) -> None:
    """Give one future what another came to, unless it has been broken off or cancelled."""
    with suppress(InvalidStateError):
        if theirs.cancelled():
            ours.set_exception(BrokenExecutor(LOST))
        elif (error := theirs.exception()) is not None:
            ours.set_exception(error)
        else:
            ours.set_result(theirs.result())


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
