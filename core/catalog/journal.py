"""The journal: every edit as a named step that can be undone and done again, across restarts.

Steps are undone strictly last in, first out; a new step makes those undone before it unreachable.
Nothing is ever removed, and all of it is also written to the decision log (:mod:`.events`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from core.catalog import events
from core.catalog.database import Catalog
from core.catalog.schema import (
    EventKind,
    StepState,
    choice_changes,
    keyword_changes,
    label_changes,
    labels,
    pair_changes,
    steps,
    synonym_changes,
)
from core.catalog.step_sides import Side, set_choices, set_labels, set_pairs, set_vocabulary
from core.types import Changes, ImageId, Keyword

_ABANDON_UNDONE = (
    update(steps).where(steps.c.state == StepState.UNDONE).values(state=StepState.ABANDONED)
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was just undone or done again, and the images whose labels it touched."""

    title: str
    changes: Changes
    images: tuple[ImageId, ...]


@dataclass(frozen=True, slots=True)
class NextUndo:
    """The step that :func:`undo` would undo, and how much it would put back.

    ``images`` is on how many images it touched keywords, ``decisions`` how many labels that were,
    ``keywords`` how many keywords it made, edited or merged.
    """

    id: int
    title: str
    images: int
    decisions: int
    keywords: int


def undo(catalog: Catalog, by: str = "", only: int | None = None) -> Step | None:
    """Restore exactly what the last step found; None when there is nothing to undo.

    ``only`` is the id of a step: another one, made since somebody looked, is left as it is.
    """
    with catalog.write() as connection:
        step = _last_done(connection)
        if step is None or only not in (None, step.id):
            return None
        events.note(connection, EventKind.UNDO, step.id, by, datetime.now(UTC))
        return put(connection, step, "before")


def redo(catalog: Catalog, by: str = "") -> Step | None:
    """Do the step again that was undone last; None when there is nothing to do again."""
    with catalog.write() as connection:
        step = _last_undone(connection)
        if step is None:
            return None
        events.note(connection, EventKind.REDO, step.id, by, datetime.now(UTC))
        return put(connection, step, "after")


def next_undo(catalog: Catalog) -> NextUndo | None:
    """What :func:`undo` would do; nothing is written."""
    with catalog.read() as connection:
        step = _last_done(connection)
        if step is None:
            return None
        touched = label_changes.c
        counted = select(func.count(touched.image.distinct()), func.count())
        images, decisions = connection.execute(counted.where(touched.step == step.id)).one()
        edited = select(func.count()).where(keyword_changes.c.step == step.id)
        return NextUndo(step.id, step.title, images, decisions, connection.scalar(edited) or 0)


def undo_title(catalog: Catalog) -> str | None:
    """Title of the step that :func:`undo` would undo."""
    with catalog.read() as connection:
        step = _last_done(connection)
    return None if step is None else step.title


def redo_title(catalog: Catalog) -> str | None:
    """Title of the step that :func:`redo` would do again."""
    with catalog.read() as connection:
        step = _last_undone(connection)
    return None if step is None else step.title


def record(
    connection: Connection,
    title: str,
    by: str,
    changed: Sequence[dict[str, Any]],
    created: Sequence[Keyword] = (),
) -> Changes:
    """Make one step of ``changed``, rows of ``label_changes``, and the keywords just ``created``.

    The labels are set here, by the same statements that do a step again. No step is made of
    nothing.
    """
    if not changed and not created:
        return Changes()
    step = _begin(connection, title, by)
    made = _note(connection, step, changed, created)
    if changed:
        set_labels(connection, step, "after")
    return made


def extend(
    connection: Connection,
    title: str,
    by: str,
    changed: Sequence[dict[str, Any]],
    created: Sequence[Keyword] = (),
) -> Changes:
    """Like :func:`record`, but a part of the last step of that title.

    ``changed`` may only hold labels that are new. Steps made meanwhile are undone before it; if
    one of them has edited keywords, it is a step of its own after all.
    """
    step = _extensible(connection, title, by)
    if step is None or not (changed or created):
        return record(connection, title, by, changed, created)
    grown = [row["image"] for row in changed]
    events.note(connection, EventKind.MORE, step.id, by, datetime.now(UTC), grown)
    made = _note(connection, step.id, changed, created)
    made_by = {"by": step.by, "at": step.at}
    rows = [
        {name: row[name] for name in ("image", "keyword")}
        | {name: row[f"after_{name}"] for name in ("verdict", "model", "confidence")}
        | made_by
        for row in changed
    ]
    if rows:
        connection.execute(insert(labels), rows)
    return made


def _extensible(connection: Connection, title: str, by: str) -> Any:
    """The last step of that title, unless it was undone or a later one touches keywords."""
    same = (steps.c.title == title, steps.c.by == by, steps.c.state == StepState.DONE)
    step = connection.execute(
        select(steps).where(*same).order_by(steps.c.id.desc()).limit(1)
    ).first()
    if step is None:
        return None
    alive = (steps.c.id > step.id, steps.c.state != StepState.ABANDONED)
    for table in (keyword_changes, synonym_changes):
        later = select(table.c.step).join_from(table, steps).where(*alive).limit(1)
        if connection.execute(later).first() is not None:
            return None
    return step


def _note(
    connection: Connection,
    step: int,
    changed: Sequence[dict[str, Any]],
    created: Sequence[Keyword],
) -> Changes:
    """Write down what a step does."""
    if created:
        rows = [
            {
                "step": step,
                "keyword": keyword.id,
                "after_no": keyword.no,
                "after_en": keyword.en,
                "after_status": keyword.status,
            }
            for keyword in created
        ]
        connection.execute(insert(keyword_changes), rows)
    if changed:
        connection.execute(insert(label_changes).values(step=step), changed)
    return Changes(
        frozenset(ImageId(row["image"]) for row in changed),
        frozenset(keyword.id for keyword in created),
    )


def record_edits(
    connection: Connection,
    title: str,
    by: str,
    keyword_rows: Sequence[dict[str, Any]],
    synonym_rows: Sequence[dict[str, Any]],
    label_rows: Sequence[dict[str, Any]] = (),
) -> Changes:
    """Make one step of edited keywords, and do it.

    The rows are those of ``keyword_changes``, ``synonym_changes`` and ``label_changes``.
    """
    if not keyword_rows and not synonym_rows and not label_rows:
        return Changes()
    step = _begin(connection, title, by)
    for table, rows in (
        (keyword_changes, keyword_rows),
        (synonym_changes, synonym_rows),
        (label_changes, label_rows),
    ):
        if rows:
            connection.execute(insert(table).values(step=step), rows)
    edited = set_vocabulary(connection, step, "after")
    return Changes(frozenset(ImageId(row["image"]) for row in label_rows), edited)


def record_pairs(
    connection: Connection, title: str, by: str, changed: Sequence[dict[str, Any]]
) -> Changes:
    """Make one step of ``changed``, rows of ``pair_changes``, and set the answers."""
    if not changed:
        return Changes()
    step = _begin(connection, title, by)
    connection.execute(insert(pair_changes).values(step=step), changed)
    return Changes(pairs_changed=set_pairs(connection, step, "after"))


def record_choices(
    connection: Connection, title: str, by: str, changed: Mapping[str, tuple[str, str]]
) -> Changes:
    """Make one step of choices, from what was chosen to what is, and set them."""
    step = _begin(connection, title, by)
    rows = [
        {"step": step, "name": name, "before": before, "after": after}
        for name, (before, after) in changed.items()
    ]
    connection.execute(insert(choice_changes), rows)
    return Changes(choices=set_choices(connection, step, "after"))


def _begin(connection: Connection, title: str, by: str) -> int:
    """A new last step."""
    abandon_undone(connection)
    now = datetime.now(UTC)
    step = {"title": title, "by": by, "at": now, "state": StepState.DONE}
    key = connection.execute(insert(steps), step).inserted_primary_key
    assert key is not None
    events.note(connection, EventKind.STEP, key[0], by, now)
    return int(key[0])


def abandon_undone(connection: Connection) -> None:
    """Steps that are undone can no longer be done again."""
    connection.execute(_ABANDON_UNDONE)


def _last_done(connection: Connection) -> Any:
    return connection.execute(
        select(steps).where(steps.c.state == StepState.DONE).order_by(steps.c.id.desc()).limit(1)
    ).first()


def _last_undone(connection: Connection) -> Any:
    return connection.execute(
        select(steps).where(steps.c.state == StepState.UNDONE).order_by(steps.c.id).limit(1)
    ).first()


def put(connection: Connection, step: Any, side: Side) -> Step:
    """Put what ``step``, a row of ``steps``, touched in the state it had before or after it."""
    state = StepState.UNDONE if side == "before" else StepState.DONE
    connection.execute(update(steps).where(steps.c.id == step.id).values(state=state))
    touched = select(label_changes.c.image).where(label_changes.c.step == step.id)
    ids = tuple(ImageId(i) for i in connection.scalars(touched.distinct().order_by("image")))
    edited = set_vocabulary(connection, step.id, side)
    changes = Changes(
        frozenset(ids),
        edited,
        pairs_changed=set_pairs(connection, step.id, side),
        choices=set_choices(connection, step.id, side),
    )
    return Step(step.title, changes, ids)
