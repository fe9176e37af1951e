"""The language-image model: zero-shot confidences from captions (thesis section 3.2.1).

Every keyword is placed in several contexts ("a photo of a {}"); the text vectors of its captions
are averaged with one weight a context, and a confidence is the cosine between image and average,
rescaled from [-1, 1] to [0, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from core.models.base import Exclusions, Labels, SettingLimits
from core.types import Confidences, Vectors

CONTEXTS_EN = (
    "a photo of {}",
    "a photo of a {}",
    "a picture of a {}",
    "a drawing of a {}",
    "an illustration of a {}",
    "a photo of a big {}",
    "a photo of a small {}",
    "a military photo of a {}",
    "a photo from the military of a {}",
    "a picture from the military of a {}",
    "this photo from the military contains a {}",
    "this photo from military contains a {}",
    "a photo of a {}, a type of military equipment",
    "a photo of a {}, a type of vehicle",
)
"""The English contexts of thesis Table 4.1."""

CONTEXTS_NO = (
    "et fotografi av {}",
    "et fotografi av en {}",
    "et bilde av en {}",
    "en tegning av en {}",
    "en illustrasjon av {}",
    "et fotografi av en stor {}",
    "et fotografi av en liten {}",
    "et militært fotografi av en {}",
    "et fotografi fra militæret av en {}",
    "et bilde fra militæret av en {}",
    "dette fotografiet fra militæret inneholder en {}",
    "dette fotografiet fra militær inneholder en {}",
    "et fotografi av {}, en type militært utstyr",
    "et fotografi av {}, en type kjøretøy",
)
"""The Norwegian contexts of thesis Table 4.1."""


def captions(names: Sequence[str], contexts: Sequence[str]) -> list[str]:
    """Every name in every context, context by context: ``len(contexts) * len(names)`` captions.

    Raises ValueError for a context without exactly one ``{}``.
    """
    for context in contexts:
        if context.count("{}") != 1:
            raise ValueError(f"a context needs exactly one {{}}: {context!r}")
    return [context.replace("{}", name) for context in contexts for name in names]


class LanguageImage:
    """Cosine between an image and the weighted average of its keyword's captions.

    Parameters
    ----------
    caption_vectors:
        (K, C, d) unit vectors of the captions of C keywords in K contexts.
    context_weights:
        (K,) relative weights, at least 0 and not all 0; None weighs every context alike.
    """

    name: ClassVar[str] = "language-image"
    limits: ClassVar[SettingLimits] = {}

    def __init__(
        self, caption_vectors: NDArray[np.float32], context_weights: Sequence[float] | None = None
    ) -> None:
        self.caption_vectors = caption_vectors
        self.context_weights = context_weights

    def fit(self, references: Vectors | None = None, labels: Labels | None = None) -> Self:  # noqa: ARG002
        """Average the captions of each keyword. It learns from text alone: both are ignored.

        A keyword whose captions cancel out keeps the zero vector: its confidence is 0.5
        everywhere. Raises ValueError for vectors or weights of another shape, and for weights that
        are below 0 or all 0.
        """
        vectors = self.caption_vectors
        if vectors.ndim != 3 or not len(vectors):
            raise ValueError(f"expected caption vectors (K, C, d), got {vectors.shape}")
        contexts = len(vectors)
        weights = np.ones(contexts) if self.context_weights is None else self.context_weights
        weights = np.asarray(weights, dtype=np.float32)
        if weights.shape != (contexts,) or (weights < 0).any() or not weights.sum() > 0:
            raise ValueError(f"expected {contexts} weights of at least 0, not all 0")
        averaged = np.tensordot(weights, vectors, axes=1)  # (C, d)
        norms = np.linalg.norm(averaged, axis=1, keepdims=True)
        self.keyword_vectors_ = np.divide(
            averaged, norms, out=np.zeros_like(averaged), where=norms > 1e-12
        )
        return self

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:  # noqa: ARG002
        """Confidences (n, C) in [0, 1] for unit image vectors (n, d); no reference speaks."""
        cosines = queries @ self.keyword_vectors_.T  # (n, C)
        confidences: Confidences = np.clip((cosines + 1) / 2, 0, 1)
        return confidences
