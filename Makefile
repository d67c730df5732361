# Two commands for a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
# Each creates its own .venv at the root and installs what it needs. What they do stands in
# tools/dev.py, where Windows without make finds it too: `py -m tools.dev test`.

PYTHON ?= python3
COMMANDS := demo quick test test-long test-windows installer check format bench docs golden picture lock clean

.DEFAULT_GOAL := help
.PHONY: help $(COMMANDS)

help $(COMMANDS):
	@$(PYTHON) -m tools.dev $@
