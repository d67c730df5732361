"""Put a new file in the place of an old one so that a kill at any moment leaves one of the two."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from errno import EACCES, ENOSPC, EPERM, EROFS
from pathlib import Path
from typing import IO, Final

from workbook.errors import WorkbookError
from workbook.opc.package import write_parts

_SPARE: Final = 4 * 1024 * 1024
"""Bytes that stay free on the disk beyond what we write."""

_MOST_BACKUPS: Final = 1000
_READABLE: Final = 0o644


def write_workbook(target: Path, parts: Mapping[str, bytes]) -> None:
    """Write parts as a workbook file in one step, into a folder made where it is missing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    size = sum(map(len, parts.values()))
    write_new(target, lambda stream: write_parts(stream, parts), size)


def write_new(
    target: Path, write: Callable[[IO[bytes]], None], size: int, like: Path | None = None
) -> None:
    """Write a file in one step: it is there complete or, after a kill, not at all.

    A symbolic link is followed: the file it leads to is the one that is written.

    Parameters
    ----------
    target : pathlib.Path
        File to write; one that is there is replaced.
    write : callable
        Writes the content into an open file.
    size : int
        About how many bytes come, to refuse before a disk runs full.
    like : pathlib.Path, optional
        File whose permissions the new one takes; else everyone may read it.

    Raises
    ------
    WorkbookError
        When there is no room or no right to write; nothing is left behind then.
    """
    target = target.resolve()
    part = _written_beside(target, write, size)
    try:
        if like is None:
            part.chmod(_READABLE)
        else:
            shutil.copymode(like, part)
        part.replace(target)
    except OSError as error:
        raise WorkbookError(f"{target.name} {_reason(error)}") from None
    finally:
        part.unlink(missing_ok=True)
    _settle(target.parent)


def whole(content: bytes) -> Callable[[IO[bytes]], None]:
    """Give what writes a content that is at hand, for `write_new` and `replace_with_backup`."""

    def write(stream: IO[bytes]) -> None:
        stream.write(content)

    return write


def replace_with_backup(
    path: Path, write: Callable[[IO[bytes]], None], size: int, label: str, *, renew: bool = False
) -> Path:
    """Replace a file in one step and give the backup beside it, which never overwrites another.

    With `renew` the backup of an earlier time gives way instead. A symbolic link is followed: the
    file it leads to is replaced, and the backup stands beside that file.

    Raises
    ------
    WorkbookError
        When there is no room, no right to write, or the file changed meanwhile; it stays as it was.
    """
    path = path.resolve()
    before = path.stat()
    part = _written_beside(path, write, size)
    try:
        shutil.copymode(path, part)
        now = path.stat()
        if (now.st_mtime_ns, now.st_size) != (before.st_mtime_ns, before.st_size):
            raise WorkbookError(f"{path.name} was changed by another program meanwhile: try again")
        backup = _renewed(path, label) if renew else _back_up(path, label)
        try:
            part.replace(path)
        except OSError as error:
            backup.unlink(missing_ok=True)
            raise WorkbookError(f"{path.name} {_reason(error)}") from None
    finally:
        part.unlink(missing_ok=True)
    _settle(path.parent)
    return backup


def _written_beside(target: Path, write: Callable[[IO[bytes]], None], size: int) -> Path:
    """Write content to a temporary file in the same folder, down to the disk."""
    try:
        if shutil.disk_usage(target.parent).free < 2 * size + _SPARE:
            raise WorkbookError(f"there is no room on the disk of {target.parent}")
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem}-", suffix=".part"
        )
    except OSError as error:
        raise WorkbookError(f"{target.parent} {_reason(error)}") from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WorkbookError(f"{target.parent} {_reason(error)}") from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _back_up(path: Path, label: str) -> Path:
    """Keep the file under the first free name; a second name for it costs nothing."""
    for number in range(1, _MOST_BACKUPS):
        suffix = "" if number == 1 else f"-{number}"
        backup = path.with_name(f"{path.stem}.{label}{suffix}{path.suffix}")
        try:
            os.link(path, backup)
        except FileExistsError:
            continue
        except OSError:
            # Some network folders know no second names.
            if backup.exists():
                continue
            _copy(path, backup)
        return backup
    raise WorkbookError(f"there are {_MOST_BACKUPS} backups of {path.name}: move them away first")


def _renewed(path: Path, label: str) -> Path:
    backup = path.with_name(f"{path.stem}.{label}{path.suffix}")
    _copy(path, backup)
    return backup


def _copy(path: Path, backup: Path) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
    part = Path(name)
    try:
        with path.open("rb") as source, os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        shutil.copystat(path, part)
        part.replace(backup)
    except OSError as error:
        raise WorkbookError(f"{backup.parent} {_reason(error)}") from None
    finally:
        part.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    if error.errno == ENOSPC:
        return "is on a disk without room for the new file: nothing was changed"
    if error.errno in (EACCES, EPERM, EROFS):
        return "cannot be written (read-only, or open in another program): nothing was changed"
    return f"cannot be written: {error.strerror or error}; nothing was changed"


def _settle(folder: Path) -> None:
    """Have the new name on the disk too, where the system offers that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        with suppress(OSError):
            os.fsync(handle)
        os.close(handle)
