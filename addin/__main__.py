"""Run the command line: `hpcval`, or `python -m addin`."""

from addin.interrupts import BY_CTRL_C, done, end, happened, held, leave, watch


def run() -> None:
    """Run it so that an interruption is one sentence, also while modules are still imported."""
    try:
        _run()
    except SystemExit as left:
        if happened():
            end(left.code)
        raise


def _run() -> None:
    try:
        watch()
        with held():  # an import that is cut short fails in ways of its own
            from addin.cli import main
        main()
    except KeyboardInterrupt:
        leave(BY_CTRL_C)
    finally:
        done()


if __name__ == "__main__":
    run()
