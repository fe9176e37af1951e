"""What an evaluation found, in plain values: shown on pages and in reports, kept in the catalog."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from core.evaluation.comparison import Interval, Scores
from core.types import ExperimentId, PreparationId

CALIBRATION, PRECISION_RECALL, LEARNING = "calibration", "precision-recall", "learning"


@dataclass(frozen=True, slots=True)
class EvaluatedSet:
    """The test set. ``prevalence`` is the part of all labels that is positive, in [0, 1].

    ``touched`` counts the evaluations on this very set, this one included.
    """

    images: int
    keywords: int
    prevalence: float
    training: int
    validation: int
    touched: int


@dataclass(frozen=True, slots=True)
class KeywordRow:
    """A keyword that models learn, and on how many test images it is."""

    no: str
    en: str
    support: int


@dataclass(frozen=True, slots=True)
class KeywordResult:
    """One model on one keyword; NaN where a metric is not defined."""

    f2: float
    f2_low: float
    f2_high: float
    precision: float
    recall: float
    roc_auc: float
    average_precision: float


@dataclass(frozen=True, slots=True)
class ModelResult:
    """One model on the test set, by the name and variant of its plan.

    ``refinement`` is "" or what was done to its confidences or thresholds after it. ``experiment``
    is the tuning its ``parameters`` come from; None: they are those of the thesis. ``intervals``
    are those of :class:`core.evaluation.comparison.ModelScores`. ``keywords`` are in the order of
    :attr:`Evaluation.keywords`; ``calibration_error`` pools them, ``seconds`` is what the model
    takes for the images of validation and test when it is asked alone.
    """

    name: str
    variant: str
    refinement: str
    title: str
    experiment: ExperimentId | None
    parameters: Mapping[str, Any]
    threshold: float
    class_thresholds: tuple[float, ...]
    validation_f2: float
    micro: Scores
    macro: Scores
    weighted: Scores
    subset_accuracy: float
    intervals: Mapping[str, Interval]
    calibration_error: float
    keyword_calibration_error: float
    keywords: tuple[KeywordResult, ...]
    seconds: float

    @property
    def full_variant(self) -> str:
        """Variant and refinement."""
        return " + ".join(part for part in (self.variant, self.refinement) if part)


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a plot: ``kind`` is "calibration", "precision-recall" or "learning".

    Of a calibration curve ``count`` says how many confidences are behind each point.
    """

    kind: str
    title: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    count: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ExampleReference:
    """A reference that speaks for the example: weight in (0, 1], cosine, and its keywords."""

    path: str
    weight: float
    similarity: float
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One test image: its true keywords, and what models suggest for it, by their titles.

    ``confidences`` has (keyword, confidence, above the threshold), most confident first.
    """

    path: str
    keywords: tuple[str, ...]
    confidences: Mapping[str, tuple[tuple[str, float, bool], ...]]
    references: tuple[ExampleReference, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every model side by side. ``best`` are the places in ``models`` of the best of each name,

    chosen on validation; ``overtakes`` says from how many labeled images on a model is better than
    the language-image model (None: never).
    """

    experiment: ExperimentId
    preparation: PreparationId
    data_version: str
    encoder: str
    seed: int
    test: EvaluatedSet
    keywords: tuple[KeywordRow, ...]
    models: tuple[ModelResult, ...]
    best: tuple[int, ...]
    curves: tuple[Curve, ...]
    overtakes: Mapping[str, int | None]
    example: Example | None
    notes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is not defined is null."""
        plain: dict[str, Any] = _without_nan(asdict(self))
        return plain

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The evaluation that had this record. Raises KeyError, TypeError or ValueError."""
        example = record["example"]
        return cls(
            ExperimentId(record["experiment"]),
            PreparationId(record["preparation"]),
            record["data_version"],
            record["encoder"],
            record["seed"],
            EvaluatedSet(**record["test"]),
            tuple(KeywordRow(**row) for row in record["keywords"]),
            tuple(_model(one) for one in record["models"]),
            tuple(record["best"]),
            tuple(
                Curve(c["kind"], c["title"], _floats(c["x"]), _floats(c["y"]), tuple(c["count"]))
                for c in record["curves"]
            ),
            record["overtakes"],
            None if example is None else _example(example),
            tuple(record["notes"]),
        )


def evaluation_json(evaluation: Evaluation) -> dict[str, Any]:
    """The comparison for other programs: ``test``, and one object a model in ``models``."""
    models = []
    for one in evaluation.models:
        models.append(
            {
                "name": one.name,
                "variant": one.full_variant,
                "title": one.title,
                "tuned": one.experiment is not None,
                "experiment": one.experiment,
                "parameters": dict(one.parameters),
                "threshold": one.threshold,
                "class_thresholds": list(one.class_thresholds) or None,
                "validation_f2": one.validation_f2,
                "micro": asdict(one.micro),
                "macro": asdict(one.macro),
                "weighted": asdict(one.weighted),
                "subset_accuracy": one.subset_accuracy,
                "calibration_error": one.calibration_error,
                "intervals": {name: [i.low, i.high] for name, i in one.intervals.items()},
                "seconds": one.seconds,
            }
        )
    found: dict[str, Any] = _without_nan(
        {
            "test": asdict(evaluation.test),
            "models": models,
            "keywords": [asdict(one) for one in evaluation.keywords],
            "seed": evaluation.seed,
            "preparation": evaluation.preparation,
            "data_version": evaluation.data_version,
            "encoder": evaluation.encoder,
            "notes": list(evaluation.notes),
        }
    )
    return found


def _model(record: Mapping[str, Any]) -> ModelResult:
    plain = dict(record)
    for average in ("micro", "macro", "weighted"):
        plain[average] = Scores(**{name: _number(v) for name, v in record[average].items()})
    plain["intervals"] = {name: Interval(**one) for name, one in record["intervals"].items()}
    plain["class_thresholds"] = tuple(record["class_thresholds"])
    plain["keywords"] = tuple(
        KeywordResult(**{name: _number(v) for name, v in one.items()}) for one in record["keywords"]
    )
    return ModelResult(**plain)


def _example(record: Mapping[str, Any]) -> Example:
    return Example(
        record["path"],
        tuple(record["keywords"]),
        {
            title: tuple((name, value, above) for name, value, above in rows)
            for title, rows in record["confidences"].items()
        },
        tuple(
            ExampleReference(**{**one, "keywords": tuple(one["keywords"])})
            for one in record["references"]
        ),
    )


def _floats(values: list[float | None]) -> tuple[float, ...]:
    return tuple(_number(value) for value in values)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _without_nan(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return value


def metric_names() -> tuple[str, ...]:
    """Every metric of :class:`core.evaluation.comparison.Scores`, in order."""
    return tuple(one.name for one in fields(Scores))
