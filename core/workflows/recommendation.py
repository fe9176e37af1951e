"""The model that the project should use, by what was tuned and compared on its data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.catalog import choices, experiments
from core.errors import ProjectError
from core.progress import Progress
from core.types import Changes, Experiment, ExperimentId, ExperimentState
from core.workflows.active_model import choose_model
from core.workflows.evaluate import EVALUATION, evaluation_of
from core.workflows.evaluation_record import ModelResult
from core.workflows.fitted_models import TUNING
from core.workflows.model_plans import COMBINED, ModelPlan, find_plan
from core.workflows.project import Project
from core.workflows.records import UNREADABLE
from core.workflows.tune import TuneSettings, tune


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A model and its micro F2 on validation.

    ``experiment`` has it ready for use; None: it was compared only, and has to be made first.
    """

    name: str
    variant: str
    title: str
    f2: float
    experiment: ExperimentId | None
    is_chosen: bool


def recommended_model(project: Project) -> Recommendation | None:
    """The best on validation of all models tuned or compared on the chosen preparation.

    None before the models were compared or the combined model was tuned: until then nothing says
    that another model is better than neighbor search. The test set has no say in it.
    """
    best: Recommendation | None = None
    for one in _candidates(project):
        if best is None or (one.f2, one.name == COMBINED) > (best.f2, best.name == COMBINED):
            best = one
    return best


def use_recommended(project: Project, progress: Progress) -> Changes:
    """Let the recommended model make the suggestions; it is made first if it was compared only.

    A step that can be undone. Raises :class:`ProjectError` when nothing is recommended yet.
    """
    wanted = recommended_model(project)
    if wanted is None:
        raise ProjectError(
            "No model is recommended yet.", f"Compare them first: clipkw evaluate {project.folder}"
        )
    experiment = wanted.experiment
    if experiment is None:
        once = TuneSettings(trials=1)
        experiment = tune(project, wanted.name, wanted.variant, once, progress).experiment
    return replace(choose_model(project, experiment), experiments_changed=True)


def _candidates(project: Project) -> list[Recommendation]:
    """The newest result of every model; none as long as there is nothing to compare it with."""
    preparation = choices.chosen(project.catalog, choices.PREPARATION)
    chosen = choices.chosen(project.catalog, choices.EXPERIMENT)
    encoder = project.settings.encoder.identity
    found: dict[tuple[str, str], Recommendation] = {}
    is_compared = False
    done = [
        known
        for known in experiments.list_experiments(project.catalog)
        if known.state is ExperimentState.DONE
        and (str(known.preparation), known.encoder) == (preparation, encoder)
    ]
    for known in done:
        plan = _plan(known.model, known.variant) if known.kind == TUNING else None
        if plan is None or (plan.name, plan.variant) in found:
            continue
        f2, is_chosen = _f2(known), str(known.id) == chosen
        if f2 is None:
            continue
        found[plan.name, plan.variant] = Recommendation(
            plan.name, plan.variant, plan.title, f2, known.id, is_chosen
        )
        is_compared |= plan.name == COMBINED
    compared = _compared(done)
    for one in compared:
        plan = _plan(one.name, one.variant)
        if plan is not None and not one.refinement:
            untuned = Recommendation(
                plan.name, plan.variant, plan.title, one.validation_f2, None, is_chosen=False
            )
            found.setdefault((plan.name, plan.variant), untuned)
    return list(found.values()) if is_compared or compared else []


def _compared(done: Sequence[Experiment]) -> Sequence[ModelResult]:
    """The models of the newest evaluation; none if its record is damaged."""
    evaluation = next((known for known in done if known.kind == EVALUATION), None)
    try:
        return () if evaluation is None else evaluation_of(evaluation).models
    except ProjectError:
        return ()


def _f2(tuned: Experiment) -> float | None:
    """None for a record that is damaged: the other models can still be recommended."""
    try:
        return float(json.loads(tuned.result)["f2"])
    except UNREADABLE:
        return None


def _plan(name: str, variant: str) -> ModelPlan | None:
    try:
        return find_plan(name, variant)
    except ProjectError:  # of another version of ClipKW
        return None
