"""The approximate index: enough of the true neighbors, and similarities that are exact."""

from __future__ import annotations

import io

import numpy as np
import pytest

from core.errors import Cancelled
from core.progress import Silent
from core.similarity.approximate import NEIGHBORS, RECALL, ApproximateIndex, best_of
from core.similarity.top_k import top_k

COUNT, DIMENSION = 6_000, 32


def clustered(rows: int, seed: int) -> np.ndarray:
    """Vectors of a few dozen groups, in fewer dimensions than they have numbers: as images are."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(60, 10))
    latent = centres[random.integers(0, 60, rows)] + 0.7 * random.normal(size=(rows, 10))
    vectors = (latent @ np.random.default_rng(1).normal(size=(10, DIMENSION))).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = clustered(COUNT, 2)
IDS = np.arange(COUNT) * 7 + 3


@pytest.fixture(scope="module")
def index() -> ApproximateIndex:
    return ApproximateIndex.build(VECTORS, IDS, Silent())


def places(ids: np.ndarray) -> np.ndarray:
    return np.where(ids >= 0, (ids - 3) // 7, -1)


def test_the_recall_it_tells_holds_for_queries_it_has_not_seen(index: ApproximateIndex) -> None:
    queries = clustered(200, 3)
    found = best_of(queries, VECTORS, places(index.candidates(queries, NEIGHBORS)), NEIGHBORS)
    true = top_k(queries, VECTORS, NEIGHBORS)
    shares = [
        len(np.intersect1d(some, every)) / NEIGHBORS
        for some, every in zip(found.indices, true.indices, strict=True)
    ]
    assert index.is_good
    assert index.recall >= RECALL
    assert np.mean(shares) >= RECALL


def test_it_looks_into_a_part_of_the_cells_only(index: ApproximateIndex) -> None:
    assert 0 < index._index.nprobe <= index._index.nlist // 2


def test_similarities_are_those_of_exact_search_to_the_last_bit(index: ApproximateIndex) -> None:
    queries = clustered(50, 4)
    found = best_of(queries, VECTORS, places(index.candidates(queries, 20)), 20)
    true = top_k(queries, VECTORS, 20)
    same = found.indices == true.indices
    assert same.mean() > 0.9
    assert (found.similarities[same] == true.similarities[same]).all()


def test_what_is_added_later_is_found(index: ApproximateIndex) -> None:
    made = ApproximateIndex.build(VECTORS[:3_000], IDS[:3_000], Silent())
    made.add(VECTORS[3_000:], IDS[3_000:])
    assert len(made) == COUNT
    found = made.candidates(VECTORS[4_000:4_200], NEIGHBORS)
    assert np.mean([IDS[4_000 + row] in one for row, one in enumerate(found)]) >= 0.98


def test_best_of_leaves_out_gaps_and_repeats_and_lets_the_lower_row_win_ties() -> None:
    references = VECTORS[:10].copy()
    references[7] = references[2]
    wanted = np.array([[7, -1, 2, 7, 5, -1]])
    found = best_of(references[2:3], references, wanted, 4)
    assert found.indices[0].tolist() == [2, 7, 5, -1]
    assert found.similarities[0, 3] == -np.inf


def test_vectors_without_structure_take_most_cells_and_still_enough_is_found() -> None:
    """In 64 dimensions of noise nothing is near: no few cells hold the nearest."""
    noise = np.random.default_rng(5).normal(size=(4_000, 64)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    made = ApproximateIndex.build(noise, np.arange(4_000), Silent())
    assert made.is_good
    assert made._index.nprobe > made._index.nlist // 4


def test_building_can_be_stopped() -> None:
    class Stopped(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        ApproximateIndex.build(VECTORS, IDS, Stopped())


def test_a_handful_of_vectors_is_searched_and_fewer_are_refused() -> None:
    made = ApproximateIndex.build(VECTORS[:16], IDS[:16], Silent())
    assert IDS[0] in made.candidates(VECTORS[:1], 3)[0]
    with pytest.raises(ValueError, match="at least 16"):
        ApproximateIndex.build(VECTORS[:15], IDS[:15], Silent())


def test_a_dimension_of_any_number_is_searched() -> None:
    """Numbers are coded four together; what is missing is filled up."""
    vectors = clustered(2_000, 6)[:, :30].copy()
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert ApproximateIndex.build(vectors, np.arange(2_000), Silent()).is_good


def written(index: ApproximateIndex) -> bytes:
    stream = io.BytesIO()
    index.write(stream.write)
    return stream.getvalue()


def test_an_index_that_is_read_again_finds_what_it_found(index: ApproximateIndex) -> None:
    queries = clustered(20, 5)
    again = ApproximateIndex.read(io.BytesIO(written(index)).read, DIMENSION)
    assert len(again) == len(index)
    np.testing.assert_array_equal(
        again.candidates(queries, NEIGHBORS), index.candidates(queries, NEIGHBORS)
    )


def test_an_index_of_other_vectors_is_refused(index: ApproximateIndex) -> None:
    with pytest.raises(ValueError, match="64 dimensions"):
        ApproximateIndex.read(io.BytesIO(written(index)).read, 64)


def test_bytes_that_are_no_index_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot read"):
        ApproximateIndex.read(io.BytesIO(b"not an index at all").read, DIMENSION)
