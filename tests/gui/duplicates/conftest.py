"""Fixtures: the Duplicates page on the small project of :mod:`pair_bench`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pair_bench import PairBench, image_ids, make_bench_project
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.duplicates import DuplicatesPage
from core.workflows.project import Project

Open = Callable[[Project], PairBench]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a pause in answering."""
    for pause in ("GROUPS_PAUSE_MS", "LOOK_PAUSE_MS"):
        monkeypatch.setattr(f"clipkw_gui.pages.duplicates.{pause}", 20)


@pytest.fixture
def open_page(qtbot: QtBot, context: AppContext) -> Iterator[Open]:
    """Show the page on a project."""

    def show(project: Project) -> PairBench:
        page = DuplicatesPage(context)
        qtbot.addWidget(page)
        page.resize(1200, 760)
        page.show()
        qtbot.waitExposed(page)
        context.set_session(ProjectSession(project))
        bench = PairBench(qtbot, context, project, page, image_ids(project))
        bench.settle()
        return bench

    yield show
    qtbot.waitUntil(context.runner.is_idle, timeout=60_000)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Labeled and encoded."""
    with make_bench_project(tmp_path) as made:
        yield made


@pytest.fixture
def bench(project: Project, open_page: Open) -> PairBench:
    """The page, its images compared."""
    bench = open_page(project)
    bench.compare()
    return bench
