"""Fixtures: the Experiments page on the small project of :mod:`experiment_bench`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from experiment_bench import ExperimentBench, make_bench_project
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.experiments import ExperimentsPage
from core.workflows.project import Project, open_project


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a prepared project."""
    with make_bench_project(tmp_path_factory.mktemp("experiments")) as project:
        return project.folder


@pytest.fixture
def project(prepared: Path, tmp_path: Path) -> Iterator[Project]:
    """A prepared project of its own."""
    shutil.copytree(prepared, tmp_path / prepared.name)
    with open_project(tmp_path / prepared.name) as project:
        yield project


@pytest.fixture
def bench(
    qtbot: QtBot, context: AppContext, project: Project, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ExperimentBench]:
    """The page on the project."""
    monkeypatch.setattr("clipkw_gui.pages.experiments.LIVE_MS", 20)
    page = ExperimentsPage(context)
    qtbot.addWidget(page)
    page.resize(1300, 800)
    page.show()
    qtbot.waitExposed(page)
    context.set_session(ProjectSession(project))
    bench = ExperimentBench(qtbot, context, project, page)
    bench.settle()
    yield bench
    qtbot.waitUntil(context.runner.is_idle, timeout=60_000)
