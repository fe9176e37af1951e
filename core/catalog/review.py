"""What people said about doubted labels: read from the labels, as each names what it answers."""

from __future__ import annotations

from sqlalchemy import select

from core.catalog.database import Catalog
from core.catalog.rows import fetch_integers
from core.catalog.schema import labels
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
    """The last verdicts given in answer to ``model``, the last one first; undone ones are gone."""
    statement = select(labels.c.verdict).where(labels.c.model == model)
    newest = (labels.c.at.desc(), labels.c.image, labels.c.keyword)
    with catalog.read() as connection:
        return list(connection.scalars(statement.order_by(*newest).limit(limit)))
