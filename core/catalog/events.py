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
from core.catalog.schema import EventKind, events

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
    at: datetime,
    of_images: Sequence[int] = (),
) -> None:
    """Something happens in this transaction; its end writes the log."""
    row = {"kind": kind, "subject": subject, "by": by, "at": at}
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


def _rows(connection: Connection, statement: str, *values: Any) -> Any:
    """Rows as the driver has them: a table of keywords makes hundreds of thousands of entries."""
    return connection.connection.cursor().execute(statement, values)


def _lines(connection: Connection, after: int) -> Iterator[JsonObject]:
    wanted = 'SELECT id, kind, subject, "by", at, images FROM events WHERE id > ? ORDER BY id'
    for number, kind, subject, by, at, of_images in _rows(connection, wanted, after).fetchall():
        head: JsonObject = {"n": number, "do": kind}
        head["to" if kind == EventKind.RESET else "step"] = subject
        head |= {"by": by, "at": _moment(at)}
        if kind in (EventKind.STEP, EventKind.MORE):
            yield from _step_lines(connection, head, subject, of_images)
        else:
            yield head


def _step_lines(
    connection: Connection, head: JsonObject, step: int, of_images: str | None
) -> Iterator[JsonObject]:
    start = {"n": head["n"], "do": head["do"]}
    (head["title"],) = _rows(connection, "SELECT title FROM steps WHERE id = ?", step).fetchone()
    for name, entries in (
        ("keywords", _keywords(connection, step)),
        ("synonyms", _synonyms(connection, step)),
        ("pairs", _pairs(connection, step)),
        ("choices", _choices(connection, step)),
    ):
        if entries:
            head[name] = entries
    labels = _labels(connection, step, of_images)
    part, block = 0, list(islice(labels, ENTRIES_IN_A_LINE))
    while True:
        following = list(islice(labels, ENTRIES_IN_A_LINE))
        line = {**start, "part": part} if part else head
        if block:
            line["labels"] = block
        if following:
            line["more"] = True
        yield line
        if not following:
            return
        part, block = part + 1, following


def _labels(connection: Connection, step: int, of_images: str | None) -> Iterator[JsonObject]:
    if of_images is None:
        rows = _rows(connection, _LABELS, step)
    else:
        rows = _rows(connection, _LABELS + _OF_IMAGES, step, of_images)
    for image, path, content, keyword, name, verdict, *others in rows:
        entry = {"image": image, "path": path, "hash": content, "keyword": keyword}
        if name is not None:
            entry["name"] = name
        entry["verdict"] = verdict
        model, confidence, by, at = others
        if model is not None:
            entry["model"] = model
        if confidence is not None:
            entry["confidence"] = confidence
        if by is not None:
            entry["by"] = by
        if at is not None:
            entry["at"] = _moment(at)
        yield entry


def _keywords(connection: Connection, step: int) -> list[JsonObject]:
    wanted = "SELECT keyword, after_no, after_en, after_status FROM keyword_changes WHERE step = ?"
    return [
        {"keyword": keyword, "no": no, "en": en, "status": status}
        for keyword, no, en, status in _rows(connection, wanted, step)
    ]


def _synonyms(connection: Connection, step: int) -> list[JsonObject]:
    wanted = "SELECT keyword, name, is_added FROM synonym_changes WHERE step = ?"
    return [
        {"keyword": keyword, "name": name, "added": bool(is_added)}
        for keyword, name, is_added in _rows(connection, wanted, step)
    ]


def _pairs(connection: Connection, step: int) -> list[JsonObject]:
    wanted = "SELECT first, second, after_is_duplicate FROM pair_changes WHERE step = ?"
    return [
        {
            "first": _image(connection, first),
            "second": _image(connection, second),
            "duplicate": None if answer is None else bool(answer),
        }
        for first, second, answer in _rows(connection, wanted, step).fetchall()
    ]


def _image(connection: Connection, image: int) -> JsonObject:
    wanted = "SELECT path, content_hash FROM images WHERE id = ?"
    path, content = _rows(connection, wanted, image).fetchone()
    return {"image": image, "path": path, "hash": content}


def _choices(connection: Connection, step: int) -> list[JsonObject]:
    wanted = 'SELECT name, "after" FROM choice_changes WHERE step = ?'
    return [{"name": name, "value": value} for name, value in _rows(connection, wanted, step)]


def _moment(at: str) -> str:
    """A moment as the database has it, in ISO 8601."""
    return f"{at.replace(' ', 'T')}+00:00"
