"""The images of an archive and the files behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, bindparam, delete, func, insert, select, update

from core.catalog.database import Catalog
from core.catalog.rows import chunks
from core.catalog.schema import images
from core.catalog.schema import problems as problem_table
from core.catalog.text import fold
from core.types import Changes, FileRecord, Image, ImageId, ImageState, KnownFile, Problem

SCAN_STAGE = "scan"

_IMAGE_COLUMNS = [images.c[field.name] for field in fields(Image)]
_KNOWN_COLUMNS = [images.c[field.name] for field in fields(KnownFile)]
_BY_ID = select(*_IMAGE_COLUMNS).where(images.c.id.in_(bindparam("ids", expanding=True)))
"""Built once: it takes longer than running it for a few images."""


def known_files(catalog: Catalog) -> dict[str, KnownFile]:
    """What is remembered about the file behind every image, by path."""
    with catalog.read() as connection:
        rows = connection.execute(select(images.c.path, *_KNOWN_COLUMNS))
        return {path: KnownFile(*known) for path, *known in rows}


def record_scan(
    catalog: Catalog,
    found: Sequence[FileRecord],
    unreadable: Sequence[Problem],
    missing: Sequence[ImageId],
    moved: Sequence[tuple[ImageId, str]],
) -> Changes:
    """Store differences between the archive and the catalog.

    Images that ``moved`` get their new path first. A file ``found`` at a known path updates that
    image, others are new images. An ``unreadable`` file makes the image at its path unreadable,
    if there is one, and is a problem until it is found readable or its image is missing. Images,
    labels and vectors are never removed.
    """
    with catalog.write() as connection:
        _move(connection, moved)
        _store_found(connection, found)
        _clear_problems(connection, SCAN_STAGE, (file.path for file in found))
        _set_state(connection, images.c.path, (p.path for p in unreadable), ImageState.UNREADABLE)
        _store_problems(connection, SCAN_STAGE, unreadable)
        _set_state(connection, images.c.id, map(int, missing), ImageState.MISSING)
        _clear_problems(connection, SCAN_STAGE, _paths(connection, missing))
    return Changes(images_changed=bool(found or unreadable or missing or moved))


def files_behind(catalog: Catalog, ids: Sequence[ImageId]) -> dict[ImageId, KnownFile]:
    """What is remembered about the files behind some images; unknown ids are left out."""
    found: dict[ImageId, KnownFile] = {}
    with catalog.read() as connection:
        for chunk in chunks([int(i) for i in ids]):
            for row in connection.execute(select(*_KNOWN_COLUMNS).where(images.c.id.in_(chunk))):
                found[row.id] = KnownFile(*row)
    return found


def get_images(catalog: Catalog, ids: Sequence[ImageId]) -> list[Image]:
    """The images in the order of ``ids``; unknown ids are left out."""
    found: dict[int, Image] = {}
    with catalog.read() as connection:
        for chunk in chunks([int(i) for i in ids]):
            for row in connection.execute(_BY_ID, {"ids": chunk}):
                found[row.id] = Image(*row)
    return [found[i] for i in ids if i in found]


def find_image(catalog: Catalog, path: str) -> Image | None:
    """The image at ``path``, relative to the archive's root, if there is one."""
    with catalog.read() as connection:
        row = connection.execute(select(*_IMAGE_COLUMNS).where(images.c.path == path)).first()
    return None if row is None else Image(*row)


def problems(catalog: Catalog) -> list[Problem]:
    """Every file that could not be used, in whatever stage; by path."""
    table = problem_table.c
    statement = select(table.path, table.reason, table.at).order_by(table.path, table.stage)
    with catalog.read() as connection:
        return [Problem(*row) for row in connection.execute(statement)]


def count_never_read(catalog: Catalog) -> int:
    """How many files could not be read when they were found, so that they never became images."""
    table = problem_table.c
    statement = select(func.count(table.path.distinct())).where(
        table.stage == SCAN_STAGE, table.path.not_in(select(images.c.path))
    )
    with catalog.read() as connection:
        return connection.scalar(statement) or 0


def record_problem(catalog: Catalog, stage: str, path: str, reason: str) -> Changes:
    """Remember why the file at ``path`` could not be used; a stage has one reason per file."""
    with catalog.write() as connection:
        _store_problems(connection, stage, [Problem(path, reason)])
    return Changes(images_changed=True)


def clear_problem(catalog: Catalog, stage: str, path: str) -> Changes:
    """Forget the problem that ``stage`` had with the file at ``path``, if any."""
    with catalog.write() as connection:
        cleared = _clear_problems(connection, stage, [path])
    return Changes(images_changed=cleared > 0)


def _move(connection: Connection, moved: Sequence[tuple[ImageId, str]]) -> None:
    """Two images may exchange their paths, so all old paths are given up first."""
    if not moved:
        return
    set_path = (
        update(images)
        .where(images.c.id == bindparam("_id"))
        .values(path=bindparam("_path"), path_folded=bindparam("_folded"))
    )
    given_up = [{"_id": int(i), "_path": f"//{int(i)}", "_folded": ""} for i, _ in moved]
    connection.execute(set_path, given_up)
    given = [{"_id": int(i), "_path": path, "_folded": fold(path)} for i, path in moved]
    connection.execute(set_path, given)


def _store_found(connection: Connection, found: Sequence[FileRecord]) -> None:
    known = _known_ids(connection, [file.path for file in found])
    new, changed = [], []
    for file in found:
        row = _row_of(file)
        if file.path in known:
            changed.append({"_id": known[file.path], **row})
        else:
            new.append(row)
    if new:
        # Past SQLAlchemy's own look at every value, which would take as long as storing it.
        statement = insert(images).compile(dialect=connection.dialect, column_keys=list(new[0]))
        connection.exec_driver_sql(str(statement), [tuple(row.values()) for row in new])
    if changed:
        columns: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "_id"}
        by_id = update(images).where(images.c.id == bindparam("_id")).values(columns)
        connection.execute(by_id, changed)


def _known_ids(connection: Connection, paths: Sequence[str]) -> dict[str, int]:
    """Images by path. Asking for thousands of paths takes longer than storing them anew."""
    if not paths:
        return {}
    columns, path = select(images.c.path, images.c.id), images.c.path
    between = columns.where(path.between(min(paths), max(paths))).limit(1)
    if connection.execute(between).first() is None:
        return {}
    known: dict[str, int] = {}
    for chunk in chunks(paths):
        known.update(
            (path, image) for path, image in connection.execute(columns.where(path.in_(chunk)))
        )
    return known


def _row_of(file: FileRecord) -> dict[str, Any]:
    return {
        "path": file.path,
        "path_folded": fold(file.path),
        "content_hash": file.content_hash,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "width": file.width,
        "height": file.height,
        "state": ImageState.PRESENT.value,
    }


def _set_state(
    connection: Connection, column: Column[Any], values: Iterable[Any], state: ImageState
) -> None:
    if rows := [{"_value": value} for value in values]:
        statement = update(images).where(column == bindparam("_value")).values(state=state)
        connection.execute(statement, rows)


def _paths(connection: Connection, ids: Sequence[ImageId]) -> list[str]:
    paths: list[str] = []
    for chunk in chunks([int(i) for i in ids]):
        paths += connection.scalars(select(images.c.path).where(images.c.id.in_(chunk)))
    return paths


def _store_problems(connection: Connection, stage: str, found: Sequence[Problem]) -> None:
    _clear_problems(connection, stage, (problem.path for problem in found))
    now = datetime.now(UTC)
    rows = {
        problem.path: {
            "stage": stage,
            "path": problem.path,
            "reason": problem.reason,
            "at": problem.at or now,
        }
        for problem in found
    }
    if rows:
        connection.execute(insert(problem_table), list(rows.values()))


def _clear_problems(connection: Connection, stage: str, paths: Iterable[str]) -> int:
    table, cleared = problem_table.c, 0
    of_stage = select(table.path).where(table.stage == stage).limit(1)
    if connection.execute(of_stage).first() is None:
        return 0
    for chunk in chunks(list(paths)):
        among = (table.stage == stage, table.path.in_(chunk))
        cleared += connection.execute(delete(problem_table).where(*among)).rowcount
    return cleared
