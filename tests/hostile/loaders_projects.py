"""A project and its catalog: settings, records, saved searches, answers."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from loader import Loader
from structured import mutate_json, mutate_toml

from core.catalog import choices, experiments, preparations
from core.errors import ClipkwError
from core.evaluation.comparison import Scores
from core.progress import Silent
from core.settings import ProjectSettings
from core.types import (
    Decision,
    ImageId,
    ImageQuery,
    KeywordCopy,
    KeywordId,
    Preparation,
    QueueName,
    SavedSearch,
    SearchByText,
    Verdict,
)
from core.workflows import (
    active_model,
    browse,
    duplicates,
    evaluate,
    ingest,
    keywords,
    label,
)
from core.workflows import experiments as runs
from core.workflows import status as state
from core.workflows.evaluation_record import KeywordResult
from core.workflows.near_names import near_names
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import chosen_preparation, import_answers
from core.workflows.project import Project, create_project, open_project
from core.workflows.recommendation import recommended_model
from core.workflows.saved_searches import list_searches, save_search
from core.workflows.translate import propose_names
from core.workflows.unfinished import unfinished_work

IDENTITY = "0123456789abcdef"
_SCORES = dict.fromkeys((field.name for field in fields(Scores)), 0.5)
_PER_KEYWORD = dict.fromkeys((field.name for field in fields(KeywordResult)), 0.5)
_MODEL: dict[str, Any] = {
    **{"name": "neighbor-search", "variant": "as-is", "refinement": "", "title": "Neighbors"},
    **{"experiment": 1, "parameters": {"temperature": 60.0}, "threshold": 0.3},
    **{"class_thresholds": [0.3], "validation_f2": 0.5, "subset_accuracy": 0.5},
    **dict.fromkeys(("micro", "macro", "weighted"), _SCORES),
    **{"intervals": {"micro_f2": {"low": 0.1, "high": 0.2}}, "calibration_error": 0.1},
    **{"keyword_calibration_error": 0.1, "keywords": [_PER_KEYWORD], "seconds": 1.5},
}
_TEST = {"images": 1, "keywords": 1, "prevalence": 0.5, "training": 1, "validation": 1}
_REFERENCE = {"path": "1.png", "weight": 0.5, "similarity": 0.9, "keywords": ["bil"]}
_EVALUATION = json.dumps(
    {
        **{"experiment": 2, "preparation": 1, "data_version": "v", "encoder": IDENTITY, "seed": 0},
        **{"test": {**_TEST, "touched": 1}, "keywords": [{"no": "bil", "en": "car", "support": 1}]},
        **{"models": [_MODEL], "best": [0], "overtakes": {"linear-probe": 90, "x": None}},
        "curves": [{"kind": "learning", "title": "a", "x": [1, 2], "y": [0, None], "count": []}],
        "example": {
            **{"path": "0.png", "keywords": ["bil"], "references": [_REFERENCE]},
            "confidences": {"Neighbors": [["bil", 0.5, True]]},
        },
        "notes": ["a note"],
    }
).encode()


def make_project(folder: Path) -> Path:
    """A small project with a bit of everything; its folder."""
    archive = folder / "archive"
    archive.mkdir()
    for number in range(4):
        picture = np.full((8, 8, 3), 40 * number, dtype=np.uint8)
        PIL.Image.fromarray(picture).save(archive / f"{number}.png")
    (folder / "k.csv").write_text("path;keywords\n0.png;bil, rød\n1.png;båt\n2.png;bil\n")
    with create_project(folder / "made.clipkw", archive) as project:
        ingest.import_images(project, Silent())
        ingest.import_keywords(project, folder / "k.csv", None, Silent())
        _decide(project)
        query = ImageQuery(QueueName.UNLABELED)
        save_search(project, SavedSearch("fly", SearchByText("plane"), query, 20))
        run = experiments.add_experiment(
            project.catalog,
            kind="tuning",
            model="neighbor-search",
            variant="as-is",
            settings="{}",
            seed=1,
            preparation=None,
            data_version="v",
            encoder=IDENTITY,
        )
        result = json.dumps({"f2": 0.5, "parameters": {"temperature": 60.0}})
        experiments.finish_experiment(
            project.catalog, run, experiments.ExperimentState.DONE, result
        )
        choices.choose(project.catalog, choices.EXPERIMENT, str(run), "a", "Use it")
        _prepare(project)
    with closing(sqlite3.connect(folder / "made.clipkw" / "catalog.sqlite")) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    return folder / "made.clipkw"


def _prepare(project: Project) -> None:
    """A preparation, and an evaluation on it."""
    images = np.array([1, 2, 3], dtype=np.int64)
    counts = dict.fromkeys(("labeled", "unlabeled", "compared", "groups", "removed"), 1)
    counts |= dict.fromkeys(("copies", "training", "validation", "test", "without_keyword"), 1)
    counts |= {"lower_threshold": 0.8, "upper_threshold": 0.9, "answers": 0, "keywords": 1}
    report = {**counts, "rare": ["bil"], "corrupt": [["x", "why"]], "assumption": None}
    made = Preparation(
        encoder=IDENTITY,
        settings=json.dumps(asdict(PreparationSettings())),
        seed=0,
        images=images,
        groups=np.array([0, 0, 1]),
        splits=np.array([0, 1, 2]),
        copies=(KeywordCopy(ImageId(1), KeywordId(1), ImageId(2)),),
        vocabulary=(KeywordId(1),),
        report=json.dumps(report),
    )
    stored = preparations.add_preparation(project.catalog, made)
    choices.choose(project.catalog, choices.PREPARATION, str(stored), "a", "Use it")
    run = experiments.add_experiment(
        project.catalog,
        kind=evaluate.EVALUATION,
        model="",
        variant="",
        settings="{}",
        seed=1,
        preparation=stored,
        data_version="v",
        encoder=IDENTITY,
    )
    record = _EVALUATION.decode()
    experiments.finish_experiment(project.catalog, run, experiments.ExperimentState.DONE, record)


def _decide(project: Project) -> None:
    images = [ImageId(one) for one in browse.image_ids(project, ImageQuery()).tolist()]
    words = browse.all_keywords(project)
    if images and words:
        label.decide(project, [Decision(images[-1], words[0].id, Verdict.ACCEPTED)], "Accept")


def use_project(folder: Path) -> None:
    """Open a project, and sit in it."""
    with open_project(folder) as project:
        sit(project)


def sit(project: Project) -> None:
    """What a sitting reads of a project, and one decision with its undoing."""
    state.status(project)
    for queue in QueueName:
        browse.image_ids(project, ImageQuery(queue=queue))
    images = [ImageId(one) for one in browse.image_ids(project, ImageQuery()).tolist()]
    for image in browse.get_images(project, images):
        assert project.image_path(image).is_relative_to(project.images_root)
    browse.labels_of(project, images)
    for look in (browse.queue_counts, browse.folder_counts, browse.keyword_counts):
        look(project)
    for look in (browse.problems, list_searches, runs.list_experiments, keywords.list_keywords):
        look(project)
    _look_at_records(project)
    near_names(project, Silent())
    _decide(project)
    label.undo(project)
    label.redo(project)


_RECORDS: tuple[Callable[[Project], object], ...] = (
    *(chosen_preparation, evaluate.latest_evaluation, recommended_model, propose_names),
    *(duplicates.thresholds, active_model.active_model, unfinished_work),
)


def _look_at_records(project: Project) -> None:
    """Each by itself, as pages do: one that is damaged must not hide a fault of the next."""
    refused: ClipkwError | None = None
    for look in _RECORDS:
        try:
            look(project)
        except ClipkwError as error:
            refused = error
    if refused is not None:
        raise refused


# project.toml -----------------------------------------------------------------------------------


def _settings_seeds(folder: Path) -> list[bytes]:
    ProjectSettings().write(folder)
    text = (folder / "project.toml").read_bytes()
    own = b'[archive]\nimages = "/a/b"\nmax_megapixels = 30\n[online]\ntranslation = false\n'
    return [text, own, b"[neighbor_search]\ntemperature = 1e3\nmax_neighbors = 0x20\n"]


def _settings(folder: Path, data: bytes) -> None:
    (folder / "project.toml").write_bytes(data)
    settings = ProjectSettings.read(folder)
    settings.write(folder)
    assert ProjectSettings.read(folder) == settings
    assert Project(folder, settings, None, None).max_pixels > 0  # type: ignore[arg-type]


# catalog.sqlite ---------------------------------------------------------------------------------


def _catalog_seeds(folder: Path) -> list[bytes]:
    return [(make_project(folder) / "catalog.sqlite").read_bytes()]


def _catalog(folder: Path, data: bytes) -> None:
    project = folder / "p.clipkw"
    if project.exists():
        shutil.rmtree(project)
    for part in ("features", "thumbnails"):
        (project / part).mkdir(parents=True)
    (folder / "archive").mkdir(exist_ok=True)
    (project / "project.toml").write_text(f'[archive]\nimages = "{folder / "archive"}"\n')
    (project / "catalog.sqlite").write_bytes(data)
    use_project(project)


_VALUES: tuple[Any, ...] = (
    *(None, "", "x", "../../etc/passwd", "/etc/passwd", b"\xff\x00", -1, 0, 2**62, 1e308),
    *("{}", "[]", "null", '{"f2": "x"}', "[[1]]", "9" * 30, "a" * 10_000, "a\0b", "NaN", '"'),
)


def mutate_values(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    """Values that the program never writes, in a database that is sound."""
    with closing(_in_memory(data)) as base:
        listed = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in listed]
        for _ in range(rng.choice((1, 1, 2, 5))):
            table = rng.choice(tables)
            columns = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            column, value = rng.choice(columns), rng.choice(_VALUES)
            where = rng.choice(("1", f'"{column}" = (SELECT max("{column}") FROM {table})'))
            try:
                base.execute(f'UPDATE {table} SET "{column}" = ? WHERE {where}', (value,))
            except (sqlite3.Error, OverflowError):
                continue
        if rng.random() < 0.05:
            base.execute(f"DROP TABLE {rng.choice([t for t in tables if 'sqlite' not in t])}")
        base.commit()
        return base.serialize()


def _in_memory(data: bytes) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.deserialize(data)
    database.execute("PRAGMA ignore_check_constraints = ON")
    return database


# what the program has written as JSON into the catalog -----------------------------------------

_SEARCHES = (
    b'{"query": {"queue": "all", "folder": "", "keyword": 1, "text": ""}, "limit": 9, "text": "a"}',
    b'{"query": {"queue": "all", "folder": "f", "keyword": null, "text": ""}, "limit": 9,'
    b' "file": "x"}',
)
_REPORTS = (
    b'{"labeled": 1, "unlabeled": 1, "compared": 1, "groups": 1, "removed": 1, "copies": 1,'
    b' "training": 1, "validation": 1, "test": 1, "without_keyword": 1, "lower_threshold": 0.8,'
    b' "upper_threshold": 0.9, "answers": 0, "keywords": 1, "rare": ["bil"],'
    b' "corrupt": [["x", "why"]], "assumption": {"lower": 0.8, "upper": 0.9, "images": 5}}',
)
_RESULTS = (
    b'{"f2": 0.5, "class_thresholds_f2": 0.6, "parameters": {"temperature": 60.0}}',
    b'{"error": "It failed.", "f2": 0}',
)
_PAIRS = (b"[[1, 2], [3, 4]]", b"[]")


def _record_loader(name: str, seeds: Sequence[bytes], statement: str, share: int = 2) -> Loader:
    """A loader of a text that ``statement`` puts into the catalog of a project that is open."""
    opened: dict[Path, Project] = {}

    def make_seeds(_folder: Path) -> list[bytes]:
        return list(seeds)

    def load(folder: Path, data: bytes) -> None:
        if folder not in opened:
            opened[folder] = open_project(make_project(folder))
        text = data.decode("utf-8", "replace")
        with closing(sqlite3.connect(folder / "made.clipkw" / "catalog.sqlite")) as database:
            database.execute(statement, (text,))
            database.commit()
        sit(opened[folder])

    return Loader(f"catalog: {name}", share, make_seeds, load, mutate_json)


def _answer_seeds(_folder: Path) -> list[bytes]:
    return [b"first,second,same\n0.png,1.png,yes\n2.png,/x/3.png,no\n", b"0.png;3.png;ja\n"]


def _answers(folder: Path, data: bytes) -> None:
    """A table of pairs, whose paths are looked for in the archive."""
    project = folder / "made.clipkw"
    if not project.exists():
        make_project(folder)
    (folder / "answers.csv").write_bytes(data)
    with open_project(project) as opened:
        import_answers(opened, folder / "answers.csv")


LOADERS = (
    Loader("project.toml", 6, _settings_seeds, _settings, mutate_toml),
    Loader("catalog: bytes", 8, _catalog_seeds, _catalog),
    Loader("catalog: values", 4, _catalog_seeds, _catalog, mutate_values),
    _record_loader(
        "saved search", _SEARCHES, "UPDATE choices SET value = ? WHERE name LIKE 'search:%'"
    ),
    _record_loader("tuning", _RESULTS, "UPDATE experiments SET result = ? WHERE kind = 'tuning'"),
    _record_loader(
        "evaluation",
        (_EVALUATION,),
        "UPDATE experiments SET result = ? WHERE kind = 'evaluation'",
        4,
    ),
    _record_loader("preparation", _REPORTS, "UPDATE preparations SET report = ?"),
    _record_loader(
        "settings of a preparation",
        (json.dumps(asdict(PreparationSettings())).encode(),),
        "UPDATE preparations SET settings = ?",
        1,
    ),
    _record_loader("settings", (b'{"trials": 9}',), "UPDATE experiments SET settings = ?"),
    _record_loader(
        "keywords kept apart",
        _PAIRS,
        "INSERT OR REPLACE INTO choices (name, value) VALUES ('different-keywords', ?)",
    ),
    Loader("answers: import", 2, _answer_seeds, _answers),
)
