"""How models are made from a prepared archive and their hyper-parameters, and what these can be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.models.base import Estimator, check_settings
from core.models.combined import Combined
from core.models.fine_tuning import Examples, FineTuning, TrainingState
from core.models.language_image import LanguageImage, captions
from core.models.neighbor_net import ClassWiseNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.models.prototypes import (
    GROUPINGS,
    ClassWisePrototypeNet,
    Prototypes,
    SimplePrototypeNet,
    make_prototypes,
)
from core.models.thresholds import best_threshold
from core.models.whitened_search import WhitenedSearch
from core.progress import Progress
from core.tuning.neighbor_objective import NeighborObjective
from core.tuning.optimise import Objective
from core.tuning.space import Parameters, Real, Space, Whole
from core.workflows.caption_names import Names, caption_names, has_names
from core.workflows.captions import text_vectors
from core.workflows.dataset import Dataset
from core.workflows.project import Project

Net: TypeAlias = SimpleNeighborNet | ClassWiseNeighborNet
PrototypeNet: TypeAlias = SimplePrototypeNet | ClassWisePrototypeNet

TEMPERATURE = Real("temperature", 0.5, 500, log=True)
TRAINING_SPACE: Space = (
    Whole("epochs", 1, 100, log=True),
    Whole("batch_size", 16, 512, log=True),
    Real("learning_rate", 1e-5, 1000, log=True),
    Real("momentum", 0, 0.99),
)
LARGEST_WEIGHT = 100
"""Of a context (thesis section 3.2.1)."""


_KEPT_PROTOTYPES = 2
"""Those at random and those of similar images, with the usual number of each keyword."""
_OPERATIONS_PER_SECOND = 5e9
_WEIGHED_PER_SECOND = 3e8
_REFERENCES: tuple[Callable[..., Estimator], ...] = (
    NeighborSearch,
    NearestNeighbor,
    SimpleNeighborNet,
    ClassWiseNeighborNet,
)


class Checkpoint(Protocol):
    """Where a training notes how far it has come, for these parameters."""

    def read(self, parameters: Parameters) -> TrainingState | None:
        """What an earlier run with the same parameters has noted."""

    def write(self, parameters: Parameters, state: TrainingState) -> None:
        """Note it; on the disk when this returns."""


MakePart: TypeAlias = Callable[["Materials", str, str, Progress], Estimator | None]


class Materials:
    """What models are made of: the prepared archive, captions of its keywords, other models."""

    def __init__(
        self,
        project: Project,
        data: Dataset,
        checkpoint: Checkpoint | None = None,
        part: MakePart | None = None,
    ) -> None:
        self.data = data
        self._part = part
        self.checkpoint = checkpoint
        self._project = project
        self._captions: dict[tuple[Names, tuple[str, ...]], NDArray[np.float32]] = {}
        self._prototypes: dict[tuple[int, str, int], Prototypes] = {}

    def part(self, name: str, variant: str, progress: Progress) -> Estimator | None:
        """The model of a name and variant as a part of another; None if it is not to be had."""
        return None if self._part is None else self._part(self, name, variant, progress)

    def has_names(self, names: Names) -> bool:
        """Whether a vocabulary has anything of its own to say about the keywords."""
        return has_names(self.data.keywords, names)

    def caption_vectors(
        self, names: Names, contexts: tuple[str, ...], progress: Progress
    ) -> NDArray[np.float32]:
        """(K, C, d) unit vectors of the C keywords, by their ``names``, in K contexts."""
        asked = (names, contexts)
        if asked not in self._captions:
            texts = captions(caption_names(self.data.keywords, names), contexts)
            vectors = text_vectors(self._project, texts, progress)
            self._captions[asked] = vectors.reshape(len(contexts), len(self.data.keywords), -1)
        return self._captions[asked]

    def prototypes(self, per_keyword: int, grouping: str, seed: int) -> Prototypes:
        """Those of the training set; the latest are kept, as several models begin with them."""
        asked = per_keyword, grouping, seed
        if asked not in self._prototypes:
            while len(self._prototypes) >= _KEPT_PROTOTYPES:
                del self._prototypes[next(iter(self._prototypes))]
            train = self.data.train
            self._prototypes[asked] = make_prototypes(
                train.vectors, train.labels, per_keyword, GROUPINGS[grouping], seed
            )
        return self._prototypes[asked]


class OnlyStopping:
    """A :class:`Progress` for a part of the work: it can be stopped, but tells nothing."""

    def __init__(self, whole: Progress) -> None:
        self.checkpoint = whole.checkpoint

    def report(self, done: int, total: int, note: str = "") -> None:
        """The whole work tells how far it has come."""


def validation_f2(materials: Materials, model: Estimator) -> float:
    """Micro F2 on validation at the best common threshold."""
    part = materials.data.validation
    return best_threshold(part.truth, model.predict_confidence(part.vectors))[1]


@dataclass(frozen=True)
class Recipe(ABC):
    """One way to make a model: ``space`` is what tuning searches, ``defaults`` all settings."""

    space: Space
    defaults: Mapping[str, Any]

    @property
    def keeps_references(self) -> bool:
        """Whether the model is its references: new ones can speak without learning anything."""
        return False

    @property
    def is_worth_keeping(self) -> bool:
        """Whether learning takes so long that the result is kept for the next time."""
        return False

    def expected_seconds(self, materials: Materials, parameters: Parameters) -> float:  # noqa: ARG002
        """How long an evaluation waits for it on one core, roughly; 0 for what is quick."""
        return 0.0

    @abstractmethod
    def fit(self, materials: Materials, parameters: Parameters, progress: Progress) -> Estimator:
        """A model that has learnt from the training set; what is not given is the default."""

    def objective(self, materials: Materials, progress: Progress) -> Objective:
        """Micro F2 on validation, at the best threshold, of any parameters."""

        quiet = OnlyStopping(progress)

        def measure(parameters: Parameters) -> float:
            return validation_f2(materials, self.fit(materials, parameters, quiet))

        return measure


@dataclass(frozen=True)
class Fitted(Recipe):
    """An estimator fitted to the training set."""

    estimator: Callable[..., Estimator]

    @property
    def keeps_references(self) -> bool:
        """So do neighbor search and the nets without prototypes."""
        return self.estimator in _REFERENCES

    @property
    def is_worth_keeping(self) -> bool:
        """All that learns anything."""
        return not self.keeps_references

    def fit(self, materials: Materials, parameters: Parameters, progress: Progress) -> Estimator:  # noqa: ARG002
        """Nothing but the estimator's own ``fit``."""
        train = materials.data.train
        model = self.estimator(**{**self.defaults, **parameters})
        return model.fit(train.vectors, train.labels)


class SearchedOnce(Fitted):
    """Neighbor search: neighbors are searched once, a trial only weighs them anew."""

    def objective(self, materials: Materials, progress: Progress) -> Objective:
        """The search, then what weighs."""
        train, validation = materials.data.train, materials.data.validation
        progress.report(0, 0, "Searching neighbors")
        return NeighborObjective.search(
            train.vectors, train.labels, validation.vectors, validation.labels
        )


class WhitenedOnce(Fitted):
    """Whitened search: the axes are learnt and neighbors searched once, a trial weighs them."""

    @property
    def is_worth_keeping(self) -> bool:
        """It is learnt faster than it is read."""
        return False

    def objective(self, materials: Materials, progress: Progress) -> Objective:
        """The search among whitened vectors, then what weighs."""
        train, validation = materials.data.train, materials.data.validation
        progress.report(0, 0, "Searching neighbors")
        model = WhitenedSearch(**self.defaults).fit(train.vectors, train.labels)
        measure = NeighborObjective.search(
            model.references_, train.labels, model.whiten(validation.vectors), validation.labels
        )
        weighing = [one.name for one in self.space]

        def weigh(parameters: Parameters) -> float:
            return measure({name: parameters[name] for name in weighing})

        return weigh


class FittedNet(Fitted):
    """A neighbor net: a trial that changes the temperature alone fits nothing anew."""

    def expected_seconds(self, materials: Materials, parameters: Parameters) -> float:  # noqa: ARG002
        """What a class-wise net needs to weigh every label for every image it is asked about."""
        if self.estimator is not ClassWiseNeighborNet:
            return 0.0
        data = materials.data
        weighed = (len(data.validation) + len(data.test)) * data.train.labels.nnz
        return float(weighed / _WEIGHED_PER_SECOND)

    def objective(self, materials: Materials, progress: Progress) -> Objective:
        """Keeps the net of the trial before."""
        fitted: dict[str, Any] = {}

        def measure(parameters: Parameters) -> float:
            rest = {key: value for key, value in parameters.items() if key != TEMPERATURE.name}
            if fitted.get("rest") != rest:
                fitted.update(rest=rest, net=self.fit(materials, parameters, progress))
            fitted["net"].temperature_ = float(parameters[TEMPERATURE.name])
            return validation_f2(materials, fitted["net"])

        return measure


class FittedPrototypes(FittedNet):
    """A neighbor net over prototypes, which other nets may have made already."""

    estimator: Callable[..., PrototypeNet]

    def fit(self, materials: Materials, parameters: Parameters, progress: Progress) -> Estimator:  # noqa: ARG002
        """The net of prototypes of the training set."""
        net = self.estimator(**{**self.defaults, **parameters})
        check_settings(net)
        return net.fit_prototypes(materials.prototypes(net.per_keyword, net.grouping, net.seed))


@dataclass(frozen=True)
class FineTuned(Recipe):
    """A neighbor net whose first layer is trained (thesis section 3.2.3)."""

    estimator: Callable[..., Net]

    @property
    def is_worth_keeping(self) -> bool:
        """Training takes minutes, or hours."""
        return True

    def expected_seconds(self, materials: Materials, parameters: Parameters) -> float:
        """Three products of images and references an epoch."""
        given, data = {**self.defaults, **parameters}, materials.data
        per_keyword = int(given.get("per_keyword", 0))
        references = per_keyword * len(data.keywords) or len(data.train)
        product = 2 * len(data.train) * references * int(data.train.vectors.shape[1])
        return int(given["epochs"]) * 3 * product / _OPERATIONS_PER_SECOND

    def fit(self, materials: Materials, parameters: Parameters, progress: Progress) -> Estimator:
        """The net at its best epoch on validation; goes on where a checkpoint says."""
        data = materials.data
        given = {**self.defaults, **parameters}
        of_training = {one.name for one in fields(FineTuning)} & given.keys() - {"seed"}
        training = FineTuning(**{name: given[name] for name in of_training})
        net = self.estimator(**{name: given[name] for name in given.keys() - of_training})
        own = np.arange(len(data.train)).reshape(-1, 1)
        noted = materials.checkpoint
        return training.train(
            net.fit(data.train.vectors, data.train.labels),
            Examples(data.train.vectors, data.train.labels, list(own)),
            Examples(data.validation.vectors, data.validation.labels),
            resume=None if noted is None else noted.read(given),
            on_epoch=None if noted is None else partial(noted.write, given),
            progress=progress,
        )


@dataclass(frozen=True)
class ContextEnsemble(Recipe):
    """Captions in several contexts, each with a weight of its own (thesis section 3.2.1)."""

    names: Names

    @classmethod
    def of(cls, contexts: tuple[str, ...], names: Names) -> Self:
        """Every context with the same weight, until it is tuned."""
        space = tuple(Real(context, 0, LARGEST_WEIGHT) for context in contexts)
        return cls(space, dict.fromkeys(contexts, float(LARGEST_WEIGHT)), names)

    def fit(self, materials: Materials, parameters: Parameters, progress: Progress) -> Estimator:
        """Nothing is learnt from images. All weights 0 count as all alike."""
        given = {**self.defaults, **parameters}
        vectors = materials.caption_vectors(self.names, tuple(self.defaults), progress)
        weights = [float(given[context]) for context in self.defaults]
        return LanguageImage(vectors, weights if sum(weights) > 0 else None).fit()

    def objective(self, materials: Materials, progress: Progress) -> Objective:
        """The captions are encoded before the first trial."""
        materials.caption_vectors(self.names, tuple(self.defaults), progress)
        return super().objective(materials, progress)


@dataclass(frozen=True)
class SingleContext(Recipe):
    """Captions in one context only, by its place among ``contexts``."""

    names: Names
    contexts: tuple[str, ...]

    @classmethod
    def of(cls, contexts: tuple[str, ...], default: str, names: Names) -> Self:
        """The context ``default``, until it is tuned."""
        space = (Whole("context", 0, len(contexts) - 1),)
        return cls(space, {"context": contexts.index(default)}, names, contexts)

    def fit(self, materials: Materials, parameters: Parameters, progress: Progress) -> Estimator:
        """Nothing is learnt from images."""
        place = int({**self.defaults, **parameters}["context"])
        vectors = materials.caption_vectors(self.names, self.contexts, progress)
        return LanguageImage(vectors[place : place + 1]).fit()

    def objective(self, materials: Materials, progress: Progress) -> Objective:
        """The captions are encoded before the first trial."""
        materials.caption_vectors(self.names, self.contexts, progress)
        return super().objective(materials, progress)


@dataclass(frozen=True)
class CombinedRecipe(Recipe):
    """Other models together, each as it was tuned, weighed on validation (beyond the thesis)."""

    parts: tuple[tuple[str, str], ...]
    """Name and variant of each."""

    def fit(self, materials: Materials, parameters: Parameters, progress: Progress) -> Estimator:  # noqa: ARG002
        """Of the parts those that are to be had."""
        found = [materials.part(*one, progress) for one in self.parts]
        combined = Combined([part for part in found if part is not None])
        validation = materials.data.validation
        said = [part.predict_confidence(validation.vectors) for part in combined.parts]
        return combined.combine(said, validation.truth)
