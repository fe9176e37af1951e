"""What the journal does becomes numbered events, in the catalog and in the decision log.

Both are written in one go: :func:`note` within a transaction, :func:`write_log` at its end, before
it commits. A log that has more than the catalog (a commit that failed, a catalog that was put back)
or less (a log that was removed) is put right there too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from core.catalog.decision_log import DecisionLog, JsonObject
from core.catalog.schema import (
    EventKind,
    choice_changes,
    events,
    images,
    keyword_changes,
    pair_changes,
    steps,
    synonym_changes,
)

ENTRIES_IN_A_LINE = 500
_NOTED = "clipkw_noted_events"

_LABELS = """
SELECT label.image, images.path, images.content_hash, label.keyword, keywords.no,
       label.after_verdict, label.after_model, label.after_confidence,
       label.after_by, label.after_at
FROM label_changes AS label
JOIN images ON images.id = label.image
LEFT JOIN keywords ON keywords.id = label.keyword
WHERE label.step = ?
"""
_OF_IMAGES = " AND label.image IN (SELECT value FROM json_each(?))"


def note(
    connection: Connection,
    kind: EventKind,
    subject: int,
    by: str,
    of_images: Sequence[int] = (),
) -> None:
    """Something happens in this transaction; its end writes the log."""
    row = {"kind": kind, "subject": subject, "by": by, "at": datetime.now(UTC)}
    if of_images:
        row["images"] = json.dumps(sorted(set(of_images)))
    key = connection.execute(insert(events), row).inserted_primary_key
    assert key is not None
    connection.info.setdefault(_NOTED, []).append(int(key[0]))


def note_reset(connection: Connection, last: int, by: str) -> None:
    """The catalog was just put back; its last event had been ``last`` before."""
    to = newest(connection)
    row = {"kind": EventKind.RESET, "subject": to, "by": by, "at": datetime.now(UTC)}
    number = max(last, to) + 1
    connection.execute(insert(events), {"id": number, **row})
    connection.info.setdefault(_NOTED, []).append(number)


def newest(connection: Connection) -> int:
    """The number of the last event, 0 if there is none."""
    return connection.scalar(select(func.max(events.c.id))) or 0


def forget(connection: Connection) -> None:
    """The transaction was undone."""
    connection.info.pop(_NOTED, None)


def write_log(connection: Connection, log: DecisionLog) -> None:
    """Write what was noted in this transaction, and whatever else the log lacks."""
    noted: list[int] = connection.info.pop(_NOTED, [])
    if noted:
        _append(connection, log, noted)


def repair_log(connection: Connection, log: DecisionLog) -> None:
    """Write what the log lacks."""
    if log.last() < newest(connection):
        _append(connection, log, [newest(connection) + 1])


def _append(connection: Connection, log: DecisionLog, noted: Sequence[int]) -> None:
    logged, committed = log.last(), noted[0] - 1
    if logged > committed:
        _make_way(connection, noted, logged, committed)
    log.append(_lines(connection, logged))


def _make_way(connection: Connection, noted: Sequence[int], logged: int, committed: int) -> None:
    """The log has events that the catalog lacks: say so in both, and take the numbers after."""
    for number in reversed(noted):
        later = logged + 1 + number - committed
        connection.execute(update(events).where(events.c.id == number).values(id=later))
    row = {"kind": EventKind.RESET, "subject": committed, "by": "", "at": datetime.now(UTC)}
    connection.execute(insert(events), {"id": logged + 1, **row})


# lines ----------------------------------------------------------------------------------------


def _lines(connection: Connection, after: int) -> Iterator[JsonObject]:
    wanted = select(events).where(events.c.id > after).order_by(events.c.id)
    for event in connection.execute(wanted).all():
        yield from _lines_of(connection, event)


def _lines_of(connection: Connection, event: Any) -> Iterator[JsonObject]:
    head: JsonObject = {"n": event.id, "do": str(event.kind)}
    if event.kind is EventKind.RESET:
        head["to"] = event.subject
    else:
        head["step"] = event.subject
    head |= {"by": event.by, "at": event.at.isoformat()}
    if event.kind not in (EventKind.STEP, EventKind.MORE):
        yield head
        return
    step = connection.execute(select(steps).where(steps.c.id == event.subject)).one()
    head["title"] = step.title
    for name, entries in (
        ("keywords", _keywords(connection, step.id)),
        ("synonyms", _synonyms(connection, step.id)),
        ("pairs", _pairs(connection, step.id)),
        ("choices", _choices(connection, step.id)),
    ):
        if entries:
            head[name] = entries
    labels = _labels(connection, step.id, event.images)
    part, block = 0, list(islice(labels, ENTRIES_IN_A_LINE))
    while True:
        following = list(islice(labels, ENTRIES_IN_A_LINE))
        if part:
            head = {"n": event.id, "do": str(event.kind), "part": part}
        if block:
            head["labels"] = block
        if following:
            head["more"] = True
        yield head
        if not following:
            return
        part, block = part + 1, following


def _labels(connection: Connection, step: int, of_images: str | None) -> Iterator[JsonObject]:
    # As the database has them: a table of keywords has hundreds of thousands.
    if of_images is None:
        rows = connection.exec_driver_sql(_LABELS, (step,))
    else:
        rows = connection.exec_driver_sql(_LABELS + _OF_IMAGES, (step, of_images))
    for image, path, content, keyword, name, verdict, model, confidence, by, at in rows:
        entry: JsonObject = {"image": image, "path": path, "hash": content, "keyword": keyword}
        if name is not None:
            entry["name"] = name
        entry["verdict"] = verdict
        if model is not None:
            entry["model"] = model
        if confidence is not None:
            entry["confidence"] = confidence
        if by is not None:
            entry["by"] = by
        if at is not None:
            entry["at"] = f"{at.replace(' ', 'T')}+00:00"
        yield entry


def _keywords(connection: Connection, step: int) -> list[JsonObject]:
    changed = keyword_changes.c
    rows = connection.execute(select(keyword_changes).where(changed.step == step)).all()
    return [
        {"keyword": row.keyword, "no": row.after_no, "en": row.after_en, "status": row.after_status}
        for row in rows
    ]


def _synonyms(connection: Connection, step: int) -> list[JsonObject]:
    changed = synonym_changes.c
    rows = connection.execute(select(synonym_changes).where(changed.step == step)).all()
    return [{"keyword": row.keyword, "name": row.name, "added": row.is_added} for row in rows]


def _pairs(connection: Connection, step: int) -> list[JsonObject]:
    changed = pair_changes.c
    rows = connection.execute(select(pair_changes).where(changed.step == step)).all()
    return [
        {
            "first": _image(connection, row.first),
            "second": _image(connection, row.second),
            "duplicate": row.after_is_duplicate,
        }
        for row in rows
    ]


def _image(connection: Connection, image: int) -> JsonObject:
    wanted = select(images.c.path, images.c.content_hash).where(images.c.id == image)
    row = connection.execute(wanted).one()
    return {"image": image, "path": row.path, "hash": row.content_hash}


def _choices(connection: Connection, step: int) -> list[JsonObject]:
    changed = choice_changes.c
    rows = connection.execute(select(choice_changes).where(changed.step == step)).all()
    return [{"name": row.name, "value": row.after} for row in rows]
