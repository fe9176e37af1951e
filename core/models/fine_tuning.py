"""Fine-tuning of the neighbor nets (thesis sections 3.2.3 and 4.2).

Stochastic gradient descent with momentum and a cosine-annealed learning rate on the mean squared
error. Trained are the first layer, which begins as the reference vectors, and, except in the
class-wise nets, the logarithm of the temperature. The labels are fixed; there are no biases.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.models.base import (
    Choice,
    Exclusions,
    Limits,
    SettingLimits,
    row_blocks,
)
from core.models.neighbor_net import ClassWiseNeighborNet, SimpleNeighborNet
from core.models.prototypes import ClassWisePrototypeNet, SimplePrototypeNet
from core.models.thresholds import best_threshold
from core.progress import Progress, Silent
from core.similarity.top_k import flat_exclusions
from core.types import Vectors

if TYPE_CHECKING:
    from torch import Tensor

    from core.models.net_gradients import Backward, Differentiable

_Net = TypeVar("_Net", bound=SimpleNeighborNet | ClassWiseNeighborNet)


@dataclass(frozen=True, eq=False, slots=True)
class Examples:
    """Unit ``vectors`` (n, d) of images and their ``labels`` (n, C) of 0 and 1.

    ``exclude`` gives for every image the references that must not speak for it. An image that is
    a reference itself must have its own row here: it would learn to find itself. Prototypes
    ignore it.
    """

    vectors: Vectors
    labels: csr_array
    exclude: Exclusions = None


@dataclass(frozen=True, eq=False, slots=True)
class TrainingState:
    """What a training of N references needs to go on after an epoch.

    ``first_layer``, its ``velocity`` and ``best_first_layer`` (N, d); ``log_temperature`` (3,)
    likewise; ``history`` (epochs + 1, 2) has micro F2 at the best threshold and mean squared error
    on validation, before training and after each epoch.
    """

    first_layer: NDArray[np.float32]
    velocity: NDArray[np.float32]
    best_first_layer: NDArray[np.float32]
    log_temperature: NDArray[np.float64]
    history: NDArray[np.float64]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The parts by name, to be stored."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Raises ValueError for a missing part, one of another shape, and values not finite."""
        try:
            state = cls(*(np.array(arrays[part.name]) for part in fields(cls)))
        except KeyError as error:
            raise ValueError(f"the training state lacks {error}") from error
        layers = (state.first_layer, state.velocity, state.best_first_layer)
        if (
            any(layer.ndim != 2 or layer.shape != layers[0].shape for layer in layers)
            or state.log_temperature.shape != (3,)
            or state.history.ndim != 2
            or state.history.shape[1] != 2
            or not len(state.history)
        ):
            raise ValueError("the training state has arrays of other shapes")
        if not all(np.isfinite(layer).all() for layer in (*layers, state.history)):
            raise ValueError("the training state holds NaN or infinite values")
        return state


@dataclass(frozen=True, slots=True)
class FineTuning:
    """How to train. Defaults are those of thesis Table 4.4 for 16 averaged prototypes a keyword.

    ``epochs`` passes over the images in batches of ``batch_size``, the last one smaller;
    ``learning_rate`` at the start, 0 at the end; ``momentum`` in [0, 0.9999]. Training ends
    before that when validation has not improved for ``patience`` epochs. ``temperature_mode``
    "trained" moves the logarithm of the temperature with the first layer, "fixed" leaves it, as
    class-wise nets always do. ``seed`` orders the images; ``device`` "auto" is a graphics card
    that PyTorch reaches by CUDA, else the processor.
    """

    epochs: int = 12
    batch_size: int = 33
    learning_rate: float = 9.8052
    momentum: float = 0.36597
    patience: int = 5
    temperature_mode: str = "trained"
    seed: int = 0
    device: str = "auto"

    limits: ClassVar[SettingLimits] = {
        "epochs": Limits(0, whole=True),
        "batch_size": Limits(1, whole=True),
        "learning_rate": Limits(0),
        "momentum": Limits(0, 0.9999),
        "patience": Limits(1, whole=True),
        "temperature_mode": Choice(("trained", "fixed")),
        "seed": Limits(0, whole=True),
        "device": Choice(("auto", "cpu", "cuda")),
    }

    def __post_init__(self) -> None:
        for name, limits in self.limits.items():
            limits.check(name, getattr(self, name))

    def train(
        self,
        net: _Net,
        train: Examples,
        validation: Examples,
        *,
        resume: TrainingState | None = None,
        on_epoch: Callable[[TrainingState], None] | None = None,
        progress: Progress | None = None,
    ) -> _Net:
        """A copy of a fitted net as it was when micro F2 on validation was highest.

        That can be the untrained one: the copy is never worse on validation. ``on_epoch`` is given
        the state before training and after each epoch; with it as ``resume``, the same call goes on
        from there to the same result. A training whose numbers overflow ends with the best net so
        far. Raises ValueError for arrays that do not fit, without images, and without the device.
        """
        _check(net, train, validation, resume)
        training = _Training(self, net, train, validation, progress or Silent())
        training.begin(resume)
        if resume is None and on_epoch is not None:
            on_epoch(training.state())
        while training.goes_on() and training.epoch():
            if on_epoch is not None:
                on_epoch(training.state())
        trained = copy.copy(net)
        trained.references_, trained.temperature_ = training.best()
        return trained


class _Training:
    """One training of one net on one device."""

    def __init__(
        self,
        settings: FineTuning,
        net: SimpleNeighborNet | ClassWiseNeighborNet,
        train: Examples,
        validation: Examples,
        progress: Progress,
    ) -> None:
        import torch

        from core.models.net_gradients import differentiable

        self._settings = settings
        self._net = net
        self._train = train
        self._validation = validation
        self._progress = progress
        has_card = torch.cuda.is_available()
        if settings.device == "cuda" and not has_card:
            raise ValueError("there is no graphics card that PyTorch reaches by CUDA")
        automatic = "cuda" if has_card else "cpu"
        self._device = automatic if settings.device == "auto" else settings.device
        self._layers: Differentiable = differentiable(net, self._device)
        self._excludes = not isinstance(net, SimplePrototypeNet | ClassWisePrototypeNet)
        self._truth = validation.labels.toarray() > 0

    def begin(self, resume: TrainingState | None) -> None:
        """Start with the net as it is, or where another training stood."""
        if resume is None:
            self._layer = self._tensor(self._net.references_)
            self._velocity = self._layer.new_zeros(self._layer.shape)
            self._best = self._layer.clone()
            heat = self._net.temperature_
            log_temperature = math.log(heat) if heat > 0 else -math.inf
            self._log_temperature = log_temperature
            self._log_temperature_velocity = 0.0
            self._best_log_temperature = log_temperature
            found = self._validate()
            if found is None:
                raise ValueError("the net's confidences are not finite")
            self._history = [found]
            return
        self._layer = self._tensor(resume.first_layer)
        self._velocity = self._tensor(resume.velocity)
        self._best = self._tensor(resume.best_first_layer)
        heats = resume.log_temperature.tolist()
        self._log_temperature, self._log_temperature_velocity, self._best_log_temperature = heats
        self._history = [(f2, mse) for f2, mse in resume.history.tolist()]

    def goes_on(self) -> bool:
        """Whether another epoch is due."""
        done = len(self._history) - 1
        since_best = done - int(np.argmax([f2 for f2, _ in self._history]))
        return done < self._settings.epochs and since_best < self._settings.patience

    def epoch(self) -> bool:
        """Every image once; False if the numbers overflowed and nothing came of it."""
        settings, number = self._settings, len(self._history) - 1
        images = len(self._train.vectors)
        steps = math.ceil(images / settings.batch_size)
        order = np.random.default_rng([settings.seed, number]).permutation(images)
        best = max(f2 for f2, _ in self._history)
        note = f"epoch {number + 1} of {settings.epochs}, best F2 {best:.4f}"
        for step in range(steps):
            batch = order[step * settings.batch_size : (step + 1) * settings.batch_size]
            done = number * steps + step
            rate = settings.learning_rate / 2 * (1 + math.cos(math.pi * done / self._total(steps)))
            if not self._step(batch, rate):
                return False
            self._progress.report(done + 1, self._total(steps), note)
        found = self._validate()
        if found is None:
            return False
        if found[0] > best:
            self._best.copy_(self._layer)
            self._best_log_temperature = self._log_temperature
        self._history.append(found)
        return True

    def state(self) -> TrainingState:
        """What is needed to go on."""
        heats = (self._log_temperature, self._log_temperature_velocity, self._best_log_temperature)
        return TrainingState(
            _array(self._layer),
            _array(self._velocity),
            _array(self._best),
            np.array(heats),
            np.array(self._history),
        )

    def best(self) -> tuple[Vectors, float]:
        """First layer and temperature with the highest F2 on validation."""
        return _array(self._best), math.exp(self._best_log_temperature)

    def _step(self, batch: NDArray[np.int64], rate: float) -> bool:
        """Move along the gradient of one batch, added up over blocks of it."""
        keep = self._settings.momentum
        self._log_temperature_velocity *= keep
        scale = 2 / (len(batch) * self._train.labels.shape[1])
        for block in row_blocks(len(batch), self._layers.width):
            self._progress.checkpoint()
            rows = batch[block]
            confidences, backward = self._forward(self._train, rows)
            residual = (confidences - self._tensor(self._train.labels[rows].toarray())) * scale
            warmth = backward(residual, self._velocity, keep)
            keep = 1.0
            if self._settings.temperature_mode == "trained":
                self._log_temperature_velocity += warmth
        try:
            self._log_temperature -= rate * self._log_temperature_velocity
            self._layer.add_(self._velocity, alpha=-rate)
            return math.isfinite(math.exp(self._log_temperature))
        except OverflowError:
            return False

    def _validate(self) -> tuple[float, float] | None:
        """Micro F2 and mean squared error on validation; None if they are not finite."""
        images = np.arange(len(self._validation.vectors))
        found = np.zeros(self._truth.shape, dtype=np.float32)
        for block in row_blocks(len(images), self._layers.width):
            self._progress.checkpoint()
            confidences, _ = self._forward(self._validation, images[block])
            found[block] = confidences.clamp(0, 1).cpu().numpy()
        error = float(np.square(found - self._truth, dtype=np.float64).mean())
        if not math.isfinite(error):
            return None
        return best_threshold(self._truth, found)[1], error

    def _forward(self, part: Examples, rows: NDArray[np.int64]) -> tuple[Tensor, Backward]:
        exclude = part.exclude if self._excludes else None
        query, reference = flat_exclusions(
            None if exclude is None else [exclude[row] for row in rows], slice(None)
        )
        excluded = (self._tensor(query), self._tensor(reference))
        queries = self._tensor(part.vectors[rows])
        heat = math.exp(self._log_temperature)
        return self._layers.forward(self._layer, heat, queries, excluded)

    def _total(self, steps: int) -> int:
        return steps * self._settings.epochs

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        """A copy of an array on the device."""
        import torch

        return torch.tensor(array, device=self._device)


def _array(tensor: Tensor) -> NDArray[np.float32]:
    copied: NDArray[np.float32] = tensor.detach().cpu().numpy().copy()
    return copied


def _check(
    net: SimpleNeighborNet | ClassWiseNeighborNet,
    train: Examples,
    validation: Examples,
    resume: TrainingState | None,
) -> None:
    references, dimension = net.references_.shape
    keywords = len(net.sizes_) if isinstance(net, ClassWiseNeighborNet) else net.labels_.shape[1]
    if not references:
        raise ValueError("a net without references cannot be trained")
    for name, part in (("training", train), ("validation", validation)):
        if not len(part.vectors):
            raise ValueError(f"there are no {name} images")
        if part.vectors.shape[1:] != (dimension,) or part.labels.shape != (
            len(part.vectors),
            keywords,
        ):
            raise ValueError(
                f"the {name} images {part.vectors.shape} and labels {part.labels.shape} "
                f"do not fit {references} references of {dimension} and {keywords} keywords"
            )
    if resume is not None and resume.first_layer.shape != net.references_.shape:
        raise ValueError("the training state belongs to other references")
