"""Tuning every model, one after the other, in the time there is (thesis section 4.2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from core.errors import EncoderError
from core.progress import Progress, Silent
from core.types import Changes
from core.workflows.evaluate import why_without_names
from core.workflows.fitted_models import materials_of, starting_parameters
from core.workflows.model_plans import COMBINED, PLANS, ModelPlan
from core.workflows.partial_progress import Within
from core.workflows.project import Project
from core.workflows.ready_dataset import ready_dataset
from core.workflows.recipes import Materials
from core.workflows.tune import TunedModel, TuneSettings, complete_tuning, tune
from core.workflows.unfinished import Work, noted

LEAST_SHARE = 1.0
"""Seconds: so long a model is tuned even if the time is over."""


@dataclass(frozen=True, slots=True)
class TunedModels:
    """``tuned`` now; ``known``: titles of those that were complete before; ``left_out``: why."""

    tuned: tuple[TunedModel, ...]
    known: tuple[str, ...]
    left_out: tuple[str, ...]
    changes: Changes


def tune_all(
    project: Project,
    settings: TuneSettings | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
    on_model: Callable[[TunedModel], None] | None = None,
) -> TunedModels:
    """Tune every model and variant, those first that others start from, the combined one last.

    ``seconds`` are shared out evenly among the models that are left; what one does not need, the
    next ones have. A model of which a single trial would take longer than all that is left, is
    left out. Stopped or killed, the same call goes on where it was, and a call with more time goes
    on with what was not complete. Raises :class:`ProjectError` as tuning one model does.
    """
    asked = settings or TuneSettings()
    with noted(project, Work.TUNING_ALL, {**asdict(asked), "seconds": seconds}):
        return _tune_all(project, asked, seconds, progress or Silent(), on_model)


def _tune_all(
    project: Project,
    asked: TuneSettings,
    seconds: float | None,
    watched: Progress,
    on_model: Callable[[TunedModel], None] | None,
) -> TunedModels:
    clock = _Clock(seconds)
    data = ready_dataset(project, watched)
    materials = materials_of(project, data)
    tuned: list[TunedModel] = []
    known: list[str] = []
    left_out: list[str] = []
    for place, plan in enumerate(PLANS):
        watched.checkpoint()
        watched.report(place, len(PLANS), plan.title)
        is_known = complete_tuning(project, plan, asked, data) is not None
        if is_known and not (plan.name == COMBINED and tuned):
            known.append(plan.title)
            continue
        why_not = _why_not(project, materials, plan, clock.left())
        if why_not:
            left_out.append(f"{plan.title}: {why_not}")
            continue
        inner = Within(watched, place, len(PLANS), plan.title)
        share = clock.share(len(PLANS) - place)
        try:
            found = tune(project, plan.name, plan.variant, asked, inner, seconds=share)
        except EncoderError as error:  # only captions need the encoder itself
            left_out.append(f"{plan.title}: {error}")
            continue
        tuned.append(found)
        if on_model is not None:
            on_model(found)
    watched.report(len(PLANS), len(PLANS))
    return TunedModels(
        tuple(tuned), tuple(known), tuple(left_out), Changes(experiments_changed=bool(tuned))
    )


class _Clock:
    """The seconds that are left; None: as many as are needed."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def share(self, models: int) -> float | None:
        left = self.left()
        return None if left is None else max(LEAST_SHARE, left / models)


def _why_not(project: Project, materials: Materials, plan: ModelPlan, seconds: float | None) -> str:
    """Why a model cannot be tuned; empty if it can."""
    without = why_without_names(materials, plan)
    if without:
        return without
    start = starting_parameters(project, plan, materials.data)
    expected = plan.recipe.expected_seconds(materials, start)
    if seconds is not None and expected > max(LEAST_SHARE, seconds):
        return f"a single trial takes about {expected / 60:.0f} minutes, longer than is left."
    return ""
