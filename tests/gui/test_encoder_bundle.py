"""An encoder that came as one file is chosen in the window: described, unpacked, tested, used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from archive import draw_archive
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.project import encoder_source, shut_down
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.dialogs import EncoderDialog
from core.progress import Silent
from core.workflows.demo import demo_encoder
from core.workflows.encoder_bundles import export_encoder
from core.workflows.project import create_project

LONG = 120_000


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundles") / "carried.zip"
    export_encoder(str(demo_encoder()), path, Silent())
    return path


@pytest.fixture
def window(
    qtbot: QtBot, context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "p.clipkw"
    create_project(folder, draw_archive(tmp_path / "archive")).close()
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.start.open_project(folder)
    qtbot.waitUntil(lambda: context.session is not None, timeout=LONG)
    yield window
    shut_down(context)


def open_dialog(context: AppContext, window: MainWindow, file: Path) -> EncoderDialog:
    context.navigation.encoder_wanted.emit()
    dialog = window.findChild(EncoderDialog)
    assert isinstance(dialog, EncoderDialog)
    dialog.panel.bundle.click()
    assert dialog.panel.file.isVisible()
    assert not dialog.accept_button.isEnabled()
    dialog.panel.file.set_path(file)
    return dialog


def test_a_bundle_is_unpacked_and_used(
    qtbot: QtBot, window: MainWindow, context: AppContext, packed: Path, tmp_path: Path
) -> None:
    dialog = open_dialog(context, window, packed)
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=LONG)
    assert "vectors of 128" in dialog.panel.told
    dialog.accept_button.click()
    assert "testing" in dialog.panel.told
    place = tmp_path / "data" / "clipkw" / "encoders" / "demo_encoder"
    qtbot.waitUntil(lambda: encoder_source(context) == str(place), timeout=LONG)
    qtbot.waitUntil(lambda: window.findChild(EncoderDialog) is None, timeout=LONG)


def test_another_file_is_refused_and_another_can_be_chosen(
    qtbot: QtBot, window: MainWindow, context: AppContext, packed: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK")
    dialog = open_dialog(context, window, bad)
    qtbot.waitUntil(lambda: "bad.zip is not a bundle" in dialog.panel.told, timeout=LONG)
    assert not dialog.accept_button.isEnabled()
    dialog.panel.file.set_path(packed)
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=LONG)
    dialog.reject()


def test_damaged_on_its_way_it_is_told_in_the_dialog(
    qtbot: QtBot, window: MainWindow, context: AppContext, packed: Path, tmp_path: Path
) -> None:
    data = bytearray(packed.read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / "changed.zip"
    changed.write_bytes(data)
    dialog = open_dialog(context, window, changed)
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=LONG)
    dialog.accept_button.click()
    qtbot.waitUntil(lambda: "damaged" in dialog.panel.told, timeout=LONG)
    assert dialog.isVisible()
    assert encoder_source(context) == ""
    dialog.reject()
