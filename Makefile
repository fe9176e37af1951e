# make run   sets everything up and opens the demo archive; make run PROJECT=NAME.clipkw a project
# make test  sets everything up and passes the tests

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
QT_LIBRARIES := libgl1 libegl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3
# Seconds after which a test ends with a trace of every thread, also where no signal is heard.
HANGS_AFTER := 600
X11_LIBRARIES := libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0

.PHONY: run test clean libraries x11-libraries

run: libraries x11-libraries
	$(BIN)/clipkw-gui $(or $(PROJECT),--demo)

test: libraries
	@test -d ../shared || echo "There is no ../shared: the tests on photographs are skipped."
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 \
	-o faulthandler_timeout=$(HANGS_AFTER) -o faulthandler_exit_on_timeout=true

clean:
	rm -rf .venv

libraries: $(READY)
	@$(BIN)/python -c "import PySide6.QtWidgets" 2>/dev/null || { echo \
	"Qt needs system libraries. On Debian: sudo apt-get install $(QT_LIBRARIES)" >&2; exit 1; }

# On Wayland and macOS there is no DISPLAY, or Qt does not need these.
x11-libraries: $(READY)
	@test -z "$$DISPLAY" || test -n "$$WAYLAND_DISPLAY" \
	|| $(BIN)/python -c "import ctypes; ctypes.CDLL('libxcb-cursor.so.0')" 2>/dev/null || { echo \
	"Qt needs X11 libraries. On Debian: sudo apt-get install $(X11_LIBRARIES)" >&2; exit 1; }

# The marker is written last: an installation that was interrupted is made again.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo \
	"ClipKW needs Python 3.11 or later; name one with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo \
	"Python cannot make a virtual environment. On Debian: sudo apt-get install python3-venv" >&2; exit 1; }
	@if command -v uv >/dev/null; then \
	uv pip install --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable ".[dev]"; \
	else $(BIN)/python -m pip install --constraint constraints.txt --editable ".[dev]"; fi
	@touch $@
