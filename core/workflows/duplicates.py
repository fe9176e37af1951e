"""Duplicates: pairs to ask about, thresholds from the answers, and the groups that follow (A4, A5).

A :class:`Comparison` is made once, by :func:`compare`, and passed in; everything else here is then
quick. Nothing is ever removed from the archive: a duplicate is left out of what models learn from,
and comes back when the answer is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.catalog import decisions, images, pair_answers
from core.prepare.assumption import STANDARD
from core.prepare.duplicates import Deduplication, Pairs, deduplicate
from core.prepare.thresholds import (
    LOWER_PROBABILITY,
    DuplicateThresholds,
    duplicate_thresholds,
    most_informative,
)
from core.progress import Progress
from core.types import (
    Changes,
    DuplicateGroup,
    Image,
    ImageId,
    ImageIds,
    ImagePair,
    KeywordCopy,
    KeywordId,
    PairAnswer,
)
from core.workflows import comparison as compared
from core.workflows.assumed_thresholds import assume, assumed_thresholds
from core.workflows.comparison import Comparison, compare_images, pair_similarities
from core.workflows.label import person
from core.workflows.project import Project


def get_ready() -> None:
    """Load what fitting a curve needs, so that the first answer does not wait for it."""
    duplicate_thresholds(np.array([STANDARD.upper]), np.array([True]))


def thresholds(project: Project) -> DuplicateThresholds:
    """The duplicate thresholds that follow from all answers so far, assumed ones before the first.

    What is assumed fits the archive and its encoder once the images have been compared.
    """
    _, similarity, told = _answers(project)
    return duplicate_thresholds(similarity, told, assumed_thresholds(project))


def assume_if_unanswered(project: Project, progress: Progress) -> None:
    """Measure what can be assumed about the archive as it is now, unless answers lean on it."""
    if not _answers(project)[0] or not assumed_thresholds(project).is_measured:
        assume(project, progress)


def compare(project: Project, progress: Progress) -> Comparison:
    """Compare all labeled images, as far down as the thresholds of now need it.

    Measured before is which thresholds to assume, see :func:`assume_if_unanswered`.
    """
    assume_if_unanswered(project, progress)
    return compare_images(project, progress, thresholds(project).lower)


def find_comparison(project: Project) -> Comparison | None:
    """The comparison that was made before of the images as they are now, None if there is none.

    One that does not go as far down as the thresholds of now is better than none.
    """
    needed = compared.find_comparison(project, thresholds(project).lower)
    return compared.find_comparison(project) if needed is None else needed


def next_pairs(
    project: Project,
    comparison: Comparison,
    count: int,
    seed: int = 0,
    leave_out: Collection[tuple[ImageId, ImageId]] = (),
) -> list[ImagePair]:
    """The most informative pairs that nobody has answered yet: an image and its most similar one.

    At most ``count``, none of ``leave_out`` (lower id first), so that a person can pass over a
    pair; none at all when every image was asked about. Files of the same content are duplicates
    without asking.
    """
    now = thresholds(project)
    best = comparison.pairs.best
    rows = np.flatnonzero(best >= 0)
    low, high = np.minimum(rows, best[rows]), np.maximum(rows, best[rows])
    _, once = np.unique(low * len(best) + high, return_index=True)
    once = once[comparison.content[low[once]] != comparison.content[high[once]]]
    first, second = comparison.images[low[once]], comparison.images[high[once]]
    similarity = comparison.pairs.best_similarity[rows[once]]
    said = {(answer.first, answer.second) for answer in pair_answers.list_answers(project.catalog)}
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    answered = np.array([pair in said for pair in pairs], dtype=np.bool_)
    passed_over = set(leave_out)
    wanted = np.array([pair not in passed_over for pair in pairs], dtype=np.bool_) | answered
    rows = np.flatnonzero(wanted)
    seed = seed * 100_003 + len(said)
    chosen = rows[most_informative(similarity[rows], now, answered[rows], count, seed)]
    return _pairs(project, first[chosen], second[chosen], similarity[chosen], now)


def answered_pairs(project: Project) -> list[ImagePair]:
    """The pairs that were answered, the last answer first."""
    answers, similarity, _ = _answers(project)
    now = thresholds(project)
    last = slice(None, None, -1)
    first = np.array([answer.first for answer in answers[last]], dtype=np.int64)
    second = np.array([answer.second for answer in answers[last]], dtype=np.int64)
    told = {(answer.first, answer.second): answer.is_duplicate for answer in answers}
    return _pairs(project, first, second, similarity[last], now, told)


def answer(project: Project, pair: tuple[ImageId, ImageId], is_duplicate: bool | None) -> Changes:
    """Note whether two images are duplicates (None: take the answer back), as one step."""
    titles = {True: "Duplicates", False: "Not duplicates", None: "Take back an answer"}
    given = {pair: is_duplicate}
    return pair_answers.answer_pairs(project.catalog, given, person(), titles[is_duplicate])


def answer_many(
    project: Project, answers: Mapping[tuple[ImageId, ImageId], bool | None]
) -> Changes:
    """Note many answers, of a table, as one step."""
    title = f"Answers about {len(answers)} pairs"
    return pair_answers.answer_pairs(project.catalog, answers, person(), title)


def groups(
    project: Project, comparison: Comparison, probability: float = LOWER_PROBABILITY
) -> list[DuplicateGroup]:
    """The groups that the answers so far would make, the weakest first.

    Together are images that are duplicates with at least this ``probability``.
    """
    labels, words = labels_of_compared(project, comparison)
    limits = thresholds(project).leaving_out(probability)
    found = find_duplicates(project, comparison, labels, limits)
    ids = comparison.images
    kept = np.flatnonzero((found.groups >= 0) & found.kept)
    kept = kept[np.argsort(found.groups[kept])]  # one of each group, in their order
    removed = np.flatnonzero(~found.kept)
    group = found.groups[removed]
    similarity = pair_similarities(project, ids[kept[group]], ids[removed])
    order = np.lexsort((similarity, group))
    removed, similarity, group = removed[order], similarity[order], group[order]
    known = {
        image.id: image
        for image in images.get_images(
            project.catalog, ids[np.concatenate([kept, removed])].tolist()
        )
    }
    copies: dict[int, list[KeywordCopy]] = {}
    for leader, column, source in found.copies.tolist():
        image, keyword = ImageId(int(ids[leader])), KeywordId(int(words[column]))
        taken = KeywordCopy(image, keyword, ImageId(int(ids[source])))
        copies.setdefault(leader, []).append(taken)
    bounds = np.searchsorted(group, np.arange(len(kept) + 1)).tolist()
    listed = [
        DuplicateGroup(
            known[ids[leader]],
            tuple(known[image] for image in ids[removed[start:end]].tolist()),
            tuple(similarity[start:end].tolist()),
            tuple(copies.get(leader, ())),
        )
        for leader, start, end in zip(kept.tolist(), bounds, bounds[1:], strict=False)
    ]
    return sorted(listed, key=lambda group: group.weakest)


def find_duplicates(
    project: Project, comparison: Comparison, labels: csr_array, limits: DuplicateThresholds
) -> Deduplication:
    """Groups among the compared images (n,), whose labels (n, C) these are."""
    answers, _, told = _answers(project)
    first = comparison.rows_of(np.array([one.first for one in answers], dtype=np.int64))
    second = comparison.rows_of(np.array([one.second for one in answers], dtype=np.int64))
    inside = (first >= 0) & (second >= 0)
    asked = Pairs(first[inside], second[inside], told[inside].astype(np.float32))
    known = images.get_images(project.catalog, comparison.images.tolist())
    close = _with_same_content(comparison)
    return deduplicate(close, labels, _preference(known), limits.lower, limits.upper, asked)


def labels_of_compared(
    project: Project, comparison: Comparison
) -> tuple[csr_array, NDArray[np.int64]]:
    """Labels (n, C) of the compared images, and the keyword (C,) of each column."""
    owners, keywords = decisions.positive_labels(project.catalog)
    rows = comparison.rows_of(owners)
    words, columns = np.unique(keywords[rows >= 0], return_inverse=True)
    rows = rows[rows >= 0]
    ones = np.ones(len(rows), dtype=np.float32)
    shape = (len(comparison.images), len(words))
    return csr_array((ones, (rows, columns)), shape=shape), words


def _with_same_content(comparison: Comparison) -> Pairs:
    """The pairs of a comparison, and files of the same content whatever their vectors."""
    order = np.argsort(comparison.content, kind="stable")
    same = np.flatnonzero(np.diff(comparison.content[order]) == 0)
    pairs = comparison.pairs
    return Pairs(
        np.concatenate([pairs.first, order[same]]),
        np.concatenate([pairs.second, order[same + 1]]),
        np.concatenate([pairs.similarity, np.ones(len(same), dtype=np.float32)]),
    )


def _preference(known: Sequence[Image]) -> NDArray[np.int64]:
    """Rank (n,) of each image: the larger picture, then the first path, is kept rather."""
    order = sorted(
        range(len(known)), key=lambda n: (-known[n].width * known[n].height, known[n].path)
    )
    rank = np.empty(len(known), dtype=np.int64)
    rank[order] = np.arange(len(known))
    return rank


def _answers(
    project: Project,
) -> tuple[list[PairAnswer], NDArray[np.float32], NDArray[np.bool_]]:
    """The answers about images that still have vectors, in order, with their similarities."""
    answers = pair_answers.list_answers(project.catalog)
    similarity = pair_similarities(
        project,
        np.array([one.first for one in answers], dtype=np.int64),
        np.array([one.second for one in answers], dtype=np.int64),
    )
    known = np.isfinite(similarity)
    kept = [one for one, is_known in zip(answers, known, strict=True) if is_known]
    told = np.array([one.is_duplicate for one in kept], dtype=np.bool_)
    return kept, similarity[known], told


def _pairs(
    project: Project,
    first: ImageIds,
    second: ImageIds,
    similarity: NDArray[np.float32],
    now: DuplicateThresholds,
    told: Mapping[tuple[ImageId, ImageId], bool] | None = None,
) -> list[ImagePair]:
    known = {
        image.id: image
        for image in images.get_images(
            project.catalog, np.unique(np.concatenate([first, second])).tolist()
        )
    }
    rows = zip(
        first.tolist(),
        second.tolist(),
        similarity.tolist(),
        now.probability(similarity).tolist(),
        strict=True,
    )
    return [
        ImagePair(known[a], known[b], similar, probability, (told or {}).get((a, b)))
        for a, b, similar, probability in rows
    ]
