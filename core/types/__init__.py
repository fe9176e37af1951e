"""Frozen records and array aliases shared by every room of ``core``.

Nothing here does work; a type that is passed between rooms is defined once, here: a module a
topic, all of them imported as ``from core.types import NAME``.
"""

from core.types.arrays import Confidences, ImageIds, Vectors
from core.types.experiments import Experiment, ExperimentState, Trial
from core.types.ids import EncoderId, ExperimentId, ImageId, KeywordId, PreparationId
from core.types.images import FileRecord, Image, ImageState, KnownFile, Problem
from core.types.keywords import (
    Keyword,
    KeywordRow,
    KeywordStatus,
    NameEffect,
    NameScore,
    NearNames,
    NearReason,
    Quality,
)
from core.types.labels import HUMAN_VERDICTS, POSITIVE_VERDICTS, Changes, Decision, Label, Verdict
from core.types.preparations import (
    DuplicateGroup,
    ImagePair,
    KeywordCopy,
    PairAnswer,
    Preparation,
    PreparationSummary,
    Split,
)
from core.types.queries import ConfidenceRange, ImageQuery, QueueName
from core.types.review import Doubt, DoubtEvidence, ReviewAnswer, ReviewKind, ReviewTally
from core.types.searches import (
    SavedSearch,
    SearchByFile,
    SearchByImages,
    SearchByText,
    SearchResult,
    SearchTarget,
)
from core.types.suggestions import ImageSuggestions, Reference, Suggestion

__all__ = [
    "HUMAN_VERDICTS",
    "POSITIVE_VERDICTS",
    "Changes",
    "ConfidenceRange",
    "Confidences",
    "Decision",
    "Doubt",
    "DoubtEvidence",
    "DuplicateGroup",
    "EncoderId",
    "Experiment",
    "ExperimentId",
    "ExperimentState",
    "FileRecord",
    "Image",
    "ImageId",
    "ImageIds",
    "ImagePair",
    "ImageQuery",
    "ImageState",
    "ImageSuggestions",
    "Keyword",
    "KeywordCopy",
    "KeywordId",
    "KeywordRow",
    "KeywordStatus",
    "KnownFile",
    "Label",
    "NameEffect",
    "NameScore",
    "NearNames",
    "NearReason",
    "PairAnswer",
    "Preparation",
    "PreparationId",
    "PreparationSummary",
    "Problem",
    "Quality",
    "QueueName",
    "Reference",
    "ReviewAnswer",
    "ReviewKind",
    "ReviewTally",
    "SavedSearch",
    "SearchByFile",
    "SearchByImages",
    "SearchByText",
    "SearchResult",
    "SearchTarget",
    "Split",
    "Suggestion",
    "Trial",
    "Vectors",
    "Verdict",
]
