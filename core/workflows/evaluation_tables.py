"""The comparison to calculate with: JSON and CSV."""

from __future__ import annotations

import json
from pathlib import Path

from core.errors import StorageError
from core.reporting.csv_table import write_csv
from core.reporting.files import writing
from core.workflows.evaluation_record import Evaluation, evaluation_json, metric_names

MODELS_FILE, KEYWORDS_FILE, CURVES_FILE = "models.csv", "keywords.csv", "curves.csv"


def write_json(evaluation: Evaluation, path: Path) -> None:
    """Write :func:`evaluation_json`; complete or not at all. Raises :class:`StorageError`."""
    with writing(path) as stream:
        json.dump(evaluation_json(evaluation), stream, ensure_ascii=False, indent=2)
        stream.write("\n")


def write_tables(evaluation: Evaluation, folder: Path) -> None:
    """Write every figure as CSV: models, keywords, curves. Raises :class:`StorageError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror or error}.") from error
    _write_models(evaluation, folder / MODELS_FILE)
    _write_keywords(evaluation, folder / KEYWORDS_FILE)
    _write_curves(evaluation, folder / CURVES_FILE)


def _write_models(evaluation: Evaluation, path: Path) -> None:
    metrics = metric_names()
    averages = ("micro", "macro", "weighted")
    write_csv(
        path,
        (
            "name",
            "variant",
            "title",
            "threshold",
            *(f"{average} {metric}" for average in averages for metric in metrics),
            "subset accuracy",
            "micro f2 low",
            "micro f2 high",
            "calibration error",
        ),
        [
            (
                one.name,
                one.full_variant,
                one.title,
                one.threshold,
                *(getattr(getattr(one, average), m) for average in averages for m in metrics),
                one.subset_accuracy,
                one.intervals["micro.f2"].low,
                one.intervals["micro.f2"].high,
                one.calibration_error,
            )
            for one in evaluation.models
        ],
    )


def _write_keywords(evaluation: Evaluation, path: Path) -> None:
    write_csv(
        path,
        (
            *("model", "variant", "keyword", "english", "test images"),
            *("f2", "f2 low", "f2 high", "precision", "recall", "roc auc", "average precision"),
        ),
        [
            (
                one.name,
                one.full_variant,
                word.no,
                word.en,
                word.support,
                found.f2,
                found.f2_low,
                found.f2_high,
                found.precision,
                found.recall,
                found.roc_auc,
                found.average_precision,
            )
            for one in evaluation.models
            for word, found in zip(evaluation.keywords, one.keywords, strict=True)
        ],
    )


def _write_curves(evaluation: Evaluation, path: Path) -> None:
    write_csv(
        path,
        ("curve", "model", "x", "y"),
        [(c.kind, c.title, *at) for c in evaluation.curves for at in zip(c.x, c.y, strict=True)],
    )
