"""Which images have a vector, of which content, in which row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.catalog import Catalog, encodings, images
from core.errors import ProjectError
from core.types import Changes, EncoderId, FileRecord, ImageId

AddImages = Callable[..., list[ImageId]]


@pytest.fixture
def encoder(catalog: Catalog) -> EncoderId:
    return encodings.register_encoder(catalog, "identity", "A small encoder", 8)


def mark(catalog: Catalog, encoder: EncoderId, ids: list[ImageId], rows: list[int]) -> Changes:
    return encodings.mark_encoded(catalog, encoder, np.array(ids), np.array(rows))


def test_an_encoder_is_known_by_its_identity(catalog: Catalog, encoder: EncoderId) -> None:
    assert encodings.register_encoder(catalog, "identity", "Another name", 8) == encoder
    assert encodings.register_encoder(catalog, "other", "A small encoder", 8) != encoder
    assert encodings.encoder_id(catalog, "identity") == encoder
    assert encodings.encoder_id(catalog, "unknown") is None
    with pytest.raises(ProjectError, match="8 dimensions"):
        encodings.register_encoder(catalog, "identity", "A small encoder", 9)


def test_marked_images_are_encoded(
    catalog: Catalog, encoder: EncoderId, add_images: AddImages
) -> None:
    c, a, b = add_images("c.jpg", "a.jpg", "b.jpg")
    assert encodings.unencoded(catalog, encoder).tolist() == [a, b, c]
    assert encodings.next_row(catalog, encoder) == 0
    assert mark(catalog, encoder, [b, a], [0, 1]) == Changes(vectors_changed=True)

    assert encodings.unencoded(catalog, encoder).tolist() == [c]
    ids, rows = encodings.encoded_rows(catalog, encoder)
    assert dict(zip(ids.tolist(), rows.tolist(), strict=True)) == {a: 1, b: 0}
    assert (np.diff(ids) > 0).all()
    assert ids.dtype == rows.dtype == np.int64
    assert encodings.next_row(catalog, encoder) == 2
    other = encodings.register_encoder(catalog, "other", "Another", 8)
    assert len(encodings.unencoded(catalog, other)) == 3
    assert len(encodings.encoded_rows(catalog, other)[0]) == 0


def test_changed_content_is_not_encoded_and_its_row_is_not_used_again(
    catalog: Catalog, encoder: EncoderId, add_images: AddImages
) -> None:
    (image,) = add_images("a.jpg")
    mark(catalog, encoder, [image], [0])
    changed = FileRecord("a.jpg", "other content", 1, 1, 1, 1)
    images.record_scan(catalog, [changed], [], [], [])

    assert encodings.unencoded(catalog, encoder).tolist() == [image]
    assert len(encodings.encoded_rows(catalog, encoder)[0]) == 0
    assert encodings.next_row(catalog, encoder) == 1
    mark(catalog, encoder, [image], [1])
    assert encodings.unencoded(catalog, encoder).tolist() == []
    assert encodings.encoded_rows(catalog, encoder)[1].tolist() == [1]


def test_mark_of_content_that_was_replaced_meanwhile_does_not_count(
    catalog: Catalog, encoder: EncoderId, add_images: AddImages
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    hashes = ["content of a.jpg", "older content"]
    encodings.mark_encoded(catalog, encoder, np.array([a, b]), np.array([0, 1]), hashes)
    assert encodings.unencoded(catalog, encoder).tolist() == [b]


def test_missing_image_keeps_its_vector_but_is_not_to_be_encoded(
    catalog: Catalog, encoder: EncoderId, add_images: AddImages
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    mark(catalog, encoder, [a], [0])
    images.record_scan(catalog, [], [], [a, b], [])
    assert encodings.unencoded(catalog, encoder).tolist() == []
    assert encodings.encoded_rows(catalog, encoder)[0].tolist() == [a]


def test_two_images_never_share_a_row(
    catalog: Catalog, encoder: EncoderId, add_images: AddImages
) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    mark(catalog, encoder, [a], [0])
    with pytest.raises(ProjectError, match=r"Another program.*Repeat"):
        mark(catalog, encoder, [b], [0])
    assert encodings.encoded_rows(catalog, encoder)[0].tolist() == [a]


def test_marking_nothing_changes_nothing(catalog: Catalog, encoder: EncoderId) -> None:
    assert not mark(catalog, encoder, [], [])


def test_forgotten_vectors_are_to_be_made_again(
    catalog: Catalog, encoder: EncoderId, add_images: AddImages
) -> None:
    (image,) = add_images("a.jpg")
    mark(catalog, encoder, [image], [5])
    assert encodings.forget_vectors(catalog, encoder) == Changes(vectors_changed=True)
    assert not encodings.forget_vectors(catalog, encoder)
    assert encodings.unencoded(catalog, encoder).tolist() == [image]
    assert encodings.next_row(catalog, encoder) == 0
