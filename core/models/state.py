"""Fitted models as plain values and arrays, and back: no pickle.

``settings`` are what ``__init__`` took and can be written as JSON; ``arrays`` are what was given or
learnt as arrays, by name. A sparse array is kept as its ``.data``, ``.indices``, ``.indptr`` and
``.shape``; a model inside another one has the names of its arrays prefixed with its place.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.models.base import Estimator, check_settings
from core.models.combined import Combined
from core.models.language_image import LanguageImage
from core.models.linear_probe import LinearProbe
from core.models.neighbor_net import ClassWiseNeighborNet, FilteredNeighborNet, SimpleNeighborNet
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.models.prototypes import ClassWisePrototypeNet, SimplePrototypeNet
from core.models.whitened_search import WhitenedSearch

Array: TypeAlias = NDArray[Any]

MODELS: Mapping[str, type[Estimator]] = {
    model.name: model
    for model in (
        LanguageImage,
        NeighborSearch,
        NearestNeighbor,
        WhitenedSearch,
        SimpleNeighborNet,
        ClassWiseNeighborNet,
        FilteredNeighborNet,
        SimplePrototypeNet,
        ClassWisePrototypeNet,
        LinearProbe,
        Combined,
    )
}
"""Every model by its name."""

_SPARSE = (".data", ".indices", ".indptr", ".shape")
_KINDS = "biuf"


@dataclass(frozen=True, slots=True)
class ModelState:
    """What a fitted model is: its name, its settings (plain values) and its arrays."""

    name: str
    settings: dict[str, Any]
    arrays: dict[str, Array]


def state_of(model: Estimator) -> ModelState:
    """The state of a fitted model; its arrays are shared with it, not copied."""
    names = _setting_names(type(model))
    settings: dict[str, Any] = {}
    arrays: dict[str, Array] = {}
    for name in names:
        value = getattr(model, name)
        if isinstance(value, np.ndarray):
            arrays[name] = value
        elif isinstance(value, list | tuple) and value and hasattr(value[0], "predict_confidence"):
            settings[name] = [
                _inner_state(part, f"{name}.{i}.", arrays) for i, part in enumerate(value)
            ]
        else:
            settings[name] = _plain(value)
    for name, value in vars(model).items():
        if not name.endswith("_"):
            continue  # a setting, or one of a base class that this model fixes
        if isinstance(value, csr_array):
            parts = (value.data, value.indices, value.indptr, np.asarray(value.shape, np.int64))
            arrays.update({name + end: part for end, part in zip(_SPARSE, parts, strict=True)})
        else:
            arrays[name] = np.asarray(value)
    return ModelState(model.name, settings, arrays)


def from_state(state: ModelState) -> Estimator:
    """The model that had this state.

    Raises ValueError for an unknown model, unknown or impossible settings, and arrays that a model
    does not have: a state may come from a damaged file.
    """
    if state.name not in MODELS:
        raise ValueError(f"there is no model {state.name!r}")
    cls = MODELS[state.name]
    names = _setting_names(cls)
    if unknown := state.settings.keys() - set(names):
        raise ValueError(f"{state.name} has no setting {sorted(unknown)[0]!r}")
    given = {
        name: _outer_value(name, value, state.arrays) for name, value in state.settings.items()
    }
    given |= {name: state.arrays[name] for name in names if name in state.arrays}
    missing = [n for n in names if n not in given and _is_required(cls, n)]
    if missing:
        raise ValueError(f"{state.name} lacks the setting {missing[0]!r}")
    model = cls(**given)
    check_settings(model)
    prefixes = tuple(f"{name}." for name in names)
    for name, value in _joined(state.arrays).items():
        if name in names or name.startswith(prefixes):
            continue
        if not name.isidentifier() or not name.endswith("_") or name.startswith("_"):
            raise ValueError(f"{state.name} learns no array {name!r}")
        setattr(model, name, value)
    if isinstance(model, ClassWiseNeighborNet) and hasattr(model, "members_"):
        model.members()
    return model


def _inner_state(model: Estimator, prefix: str, arrays: dict[str, Array]) -> dict[str, Any]:
    inner = state_of(model)
    arrays.update({prefix + name: array for name, array in inner.arrays.items()})
    return {"name": inner.name, "settings": inner.settings}


def _outer_value(name: str, value: Any, arrays: Mapping[str, Array]) -> Any:
    """A setting as it was given: a list of inner states becomes a list of models again."""
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return value
    models = []
    for place, inner in enumerate(value):
        prefix = f"{name}.{place}."
        own = {key[len(prefix) :]: a for key, a in arrays.items() if key.startswith(prefix)}
        models.append(from_state(ModelState(inner["name"], inner["settings"], own)))
    return models


def _joined(arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Arrays by name, the four parts of a sparse one put together and checked."""
    joined: dict[str, Any] = {}
    for name, array in arrays.items():
        if array.dtype.kind not in _KINDS:
            raise ValueError(f"the array {name!r} holds {array.dtype}, not numbers")
        stem, dot, end = name.rpartition(".")
        if not dot or "." + end not in _SPARSE or "." in stem:
            joined[name] = array.item() if array.ndim == 0 else array
        elif end == "shape":
            try:
                data, indices, indptr = (arrays[stem + part] for part in _SPARSE[:3])
                _check_rows(indptr, len(indices))
                sparse = csr_array((data, indices, indptr), shape=tuple(array.tolist()))
                sparse.check_format(full_check=True)
            except (KeyError, ValueError) as error:
                raise ValueError(f"the sparse array {stem!r} is damaged") from error
            joined[stem] = sparse
    return joined


def _check_rows(ends: Array, entries: int) -> None:
    """SciPy's own check subtracts the ends of rows, which can overflow, and reads beyond memory."""
    if ends.dtype.kind not in "iu" or ends.ndim != 1 or not ((ends >= 0) & (ends <= entries)).all():
        raise ValueError("a row ends beyond the entries")


def _setting_names(model: type[Estimator]) -> tuple[str, ...]:
    return tuple(name for name in inspect.signature(model).parameters)


def _is_required(model: type[Estimator], name: str) -> bool:
    return inspect.signature(model).parameters[name].default is inspect.Parameter.empty


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a setting must be a plain value, not {type(value).__name__}")
