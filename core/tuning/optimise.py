"""The optimiser's loop: propose hyper-parameters, measure them, note the trial (thesis 2.1.7, 4.2).

A proposal depends on nothing but the seed, its number and the trials before it. A search that was
killed thus goes on with the very proposals it would have made, from the trials that were noted;
nothing of the optimiser itself is ever stored.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np

from core.progress import Progress, Silent
from core.tuning.space import Parameters, Space, grid_points, random_point
from core.tuning.stopping import MOST_TRIALS, is_settled
from core.types import Trial

Method: TypeAlias = Literal["bayesian", "random", "grid"]
Objective: TypeAlias = Callable[[Parameters], float]

RANDOM_STARTS = 10
MOST_REMEMBERED = 120
"""Trials that the Gaussian process is fitted to; its cost grows with their third power."""


def optimise(
    space: Space,
    objective: Objective,
    *,
    method: Method = "bayesian",
    trials: int = MOST_TRIALS,
    seed: int = 0,
    known: Parameters | None = None,
    done: Sequence[Trial] = (),
    on_trial: Callable[[Trial], None] | None = None,
    progress: Progress | None = None,
) -> Trial:
    """Search for the parameters with the highest value of ``objective``; the first of equals.

    Ends when the ten best values lie within 0.1 percentage points, or after ``trials`` trials,
    those ``done`` before included; a grid is always worked off. ``on_trial`` is called after each
    trial, before the next one begins: what it stores, a kill does not lose. An empty space is
    measured once. ``known`` parameters, which did well elsewhere, are the first trial, before the
    random starts; a grid does without. Raises ValueError for fewer than one trial or a value that
    is not finite.
    """
    if trials < 1:
        raise ValueError(f"expected at least one trial, not {trials}")
    watched = progress or Silent()
    propose = _proposals(space, method, trials, seed, known)
    most = propose.most
    finished = list(done)
    while len(finished) < most and not (
        propose.may_settle and is_settled([trial.value for trial in finished])
    ):
        watched.checkpoint()
        started = time.perf_counter()
        parameters = propose(finished)
        value = float(objective(parameters))
        if not math.isfinite(value):
            raise ValueError(f"the objective gave {value} for {parameters}")
        seconds = time.perf_counter() - started
        trial = Trial(len(finished), json.dumps(parameters), value, seconds)
        finished.append(trial)
        if on_trial is not None:
            on_trial(trial)
        watched.report(len(finished), most, f"best {best_trial(finished).value:.4f}")
    return best_trial(finished)


def best_trial(trials: Sequence[Trial]) -> Trial:
    """The trial with the highest value, the first of equals."""
    return max(trials, key=lambda trial: (trial.value, -trial.number))


class _Random:
    """Points drawn evenly, each from its own number."""

    may_settle = True

    def __init__(self, space: Space, trials: int, seed: int, known: Parameters | None) -> None:
        self.most = trials if space else 1
        self._space = space
        self._seed = seed
        self._known = known

    def __call__(self, finished: Sequence[Trial]) -> dict[str, float]:
        if not finished and self._known is not None:
            return dict(self._known)
        return random_point(self._space, np.random.default_rng([self._seed, len(finished)]))


class _Grid:
    """The points of a grid, in order."""

    may_settle = False

    def __init__(self, space: Space, trials: int) -> None:
        self._points = grid_points(space, trials)
        self.most = len(self._points)

    def __call__(self, finished: Sequence[Trial]) -> dict[str, float]:
        return self._points[len(finished)]


class _Bayesian(_Random):
    """Random starts, then the highest expected improvement of a Gaussian process."""

    def __call__(self, finished: Sequence[Trial]) -> dict[str, float]:
        if len(finished) < RANDOM_STARTS + (self._known is not None):
            return super().__call__(finished)
        from core.tuning.gaussian_process import propose

        seed = int(np.random.default_rng([self._seed, len(finished)]).integers(2**31))
        return propose(self._space, _remembered(finished), seed)


def _proposals(
    space: Space, method: Method, trials: int, seed: int, known: Parameters | None
) -> _Random | _Grid:
    if method == "grid":
        return _Grid(space, trials)
    kind = _Bayesian if method == "bayesian" else _Random
    return kind(space, trials, seed, known)


def _remembered(finished: Sequence[Trial]) -> list[Trial]:
    """The better half of those that can be remembered, and an even choice of the others."""
    if len(finished) <= MOST_REMEMBERED:
        return list(finished)
    ranked = sorted(finished, key=lambda trial: (-trial.value, trial.number))
    half = MOST_REMEMBERED // 2
    others = sorted(ranked[half:], key=lambda trial: trial.number)
    spread = np.linspace(0, len(others) - 1, MOST_REMEMBERED - half).round().astype(int)
    return ranked[:half] + [others[place] for place in spread.tolist()]
