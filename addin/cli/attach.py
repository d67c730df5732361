"""Commands for an analyst's existing workbook, on closed files: attach, detach, freeze."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from addin.boundary.desk import Desk
from addin.cli.commands import Refusal, shared
from addin.cli.say import say

if TYPE_CHECKING:
    from workbook.model.restate import OwnValue

_file = click.argument("file", type=click.Path(path_type=Path))


def register(main: click.Group) -> None:
    """Add the commands to the command line."""
    for command in (attach, detach, freeze):
        main.add_command(command)


@click.command("attach")
@_file
@click.option("--sheets", help="Sheets to attach, separated by commas; all by default.")
@shared("book", "cache", "as-of", "case")
@click.option("--miners", help="Tickers separated by commas; those attached before by default.")
@click.option("--break-signature", is_flag=True, help="Take a digital signature off.")
@click.option("--verbose", is_flag=True, help="List every part of the file that changed.")
@click.pass_obj
def attach(
    desk: Desk,
    file: Path,
    sheets: str | None,
    as_of: str | None,
    case: str | None,
    miners: str | None,
    break_signature: bool,
    verbose: bool,
) -> None:
    """Attach the model to FILE, an existing workbook, or bring it up to date there.

    What is in FILE stays as it is. The file as it was is kept beside it. Your own values, rows and
    cases on our sheets are kept, and so are date, case and miners where no option names others.
    Close FILE in Excel first.
    """
    from addin.cli.screen import working
    from addin.closed.attached_model import called_in, held_in, model_for
    from workbook.attach.attach import attach as attach_parts
    from workbook.attach.own_values import attached_before
    from workbook.model.sheets.facts.input_cells import NAME as INPUTS

    before = attached_before(file)
    with working(f"attaching to {file.name} ..."):
        held = held_in(file, desk.tables)
        model = model_for(desk, before, held, as_of=as_of, case=case, miners=_names(miners))
        outcome = attach_parts(
            file,
            model.parts,
            sheets=_names(sheets),
            miners=model.miners,
            rows=model.rows,
            inputs=model.inputs,
            break_signature=break_signature,
        )
    if outcome.backup is None:
        say(f"{file}: up to date, nothing was changed")
        return
    say(f"{file}: {', '.join(outcome.sheets)} attached; as it was: {outcome.backup}")
    parts = {"changed": outcome.changed, "added": outcome.added, "removed": outcome.removed}
    counts = ", ".join(f"{len(names)} {label}" for label, names in parts.items() if names)
    say(f"Parts of the file: {counts}; the others are as they were, to the byte.")
    called = called_in(file)
    if kept := [one for one in before.own if one not in model.lost]:
        if INPUTS in called:
            say(f"Your own {'value is' if len(kept) == 1 else 'values are'} kept: {_listed(kept)}")
        else:
            left = f"as the sheet {INPUTS} was not asked for: {_listed(kept)}"
            say(f"Own values not kept, {left}; they are in {outcome.backup}")
    if model.lost:
        lost = _listed(model.lost)
        say(f"Not kept, as the model has no row for it: {lost}; it is in {outcome.backup}")
    for note in (*model.told(called), *outcome.notes):
        say(note)
    if verbose:
        for label, names in parts.items():
            for name in names:
                say(f"  {label:>8}  {name}")


@click.command("detach")
@_file
def detach(file: Path) -> None:
    """Take off FILE what was attached, to the byte where nothing else changed.

    The file as it was is kept beside it. Close FILE in Excel first.
    """
    from addin.cli.screen import working
    from workbook.attach.detach import detach as detach_parts

    with working(f"taking off {file.name} what was attached ..."):
        done = detach_parts(file)
    how = "the file is what it was before, to the byte" if done.to_the_byte else "the rest stayed"
    say(f"{file}: {', '.join(done.sheets)} taken off, {how}; as it was: {done.backup}")


@click.command("freeze")
@_file
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Copy to write; FILE with .frozen in its name by default.",
)
@click.option("--force", is_flag=True, help="Replace a copy that is already there.")
def freeze(file: Path, out: Path | None, force: bool) -> None:
    """Write a copy of FILE for people without the add-in: values in place of HPC_ formulas.

    The formulas stay as notes of their cells; all else is that of FILE, which stays as it is.
    """
    from addin.cli.screen import working
    from workbook.freeze import freeze as freeze_parts

    out = out or file.with_name(f"{file.stem}.frozen{file.suffix}")
    if out.suffix.lower() != file.suffix.lower():
        raise Refusal(f"{out} must end in {file.suffix}")
    if out.exists() and (not force or out.samefile(file)):
        raise Refusal(f"{out} is already there: give --force to replace it")
    with working(f"freezing {file.name} ..."):
        done = freeze_parts(file, out)
    for line in done.report(out):
        say(line)


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _listed(own: Sequence[OwnValue]) -> str:
    """List own values; of one that states nothing now, as that of a terminal, its formula."""
    return ", ".join(
        f"{one.scope} {one.metric} = {one.formula if one.value is None else one.value}"
        for one in own
    )
