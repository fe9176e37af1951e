"""Reviewing labels: which are probably wrong or missing, why, and what a person says to that.

A :class:`Ranking` is made once and does not change: the queues of a sitting stay as they are while
labels are corrected. What is shown beside a doubt is read anew, so that it is true.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.catalog import decisions, images, keywords, pair_answers
from core.catalog import review as answers
from core.errors import ProjectError
from core.progress import Progress
from core.review.neighbors import Neighbors
from core.review.ranking import NEAR_TWIN, judge_labels
from core.similarity.top_k import IntArray, top_k
from core.types import (
    POSITIVE_VERDICTS,
    Changes,
    Decision,
    Doubt,
    DoubtEvidence,
    ImageId,
    ImageIds,
    KeywordId,
    KeywordStatus,
    Reference,
    ReviewAnswer,
    ReviewKind,
    ReviewTally,
    Vectors,
    Verdict,
)
from core.workflows import duplicates
from core.workflows.label import decide
from core.workflows.project import Project
from core.workflows.vectors import ImageVectors

TALLIED = 50
"""Of so many last answers the share of real errors is told, so that one knows when to stop."""
EVIDENCE = 12
"""At most so many images speak for each side."""
BULK = "review"
"""What a bulk answer names as its model: it does not count among the last answers."""
_MODELS = {kind: f"review-{kind}" for kind in ReviewKind}
_VERDICTS = {
    (ReviewKind.WRONG, ReviewAnswer.FIX): Verdict.REJECTED,
    (ReviewKind.WRONG, ReviewAnswer.CONFIRM): Verdict.ACCEPTED,
    (ReviewKind.MISSING, ReviewAnswer.FIX): Verdict.ACCEPTED,
    (ReviewKind.MISSING, ReviewAnswer.CONFIRM): Verdict.REJECTED,
}


@dataclass(frozen=True, eq=False, slots=True)
class LabeledImages:
    """``images`` (n,) with unit ``vectors`` (n, d), ``labels`` (n, C) of 0 and 1 of the
    ``keywords`` (C,), and ``content`` (n,), equal for equal files.
    """

    images: ImageIds
    keywords: NDArray[np.int64]
    vectors: Vectors
    labels: csr_array
    content: NDArray[np.str_]


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """Doubted labels, the most probable error first, with the neighbors of their images.

    ``rows`` and ``columns`` (m,) index ``images`` (n,) and ``keywords`` (C,); ``present`` (m,)
    tells probably wrong labels from probably missing ones; ``scores`` (m,) in [0, 1] are
    descending. ``image_loss`` (n,) in nats is how badly all labels of an image are explained;
    ``groups`` (n,) number the duplicates.
    """

    encoder: str
    images: ImageIds
    keywords: NDArray[np.int64]
    image_loss: NDArray[np.float64]
    rows: IntArray
    columns: IntArray
    present: NDArray[np.bool_]
    scores: NDArray[np.float64]
    groups: IntArray
    neighbors: Neighbors
    temperature: float

    def __len__(self) -> int:
        return len(self.scores)

    def places(self, kind: ReviewKind | None = None, keyword: KeywordId | None = None) -> IntArray:
        """Where in the ranking the doubts of a kind and a keyword are; None: of all."""
        wanted = np.ones(len(self), dtype=np.bool_)
        if kind is not None:
            wanted &= self.present == (kind is ReviewKind.WRONG)
        if keyword is not None:
            wanted &= self.keywords[self.columns] == keyword
        return np.flatnonzero(wanted)

    def doubt(self, place: int) -> Doubt:
        """The doubt at a place."""
        return Doubt(
            ImageId(int(self.images[self.rows[place]])),
            KeywordId(int(self.keywords[self.columns[place]])),
            ReviewKind.WRONG if self.present[place] else ReviewKind.MISSING,
            float(self.scores[place]),
        )

    def find(self, places: IntArray, labels: Collection[tuple[ImageId, KeywordId]]) -> IntArray:
        """Which of some places (p,) are about one of some labels: (k,) indices, ascending."""
        wanted = np.array(list(labels), dtype=np.int64).reshape(-1, 2)
        known = np.isin(wanted[:, 0], self.images) & np.isin(wanted[:, 1], self.keywords)
        row = np.searchsorted(self.images, wanted[known, 0])
        column = np.searchsorted(self.keywords, wanted[known, 1])
        width = len(self.keywords)
        asked = self.rows[places] * width + self.columns[places]
        return np.flatnonzero(np.isin(asked, row * width + column))

    def expected_errors(self, kind: ReviewKind) -> dict[KeywordId, float]:
        """How many errors of one kind each keyword probably has, most first."""
        places = self.places(kind)
        columns, scores = self.columns[places], self.scores[places]
        totals = np.bincount(columns, weights=scores, minlength=len(self.keywords))
        order = np.argsort(-totals, kind="stable")
        return {KeywordId(int(self.keywords[c])): float(totals[c]) for c in order if totals[c] > 0}


def labeled_images(project: Project) -> LabeledImages:
    """Every image with a vector and a keyword. Retired keywords do not count.

    Raises :class:`ProjectError` when there is none.
    """
    vectors = ImageVectors.read(project)
    owners, words = decisions.positive_labels(project.catalog)
    retired = [
        keyword.id
        for keyword in keywords.all_keywords(project.catalog)
        if keyword.status is KeywordStatus.RETIRED
    ]
    usable = ~np.isin(words, retired)
    if vectors is not None:
        usable &= vectors.rows_of(owners) >= 0
    if vectors is None or not usable.any():
        raise ProjectError(
            "Nothing can be reviewed: no image has both a keyword and a vector.",
            f"Import keywords, and run: clipkw encode {project.folder}",
        )
    ids, row = np.unique(owners[usable], return_inverse=True)
    vocabulary, column = np.unique(words[usable], return_inverse=True)
    ones = np.ones(len(row), dtype=np.float32)
    labels = csr_array((ones, (row, column)), shape=(len(ids), len(vocabulary)))
    content = {file.id: file.content_hash for file in images.known_files(project.catalog).values()}
    with vectors.open() as file:
        found = file.vectors()[vectors.rows_of(ids)]
    hashes = np.array([content[ImageId(image)] for image in ids.tolist()])
    return LabeledImages(ids, vocabulary, found, labels, hashes)


def rank_labels(project: Project, progress: Progress) -> Ranking:
    """Judge every label without its own image and that image's duplicates; takes minutes.

    What a person has decided is not doubted again. Raises :class:`ProjectError` when no image has
    both a keyword and a vector.
    """
    archive = labeled_images(project)
    alike, different = _answered_pairs(project, archive.images)
    limits = duplicates.thresholds(project)
    judged = judge_labels(
        archive.vectors,
        archive.labels,
        archive.content,
        progress,
        alike=alike,
        different=different,
        near_twin=limits.lower if limits.converged else NEAR_TWIN,
    )
    order = np.concatenate([judged.worst(present=True), judged.worst(present=False)])
    order = order[np.argsort(-judged.probability[order], kind="stable")]
    order = order[~_is_answered(project, archive, judged.pairs.image, judged.pairs.keyword)[order]]
    return Ranking(
        project.settings.encoder.identity,
        archive.images,
        archive.keywords,
        judged.image_loss,
        judged.pairs.image[order],
        judged.pairs.keyword[order],
        judged.pairs.present[order],
        judged.probability[order],
        judged.groups,
        judged.neighbors,
        judged.temperature,
    )


def evidence(project: Project, ranking: Ranking, doubt: Doubt) -> DoubtEvidence:
    """The nearest images that have the keyword, and the nearest that lack it, as of now.

    Neither the image itself nor its duplicates are among them. Weights are those in the ranking,
    0 for an image too far away to have one.
    """
    row = int(np.searchsorted(ranking.images, doubt.image))
    verdicts = decisions.verdicts_on(project.catalog, doubt.keyword)
    positive = [image for image, verdict in verdicts.items() if verdict in POSITIVE_VERDICTS]
    having = np.isin(ranking.images, np.array(positive, dtype=np.int64))
    near = ranking.neighbors.indices[row]
    rank = np.flatnonzero(near >= 0)
    is_having = having[near[rank]]
    similarities = ranking.neighbors.similarities[row]
    weights = ranking.neighbors.weights(np.array([row]), ranking.temperature)[0]
    weight_of = dict(zip(near[rank].tolist(), weights[rank].tolist(), strict=True))
    for_it = near[rank[is_having]], similarities[rank[is_having]]
    if len(for_it[0]) < EVIDENCE:
        others = np.flatnonzero(having & (ranking.groups != ranking.groups[row]))
        for_it = _nearest(project, ranking, row, others)
    against = near[rank[~is_having]], similarities[rank[~is_having]]
    return DoubtEvidence(
        *(_references(project, ranking, *side, weight_of) for side in (for_it, against))
    )


def answer(project: Project, doubt: Doubt, said: ReviewAnswer, title: str) -> Changes:
    """Note what a person says to a doubt, as one step; it is not doubted again."""
    return decide(project, [decision(doubt, said)], title)


def answer_many(
    project: Project, doubts: Sequence[Doubt], said: ReviewAnswer, title: str
) -> Changes:
    """Say the same to many doubts, as one step. These do not count among the last answers."""
    return decide(project, [bulk_decision(doubt, said) for doubt in doubts], title)


def decision(doubt: Doubt, said: ReviewAnswer) -> Decision:
    """What an answer decides; it counts among the last ones."""
    return Decision(
        doubt.image, doubt.keyword, _verdict(doubt, said), _MODELS[doubt.kind], doubt.score
    )


def bulk_decision(doubt: Doubt, said: ReviewAnswer) -> Decision:
    """What an answer to many doubts decides about one of them."""
    return Decision(doubt.image, doubt.keyword, _verdict(doubt, said), BULK, doubt.score)


def tally(project: Project, kind: ReviewKind) -> ReviewTally:
    """How many of the last fifty single answers to doubts of one kind were real errors."""
    last = answers.last_verdicts(project.catalog, _MODELS[kind], TALLIED)
    settled = [verdict for verdict in last if verdict is not Verdict.UNSURE]
    real = _VERDICTS[kind, ReviewAnswer.FIX]
    errors = sum(verdict is real for verdict in settled)
    return ReviewTally(errors, len(settled))


def _verdict(doubt: Doubt, said: ReviewAnswer) -> Verdict:
    return Verdict.UNSURE if said is ReviewAnswer.UNSURE else _VERDICTS[doubt.kind, said]


def _nearest(
    project: Project, ranking: Ranking, row: int, others: IntArray
) -> tuple[IntArray, NDArray[np.float32]]:
    """Of some other rows those most similar to one, with their similarities, nearest first."""
    vectors = ImageVectors.read(project)
    if vectors is None or vectors.identity != ranking.encoder:
        return others[:0], np.empty(0, dtype=np.float32)
    places = vectors.rows_of(ranking.images[others])
    own = vectors.rows_of(ranking.images[[row]])
    others, places = others[places >= 0], places[places >= 0]
    if not len(others) or own[0] < 0:
        return others[:0], np.empty(0, dtype=np.float32)
    with vectors.open() as file:
        stored = file.vectors()
        found = top_k(stored[own], stored[places], min(EVIDENCE, len(others)))
    return others[found.indices[0]], found.similarities[0]


def _references(
    project: Project,
    ranking: Ranking,
    rows: IntArray,
    similarities: NDArray[np.float32],
    weight_of: dict[int, float],
) -> tuple[Reference, ...]:
    rows, similarities = rows[:EVIDENCE], similarities[:EVIDENCE]
    ids = [ImageId(image) for image in ranking.images[rows].tolist()]
    paths = {image.id: image.path for image in images.get_images(project.catalog, ids)}
    labels = decisions.labels_of(project.catalog, ids)
    return tuple(
        Reference(
            image,
            paths[image],
            similarity,
            weight_of.get(row, 0.0),
            tuple(one.keyword for one in labels[image] if one.verdict in POSITIVE_VERDICTS),
        )
        for image, row, similarity in zip(ids, rows.tolist(), similarities.tolist(), strict=True)
    )


def _answered_pairs(
    project: Project, ids: ImageIds
) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    """Rows of the pairs that people called duplicates, and of those they said are none."""
    told = pair_answers.list_answers(project.catalog)
    ends = np.array([(one.first, one.second) for one in told], dtype=np.int64).reshape(-1, 2)
    known = np.isin(ends, ids).all(axis=1)
    same = np.array([one.is_duplicate for one in told], dtype=np.bool_)
    rows = np.searchsorted(ids, ends)
    alike, different = rows[known & same], rows[known & ~same]
    return (alike[:, 0], alike[:, 1]), (different[:, 0], different[:, 1])


def _is_answered(
    project: Project, archive: LabeledImages, rows: IntArray, columns: IntArray
) -> NDArray[np.bool_]:
    """Whether a person has decided on each of the pairs (m,) of image and keyword."""
    owners, words = answers.answered_labels(project.catalog)
    known = np.isin(owners, archive.images) & np.isin(words, archive.keywords)
    width = len(archive.keywords)
    answered = np.searchsorted(archive.images, owners[known]) * width
    answered += np.searchsorted(archive.keywords, words[known])
    found: NDArray[np.bool_] = np.isin(rows * width + columns, answered)
    return found
