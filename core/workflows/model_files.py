"""Fitted models as files: safetensors with a JSON header, in the project's ``models`` folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ProjectError, StorageError
from core.files import replacing, sync
from core.models.base import Estimator
from core.models.calibration import KeywordCalibration
from core.models.fine_tuning import TrainingState
from core.models.state import Array, ModelState, from_state, state_of
from core.tuning.space import Parameters
from core.types import ExperimentId, ImageIds
from core.workflows.project import Project
from core.workflows.records import UNREADABLE

MODELS_FOLDER = "models"
_HEADER = "clipkw"
_ESTIMATOR, _ABOUT, _CALIBRATION = "estimator.", "about.", "calibration."


@dataclass(frozen=True, eq=False, slots=True)
class StoredModel:
    """A fitted model, and what it was fitted to.

    ``keywords`` (C,) are the ids of its columns, ``images`` (N,) those it has learnt from, in the
    order of its references; ``threshold`` is the common one and ``class_thresholds`` (C,) are
    those of each keyword; ``calibration`` says what confidences were worth on validation, and
    ``calibrated_threshold`` is the common one after it.
    ``estimator`` is None for a model that only keeps references: it speaks with those of now.
    """

    estimator: Estimator | None
    keywords: NDArray[np.int64]
    images: ImageIds
    threshold: float
    class_thresholds: NDArray[np.float64]
    calibration: KeywordCalibration
    calibrated_threshold: float


def model_path(project: Project, experiment: ExperimentId) -> Path:
    """The file of an experiment's model."""
    return project.folder / MODELS_FOLDER / f"{experiment}.safetensors"


def write_model(path: Path, model: StoredModel) -> None:
    """Write a model; the file appears complete or not at all. Raises :class:`StorageError`."""
    arrays, header = _parts(model.estimator, model.keywords)
    arrays |= {
        f"{_ABOUT}images": model.images,
        f"{_ABOUT}threshold": np.asarray(model.threshold, dtype=np.float64),
        f"{_ABOUT}class_thresholds": model.class_thresholds,
        f"{_ABOUT}calibrated_threshold": np.asarray(model.calibrated_threshold, dtype=np.float64),
    }
    arrays |= {_CALIBRATION + name: part for name, part in model.calibration.arrays().items()}
    _write(path, arrays, header)


def write_estimator(path: Path, estimator: Estimator, keywords: NDArray[np.int64]) -> None:
    """Write what a model has learnt, its columns' ``keywords`` (C,) beside it, and nothing else."""
    _write(path, *_parts(estimator, keywords))


def _parts(
    estimator: Estimator | None, keywords: NDArray[np.int64]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Arrays and header of a file."""
    arrays: dict[str, Array] = {f"{_ABOUT}keywords": keywords}
    if estimator is None:
        return arrays, {}
    state = state_of(estimator)
    arrays |= {_ESTIMATOR + name: array for name, array in state.arrays.items()}
    return arrays, {"name": state.name, "settings": state.settings}


def read_model(path: Path) -> StoredModel:
    """Read a model. Raises :class:`ProjectError` if the file is missing or damaged."""
    arrays, header = _read(path)
    try:
        estimator, keywords = _learnt(arrays, header)
        about, calibration = _under(_ABOUT, arrays), _under(_CALIBRATION, arrays)
        return StoredModel(
            estimator,
            keywords,
            about["images"].astype(np.int64),
            float(about["threshold"]),
            about["class_thresholds"].astype(np.float64),
            KeywordCalibration.from_arrays(calibration),
            float(about["calibrated_threshold"]),
        )
    except UNREADABLE as error:
        raise _damaged(path) from error


def read_estimator(path: Path) -> tuple[Estimator | None, NDArray[np.int64]]:
    """What a model has learnt, of a file of either kind, and the keywords (C,) of its columns.

    Raises :class:`ProjectError` if the file is missing or damaged.
    """
    arrays, header = _read(path)
    try:
        return _learnt(arrays, header)
    except UNREADABLE as error:
        raise _damaged(path) from error


def _learnt(
    arrays: Mapping[str, Array], header: Mapping[str, Any]
) -> tuple[Estimator | None, NDArray[np.int64]]:
    own = _under(_ESTIMATOR, arrays)
    estimator = from_state(ModelState(**header, arrays=own)) if header else None
    return estimator, arrays[f"{_ABOUT}keywords"].astype(np.int64)


class TrainingNotes:
    """Training states on the disk, see :mod:`core.models.fine_tuning`: running and best trial.

    Only what was noted for the very same parameters is read again.
    """

    def __init__(self, path: Path) -> None:
        self._running = path
        self._best = path.with_name(f"{path.name}-best")

    def read(self, parameters: Parameters) -> TrainingState | None:
        """What was noted with the same parameters; None if that is missing or damaged."""
        for path in (self._running, self._best):
            try:
                arrays, header = _read(path)
                if header == dict(parameters):
                    return TrainingState.from_arrays(arrays)
            except (ProjectError, ValueError):
                continue
        return None

    def write(self, parameters: Parameters, state: TrainingState) -> None:
        """Note it as the running trial; on the disk when this returns."""
        _write(self._running, state.arrays(), dict(parameters))

    def keep_as_best(self) -> None:
        """The running trial has ended as the best one: it need not be trained again."""
        if self._running.exists():
            self._running.replace(self._best)

    def clear(self) -> None:
        """Forget all."""
        self._running.unlink(missing_ok=True)
        self._best.unlink(missing_ok=True)


def _write(path: Path, arrays: Mapping[str, Array], header: Mapping[str, Any]) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    # asarray keeps an array without dimensions as it is; ascontiguousarray would not
    packed = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    try:
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as part:
            save_file(packed, part, metadata={_HEADER: json.dumps(header)})
            sync(part)
    except (OSError, SafetensorError) as error:
        raise StorageError(
            f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Free some space, and try again.",
        ) from error


def _read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Arrays and header of a file. Raises :class:`ProjectError`."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[_HEADER])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ProjectError(
            f"The model file {path} is missing.", "Tune the model again, or choose another one."
        ) from error
    except (OSError, SafetensorError, *UNREADABLE) as error:
        raise _damaged(path) from error
    if not isinstance(header, dict):
        raise _damaged(path)
    return arrays, header


def _under(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays whose names begin with ``prefix``, without it."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _damaged(path: Path) -> ProjectError:
    return ProjectError(
        f"The model file {path} is damaged.", "Tune the model again, or choose another one."
    )
