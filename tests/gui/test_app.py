"""The program as it is started: help, a bad project, and an early window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from clipkw_gui.app import number_locale

ROOT = Path(__file__).resolve().parents[2]


def run(source: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with a home of its own."""
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-c", source, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_tells_how_to_start(tmp_path: Path) -> None:
    result = run("from clipkw_gui.app import main; main(['--help'])", tmp_path)
    assert result.returncode == 0
    assert "PROJECT" in result.stdout


def test_an_unknown_option_is_a_usage_error(tmp_path: Path) -> None:
    result = run("from clipkw_gui.app import main; main(['--nonsense'])", tmp_path)
    assert result.returncode == 2


BAD_PROJECT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from clipkw_gui import app
from clipkw_gui.main_window import MainWindow

def look():
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
    rows = window.messages.rows()
    if rows:
        print(rows[0].text, window.start.isVisible())
        window.close()
    else:
        QTimer.singleShot(20, look)

made = app.make_app()
QTimer.singleShot(0, look)
code = app.main(sys.argv[1:])
assert "torch" not in sys.modules
sys.exit(code)
"""


def test_a_bad_project_shows_the_first_screen_with_the_reason(tmp_path: Path) -> None:
    result = run(BAD_PROJECT, tmp_path, str(tmp_path / "none.clipkw"))
    assert result.returncode == 0, result.stderr
    assert "There is no project" in result.stdout
    assert result.stdout.strip().endswith("True")


def test_a_demo_that_cannot_be_made_shows_the_first_screen_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = run(BAD_PROJECT, tmp_path, "--demo", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "is not empty" in result.stdout
    assert result.stdout.strip().endswith("True")


def test_a_project_and_the_demo_are_not_opened_at_once(tmp_path: Path) -> None:
    source = "import sys; from clipkw_gui.app import main; main(sys.argv[1:])"
    result = run(source, tmp_path, "p.clipkw", "--demo", str(tmp_path))
    assert result.returncode == 2
    assert "not allowed with" in result.stderr


BUG_IN_A_SLOT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from clipkw_gui import app
from clipkw_gui.widgets.bug_dialog import BugDialog

def look():
    for one in QApplication.topLevelWidgets():
        if isinstance(one, BugDialog):
            print("reported")
            QApplication.quit()
            return
    QTimer.singleShot(20, look)

def slip():
    QTimer.singleShot(0, look)
    raise KeyError("a slip")

made = app.make_app()
QTimer.singleShot(0, slip)
sys.exit(app.main([]))
"""


def test_an_exception_on_the_windows_thread_is_reported(tmp_path: Path) -> None:
    result = run(BUG_IN_A_SLOT, tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "reported"


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (QLocale.c(), "12,480"),
        (QLocale("en_US"), "12,480"),
        (QLocale("nb_NO"), "12\u00a0480"),
    ],
)
def test_thousands_are_parted(locale: QLocale, text: str) -> None:
    assert number_locale(locale).toString(12480) == text
