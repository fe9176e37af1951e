import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import ImageId, KeywordId
from core.workflows.references import References, keyword_sets

SOURCE = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)


def keywords_of(*numbers: int) -> tuple[KeywordId, ...]:
    return tuple(KeywordId(n) for n in numbers)


@settings(deadline=None)
@given(
    st.integers(0, 60),
    st.lists(st.tuples(st.sampled_from(["add", "drop", "relabel"]), st.integers(0, 49))),
)
def test_holds_what_a_dictionary_would_hold(capacity: int, steps: list[tuple[str, int]]) -> None:
    references = References(3, capacity)
    expected: dict[ImageId, tuple[KeywordId, ...]] = {}
    for number, (step, row) in enumerate(steps):
        image = ImageId(row + 100)
        if step == "drop":
            references.drop(image)
            expected.pop(image, None)
        elif step == "relabel" and image in expected:
            references.relabel(image, keywords_of(number))
            expected[image] = keywords_of(number)
        elif step == "add" and image not in expected:
            references.add(SOURCE, np.array([row]), {image: keywords_of(number)})
            expected[image] = keywords_of(number)
    assert len(references) == len(expected) == len(references.vectors)
    places = []
    for image, keywords in expected.items():
        place = references.place(image)
        assert place is not None
        assert image in references
        assert references.image(place) == image
        assert references.keywords(place) == keywords
        assert np.array_equal(references.vectors[place], SOURCE[image - 100])
        places.append(place)
    assert sorted(places) == list(range(len(expected)))


def test_room_is_used_before_anything_is_copied() -> None:
    references = References(3, capacity=10)
    references.add(SOURCE, np.array([1]), {ImageId(1): keywords_of(1)})
    before = references.vectors
    references.add(SOURCE, np.array([2, 4]), {ImageId(i): keywords_of(1) for i in (2, 4)})
    assert np.shares_memory(before, references.vectors)
    assert np.array_equal(references.vectors, SOURCE[[1, 2, 4]])


def test_impossible_additions_change_nothing() -> None:
    references = References(3)
    references.add(SOURCE, np.array([1]), {ImageId(1): keywords_of(1)})
    with pytest.raises(ValueError, match="must not be there"):
        references.add(SOURCE, np.array([1]), {ImageId(1): keywords_of(2)})
    with pytest.raises(ValueError, match="outside"):
        references.add(SOURCE, np.array([50]), {ImageId(2): keywords_of(2)})
    with pytest.raises(ValueError, match="one row"):
        references.add(SOURCE, np.array([1, 2]), {ImageId(2): keywords_of(2)})
    assert len(references) == 1
    assert references.keywords(0) == keywords_of(1)
    assert references.place(ImageId(2)) is None


def test_pairs_become_sets() -> None:
    assert keyword_sets(np.array([3, 3, 8]), np.array([1, 4, 1])) == {3: (1, 4), 8: (1,)}
    assert keyword_sets(np.array([], dtype=np.int64), np.array([], dtype=np.int64)) == {}
