"""An index of the references is built by a listed job when exact search is too slow, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from archive import draw_archive
from pytestqt.qtbot import QtBot

from clipkw_gui.actions.index import index_if_slow
from clipkw_gui.context import AppContext, ProjectSession
from core.workflows.project import Project, create_project
from core.workflows.suggest import Suggester


class Slow(Suggester):
    """Too slow until its index has been built."""

    builds = 0

    def is_slow(self) -> bool:
        return not self.builds

    def build_index(self, progress: object) -> float:
        self.builds += 1
        return 0.9931


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "small", draw_archive(tmp_path / "archive")) as project:
        yield project


def test_it_is_built_once_and_its_recall_is_in_the_log(
    qtbot: QtBot, context: AppContext, project: Project
) -> None:
    suggester = Slow(project)
    context.set_session(ProjectSession(project, suggester))
    index_if_slow(context)
    qtbot.waitUntil(context.runner.is_idle)
    [job] = context.runner.jobs()
    assert job.title == "Index the references"
    assert [line.text for line in job.log][-1].startswith("99.3%")
    index_if_slow(context)
    qtbot.waitUntil(context.runner.is_idle)
    assert suggester.builds == 1


def test_nothing_is_built_for_a_handful_of_references(
    qtbot: QtBot, context: AppContext, project: Project
) -> None:
    context.set_session(ProjectSession(project, Suggester.load(project)))
    index_if_slow(context)
    qtbot.waitUntil(context.runner.is_idle)
    assert context.runner.jobs() == []
