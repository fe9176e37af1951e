"""Groups of duplicates: who is kept, what is passed on."""

from __future__ import annotations

import networkx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from core.prepare.duplicates import Deduplication, Pairs, deduplicate

LOWER, UPPER = 0.9, 0.97


def pairs(*rows: tuple[int, int, float]) -> Pairs:
    first, second, similarity = zip(*rows, strict=True) if rows else ((), (), ())
    return Pairs(
        np.array(first, dtype=np.int64),
        np.array(second, dtype=np.int64),
        np.array(similarity, dtype=np.float32),
    )


def run(
    labels: list[list[int]], close: Pairs, told: Pairs | None = None, best: list[int] | None = None
) -> Deduplication:
    table = csr_array(np.array(labels, dtype=np.float32))
    preference = np.array(best or range(len(labels)))
    return deduplicate(close, table, preference, LOWER, UPPER, told or pairs())


def test_the_one_with_the_most_keywords_is_kept_and_takes_over_those_of_certain_duplicates() -> (
    None
):
    found = run([[1, 0, 0], [1, 1, 0], [0, 0, 1]], pairs((0, 1, 0.98), (1, 2, 0.98)))
    assert found.groups.tolist() == [0, 0, 0]
    assert found.kept.tolist() == [False, True, False]
    assert found.copies.tolist() == [[1, 2, 2]]


def test_a_suspected_duplicate_is_removed_but_passes_nothing_on() -> None:
    found = run([[1, 1], [0, 1], [1, 0]], pairs((0, 1, 0.93)))
    assert found.kept.tolist() == [True, False, True]
    assert found.copies.tolist() == []


def test_of_equally_labeled_images_the_preferred_one_is_kept() -> None:
    found = run([[1], [1], [1]], pairs((0, 1, 0.99), (1, 2, 0.99)), best=[2, 0, 1])
    assert found.kept.tolist() == [False, True, False]


def test_below_the_lower_threshold_nothing_happens() -> None:
    found = run([[1], [1]], pairs((0, 1, 0.89)))
    assert found.groups.tolist() == [-1, -1]
    assert found.kept.all()


def test_a_keyword_is_passed_on_once() -> None:
    found = run([[1, 1, 0], [0, 0, 1], [0, 0, 1]], pairs((0, 1, 0.99), (0, 2, 0.99)))
    assert found.copies.tolist() == [[0, 2, 1]]


def test_what_a_person_says_counts_whatever_the_similarity() -> None:
    close = pairs((0, 1, 0.99))
    apart = run([[1, 1], [0, 1], [1, 0]], close, told=pairs((1, 0, 0.0)))
    assert apart.kept.all()
    together = run([[1, 1, 0], [0, 1, 0], [0, 0, 1]], close, told=pairs((2, 0, 1.0)))
    assert together.groups.tolist() == [0, 0, 0]
    assert together.copies.tolist() == [[0, 2, 2]]


def test_of_a_chain_those_are_kept_that_are_no_duplicates_of_each_other() -> None:
    chain = pairs((0, 1, 0.93), (1, 2, 0.93), (2, 3, 0.93))
    found = run([[1, 1], [0, 1], [0, 1], [1, 1]], chain)
    assert found.kept.tolist() == [True, False, False, True]
    assert found.groups.tolist() == [0, 0, 1, 1]
    assert found.clusters.tolist() == [0, 0, 0, 0]
    middle = run([[0, 1], [1, 1], [0, 1], [0, 1]], chain)
    assert middle.kept.tolist() == [False, True, False, True]
    assert middle.groups.tolist() == [0, 0, 0, -1]


def test_a_chain_of_certain_duplicates_is_one_picture() -> None:
    found = run([[1, 1, 0], [0, 1, 0], [0, 0, 1]], pairs((0, 1, 0.98), (1, 2, 0.98)))
    assert found.kept.tolist() == [True, False, False]
    assert found.copies.tolist() == [[0, 2, 2]]


@given(st.data())
def test_no_two_kept_images_are_suspected_and_none_is_removed_without_need(
    data: st.DataObject,
) -> None:
    n = data.draw(st.integers(1, 12))
    ends = st.integers(0, n - 1)
    drawn = data.draw(
        st.lists(st.tuples(ends, ends, st.sampled_from([0.5, 0.92, 0.99])), max_size=15)
    )
    rows = {(min(a, b), max(a, b)): s for a, b, s in drawn if a != b}
    labels = data.draw(
        st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=n, max_size=n)
    )
    found = run(labels, pairs(*((a, b, s) for (a, b), s in rows.items())))

    graph = networkx.Graph([pair for pair, s in rows.items() if s >= LOWER])
    graph.add_nodes_from(range(n))
    certain = networkx.Graph([pair for pair, s in rows.items() if s >= UPPER])
    certain.add_nodes_from(range(n))
    picture = {one: networkx.node_connected_component(certain, one) for one in range(n)}
    kept = set(np.flatnonzero(found.kept).tolist())
    assert not any(a in kept and b in kept for a, b in graph.edges)
    assert {frozenset(one) for one in networkx.connected_components(graph) if len(one) > 1} == {
        frozenset(np.flatnonzero(found.clusters == one).tolist())
        for one in range(found.clusters.max(initial=-1) + 1)
    }
    for one in set(range(n)) - kept:
        (leader,) = kept & set(np.flatnonzero(found.groups == found.groups[one]).tolist())
        touching = {b for a in picture[one] for b in graph[a]} | picture[one]
        assert picture[leader] & touching
        if one in picture[leader]:
            assert sum(labels[leader]) >= sum(labels[one])
    for one in kept:
        others = set(np.flatnonzero(found.groups == found.groups[one]).tolist())
        assert found.groups[one] == -1 or len(others) > 1
        taken = {column for target, column, _ in found.copies.tolist() if target == one}
        union = {c for member in picture[one] for c in range(4) if labels[member][c]}
        assert taken == union - {c for c in range(4) if labels[one][c]}
