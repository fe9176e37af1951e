"""Duplicate thresholds from a person's answers about pairs (thesis section 3.1.2).

Logistic regression models the probability that two images are duplicates as a function of their
cosine similarity. The lower threshold is where it is 1 %, the upper one where it is 99 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.prepare.assumption import STANDARD, Assumption

LOWER_PROBABILITY = 0.01
UPPER_PROBABILITY = 0.99
TOLERANCE = 0.002
"""Thresholds that move less than this, in cosine, from one answer to the next have settled..."""
RELATIVE_TOLERANCE = 0.05
"""...and less than this share of the distance between them."""
_LEAST_SLOPE = math.log(99) / 0.25
"""A flatter curve would call images a quarter of a cosine below its centre suspected duplicates."""
_ASSUMED_SLOPE = math.log(UPPER_PROBABILITY / LOWER_PROBABILITY)
"""Of an assumed curve, over half the distance between the assumed thresholds."""
SETTLED_ANSWERS = 5
FEWEST_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class DuplicateThresholds:
    """``lower`` <= ``upper``, cosines: suspected duplicates from the one, certain from the other.

    ``slope`` and ``centre`` describe the curve p = 1 / (1 + exp(-slope * (similarity - centre))).
    ``needed`` is how many more answers it takes at least until they can count as settled.
    """

    lower: float
    upper: float
    slope: float
    centre: float
    answers: int
    converged: bool
    needed: int

    def probability(self, similarity: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probability (n,) that pairs of these similarities (n,) are duplicates."""
        power = self.slope * (np.asarray(similarity, dtype=np.float64) - self.centre)
        curve: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(power, -700, 700)))
        return curve

    def similarity_at(self, probability: float) -> float:
        """The similarity, at most 1, from which pairs are duplicates with this probability."""
        return min(1.0, self.centre + math.log(probability / (1 - probability)) / self.slope)

    def leaving_out(self, probability: float) -> DuplicateThresholds:
        """The same curve, but suspected are only duplicates of at least this probability."""
        lower = max(self.lower, self.similarity_at(probability))
        return replace(self, lower=lower, upper=max(lower, self.upper))


def duplicate_thresholds(
    similarity: NDArray[np.floating],
    is_duplicate: NDArray[np.bool_],
    assumed: Assumption = STANDARD,
) -> DuplicateThresholds:
    """Thresholds from the answers (m,) about pairs with these similarities, in order of asking.

    Two pairs of the ``assumed`` thresholds, a duplicate at the upper (or above the answers that
    speak against it) and none at the lower (or below), are among the answers, so that there is a
    curve from the first answer on and for answers of one kind; ten real ones outweigh them. They
    have converged when there were answers of both kinds and the last five moved neither threshold
    by more than the tolerance. Answers that contradict similarity leave the assumed thresholds.
    """
    if similarity.shape != is_duplicate.shape or similarity.ndim != 1:
        raise ValueError("expected one similarity and one answer for every pair")
    count = len(similarity)
    now = _fit(similarity, is_duplicate, assumed)
    lower, upper = _thresholds(*now)
    tolerance = min(TOLERANCE, RELATIVE_TOLERANCE * (upper - lower))
    steps = min(SETTLED_ANSWERS, count)
    both_kinds = len(np.unique(is_duplicate)) == 2
    moved = [
        max(abs(a - b) for a, b in zip(_thresholds(*now), _thresholds(*before), strict=True))
        for before in (
            _fit(similarity[:k], is_duplicate[:k], assumed) for k in range(count - steps, count)
        )
    ]
    settled = len(moved) == SETTLED_ANSWERS and max(moved) <= tolerance
    converged = both_kinds and count >= FEWEST_ANSWERS and settled
    unsettled = next((i + 1 for i in reversed(range(steps)) if moved[i] > tolerance), 0)
    needed = 0 if converged else max(FEWEST_ANSWERS - count, unsettled, 1)
    return DuplicateThresholds(lower, upper, *now, count, converged, needed)


def most_informative(
    similarity: NDArray[np.floating],
    thresholds: DuplicateThresholds,
    answered: NDArray[np.bool_],
    count: int,
    seed: int,
) -> NDArray[np.int64]:
    """The next pairs to ask about, as rows (at most ``count``,) of the similarities (n,).

    The information that an answer adds to the two parameters of the curve, measured by the
    determinant of the Fisher matrix (D-optimal design), is highest between the thresholds and
    beside them; every fifth pair is drawn at random, so that a wrong curve is found out.
    """
    random = np.random.default_rng(seed)
    open_rows = np.flatnonzero(~answered)
    if not len(open_rows):
        return open_rows
    probability = thresholds.probability(similarity)
    offset = (np.asarray(similarity, dtype=np.float64) - thresholds.centre) * thresholds.slope
    weight = probability * (1 - probability)  # Fisher weight of one answer
    design = np.stack([np.ones_like(offset), offset], axis=1)
    known = np.flatnonzero(answered)
    fisher = 1e-3 * np.eye(2) + (design[known] * weight[known, None]).T @ design[known]
    chosen: list[int] = []
    for turn in range(min(count, len(open_rows))):
        if turn % 5 == 4:
            pick = int(random.choice(open_rows))
        else:
            inverse = np.linalg.inv(fisher)
            spread = np.einsum("ij,jk,ik->i", design[open_rows], inverse, design[open_rows])
            pick = int(open_rows[np.argmax(weight[open_rows] * spread)])
        chosen.append(pick)
        fisher = fisher + weight[pick] * np.outer(design[pick], design[pick])
        open_rows = open_rows[open_rows != pick]
    return np.asarray(chosen, dtype=np.int64)


def _fit(
    similarity: NDArray[np.floating], is_duplicate: NDArray[np.bool_], assumed: Assumption
) -> tuple[float, float]:
    """Slope and centre of the curve."""
    middle, width = (assumed.lower + assumed.upper) / 2, (assumed.upper - assumed.lower) / 2
    if not len(similarity):
        return _ASSUMED_SLOPE / width, middle
    from sklearn.linear_model import LogisticRegression

    told = np.asarray(similarity, dtype=np.float64)
    # an assumption that an answer contradicts makes room for it
    lower = min(assumed.lower, told[is_duplicate].min(initial=1.0) - width)
    upper = max(assumed.upper, told[~is_duplicate].max(initial=-1.0) + width)
    x = np.concatenate([told, [lower, upper]])
    y = np.concatenate([is_duplicate, [False, True]])
    scaled = ((x - middle) / width)[:, None]
    model = LogisticRegression(C=_prior_strength(), max_iter=1_000)
    model.fit(scaled, y)
    slope = float(model.coef_[0, 0])
    if slope / width < _LEAST_SLOPE:  # the answers contradict similarity: fall back
        slope, intercept = _ASSUMED_SLOPE, 0.0
    else:
        intercept = float(model.intercept_[0])
    return slope / width, middle - intercept / slope * width


def _prior_strength() -> float:
    """The strength at which the two assumed pairs alone give 1 % and 99 %.

    It also keeps the curve of answers that are perfectly separable from becoming a step.
    """
    slope = _ASSUMED_SLOPE
    # minimise slope^2 / (2 C) + 2 log(1 + exp(-slope)): slope / C = 2 / (1 + exp(slope))
    return slope * (1 + math.exp(slope)) / 2


def _thresholds(slope: float, centre: float) -> tuple[float, float]:
    reach = _ASSUMED_SLOPE / slope
    return max(-1.0, centre - reach), min(1.0, centre + reach)
