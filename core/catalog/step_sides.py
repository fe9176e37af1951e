"""What a step found and what it left: labels, vocabulary, answers and choices set to either.

The same statements do a step for the first time, undo it and do it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Insert,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from core.catalog import keywords as vocabulary
from core.catalog.rows import chunks
from core.catalog.schema import (
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
from core.types import KeywordId

Side = Literal["before", "after"]


def set_labels(connection: Connection, step: int, side: Side) -> None:
    """Set the labels of a step."""
    for statement in _setting_labels(side):
        connection.execute(statement, {"of_step": step})


@cache  # every decision needs them, and they take as long to put together as to run
def _setting_labels(side: Side) -> tuple[Delete, Insert]:
    changes = label_changes.c
    of_step = changes.step == bindparam("of_step")
    pairs = select(changes.image, changes.keyword).where(of_step)
    cleared = delete(labels).where(tuple_(labels.c.image, labels.c.keyword).in_(pairs))
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
    return cleared, insert(labels).from_select(names, restored)


def set_vocabulary(connection: Connection, step: int, side: Side) -> frozenset[KeywordId]:
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
    set_labels(connection, step, side)
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


def set_pairs(connection: Connection, step: int, side: Side) -> bool:
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


def set_choices(connection: Connection, step: int, side: Side) -> frozenset[str]:
    """Set the choices of a step; their names."""
    rows = connection.execute(select(choice_changes).where(choice_changes.c.step == step)).all()
    for row in rows:
        connection.execute(delete(choices).where(choices.c.name == row.name))
        value = row.before if side == "before" else row.after
        if value:
            connection.execute(insert(choices), {"name": row.name, "value": value})
    return frozenset(row.name for row in rows)
