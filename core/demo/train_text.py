"""The text tower learns everyday language while the image tower is locked.

Locked-image tuning (Zhai et al., "LiT: Zero-shot transfer with locked-image text tuning", 2022):
the image vectors are computed once, and a new text tower learns by plain contrast which caption
belongs to which of them. It never sees the archive's keywords, only :mod:`core.demo.captions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.demo.augment import augment
from core.demo.captions import describe
from core.demo.export_encoder import MODEL
from core.demo.training_data import TRAINING_SEED
from core.types import Vectors

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 256
PEAK_RATE = 2e-3
WARM_UP = 50
_AT_ONCE = 128
_SCALE, _LARGEST_SCALE = 14.0, 60.0

Words = tuple[str, ...]


def image_vectors(model: Any, pictures: NDArray[np.uint8], path: Path) -> Vectors:
    """Unit vectors (n, d) of pictures (n, s, s, 3), cropped and re-lit, by the locked tower.

    They are kept in ``path``.
    """
    import torch

    if path.exists():
        kept: Vectors = np.load(path, allow_pickle=False)
        return kept
    model.eval()
    random = np.random.default_rng(TRAINING_SEED)
    parts = []
    for start in range(0, len(pictures), _AT_ONCE):
        images = augment(torch.from_numpy(pictures[start : start + _AT_ONCE]), random)
        with torch.inference_mode():
            parts.append(model.encode_image(images, normalize=True).numpy())
    vectors: Vectors = np.concatenate(parts)
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as stream:
        np.save(stream, vectors)
    temporary.replace(path)
    return vectors


@dataclass(slots=True)
class TextTrainer:
    """A new text tower beside a locked image tower; ``steps`` is the whole schedule's length."""

    model: Any
    optimiser: Any
    tokenizer: Any
    scale: Any
    steps: int
    done: int = 0

    @classmethod
    def new(cls, locked: Any, steps: int) -> TextTrainer:
        """A text tower freshly initialised from a fixed seed, beside the image tower of another."""
        import torch
        from open_clip import SimpleTokenizer
        from open_clip.model import CLIP

        torch.manual_seed(7)
        model = CLIP(**MODEL)
        model.visual = locked.visual
        text = [value for name, value in model.named_parameters() if not name.startswith("visual.")]
        scale = torch.nn.Parameter(torch.tensor(_SCALE).log())
        groups = [{"params": text, "weight_decay": 0.1}, {"params": [scale], "weight_decay": 0.0}]
        optimiser = torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.98))
        tokenizer = SimpleTokenizer(context_length=MODEL["text_cfg"]["context_length"])
        return cls(model, optimiser, tokenizer, scale, steps)

    def save(self, path: Path) -> None:
        """Write a checkpoint in one atomic step."""
        import torch

        temporary = path.with_suffix(".part")
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scale": self.scale.data,
            "done": self.done,
        }
        torch.save(state, temporary)
        temporary.replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint, if there is one."""
        import torch

        if path.exists():
            state = torch.load(path, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.scale.data.copy_(state["scale"])
            self.done = state["done"]

    def step(self, vectors: Vectors, words: Sequence[Words]) -> float:
        """One batch of vectors (n, d) of images that show ``words`` (n); returns its loss."""
        import torch

        # They depend on the position only, so that a run can be resumed.
        random = np.random.default_rng((TRAINING_SEED, self.done))
        chosen = random.integers(0, len(words), BATCH)
        images = torch.from_numpy(vectors[chosen])
        captions = [describe(words[index], random) for index in chosen]
        is_told = torch.tensor([bool(told) for _, told in captions])
        loss = self._loss(images, [text for text, _ in captions], is_told)
        warm = min((self.done + 1) / WARM_UP, 1.0)
        rate = PEAK_RATE * warm * 0.5 * (1 + np.cos(np.pi * min(self.done / self.steps, 1.0)))
        for group in self.optimiser.param_groups:
            group["lr"] = max(float(rate), 1e-5)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        text = self.optimiser.param_groups[0]["params"]
        torch.nn.utils.clip_grad_norm_(text, 1.0)
        self.optimiser.step()
        self.done += 1
        return float(loss.detach())

    def _loss(self, images: Tensor, captions: list[str], is_told: Tensor) -> Tensor:
        """Cross entropy in both directions; a caption that tells nothing belongs to no image."""
        import torch
        from torch.nn.functional import cross_entropy, normalize

        texts = normalize(self.model.encode_text(self.tokenizer(captions)), dim=1)
        scale = self.scale.exp().clamp(max=_LARGEST_SCALE)
        logits = (scale * images @ texts.T)[is_told][:, is_told]
        own = torch.arange(len(logits))
        return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2
