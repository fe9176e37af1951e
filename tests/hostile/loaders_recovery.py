"""What a catalog is built anew from: the decision log, and the folder of backups."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from loader import Loader
from loaders_projects import make_project
from mutations import mutate
from structured import mutate_json, mutate_toml

from core.catalog import overview
from core.catalog.backups import BACKUPS_FOLDER
from core.catalog.decision_log import LOG_FILE, DecisionLog
from core.catalog.history import History
from core.progress import Silent
from core.settings import SETTINGS_FILE, ProjectSettings
from core.types import ImageId
from core.workflows import backups, browse, duplicates, keywords, label, recovery
from core.workflows.project import CATALOG_FILE, Project, open_project, restore_settings

NAME = "000001-20260301T083000Z-daily"


def _lived_in(folder: Path) -> Path:
    """A project in which every kind of event is in the log."""
    made = make_project(folder)
    with open_project(made) as project:
        images = [ImageId(1), ImageId(2), ImageId(3)]
        label.add_keyword(project, images, "tog")
        label.undo(project)
        label.redo(project)
        duplicates.answer_many(project, {(images[0], images[1]): True})
        kept, merged = browse.all_keywords(project)[:2]
        keywords.merge(project, kept, [merged])
        backups.back_up(project, Silent())
        label.add_keyword(project, images[:1], "fly")
        backups.restore(project, backups.list_backups(made)[0].name, Silent())
        label.add_keyword(project, images[1:], "sykkel")
    return made


def _log_seeds(folder: Path) -> list[bytes]:
    return [(_lived_in(folder) / LOG_FILE).read_bytes()]


def mutate_lines(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """JSON lines with another value in one, left out, exchanged or repeated; or damaged bytes."""
    choice = rng.random()
    if choice < 0.3:
        return mutate(data, others, rng)
    lines = data.splitlines(keepends=True)
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    if choice < 0.8:
        for _ in range(rng.choice((1, 1, 3))):
            at = rng.randrange(len(lines))
            line = lines[at].strip()
            with suppress(ValueError):  # it was damaged a moment ago
                lines[at] = mutate_json(line, [line], rng) + b"\n"
    elif choice < 0.87:
        del lines[at]
    elif choice < 0.94:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(other, lines[at])
    return b"".join(lines)


def _read_log(folder: Path, data: bytes) -> None:
    (folder / LOG_FILE).write_bytes(data)
    log = DecisionLog(folder)
    history = History.of(log.read())
    assert history.counting() <= history.came_after.keys()
    assert log.last() >= 0


def _replay_log(folder: Path, data: bytes) -> None:
    """Nothing but the log is left, and the result is a sound catalog that can be used."""
    project = folder / "replayed.clipkw"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    (folder / "archive").mkdir(exist_ok=True)
    (project / SETTINGS_FILE).write_text(f'[archive]\nimages = "{folder / "archive"}"\n')
    (project / LOG_FILE).write_bytes(data)
    recovery.rebuild_from_log(project, Silent())
    with open_project(project) as opened:
        assert overview.faults(opened.catalog) == []
        _use_what_is_back(opened)
        label.add_keyword(opened, [], "one more")
        label.undo(opened)


def _decide_beside_log(folder: Path, data: bytes) -> None:
    """A sound catalog with a log that is damaged: what is decided now is in it afterwards."""
    project = folder / "made.clipkw"
    if not project.exists():
        make_project(folder)
    (project / LOG_FILE).write_bytes(data)
    with open_project(project) as opened:
        label.add_keyword(opened, [ImageId(1)], f"word {random.getrandbits(40)}")
        title = label.undo_title(opened)
        last = list(opened.catalog.log.read())[-1]
        assert last.lines[0]["title"] == title
        label.undo(opened)


def _backup_seeds(folder: Path) -> list[bytes]:
    made = _lived_in(folder)
    (path,) = (made / BACKUPS_FOLDER).glob("*-request.sqlite")
    return [path.read_bytes()]


def _put_back(folder: Path, data: bytes) -> None:
    """Refused, and then nothing has changed; or put back, and then it can be used."""
    project = folder / "made.clipkw"
    if not project.exists():
        make_project(folder)
    shutil.rmtree(project / BACKUPS_FOLDER, ignore_errors=True)
    (project / BACKUPS_FOLDER).mkdir()
    (project / BACKUPS_FOLDER / f"{NAME}.sqlite").write_bytes(data)
    with open_project(project) as opened:
        before = browse.all_keywords(opened)
        try:
            backups.restore(opened, NAME, Silent())
        except Exception:
            assert browse.all_keywords(opened) == before
            raise
        _use_what_is_back(opened)


def _use_what_is_back(project: Project) -> None:
    images = browse.get_images(project, [ImageId(1)])
    browse.labels_of(project, [one.id for one in images])
    keywords.list_keywords(project)
    label.undo_title(project)


def _rebuild_from_backup(folder: Path, data: bytes) -> None:
    """The newest backup is damaged, the catalog too, the log is whole: nothing is missing."""
    project = folder / "made.clipkw"
    if not project.exists():
        make_project(folder)
    shutil.rmtree(project / BACKUPS_FOLDER, ignore_errors=True)
    shutil.rmtree(project / "damaged", ignore_errors=True)
    (project / BACKUPS_FOLDER).mkdir()
    (project / BACKUPS_FOLDER / f"{NAME}.sqlite").write_bytes(data)
    with closing(sqlite3.connect(project / CATALOG_FILE)) as sound:
        count = sound.execute("SELECT count(*) FROM labels").fetchone()
    (project / CATALOG_FILE).write_bytes(b"damaged")
    recovery.rebuild(project, Silent())
    with closing(sqlite3.connect(project / CATALOG_FILE)) as rebuilt:
        assert rebuilt.execute("SELECT count(*) FROM labels").fetchone() == count


def _name_seeds(_folder: Path) -> list[bytes]:
    return [NAME.encode(), b"000002-20260301T083000Z-request", b"999999-00000000T000000Z-many"]


def _backup_names(folder: Path, data: bytes) -> None:
    """Files of any name among the backups."""
    place = folder / BACKUPS_FOLDER
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    name = data.replace(b"/", b"").replace(b"\0", b"")[:180] or b"x"
    for suffix in (b".sqlite", b".toml", b""):
        (place / (name + suffix).decode("utf-8", "surrogateescape")).write_bytes(b"x")
    listed = [one.name for one in backups.list_backups(folder)]
    assert len(listed) <= 2
    backups.restore_in(folder, name.decode("utf-8", "surrogateescape"), Silent())


def _settings_seeds(folder: Path) -> list[bytes]:
    ProjectSettings().write(folder)
    return [(folder / SETTINGS_FILE).read_bytes(), b'[archive]\nimages = "a"\n']


def _settings_of_backup(folder: Path, data: bytes) -> None:
    """Settings that cannot be read come from a backup, which may be damaged too."""
    place = folder / BACKUPS_FOLDER
    place.mkdir(exist_ok=True)
    (folder / SETTINGS_FILE).write_text("damaged [")
    (place / f"{NAME}.sqlite").write_bytes(b"x")
    (place / f"{NAME}.toml").write_bytes(data)
    restore_settings(folder)
    ProjectSettings.read(folder)


LOADERS = (
    Loader("decision log: read", 6, _log_seeds, _read_log, mutate_lines),
    Loader("decision log: rebuild", 3, _log_seeds, _replay_log, mutate_lines),
    Loader("decision log: decide", 2, _log_seeds, _decide_beside_log, mutate_lines),
    Loader("backup: restore", 3, _backup_seeds, _put_back),
    Loader("backup: rebuild", 1, _backup_seeds, _rebuild_from_backup),
    Loader("backup: names", 2, _name_seeds, _backup_names),
    Loader("backup: settings", 2, _settings_seeds, _settings_of_backup, mutate_toml),
)
