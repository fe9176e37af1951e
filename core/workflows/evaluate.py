"""Evaluation: every model side by side on the untouched test set (thesis sections 4.1 and 4.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from core.catalog import experiments
from core.errors import Cancelled, EncoderError, ProjectError
from core.evaluation.comparison import RESAMPLES, ResampledSets
from core.progress import Progress, Silent
from core.types import Experiment, ExperimentId, ExperimentState
from core.workflows.caption_names import Names
from core.workflows.dataset import Dataset
from core.workflows.evaluation_curves import confidence_curves, learning
from core.workflows.evaluation_example import example_of
from core.workflows.evaluation_record import EvaluatedSet, Evaluation, KeywordRow
from core.workflows.fitted_models import fitted_model, is_too_slow, materials_of, tuned_experiment
from core.workflows.measuring import Measured, measure, refinements
from core.workflows.model_plans import AS_IS, PLANS, ModelPlan, find_plan
from core.workflows.partial_progress import Within
from core.workflows.project import Project
from core.workflows.ready_dataset import images_since, ready_dataset
from core.workflows.recipes import Materials
from core.workflows.records import UNREADABLE
from core.workflows.shared_search import SharedSearch
from core.workflows.unfinished import Work, noted

EVALUATION = "evaluation"
_NO_NAMES = {
    Names.AUTOMATIC: "no keyword can be translated without people.",
    Names.MANUAL: "nobody has given or confirmed an English name yet.",
}
_LEARNERS = ("neighbor-search", "linear-probe")


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """What to compare: ``models`` by name, all of them if there are none."""

    models: tuple[str, ...] = ()
    resamples: int = RESAMPLES
    seed: int = 0

    def __post_init__(self) -> None:
        for name in self.models:
            find_plan(name)
        if self.resamples < 1:
            raise ProjectError("Intervals need at least one resampled test set.")

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """Those that were noted. Raises KeyError, TypeError, ValueError, ProjectError."""
        models = tuple(str(name) for name in record["models"])
        return cls(models, int(record["resamples"]), int(record["seed"]))


def evaluate(
    project: Project,
    settings: EvaluationSettings | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Compare the models; tuned ones as they were tuned, others with the settings of the thesis.

    All thresholds, calibrations and choices are made on validation. The result is kept as an
    experiment, and these count how often the test set was used. An archive that was never
    prepared is prepared first, with default settings. Raises :class:`ProjectError` if it cannot
    be. Stopped or killed, models that have learnt for long are not trained again.
    """
    asked = settings or EvaluationSettings()
    with noted(project, Work.EVALUATION, asdict(asked)):
        return _evaluate(project, asked, progress or Silent())


def _evaluate(project: Project, asked: EvaluationSettings, watched: Progress) -> Evaluation:
    data = ready_dataset(project, watched)
    experiment = experiments.add_experiment(
        project.catalog,
        kind=EVALUATION,
        model=", ".join(asked.models),
        variant="",
        settings=json.dumps(asdict(asked)),
        seed=asked.seed,
        preparation=data.preparation,
        data_version=data.version,
        encoder=data.encoder,
    )
    try:
        found = _compare(project, experiment, asked, data, watched)
    except (Cancelled, KeyboardInterrupt):
        _end(project, experiment, ExperimentState.CANCELLED, "{}")
        raise
    except Exception as error:
        _end(project, experiment, ExperimentState.FAILED, json.dumps({"error": str(error)}))
        raise
    record = json.dumps(found.record(), ensure_ascii=False)
    _end(project, experiment, ExperimentState.DONE, record)
    return found


def latest_evaluation(project: Project) -> Evaluation | None:
    """The newest finished evaluation; None if there is none."""
    for known in experiments.list_experiments(project.catalog):
        if known.kind == EVALUATION and known.state is ExperimentState.DONE:
            return evaluation_of(known)
    return None


def read_evaluation(project: Project, experiment: ExperimentId) -> Evaluation:
    """What an evaluation found. Raises :class:`ProjectError` if it is no finished one."""
    return evaluation_of(experiments.get_experiment(project.catalog, experiment))


def evaluation_of(experiment: Experiment) -> Evaluation:
    """What an experiment found. Raises :class:`ProjectError` if it is no finished evaluation."""
    try:
        return Evaluation.from_record(json.loads(experiment.result))
    except UNREADABLE as error:
        raise ProjectError(
            f"Experiment {experiment.id} is no finished evaluation.", "Evaluate again."
        ) from error


def _compare(
    project: Project,
    experiment: ExperimentId,
    settings: EvaluationSettings,
    data: Dataset,
    progress: Progress,
) -> Evaluation:
    materials = materials_of(project, data)
    plans, notes = _plans(project, settings, materials)
    sets = ResampledSets(data.test.truth, settings.resamples, settings.seed)
    measured, failed = _measure_all(project, materials, plans, sets, progress)
    if not measured:
        raise ProjectError("No model can be compared.", " ".join(failed))
    best = _best_of_each(measured)
    chosen = [measured[place] for place in best]
    refined = []
    for place, one in enumerate(chosen):
        progress.checkpoint()
        progress.report(place, len(chosen), f"Calibrating {one.result.title}")
        refined += refinements(one, data, sets)
    learners = [
        one
        for one in measured
        if one.fitted.plan.name in _LEARNERS and one.fitted.plan.variant == AS_IS
    ]
    text = next((one for one in chosen if one.fitted.plan.is_text), None)
    lines, overtakes = learning(learners, text, data, settings.seed, progress)
    calibrated = [one for one in refined if one.result.refinement == "calibrated"]
    everything = [*measured, *refined]
    return Evaluation(
        experiment=experiment,
        preparation=data.preparation,
        data_version=data.version,
        encoder=data.encoder,
        seed=settings.seed,
        test=_test_set(project, data),
        keywords=_keywords(data),
        models=tuple(one.result for one in everything),
        best=tuple(best),
        curves=(*confidence_curves([*chosen, *calibrated], data), *lines),
        overtakes=overtakes,
        example=example_of(project, data, chosen, learners, settings.seed),
        notes=(*notes, *failed),
    )


def _plans(
    project: Project, settings: EvaluationSettings, materials: Materials
) -> tuple[list[ModelPlan], list[str]]:
    """What is compared, and why some of it is not."""
    plans, notes = [], []
    newer = images_since(project, materials.data)
    if newer:
        notes.append(
            f"{newer} labeled images came after the preparation and take no part. "
            f"Prepare again to take them in: clipkw prepare {project.folder}"
        )
    wanted = [plan for plan in PLANS if not settings.models or plan.name in settings.models]
    for plan in wanted:
        tuned = tuned_experiment(project, plan, materials.data)
        without = why_without_names(materials, plan)
        if without:
            notes.append(f"{plan.title}: {without}")
            continue
        if is_too_slow(materials, plan, tuned):
            command = f"clipkw tune {project.folder} --model {plan.name} --variant {plan.variant}"
            notes.append(
                f"{plan.title}: it takes long, so it is compared once it was tuned: {command}"
            )
            continue
        plans.append(plan)
    return plans, notes


def why_without_names(materials: Materials, plan: ModelPlan) -> str:
    """Why a model lacks the names of keywords that it needs; empty if it does not."""
    if plan.names is None or materials.has_names(plan.names):
        return ""
    return _NO_NAMES[plan.names]


def _measure_all(
    project: Project,
    materials: Materials,
    plans: Sequence[ModelPlan],
    sets: ResampledSets,
    progress: Progress,
) -> tuple[list[Measured], list[str]]:
    """Of every model but the best one of each name, the confidences are let go again."""
    ready = {
        plan.title: fitted_model(project, materials, plan, progress)
        for plan in plans
        if plan.recipe.keeps_references
    }
    together = [one.estimator for one in ready.values()]
    search = SharedSearch(materials.data.train, together)
    measured: list[Measured] = []
    failed = []
    for place, plan in enumerate(plans):
        progress.checkpoint()
        progress.report(place, len(plans), plan.title)
        within = Within(progress, place, len(plans), plan.title)
        try:
            fitted = ready.get(plan.title) or fitted_model(project, materials, plan, within)
        except EncoderError as error:  # only captions need the encoder itself
            failed.append(f"{plan.title}: {error}")
            continue
        measured.append(measure(fitted, materials.data, search, sets, within))
        best = _best_of_each(measured)
        measured = [
            one if at in best else one.without_confidences() for at, one in enumerate(measured)
        ]
    progress.report(len(plans), len(plans))
    return measured, failed


def _best_of_each(measured: Sequence[Measured]) -> list[int]:
    """The place of the best variant of each model, on validation."""
    order = sorted(range(len(measured)), key=lambda at: -measured[at].result.validation_f2)
    best: dict[str, int] = {}
    for place in order:
        best.setdefault(measured[place].result.name, place)
    return sorted(best.values())


def _test_set(project: Project, data: Dataset) -> EvaluatedSet:
    same = [
        known
        for known in experiments.list_experiments(project.catalog)
        if known.kind == EVALUATION and known.preparation == data.preparation
    ]
    images, words = len(data.test), len(data.keywords)
    return EvaluatedSet(
        images=images,
        keywords=words,
        prevalence=float(data.test.labels.sum() / (images * words)),
        training=len(data.train),
        validation=len(data.validation),
        touched=len(same),
    )


def _keywords(data: Dataset) -> tuple[KeywordRow, ...]:
    support = data.test.truth.sum(axis=0).tolist()
    return tuple(
        KeywordRow(one.no, one.en or "", count)
        for one, count in zip(data.keywords, support, strict=True)
    )


def _end(project: Project, experiment: ExperimentId, state: ExperimentState, result: str) -> None:
    experiments.finish_experiment(project.catalog, experiment, state, result)
