"""What the demo encoder learns from: small drawings of other seeds than any archive's."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.demo.picture import draw
from core.demo.recipe import drawing, plan
from core.demo.vocabulary import BY_NAME, TERMS
from core.files import replacing

TRAINING_SEED = 2**40 + 1
HELD_OUT_SEED = 2**40 + 2
"""Seeds of archives lie below 2 ** 32, so that no image is ever seen both here and there."""
SIDE = 128
CHUNK = 500
_DRAWN = (240, 180)

TEMPLATES_NO = (
    "{}", "{}", "et bilde av {}", "et bilde av en {}", "et militært bilde av en {}",
    "en tegning av en {}", "et foto av {}", "en stor {}", "en liten {}",
)  # fmt: skip
TEMPLATES_EN = (
    "{}", "{}", "a photo of {}", "a photo of a {}", "a picture of a {}", "a drawing of a {}",
    "a military photo of a {}", "a photo of a big {}", "a photo of a small {}",
)  # fmt: skip


def render_chunk(folder: Path, seed: int, chunk: int) -> Path:
    """Draw images ``chunk * 500`` onwards to a file of (500, 128, 128, 3) bytes, unless there."""
    path = folder / f"{seed}-{chunk:03d}.npy"
    if path.exists():
        return path
    pictures = np.empty((CHUNK, SIDE, SIDE, 3), dtype=np.uint8)
    for offset in range(CHUNK):
        index = chunk * CHUNK + offset
        image = draw(plan(seed, index), drawing(seed, index), _DRAWN)
        pictures[offset] = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    with replacing(path) as part, part.open("wb") as stream:
        np.save(stream, pictures)
    return path


def render(folder: Path, seed: int, chunks: int, processes: int) -> NDArray[np.uint8]:
    """All pictures (chunks * 500, 128, 128, 3) of a seed; what is already drawn is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool:
        paths = list(pool.map(render_chunk, [folder] * chunks, [seed] * chunks, range(chunks)))
    return np.concatenate([np.load(path, allow_pickle=False) for path in paths])


def truth(seed: int, count: int) -> NDArray[np.float32]:
    """The keywords (count, terms) of the first images of a seed, 0 or 1."""
    column = {term.no: number for number, term in enumerate(TERMS)}
    labels = np.zeros((count, len(TERMS)), dtype=np.float32)
    for index in range(count):
        for word in plan(seed, index).keywords:
            if word in column:
                labels[index, column[word]] = 1.0
    return labels


def phrase(words: Sequence[str], random: np.random.Generator) -> str:
    """Some keywords as a caption in one language, in a context of thesis Table 4.1 or bare."""
    english = random.random() < 0.5
    names = [BY_NAME[word].en if english else word for word in words]
    templates = TEMPLATES_EN if english else TEMPLATES_NO
    joined = (", " if random.random() < 0.5 else " ").join(names)
    return templates[int(random.integers(len(templates)))].format(joined)
