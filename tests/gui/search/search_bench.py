"""A small real archive for the Search page: red trucks, green ships, and a word for each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from clipkw_gui.context import AppContext
from clipkw_gui.pages.search import SearchPage
from core.catalog import choices, decisions, encodings, images, preparations
from core.features import FeatureFile
from core.settings import EncoderSettings, ProjectSettings
from core.types import FileRecord, ImageId, Preparation, SearchResult, Split
from core.workflows.project import Project
from core.workflows.suggest import Suggester

COUNT = 20
IDENTITY = "made-up"
FAKE_WORDS = {"truck": 0, "ship": 1}


@dataclass(slots=True)
class SearchBench:
    """The page on a project, and short ways to look at it."""

    qtbot: QtBot
    context: AppContext
    project: Project
    page: SearchPage
    shown: list[SearchResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.shown.connect(self.shown.append)

    def settle(self) -> None:
        self.qtbot.waitUntil(self.is_settled, timeout=20_000)

    def is_settled(self) -> bool:
        timers = self.page.findChildren(QTimer)
        return self.context.runner.is_idle() and not any(one.isActive() for one in timers)

    def type(self, text: str) -> None:
        """Real keys into the field, and until the result is there."""
        self.page.field.setFocus()
        self.qtbot.keyClicks(self.page.field, text)
        self.settle()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None) -> None:
        target = self.page.focusWidget() or self.page
        self.qtbot.keyClick(target, key, modifiers or Qt.KeyboardModifier.NoModifier)

    def found(self) -> list[str]:
        """Names of what the grid shows, in its order."""
        ids = [ImageId(one) for one in self.page.results.ids.tolist()]
        records = images.get_images(self.project.catalog, ids)
        return [Path(one.path).stem for one in records]

    def id_of(self, name: str) -> ImageId:
        folder = "nord" if int(name) < COUNT // 2 else "sør"
        found = images.find_image(self.project.catalog, f"{folder}/{name}.png")
        assert found is not None
        return found.id

    def prepare(self, parts: dict[Split, list[str]]) -> None:
        """Split some images, and use that from now on."""
        splits = {self.id_of(name): part for part, names in parts.items() for name in names}
        own = np.array(list(splits))
        none = np.full(len(own), -1)
        made = Preparation("", "{}", 0, own, none, np.array(list(splits.values())), (), ())
        catalog = self.project.catalog
        number = preparations.add_preparation(catalog, made)
        changes = choices.choose(catalog, choices.PREPARATION, str(number), "kari", "Prepare")
        self.context.bus.changed.emit(changes, None)
        self.settle()

    def load_suggester(self) -> Suggester:
        """What the program does when a project is opened."""
        session = self.context.session
        assert session is not None
        session.suggester = Suggester.load(self.project)
        return session.suggester


def make_archive(folder: Path) -> list[FileRecord]:
    """Even images are red, odd ones green, each a little less so than the one before."""
    records = []
    for number in range(COUNT):
        path = folder / ("nord" if number < COUNT // 2 else "sør") / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        strong, weak = 250, 5 * number
        Pillow.new(
            "RGB", (64, 48), (strong, weak, 0) if number % 2 == 0 else (weak, strong, 0)
        ).save(path)
        data = path.read_bytes()
        relative = path.relative_to(folder).as_posix()
        digest = hashlib.sha256(data).hexdigest()
        records.append(FileRecord(relative, digest, len(data), path.stat().st_mtime_ns, 64, 48))
    return records


def make_searchable(project: Project, records: list[FileRecord]) -> None:
    """Vectors as the made-up encoder would give them; a few keywords, one of them bilingual."""
    images.record_scan(project.catalog, records, [], [], [])
    found = [images.find_image(project.catalog, one.path) for one in records]
    ids = [one.id for one in found if one is not None]
    rows = [(ids[n], ["skip" if n % 2 else "lastebil"]) for n in range(4)]
    english = {"skip": "ship", "lastebil": "truck"}
    decisions.import_labels(project.catalog, rows, by="table.csv", english=english)
    settings = project.settings
    project.settings = ProjectSettings(
        settings.archive, EncoderSettings("made-up", IDENTITY), settings.neighbor_search
    )
    vectors = np.zeros((COUNT, 8), np.float32)
    for number in range(COUNT):
        vectors[number, number % 2], vectors[number, 1 - number % 2] = 250, 5 * number
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    encoder = encodings.register_encoder(project.catalog, IDENTITY, "made up", 8)
    with FeatureFile.create(project.feature_path(IDENTITY), IDENTITY, 8, COUNT) as features:
        features.write(0, np.array(ids), vectors)
    encodings.mark_encoded(project.catalog, encoder, np.array(ids), np.arange(COUNT))
