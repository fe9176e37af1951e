"""The catalog as a whole: how many images are in what state, and whether the file is sound."""

from __future__ import annotations

from sqlalchemy import func, select

from core.catalog import soundness, sqlite
from core.catalog.database import Catalog
from core.catalog.schema import images
from core.types import ImageState


def state_counts(catalog: Catalog) -> dict[ImageState, int]:
    """How many images are in each state."""
    statement = select(images.c.state, func.count()).group_by(images.c.state)
    with catalog.read() as connection:
        counts = {ImageState(state): count for state, count in connection.execute(statement)}
    return {state: counts.get(state, 0) for state in ImageState}


def quick_faults(catalog: Catalog) -> list[str]:
    """What a quick check of the database finds wrong: broken pages, missing rows."""
    with catalog.read() as connection:
        return sqlite.quick_faults(connection)


def faults(catalog: Catalog) -> list[str]:
    """What a full check of the database finds wrong, a few faults at most."""
    with catalog.read() as connection:
        return soundness.faults(connection)
