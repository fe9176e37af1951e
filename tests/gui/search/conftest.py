"""Fixtures: the Search page on a small project whose vectors are known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from search_bench import FAKE_WORDS, SearchBench, make_archive, make_searchable

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.pages.search import SearchPage
from core.types import Vectors
from core.workflows import search_target
from core.workflows.project import Project, create_project


class FakeEncoder:
    """Texts along the axes of the words they hold; images by how red or green they are."""

    identity, recipe, name, device = "made-up", "{}", "made up", "cpu"
    dimension, image_size = 8, 32

    def preprocess(self, image: object) -> np.ndarray:
        return np.asarray(image, np.float32).mean(axis=(0, 1))

    def encode_images(self, batch: np.ndarray) -> Vectors:
        vectors = np.zeros((len(batch), 8), np.float32)
        vectors[:, 0], vectors[:, 1] = batch[:, 0], batch[:, 1]
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_texts(self, texts: list[str]) -> Vectors:
        vectors = np.zeros((len(texts), 8), np.float32)
        vectors[:, 7] = 1e-3
        for row, text in enumerate(texts):
            for word, axis in FAKE_WORDS.items():
                if word in text.split():
                    vectors[row, axis] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    encoder = FakeEncoder()
    monkeypatch.setattr(search_target, "load_encoder", lambda source: encoder)
    monkeypatch.setattr("clipkw_gui.pages.search.COUNTING_PAUSE_MS", 20)
    return encoder


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    archive = tmp_path / "arkiv"
    records = make_archive(archive)
    with create_project(tmp_path / "prøve", archive) as project:
        make_searchable(project, records)
        yield project


@pytest.fixture
def bench(qtbot: QtBot, context: AppContext, project: Project) -> Iterator[SearchBench]:
    page = SearchPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 760)
    page.show()
    qtbot.waitExposed(page)
    context.set_session(ProjectSession(project))
    bench = SearchBench(qtbot, context, project, page)
    bench.settle()
    yield bench
    qtbot.waitUntil(context.runner.is_idle, timeout=20_000)
