"""One model on validation and test, as it is and with what goes beyond the thesis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.evaluation.comparison import ModelScores, Ranked, ResampledSets, Thresholds
from core.evaluation.curves import calibration_curve, keyword_calibration_error
from core.models.calibration import KeywordCalibration
from core.models.thresholds import best_threshold, class_thresholds
from core.progress import Progress
from core.types import Confidences
from core.workflows.dataset import Dataset
from core.workflows.evaluation_record import KeywordResult, ModelResult
from core.workflows.fitted_models import FittedModel
from core.workflows.shared_search import SharedSearch

CLASS_THRESHOLDS, CALIBRATED = "class-thresholds", "calibrated"


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """A model, its confidences on validation and test (n, C), and what they are worth.

    ``ranked`` is that of the test set at any threshold.
    """

    fitted: FittedModel
    validation: Confidences
    test: Confidences
    ranked: Ranked
    result: ModelResult

    def without_confidences(self) -> Self:
        """The same, small."""
        nothing = np.zeros((0, self.test.shape[1]), dtype=np.float32)
        return replace(self, validation=nothing, test=nothing)


def measure(
    fitted: FittedModel,
    data: Dataset,
    search: SharedSearch,
    sets: ResampledSets,
    progress: Progress,
) -> Measured:
    """A model at the common threshold that is best on validation."""
    validation, on_validation = search.confidences(fitted.estimator, data.validation, progress)
    test, on_test = search.confidences(fitted.estimator, data.test, progress)
    threshold, f2 = best_threshold(data.validation.truth, validation)
    ranked = sets.rank(test)
    result = _result(fitted, data, test, threshold, (), sets, ranked)
    result = replace(result, validation_f2=f2, seconds=on_validation + on_test)
    return Measured(fitted, validation, test, ranked, result)


def refinements(measured: Measured, data: Dataset, sets: ResampledSets) -> list[Measured]:
    """The same model with a threshold of its own for every keyword, and calibrated.

    Micro F2 on validation is that of the very data both were learnt from.
    """
    fitted, truth = measured.fitted, data.validation.truth
    of_class = class_thresholds(truth, measured.validation)
    result = _result(
        fitted,
        data,
        measured.test,
        measured.result.threshold,
        tuple(of_class.tolist()),
        sets,
        measured.ranked,
    )
    own = replace(
        measured,
        result=replace(
            result,
            refinement=CLASS_THRESHOLDS,
            title=f"{fitted.plan.title}, class thresholds",
            validation_f2=_micro_f2(truth, measured.validation >= of_class),
        ),
    )
    calibration = KeywordCalibration.fit(measured.validation, truth)
    validation = calibration.calibrate(measured.validation)
    test = calibration.calibrate(measured.test)
    threshold, f2 = best_threshold(truth, validation)
    ranked = sets.rank(test)
    result = _result(fitted, data, test, threshold, (), sets, ranked)
    calibrated = Measured(
        fitted,
        validation,
        test,
        ranked,
        replace(
            result,
            refinement=CALIBRATED,
            title=f"{fitted.plan.title}, calibrated",
            validation_f2=f2,
        ),
    )
    return [own, calibrated]


def _result(
    fitted: FittedModel,
    data: Dataset,
    confidences: Confidences,
    threshold: float,
    of_class: tuple[float, ...],
    sets: ResampledSets,
    ranked: Ranked,
) -> ModelResult:
    truth = data.test.truth
    thresholds: Thresholds = np.asarray(of_class) if of_class else threshold
    scores = sets.score(confidences, thresholds, ranked)
    return ModelResult(
        name=fitted.plan.name,
        variant=fitted.plan.variant,
        refinement="",
        title=fitted.plan.title,
        experiment=fitted.experiment,
        parameters=fitted.parameters,
        threshold=threshold,
        class_thresholds=of_class,
        validation_f2=0.0,
        micro=scores.micro,
        macro=scores.macro,
        weighted=scores.weighted,
        subset_accuracy=scores.subset_accuracy,
        intervals=scores.intervals,
        calibration_error=calibration_curve(truth, confidences).error,
        keyword_calibration_error=keyword_calibration_error(truth, confidences),
        keywords=_by_keyword(scores),
        seconds=0.0,
    )


def _by_keyword(scores: ModelScores) -> tuple[KeywordResult, ...]:
    each = scores.keywords
    columns = (
        each.f2,
        each.f2_low,
        each.f2_high,
        each.precision,
        each.recall,
        each.roc_auc,
        each.average_precision,
    )
    return tuple(KeywordResult(*row) for row in np.stack(columns, axis=1).tolist())


def _micro_f2(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    hits, taken, positives = (
        int(np.count_nonzero(part)) for part in (truth & predicted, predicted, truth)
    )
    return 5 * hits / max(1, 4 * positives + taken)
