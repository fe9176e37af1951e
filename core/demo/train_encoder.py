"""Train the demo encoder: ``python -m core.demo.train_encoder WORK RESULT``.

First a small convolutional image tower and a small text tower learn from drawn images and the
archive's keywords, so that images of the same things come to lie close. Then the image tower is
locked, and a new text tower learns everyday language from captions, as search needs it
(:mod:`core.demo.train_text`). Killed anywhere, it resumes from its last checkpoint in WORK. The
result is a folder that open_clip loads as ``local-dir:RESULT``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.demo.augment import augment
from core.demo.export_encoder import MODEL, export
from core.demo.train_text import TextTrainer, image_vectors
from core.demo.training_data import TRAINING_SEED, phrase, render, truth
from core.demo.training_run import TrainingRun
from core.demo.vocabulary import TERMS

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 128
PEAK_RATE = 2.5e-3
WARM_UP = 100
SAVE_EVERY = 100
_NAMES = [term.no for term in TERMS]


@dataclass(slots=True)
class Trainer:
    """Both towers learn; ``bias`` is that of a keyword's probability."""

    model: Any
    tokenizer: Any
    bias: Tensor
    run: TrainingRun

    @classmethod
    def new(cls, steps: int) -> Trainer:
        """Freshly initialised from a fixed seed, for a schedule of so many steps."""
        import torch
        from open_clip import SimpleTokenizer
        from open_clip.model import CLIP

        torch.manual_seed(7)
        model = CLIP(**MODEL)
        bias = torch.nn.Parameter(torch.tensor(-2.0))
        groups = [{"params": list(model.parameters())}, {"params": [bias]}]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.03, betas=(0.9, 0.98))
        learned = {**model.state_dict(), "bias": bias.detach()}
        tokenizer = SimpleTokenizer(context_length=MODEL["text_cfg"]["context_length"])
        run = TrainingRun(learned, optimiser, PEAK_RATE, WARM_UP, steps)
        return cls(model, tokenizer, bias, run)

    def step(self, pictures: NDArray[np.uint8], labels: NDArray[np.float32]) -> float:
        """One batch; the random choices depend on the position only, so a run can be resumed."""
        import torch

        random = np.random.default_rng((TRAINING_SEED, self.run.done))
        chosen = random.integers(0, len(pictures), BATCH)
        images = augment(torch.from_numpy(pictures[chosen]), random)
        return self.run.descend(self._loss(images, torch.from_numpy(labels[chosen]), random))

    def _loss(self, images: Tensor, labels: Tensor, random: np.random.Generator) -> Tensor:
        """Keyword by keyword, caption by caption, and image by image."""
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits, normalize

        captions, wanted = _captions(labels.numpy(), random)
        texts = [phrase([name], random) for name in _NAMES] + captions
        image_vectors = normalize(self.model.encode_image(images), dim=1)
        text_vectors = normalize(self.model.encode_text(self.tokenizer(texts)), dim=1)
        terms, sentences = text_vectors[: len(_NAMES)], text_vectors[len(_NAMES) :]
        scale = self.model.logit_scale.exp().clamp(max=60)

        by_term = scale * image_vectors @ terms.T + self.bias
        keyword = binary_cross_entropy_with_logits(by_term, labels, reduction="none").sum(1).mean()
        # A caption fits every image that has all of its keywords, not only the one it came from.
        named = torch.from_numpy(wanted)
        fits = (labels @ named.T >= named.sum(1)[None] - 0.5).float()
        caption = _soft_contrast(scale * image_vectors @ sentences.T, fits)
        shared = labels @ labels.T
        union = labels.sum(1)[:, None] + labels.sum(1)[None] - shared
        others = ~torch.eye(len(labels), dtype=torch.bool)
        alike = ((shared / union.clamp(min=1)) ** 4 + 1e-6) * others
        between = (14 * image_vectors @ image_vectors.T).masked_fill(~others, -30.0)
        return keyword + 0.5 * caption + 0.5 * _soft_contrast(between, alike)


def _soft_contrast(logits: Tensor, fits: Tensor) -> Tensor:
    """Cross entropy in both directions against targets shared among all that fit."""
    rows = fits / fits.sum(1, keepdim=True).clamp(min=1e-6)
    columns = fits / fits.sum(0, keepdim=True).clamp(min=1e-6)
    forward = -(rows * logits.log_softmax(1)).sum(1).mean()
    return (forward - (columns * logits.log_softmax(0)).sum(0).mean()) / 2


def _captions(
    labels: NDArray[np.float32], random: np.random.Generator
) -> tuple[list[str], NDArray[np.float32]]:
    """A caption of some of each image's keywords, and which ones (n, terms)."""
    captions, wanted = [], np.zeros_like(labels)
    for row, present in enumerate(labels):
        columns = np.flatnonzero(present)
        size = int(random.integers(1, len(columns) + 1)) if len(columns) else 0
        columns = random.permutation(columns)[:size]
        wanted[row, columns] = 1.0
        captions.append(phrase([_NAMES[column] for column in columns], random))
    return captions, wanted


def train(work: Path, result: Path, plan: Plan) -> None:
    """Draw, train both towers, then a new text tower beside the locked image tower, and export."""
    import torch

    torch.set_num_threads(plan.processes)
    pictures = render(work, TRAINING_SEED, plan.chunks, plan.processes)
    labels = truth(TRAINING_SEED, len(pictures))
    both = Trainer.new(plan.steps)
    both.model.train()
    _follow(both.run, partial(both.step, pictures, labels), work / "towers.safetensors")
    vectors = image_vectors(both.model, pictures, work / "vectors.npy")
    words = [tuple(_NAMES[column] for column in np.flatnonzero(row)) for row in labels]
    text = TextTrainer.new(both.model, plan.text_steps)
    _follow(text.run, partial(text.step, vectors, words), work / "text.safetensors")
    export(text.model, result)


def _follow(run: TrainingRun, step: Callable[[], float], checkpoint: Path) -> None:
    """Step to the end of the schedule from where it was left, saving and telling how it goes."""
    run.resume(checkpoint)
    started, first, mean = time.monotonic(), run.done, 0.0
    while run.done < run.steps:
        loss = step()
        mean = loss if not mean else 0.98 * mean + 0.02 * loss
        if run.done % SAVE_EVERY == 0 or run.done == run.steps:
            run.save(checkpoint)
            speed = (run.done - first) / (time.monotonic() - started)
            print(f"step {run.done}: loss {mean:.3f}, {speed:.1f} steps/s", flush=True)  # noqa: T201


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is drawn and how long is trained; ``processes`` draw, as many threads compute."""

    steps: int
    text_steps: int
    chunks: int
    processes: int


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder for drawings and checkpoints")
    parser.add_argument("result", type=Path, help="folder of the encoder")
    parser.add_argument("--steps", type=int, default=3600, help="of both towers")
    parser.add_argument("--text-steps", type=int, default=450, help="of the text tower alone")
    parser.add_argument("--chunks", type=int, default=28, help="of 500 images each")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    plan = Plan(given.steps, given.text_steps, given.chunks, given.processes)
    train(given.work, given.result, plan)


if __name__ == "__main__":
    main()
