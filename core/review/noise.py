"""How labels go wrong, per keyword, and how probable it is that a given one did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.similarity.top_k import IntArray

_Floats = NDArray[np.float64]
_RECALL_STRENGTH = 20.0
_FALSE_STRENGTH = 1_000.0
"""So many images of the usual kind are added to what a keyword shows by itself."""
_NEARLY_SURE = 0.95


@dataclass(frozen=True, eq=False, slots=True)
class NoiseRates:
    """``recall`` (C,): share of the images that should have a keyword and do have it.

    ``false_rate`` (C,): share of the images that should not have it, and do.
    """

    recall: _Floats
    false_rate: _Floats


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Pairs of image and keyword: rows and columns (m,), whether the label is ``present`` (m,),
    and its out-of-sample ``confidence`` (m,).
    """

    image: IntArray
    keyword: IntArray
    present: NDArray[np.bool_]
    confidence: _Floats


@dataclass(frozen=True, eq=False, slots=True)
class TwinView:
    """What the twins of an image say against a label of it.

    ``dissent`` (m,) is the share of them that have the label if it is absent, or lack it if it is
    present; ``sameness`` (m,) is how probable it is that they show the same thing. Twins that agree
    never speak for a label: theirs may have been copied with the file.
    """

    dissent: _Floats
    sameness: _Floats


def noise_rates(pairs: Pairs, images: int, absent_mean: _Floats, floor: float) -> NoiseRates:
    """Estimate the rates as confident learning does (Northcutt et al. 2021).

    ``pairs`` hold every present label, and every absent one whose confidence reaches ``floor``;
    ``absent_mean`` (C,) is the mean confidence of all absent ones. An image surely shows a keyword
    when its confidence reaches the mean of those that have it, and surely does not when it stays
    below the mean of those that lack it; the rates are the shares of labels among these. Where
    the images are few they are drawn towards those of all keywords together: the same recall, and
    false labels in the same proportion to all of its labels.
    """
    many = len(absent_mean)

    def count(chosen: NDArray[np.bool_]) -> _Floats:
        return np.bincount(pairs.keyword[chosen], minlength=many).astype(np.float64)

    present = pairs.present
    total = np.bincount(pairs.keyword[present], weights=pairs.confidence[present], minlength=many)
    overall = pairs.confidence[present].mean() if present.any() else 1.0
    typical = (total + _RECALL_STRENGTH * overall) / (count(present) + _RECALL_STRENGTH)
    surely = pairs.confidence >= np.maximum(typical, floor)[pairs.keyword]
    recall = _drawn(count(surely & present), count(surely))
    above = pairs.confidence > np.maximum(absent_mean, floor)[pairs.keyword]
    labels, false = count(present), count(~above & present)
    usual = labels / images * false.sum() / max(labels.sum(), 1)
    false_rate = (false + _FALSE_STRENGTH * usual) / (images - count(above) + _FALSE_STRENGTH)
    recall = np.clip(recall, 0.05, 0.999)
    return NoiseRates(recall, np.clip(false_rate, 1e-9, recall / 2))


def error_probability(pairs: Pairs, rates: NoiseRates, twins: TwinView, images: int) -> _Floats:
    """Probability (m,) that a present label is wrong, or that an absent one is missing.

    The confidence is that of *having* the label, so the keyword belongs there more often: divided
    by the recall. (That false labels add to it is left out: it would make all of little confidence
    equal; above ``_NEARLY_SURE`` it is the confidence itself that counts, for the same reason.) One
    of all ``images`` may always be the first of its kind: without that, every keyword on a single
    image would be called wrong. What twins say is one more look, taken in by Bayes' rule, as the
    label itself is.
    """
    recall, false_rate = rates.recall[pairs.keyword], rates.false_rate[pairs.keyword]
    most = np.minimum(_NEARLY_SURE + (1 - _NEARLY_SURE) * pairs.confidence, 1 - 1e-9)
    belongs = np.minimum(pairs.confidence / recall + 1 / images, most)
    odds = np.log(belongs / (1 - belongs))
    same, other = twins.sameness, 1 - twins.sameness
    twin_recall = same * recall + other * false_rate
    twin_false_rate = same * false_rate + other * recall
    odds += twins.dissent * _weight_of_evidence(twin_recall, twin_false_rate, ~pairs.present)
    odds += _weight_of_evidence(recall, false_rate, pairs.present)
    probability: _Floats = 1 / (1 + np.exp(np.where(pairs.present, odds, -odds)))
    return probability


def _weight_of_evidence(
    recall: _Floats, false_rate: _Floats, present: NDArray[np.bool_]
) -> _Floats:
    """Log ratio (m,) of how likely a label is where the keyword belongs, and where it does not."""
    for_present, for_absent = np.log(recall / false_rate), np.log((1 - recall) / (1 - false_rate))
    weight: _Floats = np.where(present, for_present, for_absent)
    return weight


def _drawn(labels: _Floats, images: _Floats) -> _Floats:
    """Share (C,) of labels among images, drawn towards that of all keywords together."""
    overall = labels.sum() / max(images.sum(), 1)
    rate: _Floats = (labels + _RECALL_STRENGTH * overall) / (images + _RECALL_STRENGTH)
    return rate
