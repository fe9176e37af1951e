"""The directions between the rooms, and what must not be loaded before it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WATCH = """
import sys
opened = []
sys.addaudithook(lambda event, _: opened.append(event) if event.startswith("socket.") else None)
import {modules}
heavy = {{name for name in sys.modules if name.partition(".")[0] in {forbidden!r}}}
assert not heavy, sorted(heavy)[:3]
assert not opened, opened
"""


def run_python(source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_between_the_rooms_is_kept() -> None:
    result = run_python(
        "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("modules", "forbidden"),
    [
        ("core.workflows", ("PySide6", "torch", "open_clip", "clipkw_gui")),
        ("core.cli", ("PySide6", "torch", "open_clip", "clipkw_gui")),
        ("clipkw_gui.app", ("torch", "open_clip", "torchvision", "timm")),
        ("clipkw_gui.app", ("scipy", "sklearn", "faiss", "optuna", "matplotlib", "pandas")),
    ],
)
def test_importing_loads_nothing_heavy_and_opens_no_socket(
    modules: str, forbidden: tuple[str, ...]
) -> None:
    result = run_python(WATCH.format(modules=modules, forbidden=forbidden))
    assert result.returncode == 0, result.stderr


START = """
import sys
from PySide6.QtCore import QSettings
from clipkw_gui.app import make_app
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.registry import page_entries
app = make_app()
context = AppContext(QSettings({preferences!r}, QSettings.Format.IniFormat))
window = MainWindow(context)
window.show()
app.processEvents()
context.runner.shut_down()
pages = {{"clipkw_gui.pages." + entry.place.partition(":")[0] for entry in page_entries()}}
early = {{name for name in sys.modules if name in pages}} - {{"clipkw_gui.pages.label"}}
late = ("scipy", "sklearn", "faiss", "optuna", "torch", "open_clip")
early |= {{name for name in sys.modules if name.partition(".")[0] in late}}
assert not early, sorted(early)[:5]
"""


def test_the_window_is_there_before_models_and_other_pages_are_loaded(tmp_path: Path) -> None:
    result = run_python(START.format(preferences=str(tmp_path / "preferences.ini")))
    assert result.returncode == 0, result.stderr
