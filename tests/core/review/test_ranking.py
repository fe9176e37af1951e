"""Queues of made-up archives whose errors are known."""

from __future__ import annotations

import numpy as np
import pytest
from archives import clusters, labels_of
from numpy.typing import NDArray

from core.progress import Silent
from core.review import confidence as room
from core.review.ranking import Judgement, judge_labels
from core.types import Vectors

KINDS, EACH = 5, 40
WRONG = [(3, 4), (50, 0), (90, 1)]
MISSING = [(7, 0), (60, 1), (61, 1), (190, 4)]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_BLOCK_VALUES", 400)


def judge(
    vectors: Vectors, labels: NDArray[np.bool_], content: list[str] | None = None
) -> Judgement:
    names = np.array(content) if content else np.arange(len(vectors))
    return judge_labels(vectors, labels_of(labels), names, Silent())


def queue(judged: Judgement, *, present: bool) -> list[tuple[int, int]]:
    order = judged.worst(present=present)
    image, keyword = judged.pairs.image[order], judged.pairs.keyword[order]
    return list(zip(image.tolist(), keyword.tolist(), strict=True))


def planted() -> tuple[Vectors, NDArray[np.bool_]]:
    vectors, labels = clusters(KINDS, EACH, 12, 1)
    for image, keyword in WRONG:
        labels[image, keyword] = True
    for image, keyword in MISSING:
        labels[image, keyword] = False
    return vectors, labels


def test_planted_errors_lead_their_queues() -> None:
    judged = judge(*planted())
    assert set(queue(judged, present=True)[: len(WRONG)]) == set(WRONG)
    assert set(queue(judged, present=False)[: len(MISSING)]) == set(MISSING)


def test_every_present_label_is_judged_once_and_in_the_right_queue() -> None:
    vectors, labels = planted()
    judged = judge(vectors, labels)
    present, absent = queue(judged, present=True), queue(judged, present=False)
    assert sorted(present) == sorted(zip(*(a.tolist() for a in np.nonzero(labels)), strict=True))
    assert len(set(absent)) == len(absent)
    assert not any(labels[pair] for pair in absent)
    for is_present in (True, False):
        scores = judged.probability[judged.worst(present=is_present)]
        assert (np.diff(scores) <= 0).all()
        assert ((scores >= 0) & (scores <= 1)).all()


def test_losses_follow_from_the_confidences() -> None:
    judged = judge(*planted())
    pairs = judged.pairs
    for place in range(0, len(pairs.image), 17):
        given = pairs.confidence[place] if pairs.present[place] else 1 - pairs.confidence[place]
        assert judged.loss[place] == pytest.approx(-np.log(given))
    of_pairs = np.bincount(pairs.image, weights=judged.loss, minlength=KINDS * EACH)
    assert (judged.image_loss >= of_pairs - 1e-6).all()
    worst = set(np.argsort(-judged.image_loss)[: len(WRONG)].tolist())
    assert worst <= {image for image, _ in (*WRONG, *MISSING)}


def test_keywords_on_one_image_do_not_fill_the_queue() -> None:
    """There is nothing to hold against them but that they are rare."""
    vectors, labels = planted()
    rare = np.zeros((len(vectors), 30), dtype=np.bool_)
    rare[np.random.default_rng(2).permutation(len(vectors))[:30], np.arange(30)] = True
    judged = judge(vectors, np.hstack([labels, rare]))
    assert set(queue(judged, present=True)[: len(WRONG)]) == set(WRONG)
    present = judged.pairs.present
    of_rare = judged.probability[present & (judged.pairs.keyword >= KINDS)]
    assert (of_rare < 0.5).all()


def test_a_twin_is_no_witness_for_a_wrong_label_it_shares() -> None:
    """Two copies of one file with the same wrong keyword: each would excuse the other."""
    vectors, labels = clusters(KINDS, EACH, 12, 1)
    vectors[1] = vectors[0]
    labels[:2, 4] = True
    names = [str(max(image, 1)) for image in range(len(vectors))]
    judged = judge(vectors, labels, names)
    confidence = judged.pairs.confidence[(judged.pairs.keyword == 4) & (judged.pairs.image < 2)]
    assert (confidence < 0.1).all()
    assert set(queue(judged, present=True)[:2]) == {(0, 4), (1, 4)}
    assert (judged.neighbors.indices[0] != 1).all()
    assert judged.groups[0] == judged.groups[1]


def test_a_keyword_that_only_the_twin_has_is_missing() -> None:
    vectors, labels = clusters(KINDS, EACH, 12, 1)
    vectors[1] = vectors[0]
    labels = np.hstack([labels, np.zeros((len(labels), 1), dtype=np.bool_)])
    labels[0, KINDS] = True
    names = [str(max(image, 1)) for image in range(len(vectors))]
    assert (1, KINDS) in queue(judge(vectors, labels, names), present=False)[:3]


def test_people_overrule_similarity() -> None:
    vectors, labels = clusters(KINDS, EACH, 12, 1)
    vectors[1] = vectors[0]
    alike, different = (np.array([2]), np.array([30])), (np.array([1]), np.array([0]))
    content = np.arange(len(vectors))
    judged = judge_labels(
        vectors, labels_of(labels), content, Silent(), alike=alike, different=different
    )
    assert judged.groups[2] == judged.groups[30]
    assert judged.groups[0] != judged.groups[1]


def test_a_chain_of_similar_images_is_no_group_of_twins() -> None:
    """Frames of a film: each is all but the same as the next, and the first unlike the last."""
    angle = np.linspace(0, np.pi / 2, 120)
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    labels = np.stack([angle < 0.7, angle >= 0.7], axis=1)
    labels[100, 0] = True
    judged = judge(vectors, labels)
    assert np.bincount(judged.groups).max() <= 20
    assert queue(judged, present=True)[0] == (100, 0)


@pytest.mark.parametrize("images", [1, 2, 3])
def test_tiny_archives_are_judged(images: int) -> None:
    vectors, _ = clusters(images, 1, 4, 0)
    judged = judge(vectors, np.eye(images, 2, dtype=np.bool_) | (np.arange(2) == 0))
    assert np.isfinite(judged.probability).all()
    assert np.isfinite(judged.image_loss).all()
