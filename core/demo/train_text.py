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
from core.demo.training_run import TrainingRun
from core.files import replacing
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
    with replacing(path) as part, part.open("wb") as stream:
        np.save(stream, vectors)
    return vectors


@dataclass(slots=True)
class TextTrainer:
    """A new text tower learns beside a locked image tower; ``scale`` is that of the contrast."""

    model: Any
    tokenizer: Any
    scale: Tensor
    run: TrainingRun

    @classmethod
    def new(cls, locked: Any, steps: int) -> TextTrainer:
        """A text tower freshly initialised from a fixed seed, beside the image tower of another.

        The whole schedule has so many steps.
        """
        import torch
        from open_clip import SimpleTokenizer
        from open_clip.model import CLIP

        torch.manual_seed(7)
        model = CLIP(**MODEL)
        model.visual = locked.visual
        text = [value for name, value in model.named_parameters() if not name.startswith("visual.")]
        scale = torch.nn.Parameter(torch.tensor(_SCALE).log())
        groups = [{"params": text, "weight_decay": 0.1}, {"params": [scale], "weight_decay": 0.0}]
        optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98))
        learned = {**model.state_dict(), "scale": scale.detach()}
        tokenizer = SimpleTokenizer(context_length=MODEL["text_cfg"]["context_length"])
        run = TrainingRun(learned, optimiser, PEAK_RATE, WARM_UP, steps)
        return cls(model, tokenizer, scale, run)

    def step(self, vectors: Vectors, words: Sequence[Words]) -> float:
        """One batch of vectors (n, d) of images that show ``words`` (n); returns its loss."""
        import torch

        # They depend on the position only, so that a run can be resumed.
        random = np.random.default_rng((TRAINING_SEED, self.run.done))
        chosen = random.integers(0, len(words), BATCH)
        images = torch.from_numpy(vectors[chosen])
        captions = [describe(words[index], random) for index in chosen]
        is_told = torch.tensor([bool(told) for _, told in captions])
        return self.run.descend(self._loss(images, [text for text, _ in captions], is_told))

    def _loss(self, images: Tensor, captions: list[str], is_told: Tensor) -> Tensor:
        """Cross entropy in both directions; a caption that tells nothing belongs to no image."""
        import torch
        from torch.nn.functional import cross_entropy, normalize

        texts = normalize(self.model.encode_text(self.tokenizer(captions)), dim=1)
        scale = self.scale.exp().clamp(max=_LARGEST_SCALE)
        logits = (scale * images @ texts.T)[is_told][:, is_told]
        own = torch.arange(len(logits))
        return (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2
