"""The point of highest expected improvement under a Gaussian process, by Optuna."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import optuna
import torch
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.samplers import GPSampler

from core.tuning.space import Space, Whole
from core.types import Trial


def propose(space: Space, trials: Sequence[Trial], seed: int) -> dict[str, float]:
    """Where to look next, given what the ``trials`` found; at least one of them.

    Whole numbers are searched as numbers and rounded: stepping through them one by one would take
    longer than all the rest.
    """
    distributions: dict[str, BaseDistribution] = {
        one.name: FloatDistribution(one.low, one.high, log=one.log) for one in space
    }
    with _quiet(), _one_thread():
        study = optuna.create_study(
            direction="maximize",
            # F2 is jagged where few images change sides; taken for exact, it is never settled
            sampler=GPSampler(seed=seed, n_startup_trials=1, deterministic_objective=False),
        )
        study.add_trials(
            [
                optuna.trial.create_trial(
                    params=json.loads(trial.parameters),
                    distributions=distributions,
                    value=trial.value,
                )
                for trial in trials
            ]
        )
        found = study.ask(distributions).params
    return {
        one.name: round(found[one.name]) if isinstance(one, Whole) else found[one.name]
        for one in space
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna speaks of every study, and of options that may change one day."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)


@contextmanager
def _one_thread() -> Iterator[None]:
    """The matrices are small: threads would wait for each other longer than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
