"""A training run on its schedule, and the checkpoints it resumes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.files import replacing, sync

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

LOWEST_RATE = 1e-5
LARGEST_GRADIENT = 1.0
_LEARNED, _OPTIMISER = "learned.", "optimiser."
_HEADER = "clipkw"


@dataclass(slots=True)
class TrainingRun:
    """What learns, and how far it has come.

    ``learned`` are weights and buffers by name, those that the model computes with. The gradients
    of the first group of ``optimiser`` are clipped. The rate rises for ``warm_up`` steps to
    ``peak_rate``, and falls by half a cosine until ``steps`` are ``done``.
    """

    learned: Mapping[str, Tensor]
    optimiser: Optimizer
    peak_rate: float
    warm_up: int
    steps: int
    done: int = 0

    def descend(self, loss: Tensor) -> float:
        """One step down the gradient of ``loss``; returns its value."""
        from torch.nn.utils import clip_grad_norm_

        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self.optimiser.param_groups[0]["params"], LARGEST_GRADIENT)
        self.optimiser.step()
        self.done += 1
        return float(loss.detach())

    def _rate(self) -> float:
        warm = min((self.done + 1) / self.warm_up, 1.0)
        cooled = 0.5 * (1 + np.cos(np.pi * min(self.done / self.steps, 1.0)))
        return max(float(self.peak_rate * warm * cooled), LOWEST_RATE)

    def save(self, path: Path) -> None:
        """Write a checkpoint, safetensors with a JSON header: complete or not at all."""
        from safetensors.torch import save_file

        tensors = {_LEARNED + name: value.contiguous() for name, value in self.learned.items()}
        for number, moments in self.optimiser.state_dict()["state"].items():
            for name, value in moments.items():
                tensors[f"{_OPTIMISER}{number}.{name}"] = value.contiguous()
        with replacing(path) as part:
            save_file(tensors, part, metadata={_HEADER: json.dumps({"done": self.done})})
            sync(part)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint, if there is one."""
        from safetensors import safe_open

        if not path.exists():
            return
        moments: dict[int, dict[str, Tensor]] = {}
        with safe_open(path, framework="pt") as file:
            for key in file.keys():  # noqa: SIM118
                if key.startswith(_OPTIMISER):
                    number, name = key.removeprefix(_OPTIMISER).split(".")
                    moments.setdefault(int(number), {})[name] = file.get_tensor(key)
            for name, value in self.learned.items():
                value.copy_(file.get_tensor(_LEARNED + name))
            self.done = json.loads(file.metadata()[_HEADER])["done"]
        self.optimiser.load_state_dict(self.optimiser.state_dict() | {"state": moments})
