"""What people said about pairs of images: duplicates or not (thesis section 3.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import select

from core.catalog import journal
from core.catalog.database import Catalog
from core.catalog.schema import images, pair_answers
from core.errors import ProjectError
from core.types import Changes, ImageId, PairAnswer

_COLUMNS = [pair_answers.c[field.name] for field in fields(PairAnswer)]


def answer_pairs(
    catalog: Catalog,
    answers: Mapping[tuple[ImageId, ImageId], bool | None],
    by: str,
    title: str,
) -> Changes:
    """Note the answers as one step of the journal; None takes an answer back.

    The order within a pair does not matter. An answer that was given already is left as it is, with
    whom and when. Raises :class:`ProjectError` for an unknown image and for an image paired with
    itself: then nothing is changed.
    """
    wanted = {(min(pair), max(pair)): answer for pair, answer in answers.items()}
    if any(first == second for first, second in wanted):
        raise ProjectError("An image cannot be a duplicate of itself.", "Name two images.")
    with catalog.write() as connection:
        known = {(row.first, row.second): row for row in connection.execute(select(*_COLUMNS))}
        changed: list[dict[str, Any]] = []
        for pair, answer in wanted.items():
            before = known.get(pair)
            if answer is (before.is_duplicate if before else None):
                continue
            changed.append(
                {
                    "first": pair[0],
                    "second": pair[1],
                    "before_is_duplicate": before and before.is_duplicate,
                    "before_by": before and before.by,
                    "before_at": before and before.at,
                    "after_is_duplicate": answer,
                }
            )
        for image in sorted({row[end] for row in changed for end in ("first", "second")}):
            if connection.scalar(select(images.c.id).where(images.c.id == image)) is None:
                raise ProjectError(f"There is no image {image} in this project.")
        return journal.record_pairs(connection, title, by, changed)


def list_answers(catalog: Catalog) -> list[PairAnswer]:
    """Every answer, in the order in which they were given."""
    statement = select(*_COLUMNS).order_by(
        pair_answers.c.at, pair_answers.c.first, pair_answers.c.second
    )
    with catalog.read() as connection:
        return [PairAnswer(*row) for row in connection.execute(statement)]
