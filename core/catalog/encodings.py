"""Which images have a vector of which encoder, and where in its feature file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, Text, bindparam, delete, func, insert, select

from core.catalog.database import Catalog
from core.catalog.rows import fetch_integers
from core.catalog.schema import encoders, encodings, images
from core.errors import ProjectError
from core.types import Changes, EncoderId, ImageIds, ImageState


def register_encoder(catalog: Catalog, identity: str, name: str, dimension: int) -> EncoderId:
    """The id of the encoder with this identity; it is added when it is new.

    Raises :class:`ProjectError` when it is known with another dimension.
    """
    with catalog.write() as connection:
        known = connection.execute(
            select(encoders.c.id, encoders.c.dimension).where(encoders.c.identity == identity)
        ).first()
        if known is None:
            row = {"identity": identity, "name": name, "dimension": dimension}
            key = connection.execute(insert(encoders), row).inserted_primary_key
            assert key is not None
            return EncoderId(key[0])
    if known.dimension != dimension:
        raise ProjectError(
            f"The encoder {name} had {known.dimension} dimensions and now has {dimension}.",
            "Choose the encoder that the project was encoded with.",
        )
    return EncoderId(known.id)


def encoder_id(catalog: Catalog, identity: str) -> EncoderId | None:
    """The id of the encoder with this identity, if it was ever registered."""
    with catalog.read() as connection:
        found = connection.scalar(select(encoders.c.id).where(encoders.c.identity == identity))
    return None if found is None else EncoderId(found)


def unencoded(catalog: Catalog, encoder: EncoderId) -> ImageIds:
    """Present images (n,) without a vector of their present content, by path."""
    statement = (
        select(images.c.id)
        .where(images.c.state == ImageState.PRESENT, images.c.id.not_in(encoded_images(encoder)))
        .order_by(images.c.path)
    )
    with catalog.read() as connection:
        return fetch_integers(connection, statement)[0]


def mark_encoded(
    catalog: Catalog,
    encoder: EncoderId,
    ids: ImageIds,
    rows: NDArray[np.int64],
    hashes: Sequence[str] | None = None,
) -> Changes:
    """Note that the vectors of the images ``ids`` (n,) are in ``rows`` (n,) of the feature file.

    To be called when the vectors are on the disk. ``hashes`` (n,) are of the content that was
    encoded, which an import may have replaced meanwhile; without them it is the present content.
    """
    contents: Sequence[str | None] = hashes or [None] * len(ids)
    marks = [
        {"_encoder": int(encoder), "_image": image, "_row": row, "_hash": content}
        for image, row, content in zip(ids.tolist(), rows.tolist(), contents, strict=True)
    ]
    if not marks:
        return Changes()
    with catalog.write() as connection:
        old = (encodings.c.encoder == bindparam("_encoder")) & (
            encodings.c.image == bindparam("_image")
        )
        connection.execute(delete(encodings).where(old), marks)
        mark = select(
            bindparam("_encoder", type_=encodings.c.encoder.type),
            images.c.id,
            func.coalesce(bindparam("_hash", type_=Text()), images.c.content_hash),
            bindparam("_row", type_=encodings.c.row.type),
        ).where(images.c.id == bindparam("_image"))
        names = ["encoder", "image", "content_hash", "row"]
        connection.execute(insert(encodings).from_select(names, mark), marks)
    return Changes(vectors_changed=True)


def forget_vectors(catalog: Catalog, encoder: EncoderId) -> Changes:
    """Remove every mark of an encoder, because its feature file is gone."""
    with catalog.write() as connection:
        gone = connection.execute(delete(encodings).where(encodings.c.encoder == encoder))
    return Changes(vectors_changed=gone.rowcount > 0)


def forget_images(catalog: Catalog, encoder: EncoderId, ids: ImageIds) -> Changes:
    """Remove the marks of images ``ids`` (n,), because their vectors are damaged."""
    mark = (encodings.c.encoder == encoder) & (encodings.c.image == bindparam("_image"))
    rows = [{"_image": image} for image in ids.tolist()]
    if rows:
        with catalog.write() as connection:
            connection.execute(delete(encodings).where(mark), rows)
    return Changes(vectors_changed=bool(rows))


def encoded_rows(catalog: Catalog, encoder: EncoderId) -> tuple[ImageIds, NDArray[np.int64]]:
    """Image ids (n,), sorted, and rows (n,) of the vectors that are of the present content.

    Images whose file is missing or unreadable are among them: what is known of them still counts.
    """
    statement = _current(encoder).order_by(encodings.c.image)
    with catalog.read() as connection:
        image, row = fetch_integers(connection, statement)
    return image, row


def next_row(catalog: Catalog, encoder: EncoderId) -> int:
    """The first row of the feature file after all that are marked, stale ones included."""
    last = select(func.max(encodings.c.row)).where(encodings.c.encoder == encoder)
    with catalog.read() as connection:
        found: int | None = connection.scalar(last)
    return 0 if found is None else found + 1


def encoded_images(encoder: EncoderId | None) -> Select[tuple[int]]:
    """A query for the images that have a vector of their present content; None: of no image."""
    return _current(encoder).with_only_columns(encodings.c.image)


def _current(encoder: EncoderId | None) -> Select[tuple[int, int]]:
    """Image and row of the vectors that are of the content the image has."""
    file = images.alias()
    return (
        select(encodings.c.image, encodings.c.row)
        .join(file, file.c.id == encodings.c.image)
        .where(encodings.c.encoder == encoder, encodings.c.content_hash == file.c.content_hash)
    )
