"""Run the command line as `python -m addin`."""

from addin.cli import main

if __name__ == "__main__":
    main()
