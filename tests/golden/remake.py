"""Make the golden files anew: `make golden`. Each is what the code gives today; read the difference.

`shim.bas`: the VBA of the add-in, every module, for an interpreter at a made-up path.
"""

from __future__ import annotations

from pathlib import Path

from addin.excel.addin_file.shim import Connection, connection_module, shim_modules
from valuation_core import __version__

HERE = Path(__file__).parent


def shim_text():
    """The modules of the shim, one after the other."""
    home = r"C:\Users\ann\AppData\Local\hpc-valuation\environment"
    connection = Connection(
        rf"{home}\Scripts\pythonw.exe",
        rf"{home}\xlwings64-0.0.0.dll",
        rf"{home}\xlwings32-0.0.0.dll",
    )
    modules = [connection_module(connection), *shim_modules()]
    text = "\n".join(module.text for module in modules).replace("\r\n", "\n")
    return text.replace(__version__, "VERSION")


def main():
    """Write every golden file."""
    (HERE / "shim.bas").write_text(shim_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
