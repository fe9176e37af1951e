"""The events of a decision log done again, in a catalog that has those before them.

Images, keywords and steps get the numbers they had. An image that the catalog does not know is
missing until an import finds its file, or another one with its content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from core.catalog import events, journal
from core.catalog.database import Catalog
from core.catalog.decision_log import JsonObject, LoggedEvent
from core.catalog.keywords import values
from core.catalog.rows import chunks
from core.catalog.schema import (
    EventKind,
    StepState,
    choice_changes,
    choices,
    images,
    keyword_changes,
    keywords,
    label_changes,
    labels,
    pair_answers,
    pair_changes,
    steps,
    synonym_changes,
)
from core.catalog.schema import events as event_table
from core.catalog.step_sides import set_choices, set_pairs, set_vocabulary
from core.catalog.text import fold
from core.types import ImageState, KeywordStatus, Verdict

_DOES_NOT_FIT = (
    SQLAlchemyError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_BEFORE = ("verdict", "by", "at", "model", "confidence")


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many events were done again, and how many could not be."""

    events: int
    skipped: int


def replay(catalog: Catalog, logged: Iterable[LoggedEvent]) -> Replayed:
    """Do logged events again, as one transaction; the decision log is not written to.

    An event that does not fit what is there, since others before it were lost, is skipped.
    """
    done = skipped = 0
    with catalog.write() as connection:
        for event in logged:
            try:
                with connection.begin_nested():
                    _do(connection, event)
                done += 1
            except _DOES_NOT_FIT:
                skipped += 1
        events.forget(connection)
    return Replayed(done, skipped)


def _do(connection: Connection, event: LoggedEvent) -> None:
    head = event.lines[0]
    kind = EventKind(head["do"])
    moment = datetime.fromisoformat(head["at"])
    subject = _number(head["to" if kind is EventKind.RESET else "step"])
    of_images: str | None = None
    if kind is EventKind.STEP:
        journal.abandon_undone(connection)
        step = {"id": subject, "title": head["title"], "by": head["by"], "at": moment}
        connection.execute(insert(steps), {**step, "state": StepState.DONE})
        _do_step(connection, subject, event)
    elif kind is EventKind.MORE:
        of_images = json.dumps(sorted({entry["image"] for entry in _labels(event)}))
        _do_more(connection, subject, event)
    elif kind in (EventKind.UNDO, EventKind.REDO):
        row = connection.execute(select(steps).where(steps.c.id == subject)).one()
        journal.put(connection, row, "before" if kind is EventKind.UNDO else "after")
    noted = {"id": event.number, "kind": kind, "subject": subject, "by": head["by"], "at": moment}
    connection.execute(insert(event_table), {**noted, "images": of_images})


def _do_step(connection: Connection, step: int, event: LoggedEvent) -> None:
    head = event.lines[0]
    entries = list(_labels(event))
    pairs: list[JsonObject] = head.get("pairs", [])
    _add_images(connection, chain(entries, *((pair["first"], pair["second"]) for pair in pairs)))
    for table, rows in (
        (keyword_changes, _keyword_rows(connection, head.get("keywords", []))),
        (synonym_changes, _synonym_rows(head.get("synonyms", []))),
        (label_changes, _label_rows(connection, entries)),
        (pair_changes, _pair_rows(connection, pairs)),
        (choice_changes, _choice_rows(connection, head.get("choices", []))),
    ):
        if rows:
            connection.execute(insert(table).values(step=step), rows)
    set_vocabulary(connection, step, "after")
    set_pairs(connection, step, "after")
    set_choices(connection, step, "after")


def _do_more(connection: Connection, step: int, event: LoggedEvent) -> None:
    """A step that grew; of what is logged here, some may have been there before."""
    entries = list(_labels(event))
    _add_images(connection, entries)
    known = select(keyword_changes.c.keyword).where(keyword_changes.c.step == step)
    there = set(connection.scalars(known))
    made = [one for one in event.lines[0].get("keywords", []) if one["keyword"] not in there]
    if made:
        changed = _keyword_rows(connection, made)
        connection.execute(insert(keyword_changes).values(step=step), changed)
        connection.execute(insert(keywords), [_keyword(one) for one in made])
    pairs = select(label_changes.c.image, label_changes.c.keyword)
    old = {tuple(row) for row in connection.execute(pairs.where(label_changes.c.step == step))}
    new = [one for one in entries if (one["image"], one["keyword"]) not in old]
    if new:
        changed = _label_rows(connection, new)
        connection.execute(insert(label_changes).values(step=step), changed)
        row = connection.execute(select(steps).where(steps.c.id == step)).one()
        said = [
            {"image": one["image"], "keyword": one["keyword"], "by": row.by, "at": row.at}
            | {name: one[f"after_{name}"] for name in ("verdict", "model", "confidence")}
            for one in changed
        ]
        connection.execute(insert(labels), said)


def _keyword(entry: JsonObject) -> dict[str, object]:
    status = KeywordStatus(entry["status"])
    return {"id": entry["keyword"], **values(entry["no"], entry["en"], status)}


def _labels(event: LoggedEvent) -> Iterator[JsonObject]:
    return chain.from_iterable(line.get("labels", []) for line in event.lines)


def _add_images(connection: Connection, entries: Iterable[JsonObject]) -> None:
    """Images that are not known become missing ones, under the numbers they had."""
    wanted = {entry["image"]: entry for entry in entries}
    known: set[int] = set()
    taken: set[str] = set()
    for chunk in chunks(list(wanted)):
        known.update(connection.scalars(select(images.c.id).where(images.c.id.in_(chunk))))
    new = [entry for image, entry in wanted.items() if image not in known]
    for some in chunks([entry["path"] for entry in new]):
        taken.update(connection.scalars(select(images.c.path).where(images.c.path.in_(some))))
    rows = []
    for entry in new:
        # A file that is another image by now: an import finds this one's by its content.
        path = f"{entry['path']}//{entry['image']}" if entry["path"] in taken else entry["path"]
        taken.add(path)
        rows.append(
            {
                "id": _number(entry["image"]),
                "path": path,
                "path_folded": fold(path),
                "content_hash": entry["hash"],
                "size": 0,
                "mtime_ns": 0,
                "width": 0,
                "height": 0,
                "state": ImageState.MISSING,
            }
        )
    if rows:
        connection.execute(insert(images), rows)


def _keyword_rows(connection: Connection, entries: list[JsonObject]) -> list[dict[str, Any]]:
    rows = []
    for entry in entries:
        same = keywords.c.id == entry["keyword"]
        found = connection.execute(select(keywords).where(same)).first()
        status = entry["status"]
        rows.append(
            {
                "keyword": _number(entry["keyword"]),
                "before_no": found and found.no,
                "before_en": found and found.en,
                "before_status": found and found.status,
                "after_no": entry["no"],
                "after_en": entry["en"],
                "after_status": None if status is None else KeywordStatus(status),
            }
        )
    return rows


def _synonym_rows(entries: list[JsonObject]) -> list[dict[str, Any]]:
    return [
        {
            "keyword": _number(entry["keyword"]),
            "name": entry["name"],
            "is_added": bool(entry["added"]),
        }
        for entry in entries
    ]


def _label_rows(connection: Connection, entries: list[JsonObject]) -> list[dict[str, Any]]:
    before: dict[tuple[int, int], Any] = {}
    for chunk in chunks(sorted({entry["image"] for entry in entries})):
        for row in connection.execute(select(labels).where(labels.c.image.in_(chunk))):
            before[row.image, row.keyword] = row
    rows = []
    for entry in entries:
        found, at, verdict = (
            before.get((entry["image"], entry["keyword"])),
            entry.get("at"),
            entry["verdict"],
        )
        rows.append(
            {"image": _number(entry["image"]), "keyword": _number(entry["keyword"])}
            | {f"before_{name}": found and getattr(found, name) for name in _BEFORE}
            | {
                "after_verdict": None if verdict is None else Verdict(verdict),
                "after_by": entry.get("by"),
                "after_at": None if at is None else datetime.fromisoformat(at),
                "after_model": entry.get("model"),
                "after_confidence": _share(entry.get("confidence")),
            }
        )
    return rows


def _pair_rows(connection: Connection, entries: list[JsonObject]) -> list[dict[str, Any]]:
    rows = []
    for entry in entries:
        first, second = (_number(entry[one]["image"]) for one in ("first", "second"))
        same = (pair_answers.c.first == first, pair_answers.c.second == second)
        found = connection.execute(select(pair_answers).where(*same)).first()
        rows.append(
            {
                "first": first,
                "second": second,
                "before_is_duplicate": found and found.is_duplicate,
                "before_by": found and found.by,
                "before_at": found and found.at,
                "after_is_duplicate": entry["duplicate"],
            }
        )
    return rows


def _choice_rows(connection: Connection, entries: list[JsonObject]) -> list[dict[str, Any]]:
    wanted = select(choices.c.value)
    return [
        {
            "name": entry["name"],
            "before": connection.scalar(wanted.where(choices.c.name == entry["name"])) or "",
            "after": entry["value"],
        }
        for entry in entries
    ]


def _number(value: object) -> int:
    """A number as it was logged: SQLite would keep any text in its place."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("expected a number")
    return value


def _share(value: object) -> float | None:
    """A confidence as it was logged, if there was one."""
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise TypeError("expected a confidence")
    return float(value)
