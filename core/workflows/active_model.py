"""The model that makes a project's suggestions: chosen among the tuned ones, and how it speaks.

Every labeled image stays a reference: what a model has learnt is joined to the references of now.
Confidences are calibrated; keywords that a model has not learnt are suggested by the references.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from core.catalog import choices, experiments
from core.errors import ProjectError
from core.models.base import Estimator, Exclusions, Labels, SettingLimits
from core.models.combined import Combined
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.types import (
    Changes,
    Confidences,
    Experiment,
    ExperimentId,
    ExperimentState,
    ImageId,
    KeywordId,
    Vectors,
)
from core.workflows.fitted_models import TUNING, tuned_parameters
from core.workflows.label import person
from core.workflows.model_files import StoredModel, model_path, read_model
from core.workflows.model_plans import find_plan
from core.workflows.project import Project
from core.workflows.recipes import Fitted
from core.workflows.records import reading
from core.workflows.reference_index import Evidence, ReferenceIndex

Said = Mapping[KeywordId, tuple[float, bool]]
"""Confidence of each keyword in [0, 1], and whether it reaches its threshold."""


def choose_model(project: Project, experiment: ExperimentId | None) -> Changes:
    """Let a tuned model make the suggestions from now on; None: the model of the start.

    A step that can be undone. Raises :class:`ProjectError` for an experiment that is no finished
    tuning with the project's encoder, or whose file is missing or damaged.
    """
    if experiment is None:
        title = "Use the model of the start"
        return choices.choose(project.catalog, choices.EXPERIMENT, "", person(), title)
    known = _usable(project, experiment)
    read_model(model_path(project, experiment))
    title = f"Use {find_plan(known.model, known.variant).title}"
    return choices.choose(project.catalog, choices.EXPERIMENT, str(experiment), person(), title)


@dataclass(frozen=True, eq=False, slots=True)
class ActiveModel:
    """What makes suggestions: ``search`` finds the evidence, ``voice`` makes confidences of it.

    ``warning`` says why the chosen model cannot be used, if so.
    """

    name: str
    search: NeighborSearch
    voice: Voice
    experiment: ExperimentId | None = None
    warning: str = ""


def active_model(project: Project) -> ActiveModel:
    """The chosen model, or neighbor search with the settings of ``project.toml``."""
    try:
        with reading("Which model is in use", "Choose a model again."):
            chosen = choices.chosen_row(project.catalog, choices.EXPERIMENT)
        if chosen is None:
            return start_model(project)
        return _of_experiment(project, _usable(project, ExperimentId(chosen)))
    except ProjectError as error:
        start = start_model(project)
        return ActiveModel(start.name, start.search, start.voice, warning=str(error))


def start_model(project: Project) -> ActiveModel:
    """Neighbor search as it is before anything was tuned."""
    given = project.settings.neighbor_search
    search = NeighborSearch(given.temperature, given.max_difference, given.max_neighbors)
    return ActiveModel(search.name, search, WeightVoice(given.threshold))


def nearest_neighbor(project: Project) -> ActiveModel:
    """The 1-NN baseline."""
    search = NearestNeighbor()
    return ActiveModel(search.name, search, WeightVoice(project.settings.neighbor_search.threshold))


class Voice(Protocol):
    """Makes confidences of what is known about images."""

    def speak(
        self, index: ReferenceIndex, images: Sequence[ImageId], evidence: Sequence[list[Evidence]]
    ) -> list[Said]:
        """Confidences for each image (n,), given its evidence; none without a vector."""


class WeightVoice:
    """The weights of the references that have a keyword, summed: neighbor search."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def speak(
        self,
        index: ReferenceIndex,  # noqa: ARG002
        images: Sequence[ImageId],  # noqa: ARG002
        evidence: Sequence[list[Evidence]],
    ) -> list[Said]:
        """No more than the evidence."""
        return [
            {
                keyword: (min(weight, 1.0), weight >= self._threshold)
                for keyword, weight in _weights(one).items()
            }
            for one in evidence
        ]


class TunedVoice:
    """A tuned model, calibrated; the references speak for keywords it has not learnt."""

    def __init__(self, stored: StoredModel, estimator: Estimator | None, is_live: bool) -> None:
        self._stored = stored
        self._columns = {
            KeywordId(one): column for column, one in enumerate(stored.keywords.tolist())
        }
        self._learnt_from = {
            ImageId(image): row for row, image in enumerate(stored.images.tolist())
        }
        self._estimator = estimator
        self._is_live = is_live
        self._fitted_to = -1

    def speak(
        self, index: ReferenceIndex, images: Sequence[ImageId], evidence: Sequence[list[Evidence]]
    ) -> list[Said]:
        """What the model says, and the evidence where it says nothing."""
        weights = [_weights(one) for one in evidence]
        queries, encoded = index.vectors_of(np.array(images, dtype=np.int64))
        found: list[Said] = [{} for _ in images]
        if not len(encoded):
            return found
        spoken = self._spoken([weights[place] for place in encoded.tolist()])
        asked = [images[place] for place in encoded.tolist()]
        raw = self._confidences(index, queries, asked, spoken)
        calibrated = self._stored.calibration.calibrate(raw)
        above = calibrated >= self._stored.calibrated_threshold
        for row, place in enumerate(encoded.tolist()):
            said = {
                keyword: (min(weight, 1.0), weight >= self._stored.threshold)
                for keyword, weight in weights[place].items()
                if keyword not in self._columns
            }
            for keyword, column in self._columns.items():
                said[keyword] = (float(calibrated[row, column]), bool(above[row, column]))
            found[place] = said
        return found

    def _spoken(self, weights: Sequence[Mapping[KeywordId, float]]) -> Confidences:
        """The evidence as confidences (m, C)."""
        spoken = np.zeros((len(weights), len(self._columns)), dtype=np.float32)
        for row, one in enumerate(weights):
            for keyword, weight in one.items():
                column = self._columns.get(keyword)
                if column is not None:
                    spoken[row, column] = min(weight, 1.0)
        return spoken

    def _confidences(
        self,
        index: ReferenceIndex,
        queries: Vectors,
        images: Sequence[ImageId],
        spoken: Confidences,
    ) -> Confidences:
        model = self._estimator
        if model is None:
            return spoken
        if self._is_live:
            if self._fitted_to != index.revision:
                model.fit(*index.references(self._columns))
                self._fitted_to = index.revision
            return model.predict_confidence(queries, [index.places([one]) for one in images])
        if isinstance(model, Combined):
            model = copy.copy(model)
            parts: list[Estimator] = [
                _AlreadySaid(spoken) if type(part) is NeighborSearch else part
                for part in model.parts
            ]
            model.parts = parts
        return model.predict_confidence(queries, self._own_rows(images))

    def _own_rows(self, images: Sequence[ImageId]) -> list[NDArray[np.int64]]:
        """For every image its row among those learnt from, if it is one of them."""
        return [
            np.array([self._learnt_from[one]] if one in self._learnt_from else [], dtype=np.int64)
            for one in images
        ]


class _AlreadySaid:
    """A part of a combined model whose confidences are known: those of the references of now."""

    name: ClassVar[str] = NeighborSearch.name
    limits: ClassVar[SettingLimits] = {}

    def __init__(self, confidences: Confidences) -> None:
        self._confidences = confidences

    def fit(self, references: Vectors, labels: Labels) -> Self:  # noqa: ARG002
        """There is nothing to learn."""
        return self

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:  # noqa: ARG002
        """For the very queries it was made for."""
        return self._confidences


def _of_experiment(project: Project, experiment: Experiment) -> ActiveModel:
    """The model of a finished tuning, with the references it is shown with."""
    stored = read_model(model_path(project, experiment.id))
    recipe = find_plan(experiment.model, experiment.variant).recipe
    parameters = tuned_parameters(experiment)
    model = stored.estimator
    is_live = False
    if model is None:
        assert isinstance(recipe, Fitted)
        with _reading(experiment):
            model = recipe.estimator(**parameters)
        is_live = not isinstance(model, NeighborSearch)
    if isinstance(model, NeighborSearch):
        voice = TunedVoice(stored, None, is_live=False)
        return ActiveModel(experiment.model, model, voice, experiment.id)
    search = _shown_with(project, model, experiment)
    voice = TunedVoice(stored, model, is_live)
    return ActiveModel(experiment.model, search, voice, experiment.id)


def _reading(experiment: Experiment) -> AbstractContextManager[None]:
    return reading(f"Experiment {experiment.id}", "Tune the model again, or choose another one.")


def _shown_with(project: Project, model: Estimator, experiment: Experiment) -> NeighborSearch:
    """The search that finds evidence: a part of the model, the tuned one, or that of the start."""
    if isinstance(model, Combined):
        for part in model.parts:
            if type(part) is NeighborSearch:
                return part
    for known in experiments.list_experiments(project.catalog):
        if (
            (known.kind, known.model, known.variant) == (TUNING, NeighborSearch.name, "as-is")
            and known.state is ExperimentState.DONE
            and known.encoder == experiment.encoder
        ):
            with _reading(known):
                return NeighborSearch(**tuned_parameters(known))
    return start_model(project).search


def _usable(project: Project, wanted: ExperimentId) -> Experiment:
    experiment = experiments.get_experiment(project.catalog, wanted)
    if experiment.kind != TUNING or experiment.state is not ExperimentState.DONE:
        raise ProjectError(
            f"Experiment {wanted} has no model.", "Choose a tuning that is finished."
        )
    if experiment.encoder != project.settings.encoder.identity:
        raise ProjectError(
            f"The model of experiment {wanted} was made with another encoder.",
            "Tune it again with this one, or choose another model.",
        )
    find_plan(experiment.model, experiment.variant)
    return experiment


def _weights(evidence: Sequence[Evidence]) -> dict[KeywordId, float]:
    """The weights of references by keyword."""
    summed: defaultdict[KeywordId, float] = defaultdict(float)
    for one in evidence:
        for keyword in one.keywords:
            summed[keyword] += one.weight
    return summed
