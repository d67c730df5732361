"""Where the Excel add-in lives in a Windows user profile; nothing needs administrator rights."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from addin.excel.addin_file.rule import HOME_FOLDER, LIBRARIES, LIBRARY_FOLDER, POINTER_FILE

ADDIN_FILE: Final = "hpc-valuation.xlam"


class PlaceError(RuntimeError):
    """There is no place to install to; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and files of the installation.

    Parameters
    ----------
    roaming : pathlib.Path
        The profile's folder for settings, where Excel looks for what it opens at start.
    local : pathlib.Path
        The profile's folder for data of this machine.
    """

    roaming: Path
    local: Path

    @property
    def start_folder(self) -> Path:
        """Excel opens every workbook and add-in of this folder when it starts."""
        return self.roaming / "Microsoft" / "Excel" / "XLSTART"

    @property
    def addin(self) -> Path:
        """The add-in file."""
        return self.start_folder / ADDIN_FILE

    @property
    def home(self) -> Path:
        """Our own folder: private environments and the list of what was installed."""
        return self.local / HOME_FOLDER

    @property
    def manifest(self) -> Path:
        """The list of what was installed."""
        return self.home / "installed.json"

    @property
    def pointer(self) -> Path:
        """The line by which the add-in finds the interpreter."""
        return self.home / POINTER_FILE

    @property
    def library_folder(self) -> Path:
        """Holds the libraries that the add-in loads."""
        return self.home / LIBRARY_FOLDER

    def library(self, bits: int) -> Path:
        """Give the library for an Excel of 64 or 32 bits."""
        return self.library_folder / LIBRARIES[bits]

    def environment(self, version: str) -> Path:
        """Give the private environment of a version."""
        return self.home / f"environment-{version}"


def find_places(profile: Path | None = None) -> Places:
    """Give the places of a user profile; of the current user when none is named.

    Raises
    ------
    PlaceError
        Where there is no Windows profile.

    Examples
    --------
    >>> find_places(Path("C:/Users/ann")).addin.as_posix()
    'C:/Users/ann/AppData/Roaming/Microsoft/Excel/XLSTART/hpc-valuation.xlam'
    """
    if profile is not None:
        return Places(profile / "AppData" / "Roaming", profile / "AppData" / "Local")
    roaming, local = os.environ.get("APPDATA"), os.environ.get("LOCALAPPDATA")
    if not roaming or not local:
        raise PlaceError(
            "Excel add-ins belong to a Windows user profile, and there is none here: "
            "name its folder with --profile, or run this on the Windows machine"
        )
    return Places(Path(roaming), Path(local))


def interpreter_of(environment: Path) -> Path:
    """Give the interpreter of an environment: the one without a console window on Windows."""
    if sys.platform == "win32":
        return environment / "Scripts" / "pythonw.exe"
    return environment / "bin" / "python"
