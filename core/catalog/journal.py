"""The journal: every edit as a named step that can be undone and done again, across restarts.

It is also the log of decisions: nothing is ever removed from it. Steps are undone strictly last
in, first out; a new step makes those undone before it unreachable, and they stay in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from core.catalog import keywords as vocabulary
from core.catalog.database import Catalog
from core.catalog.rows import chunks
from core.catalog.schema import (
    StepState,
    choice_changes,
    choices,
    keyword_changes,
    keywords,
    label_changes,
    labels,
    pair_answers,
    pair_changes,
    steps,
    synonym_changes,
    synonyms,
)
from core.catalog.text import fold
from core.types import Changes, ImageId, Keyword, KeywordId

Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was just undone or done again, and the images whose labels it touched."""

    title: str
    changes: Changes
    images: tuple[ImageId, ...]


def undo(catalog: Catalog) -> Step | None:
    """Restore exactly what the last step found; None when there is nothing to undo."""
    with catalog.write() as connection:
        return _replay(connection, _last_done(connection), "before")


def redo(catalog: Catalog) -> Step | None:
    """Do the step again that was undone last; None when there is nothing to do again."""
    with catalog.write() as connection:
        return _replay(connection, _last_undone(connection), "after")


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
        _set_labels(connection, step, "after")
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
    edited = _set_vocabulary(connection, step, "after")
    return Changes(frozenset(ImageId(row["image"]) for row in label_rows), edited)


def record_pairs(
    connection: Connection, title: str, by: str, changed: Sequence[dict[str, Any]]
) -> Changes:
    """Make one step of ``changed``, rows of ``pair_changes``, and set the answers."""
    if not changed:
        return Changes()
    step = _begin(connection, title, by)
    connection.execute(insert(pair_changes).values(step=step), changed)
    return Changes(pairs_changed=_set_pairs(connection, step, "after"))


def record_choice(
    connection: Connection, title: str, by: str, name: str, before: str, after: str
) -> Changes:
    """Make one step of a choice, and set it."""
    step = _begin(connection, title, by)
    row = {"step": step, "name": name, "before": before, "after": after}
    connection.execute(insert(choice_changes), row)
    return Changes(choices=_set_choices(connection, step, "after"))


def _begin(connection: Connection, title: str, by: str) -> int:
    """A new last step; those that were undone can no longer be done again."""
    connection.execute(
        update(steps).where(steps.c.state == StepState.UNDONE).values(state=StepState.ABANDONED)
    )
    step = {"title": title, "by": by, "at": datetime.now(UTC), "state": StepState.DONE}
    key = connection.execute(insert(steps), step).inserted_primary_key
    assert key is not None
    return int(key[0])


def _last_done(connection: Connection) -> Any:
    return connection.execute(
        select(steps).where(steps.c.state == StepState.DONE).order_by(steps.c.id.desc()).limit(1)
    ).first()


def _last_undone(connection: Connection) -> Any:
    return connection.execute(
        select(steps).where(steps.c.state == StepState.UNDONE).order_by(steps.c.id).limit(1)
    ).first()


def _replay(connection: Connection, step: Any, side: Side) -> Step | None:
    """Put what ``step`` touched in the state it had before or after it."""
    if step is None:
        return None
    state = StepState.UNDONE if side == "before" else StepState.DONE
    connection.execute(update(steps).where(steps.c.id == step.id).values(state=state))
    touched = select(label_changes.c.image).where(label_changes.c.step == step.id)
    ids = tuple(ImageId(i) for i in connection.scalars(touched.distinct().order_by("image")))
    edited = _set_vocabulary(connection, step.id, side)
    changes = Changes(
        frozenset(ids),
        edited,
        pairs_changed=_set_pairs(connection, step.id, side),
        choices=_set_choices(connection, step.id, side),
    )
    return Step(step.title, changes, ids)


def _set_labels(connection: Connection, step: int, side: Side) -> None:
    changes = label_changes.c
    of_step = changes.step == step
    pairs = select(changes.image, changes.keyword).where(of_step)
    connection.execute(delete(labels).where(tuple_(labels.c.image, labels.c.keyword).in_(pairs)))
    by_and_at: list[ColumnElement[Any]]
    if side == "before":
        by_and_at = [changes.before_by, changes.before_at]
    else:
        by_and_at = [
            func.coalesce(changes.after_by, steps.c.by),
            func.coalesce(changes.after_at, steps.c.at),
        ]
    verdict = changes[f"{side}_verdict"]
    restored = (
        select(
            changes.image,
            changes.keyword,
            verdict,
            *by_and_at,
            changes[f"{side}_model"],
            changes[f"{side}_confidence"],
        )
        .join_from(label_changes, steps)
        .where(of_step, verdict.is_not(None))
    )
    names = ["image", "keyword", "verdict", "by", "at", "model", "confidence"]
    connection.execute(insert(labels).from_select(names, restored))


def _set_vocabulary(connection: Connection, step: int, side: Side) -> frozenset[KeywordId]:
    """Set keywords, their synonyms and labels; the keywords that are touched."""
    rows = connection.execute(
        select(keyword_changes).where(keyword_changes.c.step == step)
    ).mappings()
    present: list[Any] = []
    absent: list[Any] = []
    for row in rows:
        (absent if row[f"{side}_no"] is None else present).append(row)
    # A label needs its keyword: keywords come first and go last.
    _make_way(connection, [row["keyword"] for row in absent])
    _set_keywords(connection, present, side)
    renamed = _set_synonyms(connection, step, side)
    _set_labels(connection, step, side)
    if absent:
        gone = [{"_id": row["keyword"]} for row in absent]
        connection.execute(delete(keywords).where(keywords.c.id == bindparam("_id")), gone)
    touched = {row["keyword"] for row in (*present, *absent)} | renamed
    return frozenset(KeywordId(keyword) for keyword in touched)


def _make_way(connection: Connection, ids: Sequence[int]) -> None:
    """Let go of the unique names of keywords, for others that are about to take them."""
    if ids:
        rows = [{"_id": keyword, "placeholder": f"\x01{keyword}"} for keyword in ids]
        same = keywords.c.id == bindparam("_id")
        free = update(keywords).where(same).values(no_folded=bindparam("placeholder"))
        connection.execute(free, rows)


def _set_keywords(connection: Connection, rows: Sequence[Any], side: Side) -> None:
    ids = [row["keyword"] for row in rows]
    known: set[int] = set()
    for chunk in chunks(ids):
        known.update(connection.scalars(select(keywords.c.id).where(keywords.c.id.in_(chunk))))
    added, edited = [], []
    for row in rows:
        columns = vocabulary.values(*(row[f"{side}_{name}"] for name in ("no", "en", "status")))
        if row["keyword"] in known:
            edited.append({"_id": row["keyword"], **columns})
        else:
            added.append({"id": row["keyword"], **columns})
    _make_way(connection, [row["_id"] for row in edited])
    if added:
        connection.execute(insert(keywords), added)
    if edited:
        connection.execute(update(keywords).where(keywords.c.id == bindparam("_id")), edited)


def _set_synonyms(connection: Connection, step: int, side: Side) -> set[int]:
    """Set the synonyms of a step; the keywords that have them."""
    changed = synonym_changes.c
    rows = connection.execute(
        select(changed.keyword, changed.name, changed.is_added).where(changed.step == step)
    ).all()
    added: list[Any] = []
    removed: list[Any] = []
    for row in rows:
        (added if row.is_added is (side == "after") else removed).append(row)
    if removed:
        same = (
            synonyms.c.keyword == bindparam("_id"),
            synonyms.c.name_folded == bindparam("_name"),
        )
        gone = [{"_id": row.keyword, "_name": fold(row.name)} for row in removed]
        connection.execute(delete(synonyms).where(*same), gone)
    if added:
        new = [
            {"keyword": row.keyword, "name": row.name, "name_folded": fold(row.name)}
            for row in added
        ]
        connection.execute(insert(synonyms), new)
    return {row.keyword for row in rows}


def _set_pairs(connection: Connection, step: int, side: Side) -> bool:
    """Set the answers of a step; whether there were any."""
    changes = pair_changes.c
    of_step = changes.step == step
    pairs = select(changes.first, changes.second).where(of_step)
    same = tuple_(pair_answers.c.first, pair_answers.c.second).in_(pairs)
    connection.execute(delete(pair_answers).where(same))
    if side == "before":
        by_and_at = [changes.before_by, changes.before_at]
    else:
        by_and_at = [steps.c.by, steps.c.at]
    answer = changes[f"{side}_is_duplicate"]
    restored = (
        select(changes.first, changes.second, answer, *by_and_at)
        .join_from(pair_changes, steps)
        .where(of_step, answer.is_not(None))
    )
    names = ["first", "second", "is_duplicate", "by", "at"]
    connection.execute(insert(pair_answers).from_select(names, restored))
    return connection.scalar(select(changes.first).where(of_step).limit(1)) is not None


def _set_choices(connection: Connection, step: int, side: Side) -> frozenset[str]:
    """Set the choices of a step; their names."""
    rows = connection.execute(select(choice_changes).where(choice_changes.c.step == step)).all()
    for row in rows:
        connection.execute(delete(choices).where(choices.c.name == row.name))
        value = row.before if side == "before" else row.after
        if value:
            connection.execute(insert(choices), {"name": row.name, "value": value})
    return frozenset(row.name for row in rows)
