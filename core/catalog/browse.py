"""Filtered lists of images, and how many there are of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from core.catalog.choices import PREPARATION, chosen
from core.catalog.database import Catalog
from core.catalog.encodings import encoded_images
from core.catalog.keywords import vocabulary
from core.catalog.rows import fetch_integers
from core.catalog.schema import encodings, images, labels, preparation_images
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
    Split,
    Verdict,
)

_PRESENT = images.c.state == ImageState.PRESENT
_ABSENT = images.c.state.in_([ImageState.MISSING, ImageState.UNREADABLE])


def image_ids(catalog: Catalog, query: ImageQuery, encoder: EncoderId | None) -> ImageIds:
    """Ids (n,) of the images that match, ordered by path.

    ``encoder`` is the one whose vectors make an image suggested; None: no image is.
    """
    wanted = [_in_queue(query.queue, encoder)]
    if folder := (query.folder or "").strip("/"):
        # "0" is the character after "/": all that starts with the folder's name and a slash.
        wanted.append(and_(images.c.path >= f"{folder}/", images.c.path < f"{folder}0"))
    if query.keyword is not None:
        labeled = _labeled(POSITIVE_VERDICTS).where(labels.c.keyword == query.keyword)
        wanted.append(images.c.id.in_(labeled))
    if query.text:
        wanted.append(images.c.id.in_(_with_text(query.text)))
    if query.split is not None:
        wanted.append(images.c.id.in_(_in_split(catalog, query.split)))
    statement = select(images.c.id).where(*wanted).order_by(images.c.path)
    with catalog.read() as connection:
        return fetch_integers(connection, statement)[0]


def queue_counts(catalog: Catalog, encoder: EncoderId | None) -> dict[QueueName, int]:
    """How many images each queue holds."""
    unlabeled = encoded_images(encoder).where(encodings.c.image.not_in(_labeled(POSITIVE_VERDICTS)))
    with catalog.read() as connection:
        present = _count(connection, _PRESENT)
        labeled = _count_present(connection, _labeled(POSITIVE_VERDICTS))
        return {
            QueueName.ALL: present,
            QueueName.UNLABELED: present - labeled,
            QueueName.SUGGESTED: _count_present(connection, unlabeled),
            QueueName.LABELED: labeled,
            QueueName.REVIEWED: _count_present(connection, _labeled(HUMAN_VERDICTS)),
            QueueName.UNSURE: _count_present(connection, _labeled({Verdict.UNSURE})),
            QueueName.UNREADABLE: _count(connection, _ABSENT),
        }


def folder_counts(catalog: Catalog) -> list[tuple[str, int]]:
    """Every folder, by path, and how many present images are in it or below."""
    # Of the path all but its slashes is trimmed from the right: it ends at the last one.
    folder_of = func.rtrim(images.c.path, func.replace(images.c.path, "/", ""))
    counted = select(folder_of, func.count()).where(_PRESENT).group_by(folder_of)
    with catalog.read() as connection:
        direct = [(folder.rstrip("/"), count) for folder, count in connection.execute(counted)]
    counts: Counter[str] = Counter()
    for folder, count in direct:
        while folder:
            counts[folder] += count
            folder = folder.rpartition("/")[0]
    return sorted(counts.items())


def keyword_counts(catalog: Catalog) -> list[tuple[Keyword, int]]:
    """Keywords that are positive on a present image, most frequent first, and on how many."""
    counted = select(labels.c.keyword, func.count()).where(labels.c.verdict.in_(POSITIVE_VERDICTS))
    absent = counted.where(labels.c.image.in_(select(images.c.id).where(_ABSENT)))
    with catalog.read() as connection:
        counts = _counter(connection, counted)
        counts.subtract(_counter(connection, absent))
        by_id = {keyword.id: keyword for keyword in vocabulary(connection)}
        found = [(by_id[keyword], count) for keyword, count in counts.items() if count]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].no))


def split_counts(catalog: Catalog) -> dict[Split, int]:
    """How many images each part of the preparation in use holds; empty if nothing is prepared."""
    split = preparation_images.c.split
    counted = select(split, func.count()).where(_in_use(catalog)).group_by(split)
    with catalog.read() as connection:
        return {Split(part): count for part, count in connection.execute(counted)}


def _in_split(catalog: Catalog, split: Split) -> Select[tuple[int]]:
    part = preparation_images.c
    return select(part.image).where(_in_use(catalog), part.split == split)


def _in_use(catalog: Catalog) -> ColumnElement[bool]:
    number = chosen(catalog, PREPARATION)
    known = int(number) if number.isdecimal() else None
    return preparation_images.c.preparation == known


def _counter(connection: Connection, counted: Select[Any]) -> Counter[KeywordId]:
    rows = connection.execute(counted.group_by(labels.c.keyword))
    return Counter({KeywordId(keyword): count for keyword, count in rows})


def _in_queue(queue: QueueName, encoder: EncoderId | None) -> ColumnElement[bool]:
    # Membership, not EXISTS: each set is read once and in order instead of probed per image.
    labeled = images.c.id.in_(_labeled(POSITIVE_VERDICTS))
    match queue:
        case QueueName.ALL:
            return _PRESENT
        case QueueName.UNLABELED:
            return and_(_PRESENT, ~labeled)
        case QueueName.SUGGESTED:
            return and_(_PRESENT, ~labeled, images.c.id.in_(encoded_images(encoder)))
        case QueueName.LABELED:
            return and_(_PRESENT, labeled)
        case QueueName.REVIEWED:
            return and_(_PRESENT, images.c.id.in_(_labeled(HUMAN_VERDICTS)))
        case QueueName.UNSURE:
            return and_(_PRESENT, images.c.id.in_(_labeled({Verdict.UNSURE})))
        case QueueName.UNREADABLE:
            return _ABSENT


def _labeled(verdicts: AbstractSet[Verdict]) -> Select[tuple[int]]:
    return select(labels.c.image).where(labels.c.verdict.in_(verdicts))


def _with_text(text: str) -> Select[tuple[int]]:
    return select(images.c.id).where(images.c.path_folded.contains(fold(text), autoescape=True))


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(images).where(condition)) or 0


def _count_present(connection: Connection, ids: Select[tuple[int]]) -> int:
    """How many different present images are among the ``ids`` that a query gives."""
    column = ids.selected_columns[0]
    counted = ids.with_only_columns(func.count(column.distinct()))
    # Far fewer images are absent than present, so they are taken off instead of looked up.
    absent = counted.where(column.in_(select(images.c.id).where(_ABSENT)))
    return (connection.scalar(counted) or 0) - (connection.scalar(absent) or 0)
