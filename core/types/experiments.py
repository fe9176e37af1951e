"""Runs of tuning and evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.types.ids import ExperimentId, PreparationId


class ExperimentState(StrEnum):
    """How far an experiment has come; one that is ``RUNNING`` when a project opens was killed."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One run of tuning, fine-tuning or evaluation, with all that is needed to repeat it.

    ``settings`` and ``result`` are JSON texts; ``data_version`` tells which labels it saw.
    """

    id: ExperimentId
    kind: str
    model: str
    variant: str
    settings: str
    seed: int
    preparation: PreparationId | None
    data_version: str
    encoder: str
    state: ExperimentState
    result: str
    started: datetime
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of hyper-parameters (a JSON object), and its value on validation."""

    number: int
    parameters: str
    value: float
    seconds: float
