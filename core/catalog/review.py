"""What people said about doubted labels: read from the labels, as each names what it answers."""

from __future__ import annotations

from sqlalchemy import func, select

from core.catalog.database import Catalog
from core.catalog.rows import fetch_integers
from core.catalog.schema import labels, steps
from core.types import HUMAN_VERDICTS, ImageIds, Verdict


def answered_labels(catalog: Catalog) -> tuple[ImageIds, ImageIds]:
    """Image ids (m,) and keyword ids (m,) of all labels a person has decided on."""
    statement = select(labels.c.image, labels.c.keyword).where(labels.c.verdict.in_(HUMAN_VERDICTS))
    with catalog.read() as connection:
        image, keyword = fetch_integers(
            connection, statement.order_by(labels.c.image, labels.c.keyword)
        )
    return image, keyword


def last_verdicts(catalog: Catalog, model: str, limit: int) -> list[Verdict]:
    """The last verdicts given in answer to ``model``, the last one first; undone ones are gone.

    In the order of the journal's steps: a clock that was put back changes nothing.
    """
    number = func.max(steps.c.id)  # a label tells the moment of its step, also when it was moved
    statement = (
        select(labels.c.verdict)
        .outerjoin(steps, steps.c.at == labels.c.at)
        .where(labels.c.model == model)
        .group_by(labels.c.image, labels.c.keyword)
        .order_by(number.desc().nulls_last(), labels.c.image, labels.c.keyword)
        .limit(limit)
    )
    with catalog.read() as connection:
        return list(connection.scalars(statement))
