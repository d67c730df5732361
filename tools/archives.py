"""Archives of packages, by name, version and hash, as pip and npm fetch them; nothing is run."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

BANNER = "*" * 78

PIP_FETCH = """
import sys
from pip._internal.commands import create_command
name, version, target = sys.argv[1:]
command = create_command("download")
options, _ = command.parse_args(["--no-binary", ":all:"])
with command.main_context():
    session = command.get_default_session(options)
    finder = command._build_package_finder(options, session)
    found = [one for one in finder.find_all_candidates(name) if str(one.version) == version]
    answer = session.get(found[0].link.url_without_fragment)
    answer.raise_for_status()
    open(target, "wb").write(answer.content)
"""
"""Fetch a source package by pip's own means and settings: `pip download` would run its set-up."""


class MissingError(Exception):
    """What is missing, in one line."""


def fetch(registry, name, version, sha256, target):
    """Fetch the archive of a package from `pypi`, where it is the source, or from `npm`.

    Raises
    ------
    MissingError
        When it cannot be had, or is another file than it was.
    """
    title = f"{name} {version}"
    if registry == "npm":
        _pack(name, version, title, target)
    else:
        run([sys.executable, "-c", PIP_FETCH, name, version, str(target)], f"{title} was not found")
    if hashlib.sha256(target.read_bytes()).hexdigest() != sha256:
        raise MissingError(f"{title} is not the file it should be (its hash differs).")


def _pack(name, version, title, target):
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError(f"{title} needs npm, which is not installed.")
    with TemporaryDirectory() as folder:
        pack = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", folder]
        run([*pack, f"{name}@{version}"], f"{title} was not found")
        shutil.move(next(Path(folder).iterdir()), target)


def run(command, failure, **options):
    """Run a command to its end; where it fails, that is what is missing."""
    done = subprocess.run(
        command,
        timeout=600,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **options,
    )
    if done.returncode:
        last = (done.stdout.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise MissingError(f"{failure}: {last[:200]}")
