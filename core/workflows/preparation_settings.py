"""How an archive is prepared: what can be set, within what limits, and how it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass

from core.errors import ProjectError
from core.prepare.split import PROPORTIONS
from core.prepare.thresholds import LOWER_PROBABILITY, UPPER_PROBABILITY
from core.prepare.vocabulary import MINIMUM_IMAGES
from core.workflows.records import UNREADABLE


@dataclass(frozen=True, slots=True)
class PreparationSettings:
    """How to prepare. Thresholds that are not given follow from the answers about pairs.

    Left out are images that are duplicates with at least ``probability``, unless the lower
    threshold is given.
    """

    lower_threshold: float | None = None
    upper_threshold: float | None = None
    minimum_images: int = MINIMUM_IMAGES
    seed: int = 0
    training: float = PROPORTIONS[0]
    validation: float = PROPORTIONS[1]
    probability: float = LOWER_PROBABILITY

    def __post_init__(self) -> None:
        for value in (self.lower_threshold, self.upper_threshold):
            if value is not None and not -1 <= value <= 1:
                raise ProjectError("A duplicate threshold must lie between -1 and 1.")
        if (
            self.lower_threshold is not None
            and self.upper_threshold is not None
            and self.lower_threshold > self.upper_threshold
        ):
            raise ProjectError("The lower duplicate threshold must not be above the upper one.")
        if not LOWER_PROBABILITY <= self.probability <= UPPER_PROBABILITY:
            raise ProjectError("The probability of a duplicate must lie between 0.01 and 0.99.")
        if self.minimum_images < 1:
            raise ProjectError("The fewest images of a keyword must be at least 1.")
        if not 0 <= self.seed < 2**32:
            raise ProjectError("The seed must lie between 0 and 4294967295.")
        if not (self.training > 0 and self.validation > 0 and self.training + self.validation < 1):
            raise ProjectError("Training, validation and test set must each have a share above 0.")


def settings_in_words(record: str) -> str:
    """Settings as they are kept, in words; "" if they cannot be read."""
    try:
        kept = PreparationSettings(**json.loads(record))
        given = [
            f"seed {kept.seed:d}",
            f"at least {kept.minimum_images:d} images a keyword",
            f"{kept.training:.0%} training and {kept.validation:.0%} validation",
            f"duplicates from a probability of {kept.probability:g}",
        ]
        for name, limit in (("lower", kept.lower_threshold), ("upper", kept.upper_threshold)):
            given += [] if limit is None else [f"{name} threshold {limit:g}"]
    except (ProjectError, *UNREADABLE):
        return ""
    return ", ".join(given)
