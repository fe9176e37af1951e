"""Filtered lists of images, and how many there are of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from core.catalog.database import Catalog
from core.catalog.encodings import is_encoded
from core.catalog.keywords import vocabulary
from core.catalog.rows import fetch_integers
from core.catalog.schema import images, labels
from core.catalog.text import fold
from core.types import (
    HUMAN_VERDICTS,
    POSITIVE_VERDICTS,
    EncoderId,
    ImageIds,
    ImageQuery,
    ImageState,
    Keyword,
    KeywordId,
    QueueName,
    Verdict,
)

_PRESENT = images.c.state == ImageState.PRESENT


def image_ids(catalog: Catalog, query: ImageQuery, encoder: EncoderId | None) -> ImageIds:
    """Ids (n,) of the images that match, ordered by path.

    ``encoder`` is the one whose vectors make an image suggested; None: no image is.
    """
    wanted = [_in_queue(query.queue, encoder)]
    if folder := (query.folder or "").strip("/"):
        # "0" is the character after "/": all that starts with the folder's name and a slash.
        wanted.append(and_(images.c.path >= f"{folder}/", images.c.path < f"{folder}0"))
    if query.keyword is not None:
        wanted.append(_has_label(POSITIVE_VERDICTS, query.keyword))
    if query.text:
        wanted.append(images.c.id.in_(_with_text(query.text)))
    statement = select(images.c.id).where(*wanted).order_by(images.c.path)
    with catalog.read() as connection:
        return fetch_integers(connection, statement)[0]


def queue_counts(catalog: Catalog, encoder: EncoderId | None) -> dict[QueueName, int]:
    """How many images each queue holds."""
    with catalog.read() as connection:
        counts = {
            queue: connection.scalar(
                select(func.count()).select_from(images).where(_in_queue(queue, encoder))
            )
            or 0
            for queue in QueueName
            if queue is not QueueName.UNLABELED
        }
    unlabeled = counts[QueueName.ALL] - counts[QueueName.LABELED]
    return counts | {QueueName.UNLABELED: unlabeled}


def folder_counts(catalog: Catalog) -> list[tuple[str, int]]:
    """Every folder, by path, and how many present images are in it or below."""
    with catalog.read() as connection:
        paths = connection.scalars(select(images.c.path).where(_PRESENT))
        direct = Counter(path.rpartition("/")[0] for path in paths)
    counts: Counter[str] = Counter()
    for folder, count in direct.items():
        while folder:
            counts[folder] += count
            folder = folder.rpartition("/")[0]
    return sorted(counts.items())


def keyword_counts(catalog: Catalog) -> list[tuple[Keyword, int]]:
    """Keywords that are positive on a present image, most frequent first, and on how many."""
    counted = select(labels.c.keyword, func.count()).where(labels.c.verdict.in_(POSITIVE_VERDICTS))
    # Far fewer images are absent than present, so they are taken off instead of joined.
    absent = counted.join(images, images.c.id == labels.c.image).where(~_PRESENT)
    with catalog.read() as connection:
        counts = _counter(connection, counted)
        counts.subtract(_counter(connection, absent))
        by_id = {keyword.id: keyword for keyword in vocabulary(connection)}
    found = [(by_id[keyword], count) for keyword, count in counts.items() if count]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].no))


def _counter(connection: Connection, counted: Select[Any]) -> Counter[KeywordId]:
    rows = connection.execute(counted.group_by(labels.c.keyword))
    return Counter({KeywordId(keyword): count for keyword, count in rows})


def _in_queue(queue: QueueName, encoder: EncoderId | None) -> ColumnElement[bool]:
    positive = _has_label(POSITIVE_VERDICTS)
    match queue:
        case QueueName.ALL:
            return _PRESENT
        case QueueName.UNLABELED:
            return and_(_PRESENT, ~positive)
        case QueueName.SUGGESTED:
            encoded = false() if encoder is None else is_encoded(encoder)
            return and_(_PRESENT, ~positive, encoded)
        case QueueName.LABELED:
            return and_(_PRESENT, positive)
        case QueueName.REVIEWED:
            return and_(_PRESENT, _has_label(HUMAN_VERDICTS))
        case QueueName.UNSURE:
            return and_(_PRESENT, _has_label({Verdict.UNSURE}))
        case QueueName.UNREADABLE:
            return or_(
                images.c.state == ImageState.UNREADABLE, images.c.state == ImageState.MISSING
            )


def _has_label(
    verdicts: AbstractSet[Verdict], keyword: KeywordId | None = None
) -> ColumnElement[bool]:
    # Membership, not EXISTS: the set is read once and in order instead of probed per image.
    labeled = select(labels.c.image).where(labels.c.verdict.in_(verdicts))
    if keyword is not None:
        labeled = labeled.where(labels.c.keyword == keyword)
    return images.c.id.in_(labeled)


def _with_text(text: str) -> Select[tuple[int]]:
    return select(images.c.id).where(images.c.path_folded.contains(fold(text), autoescape=True))
