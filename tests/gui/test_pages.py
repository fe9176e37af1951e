"""Pages are made when they are shown first, and hear what was asked of them before that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from archive import draw_archive
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.project import shut_down
from clipkw_gui.context import AppContext
from clipkw_gui.main_window import MainWindow
from clipkw_gui.pages.jobs import JobsPage
from clipkw_gui.pages.label import LabelPage
from clipkw_gui.pages.registry import page_entries
from clipkw_gui.pages.search import SearchPage
from core.progress import Silent
from core.types import ImageId, SearchByImages
from core.workflows.ingest import import_images
from core.workflows.project import create_project


@pytest.fixture
def window(qtbot: QtBot, context: AppContext, tmp_path: Path) -> Iterator[MainWindow]:
    """A window on a project of a few images; nothing was clicked yet."""
    with create_project(tmp_path / "p.clipkw", draw_archive(tmp_path / "archive")) as project:
        import_images(project, Silent())
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    window.start.open_project(project.folder)
    qtbot.waitUntil(lambda: context.session is not None, timeout=60_000)
    yield window
    shut_down(context)


def pages_of(window: MainWindow) -> list[QWidget]:
    return [window.pages.widget(number) for number in range(window.pages.count())]


def test_only_the_page_that_is_shown_is_made(window: MainWindow) -> None:
    label, *others = pages_of(window)
    assert isinstance(label, LabelPage)
    assert window.pages.currentWidget() is label
    assert {type(page) for page in others} == {QWidget}


def test_a_page_is_made_once(window: MainWindow) -> None:
    window.show_named("jobs")
    made = window.pages.currentWidget()
    assert isinstance(made, JobsPage)
    window.show_named("label")
    window.show_named("jobs")
    assert window.pages.currentWidget() is made
    assert window.findChildren(JobsPage) == [made]


def test_every_page_of_the_rail_can_be_shown(window: MainWindow) -> None:
    for number, entry in enumerate(page_entries()):
        window.show_named(entry.name)
        assert window.pages.currentIndex() == number
    assert QWidget not in {type(page) for page in pages_of(window)}
    assert window.pages.count() == len(page_entries())


def test_a_page_that_was_never_shown_hears_what_is_asked_of_it(
    window: MainWindow, context: AppContext
) -> None:
    context.navigation.search_similar((ImageId(1), ImageId(2)))
    page = window.pages.currentWidget()
    assert isinstance(page, SearchPage)
    assert page.choice.target == SearchByImages((ImageId(1), ImageId(2)))


def test_the_form_of_a_new_project_is_made_when_it_is_wanted(
    qtbot: QtBot, context: AppContext
) -> None:
    window = MainWindow(context)
    qtbot.addWidget(window)
    assert "form" not in vars(window.start)
    window.start.start_new()
    assert window.start.form.isVisibleTo(window.start)
