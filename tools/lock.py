"""Pin the newest versions that pyproject.toml allows: `make lock`.

Resolves in a throw-away environment and writes what pip installed, so the two commands give the
same packages on every machine.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.setup_environment import program

ROOT = Path(__file__).resolve().parents[1]
HEADER = "# Pinned by `make lock` from the ranges in pyproject.toml. Do not edit.\n"


def main(run_file, dev_file):
    """Write both lock files."""
    runtime = freeze(".")
    everything = freeze(".[sql,cluster,pages,test,check,bench]")
    (ROOT / run_file).write_text(HEADER + "".join(runtime))
    extra = [line for line in everything if line not in runtime]
    (ROOT / dev_file).write_text(HEADER + f"-r {run_file}\n" + "".join(extra))


def freeze(what):
    """Give the packages an installation needs, pinned, without this project itself."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = str(program(Path(folder), "python"))
        subprocess.run([python, "-m", "pip", "install", "-q", what], check=True, cwd=ROOT)
        listing = [python, "-m", "pip", "list", "--format=freeze"]
        frozen = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    skip = ("hpc-valuation", "hpc_valuation", "pip=", "setuptools=")
    return sorted(line + "\n" for line in frozen.splitlines() if not line.startswith(skip))


if __name__ == "__main__":
    main(*sys.argv[1:])
