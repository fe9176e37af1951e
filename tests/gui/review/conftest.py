"""Fixtures: the Review page on the small project of :mod:`review_bench`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from review_bench import ReviewBench, image_ids, make_review_project

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.review import ReviewPage
from core.workflows.project import Project

Open = Callable[[Project], ReviewBench]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a pause."""
    monkeypatch.setattr("clipkw_gui.pages.review.LOOK_PAUSE_MS", 20)


@pytest.fixture
def open_page(qtbot: QtBot, context: AppContext) -> Iterator[Open]:
    """Show the page on a project."""

    def show(project: Project) -> ReviewBench:
        page = ReviewPage(context)
        qtbot.addWidget(page)
        page.resize(1200, 760)
        page.show()
        qtbot.waitExposed(page)
        context.set_session(ProjectSession(project))
        bench = ReviewBench(qtbot, context, project, page, image_ids(project))
        page.message.connect(bench.messages.append)
        bench.settle()
        return bench

    yield show
    qtbot.waitUntil(context.runner.is_idle, timeout=60_000)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Labeled and encoded."""
    with make_review_project(tmp_path) as made:
        yield made


@pytest.fixture
def bench(project: Project, open_page: Open) -> ReviewBench:
    """The page, its labels judged."""
    bench = open_page(project)
    bench.judge()
    return bench
