"""Fixtures: the Keywords page on the small project of :mod:`keyword_bench`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from keyword_bench import Bench, make_project
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.keywords import KeywordsPage
from core.types import SearchByText, Vectors
from core.workflows.project import Project
from core.workflows.search_target import TargetEncoder
from core.workflows.suggest import Suggester


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a pause in typing."""
    monkeypatch.setattr("clipkw_gui.pages.keywords.READING_PAUSE_MS", 1)
    monkeypatch.setattr("clipkw_gui.pages.keyword_panel.TYPING_PAUSE_MS", 1)


@pytest.fixture(autouse=True)
def made_up_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are encoded without an encoder: a clock points one way, aircraft the other."""

    def vector(self: object, target: SearchByText, words: object, vectors: object) -> Vectors:
        axes = np.eye(4, dtype=np.float32)
        if "clock" in target.text:
            return axes[0]
        return axes[1] if "craft" in target.text else np.ones(4, dtype=np.float32) / 2

    monkeypatch.setattr(TargetEncoder, "vector", vector)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path) as made:
        yield made


@pytest.fixture
def bench(qtbot: QtBot, context: AppContext, project: Project) -> Iterator[Bench]:
    """The page, showing the keywords of the project."""
    page = KeywordsPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 760)
    page.show()
    qtbot.waitExposed(page)
    context.set_session(ProjectSession(project, Suggester.load(project)))
    bench = Bench(qtbot, context, project, page)
    bench.settle()
    yield bench
    qtbot.waitUntil(context.runner.is_idle, timeout=20_000)
