"""The command line, one file a group of commands."""

from addin.cli.main import main

__all__ = ["main"]
