"""Commands for the Excel add-in: install, uninstall, doctor, rebind, excel-check."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from addin.cli.commands import Refusal
from addin.cli.say import say
from addin.excel.setup.places import PlaceError, Places, find_places

if TYPE_CHECKING:
    from addin.excel.setup.install import Step

_profile = click.option(
    "--profile",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a Windows user profile, such as C:\\Users\\ann; your own by default.",
)
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (install, uninstall, doctor, rebind, excel_check):
        main.add_command(command)


@click.command("install")
@_profile
@click.option(
    "--python",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Use this interpreter, which has these packages, instead of a private copy.",
)
@click.option("--attach", is_flag=True, help="Excel attaches to hpcval serve and starts nothing.")
@click.option(
    "--addin",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Use this signed copy of the add-in, which has the macros of this version.",
)
@_dry_run
def install(
    profile: Path | None, python: Path | None, attach: bool, addin: Path | None, dry_run: bool
) -> None:
    """Install the Excel add-in for this user: no administrator, no download.

    Copies Python's packages as they are here to a private environment and writes the add-in to
    Excel's start folder. An earlier version is replaced; a signed add-in of this version stays.
    """
    from addin.excel.setup.install import plan_install

    places = _places(profile)
    python = None if python is None else python.absolute()
    _carry_out(
        lambda: plan_install(places, python=python, attach_only=attach, addin=addin), dry_run
    )
    if not dry_run:
        say("Start Excel: the tab HPC and =HPC_VALUE( are there. hpcval doctor checks it.")


@click.command("uninstall")
@_profile
@_dry_run
def uninstall(profile: Path | None, dry_run: bool) -> None:
    """Remove exactly what was installed."""
    from addin.excel.setup.install import plan_uninstall

    places = _places(profile)
    _carry_out(lambda: plan_uninstall(places), dry_run)


@click.command("doctor")
@_profile
@_dry_run
def doctor(profile: Path | None, dry_run: bool) -> None:
    """Check the installation piece by piece and say what to do where something is wrong.

    Exit status 1 if there is a problem. A dry run looks at files and starts no process.
    """
    from addin.excel.setup.doctor import examine

    problems = 0
    for finding in examine(_places(profile), start_processes=not dry_run):
        problems += finding.state == "problem"
        say(f"{finding.state:>8}  {finding.subject}: {finding.sentence}")
    say(f"\n{problems or 'No'} problem{'' if problems == 1 else 's'} found.")
    sys.exit(1 if problems else 0)


@click.command("rebind")
@click.argument("file", type=click.Path(path_type=Path))
@_dry_run
def rebind(file: Path, dry_run: bool) -> None:
    """Repair HPC_ formulas of FILE that carry the path of another machine or show #NAME?.

    Changes only the sheets concerned; the file as it was stays beside it with .before-rebind in
    its name. Close it in Excel first.
    """
    from workbook.errors import WorkbookError
    from workbook.opc.refusals import open_closed, refuse_signed
    from workbook.opc.replace import replace_with_backup
    from workbook.rebind import rebind as rebind_package

    try:
        with open_closed(file) as package:
            refuse_signed(package, file.name)
            changes = rebind_package(package)
            for change in changes:
                where = f"{change.sheet}!{change.address}"
                cause = "showed #NAME?" if change.before == change.after else f"was {change.before}"
                say(f"{where}: {change.after} ({cause})")
            if not changes:
                say(f"{file}: nothing to repair")
            elif dry_run:
                say(f"{file}: {len(changes)} formulas to repair; nothing was changed")
            else:
                backup = replace_with_backup(file, package.write, package.size, "before-rebind")
                say(f"{file}: {len(changes)} formulas repaired; as it was: {backup}")
    except WorkbookError as error:
        raise Refusal(str(error)) from None


@click.command("excel-check")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("hpc-excel-check.xlsx"),
    show_default=True,
    help="Workbook to write.",
)
@click.option("--force", is_flag=True, help="Replace a workbook that is already there.")
def excel_check(out: Path, force: bool) -> None:
    """Write a workbook that checks the functions in a real Excel: every line must turn TRUE."""
    from addin.excel.setup.manual_check import plan_check
    from workbook.model.write import write

    if out.exists() and not force:
        raise Refusal(f"{out} is already there: give --force to replace it")
    write(plan_check(), out)
    say(f"Workbook: {out}. Open it in Excel with the add-in and press Recalculate.")


def _places(profile: Path | None) -> Places:
    try:
        return find_places(profile)
    except PlaceError as error:
        raise Refusal(str(error)) from None


def _carry_out(plan: Callable[[], list[Step]], dry_run: bool) -> None:
    from addin.excel.setup.install import InstallError, carry_out

    try:
        steps = plan()
        if dry_run:
            for step in steps:
                say(f"would {step.text}")
        else:
            carry_out(steps, click.echo)
    except InstallError as error:
        raise Refusal(str(error)) from None
