"""Fixtures: the Label page on the small project of :mod:`label_bench`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from label_bench import Bench, fill, make_archive, write_vectors
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.label import LabelPage
from core.catalog import images
from core.types import FileRecord
from core.workflows.project import Project, create_project
from core.workflows.suggest import Suggester


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a pause in labeling."""
    for pause in ("COUNTING_PAUSE_MS", "SOON_MS"):
        monkeypatch.setattr(f"clipkw_gui.pages.label.{pause}", 20)


@pytest.fixture
def archive(tmp_path: Path) -> list[FileRecord]:
    return make_archive(tmp_path / "arkiv")


@pytest.fixture
def project(tmp_path: Path, archive: list[FileRecord]) -> Iterator[Project]:
    """The project, encoded."""
    with create_project(tmp_path / "prøve", tmp_path / "arkiv") as project:
        write_vectors(project, fill(project, archive))
        yield project


@pytest.fixture
def bench(qtbot: QtBot, context: AppContext, project: Project) -> Iterator[Bench]:
    """The page on the project, showing the unlabeled images."""
    page = LabelPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 760)
    page.show()
    qtbot.waitExposed(page)
    context.set_session(ProjectSession(project, Suggester.load(project)))
    files = [images.find_image(project.catalog, one) for one in images.known_files(project.catalog)]
    ids = sorted(one.id for one in files if one is not None)
    bench = Bench(qtbot, context, project, page, ids)
    bench.settle()
    page.centre.viewer.setFocus()
    yield bench
    qtbot.waitUntil(context.runner.is_idle, timeout=20_000)
