"""Preparations: which images are duplicates, which train, validate and test. Written once."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

from sqlalchemy import insert, select

from core.catalog.database import Catalog
from core.catalog.rows import fetch_integers
from core.catalog.schema import (
    preparation_copies,
    preparation_images,
    preparation_keywords,
    preparations,
)
from core.errors import ProjectError
from core.types import (
    KeywordCopy,
    KeywordId,
    Preparation,
    PreparationId,
    PreparationSummary,
)

_SUMMARY = [preparations.c[field.name] for field in fields(PreparationSummary)]


def add_preparation(catalog: Catalog, made: Preparation) -> PreparationId:
    """Store a preparation, in one transaction."""
    row = {
        "encoder": made.encoder,
        "settings": made.settings,
        "seed": made.seed,
        "report": made.report,
        "at": datetime.now(UTC),
    }
    with catalog.write() as connection:
        key = connection.execute(insert(preparations), row).inserted_primary_key
        assert key is not None
        own = {"preparation": key[0]}
        columns = (made.images.tolist(), made.groups.tolist(), made.splits.tolist())
        images = [
            {**own, "image": image, "duplicates": group, "split": split}
            for image, group, split in zip(*columns, strict=True)
        ]
        copies = [
            {**own, "image": copy.image, "keyword": copy.keyword, "source": copy.source}
            for copy in made.copies
        ]
        keywords = [
            {**own, "place": place, "keyword": keyword}
            for place, keyword in enumerate(made.vocabulary)
        ]
        for table, rows in (
            (preparation_images, images),
            (preparation_copies, copies),
            (preparation_keywords, keywords),
        ):
            if rows:
                connection.execute(insert(table), rows)
    return PreparationId(key[0])


def get_preparation(catalog: Catalog, wanted: PreparationId) -> Preparation:
    """A stored preparation, its images by id. Raises :class:`ProjectError` if there is none."""
    image, copy, keyword = preparation_images.c, preparation_copies.c, preparation_keywords.c
    with catalog.read() as connection:
        found = connection.execute(select(preparations).where(preparations.c.id == wanted)).first()
        if found is None:
            raise ProjectError(
                f"There is no preparation {wanted} in this project.", "Prepare the archive again."
            )
        images, groups, splits = fetch_integers(
            connection,
            select(image.image, image.duplicates, image.split)
            .where(image.preparation == wanted)
            .order_by(image.image),
        )
        copies = connection.execute(
            select(copy.image, copy.keyword, copy.source)
            .where(copy.preparation == wanted)
            .order_by(copy.image, copy.keyword)
        )
        vocabulary = connection.scalars(
            select(keyword.keyword).where(keyword.preparation == wanted).order_by(keyword.place)
        )
        return Preparation(
            encoder=found.encoder,
            settings=found.settings,
            seed=found.seed,
            images=images,
            groups=groups,
            splits=splits,
            copies=tuple(KeywordCopy(*row) for row in copies),
            vocabulary=tuple(KeywordId(one) for one in vocabulary),
            report=found.report,
        )


def list_preparations(catalog: Catalog) -> list[PreparationSummary]:
    """Every preparation, newest first."""
    statement = select(*_SUMMARY).order_by(preparations.c.id.desc())
    with catalog.read() as connection:
        return [PreparationSummary(*row) for row in connection.execute(statement)]
