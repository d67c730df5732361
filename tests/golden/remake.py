"""Make the golden files anew: `make golden`. Each is what the code gives today; read the difference.

`shim.bas`: the VBA of the add-in, every module.
"""

from __future__ import annotations

from pathlib import Path

from addin.excel.addin_file.shim import connection_modules, shim_modules
from valuation_core import __version__

HERE = Path(__file__).parent


def shim_text():
    """The modules of the shim, one after the other."""
    modules = [*connection_modules(), *shim_modules()]
    text = "\n".join(module.text for module in modules).replace("\r\n", "\n")
    return text.replace(__version__, "VERSION")


def main():
    """Write every golden file."""
    (HERE / "shim.bas").write_text(shim_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
