"""Groups of twins against putting sets together by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.review.twins import split_groups, twin_groups, whole_groups

N = 9
PAIRS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=8)


def ends(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    array = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


@given(
    content=st.lists(st.sampled_from("abcdefgh"), min_size=N, max_size=N), alike=PAIRS, other=PAIRS
)
def test_equal_content_and_named_pairs_are_twins(
    content: list[str], alike: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    sets = [{image} for image in range(N)]
    apart = {frozenset(pair) for pair in other}
    links = [pair for pair in alike if frozenset(pair) not in apart]
    links += [(i, j) for i in range(N) for j in range(i) if content[i] == content[j]]
    for first, second in links:
        joined = next(s for s in sets if first in s) | next(s for s in sets if second in s)
        sets = [s for s in sets if not s & joined] + [joined]
    groups = twin_groups(np.array(content), ends(alike), ends(other))
    for i in range(N):
        for j in range(N):
            assert (groups[i] == groups[j]) == any({i, j} <= s for s in sets)


@given(groups=st.lists(st.integers(0, 5), min_size=1, max_size=30), size=st.integers(1, 12))
def test_blocks_hold_every_row_once_and_never_part_twins(groups: list[int], size: int) -> None:
    numbers = np.array(groups)
    blocks = whole_groups(numbers, size)
    assert sorted(np.concatenate(blocks).tolist()) == list(range(len(groups)))
    owner = {int(g): b for b, block in enumerate(blocks) for g in numbers[block]}
    assert all(owner[int(g)] == b for b, block in enumerate(blocks) for g in numbers[block])
    largest = np.bincount(numbers).max()
    assert all(len(block) < size + largest for block in blocks)


@given(groups=st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_split(groups: list[int]) -> None:
    alone, together = split_groups(np.array(groups))
    counts = {g: groups.count(g) for g in groups}
    assert set(alone.tolist()) == {i for i, g in enumerate(groups) if counts[g] == 1}
    wanted = {tuple(i for i, g in enumerate(groups) if g == one) for one in groups}
    assert {tuple(sorted(part)) for part in together} == {s for s in wanted if len(s) > 1}
