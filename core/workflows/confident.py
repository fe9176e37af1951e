"""Which images the model in use is so sure of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import ConfidenceRange, ImageId, ImageIds, ImageSuggestions, KeywordId
from core.workflows.suggest import Suggester

AT_ONCE = 32
"""Images that are judged together: enough to share the passes over the references."""


@dataclass(frozen=True, eq=False, slots=True)
class Confident:
    """Keeps the images of which the chosen model is as sure as ``wanted`` says."""

    suggester: Suggester
    wanted: ConfidenceRange

    def keeps(self, images: ImageIds) -> NDArray[np.bool_]:
        """Whether each of the images (n,) is kept."""
        found = self.suggester.suggest([ImageId(image) for image in images.tolist()])
        sure = {one.image: surest(one, self.wanted.keyword) for one in found}
        confidences = np.array([sure.get(ImageId(image), -1.0) for image in images.tolist()])
        kept: NDArray[np.bool_] = (confidences >= self.wanted.low) & (
            confidences <= self.wanted.high
        )
        return kept


def surest(found: ImageSuggestions, keyword: KeywordId | None) -> float:
    """The confidence in a keyword, or (None) the highest one; 0 where nothing is suggested."""
    confidences = (one.confidence for one in found.suggestions if keyword in (None, one.keyword.id))
    return max(confidences, default=0.0)
