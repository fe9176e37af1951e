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
    ],
)
def test_importing_loads_nothing_heavy_and_opens_no_socket(
    modules: str, forbidden: tuple[str, ...]
) -> None:
    result = run_python(WATCH.format(modules=modules, forbidden=forbidden))
    assert result.returncode == 0, result.stderr
