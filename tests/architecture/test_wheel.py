"""The wheel, installed outside the checkout: nothing is missing, and the demo runs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "clipkw_gui", "resources")
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
COMMAND = """
import sys
from functools import partial
from importlib.metadata import entry_points
from core.cli import demo

if __name__ == "__main__":
    demo.create_demo = partial(demo.create_demo, seed=5, count=12)
    (command,) = entry_points(group="console_scripts", name="clipkw")
    print(demo.__file__)
    sys.exit(command.load()(["demo", sys.argv[1]]))
"""
WINDOW = """
import sys
from functools import partial
from importlib.metadata import entry_points
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication
from clipkw_gui import app
from clipkw_gui.main_window import MainWindow
from core.workflows import demo

def look():
    (window,) = (one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
    page = window.pages.widget(0)
    if page.answers.suggestions.above_threshold():
        has_typeface = "Inter" in QFontDatabase.families()
        print("suggested", has_typeface, bool(QApplication.instance().styleSheet()))
        window.close()
    else:
        assert not window.messages.rows(), window.messages.rows()[0].text
        QTimer.singleShot(50, look)

if __name__ == "__main__":
    demo.create_demo = partial(demo.create_demo, seed=5, count=12)
    app.make_app()
    QTimer.singleShot(0, look)
    (command,) = entry_points(group="gui_scripts", name="clipkw-gui")
    sys.exit(command.load()(["--demo", sys.argv[1]]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel, and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=os.name != "nt")
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    # A path in such a file is searched last, and what hooks lie there is left alone.
    (place / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return Path(sysconfig.get_path("scripts", "venv", {"base": str(folder)})) / "python"


def run(python: Path, source: str, home: Path, *arguments: str) -> str:
    script = home / "script.py"
    script.write_text(source, encoding="utf-8")
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"} | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
    }
    done = subprocess.run(
        [str(python), "-P", str(script), *arguments],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


def test_everything_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    wanted = {name for package in PACKAGES for name in files(ROOT / package)}
    assert wanted <= packed
    assert "resources/demo_encoder/open_clip_model.safetensors" in wanted
    outside = {name.partition("/")[0] for name in packed} - {*PACKAGES}
    assert all(name.endswith(".dist-info") for name in outside)


def test_the_demo_runs_from_an_installed_wheel(python: Path, tmp_path: Path) -> None:
    demo = tmp_path / "demo"
    told = run(python, COMMAND, tmp_path, str(demo)).splitlines()
    assert Path(told[0]).is_relative_to(python.parents[1])
    assert told[-1] == f"Next: clipkw-gui {demo / 'demo.clipkw'}"
    assert run(python, WINDOW, tmp_path, str(demo)).split() == ["suggested", "True", "True"]
