"""Create the virtual environment and install the pinned packages and this project.

Runs on the bare Python of a fresh machine, so it uses the standard library alone.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NEEDED = (3, 11)


def main(folder, requirements):
    """Make the environment in `folder` ready for `requirements`."""
    if sys.version_info < NEEDED:
        found = "{}.{}".format(*sys.version_info[:2])
        sys.exit(
            f"Python 3.11 or newer is needed, this is {found}: "
            "run make PYTHON=python3.11 (or newer), on Windows py -3.11 -m tools.dev, instead"
        )
    environment = ROOT / folder
    python = program(environment, "python")
    if not works(python):
        create(environment)
    print(f"Installing {requirements} into {folder} ...", flush=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # Windows adds pywin32 and colorama, which a lock file made on Linux does not name.
    run([*pip, "--requirement", str(ROOT / requirements), "--editable", str(ROOT)])


def program(environment, name):
    """Give the path of a program in an environment: in `bin`, on Windows in `Scripts`."""
    if os.name == "nt":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def works(python):
    """Tell whether an environment is there and its interpreter still runs pip."""
    if not python.exists():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0


def create(environment):
    """Create the environment; on Debian, install the missing venv module where allowed."""
    if environment.exists():
        shutil.rmtree(environment)
    command = [sys.executable, "-m", "venv", str(environment)]
    if subprocess.run(command, capture_output=True).returncode == 0:
        return
    shutil.rmtree(environment, ignore_errors=True)
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print(f"Installing {package} ...", flush=True)
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        subprocess.run(["apt-get", "update", "-qq"], env=quiet)
        run([*install, package, "ca-certificates"], env=quiet, stdout=subprocess.DEVNULL)
        run(command)
        return
    sys.exit(f"Python's venv module is missing: install it (Debian: apt-get install {package})")


def run(command, **options):
    """Run a command; where it fails, stop with its status instead of a traceback."""
    status = subprocess.run(command, **options).returncode
    if status:
        sys.exit(f"failed with status {status}: {' '.join(command)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
