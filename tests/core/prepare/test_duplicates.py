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


@given(st.data())
def test_groups_are_connected_components_with_one_kept_each(data: st.DataObject) -> None:
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
    certain = networkx.Graph([pair for pair, s in rows.items() if s >= UPPER])
    seen = set()
    for component in networkx.connected_components(graph):
        members = sorted(component)
        assert len({int(found.groups[one]) for one in members}) == 1
        (kept,) = (one for one in members if found.kept[one])
        assert sum(labels[kept]) == max(sum(labels[one]) for one in members)
        taken = {column for target, column, _ in found.copies.tolist() if target == kept}
        sure = networkx.node_connected_component(certain, kept) if kept in certain else {kept}
        union = {c for one in sure for c in range(4) if labels[one][c]}
        assert taken == union - {c for c in range(4) if labels[kept][c]}
        seen |= component
    alone = [one for one in range(n) if one not in seen]
    assert all(found.kept[one] and found.groups[one] == -1 for one in alone)
