"""The archive as files: images as careless people kept them, their keywords, and the truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.demo.recipe import drawing, plan, typing
from core.demo.vocabulary import BY_NAME, HAS_ENGLISH, RARE, TERMS
from core.files import replacing

Random = np.random.Generator
SEED = 2026
COUNT = 3000
MOST_KEYWORDS = 6
KEYWORDS_FILE, TRUTH_FILE = "keywords.csv", "truth.csv"

_LABELED = 2 / 3
_EXACT, _NEAR = 0.02, 0.04
_MISTAKEN, _RARE = 0.02, 0.03
_DAMAGED_EVERY = 750
_PLACES = (
    "øvelse nord", "parade", "verksted", "feltskole", "arkiv A", "arkiv B", "innsendt",
    "havnebesøk", "diverse",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive. ``copy`` is "", "exact" or "near"; ``source`` what it is a copy of.

    ``truth`` is what the image shows, ``keywords`` what was typed: None for the unlabeled third.
    """

    index: int
    path: str
    source: int
    copy: str
    truth: tuple[str, ...]
    keywords: tuple[str, ...] | None

    @property
    def damaged(self) -> bool:
        """Whether the file ends in the middle."""
        return self.index % _DAMAGED_EVERY == _DAMAGED_EVERY - 1


def damaged_count(count: int) -> int:
    """How many of the first ``count`` files end in the middle."""
    return count // _DAMAGED_EVERY


def entry(seed: int, index: int) -> Entry:
    """What file ``index`` is; depends on (seed, index) alone."""
    random = typing(seed, index)
    copy, source = _origin(seed, index, random)
    truth = plan(seed, source).keywords
    labeled = random.random() < _LABELED
    typed = _typed(truth, random)
    year = int(random.integers(1994, 2021))
    place = "kopier" if copy else _PLACES[int(random.integers(len(_PLACES)))]
    return Entry(
        index,
        f"{place}/{year}/IMG_{index:05d}.jpg",
        source,
        copy,
        truth,
        typed if labeled else None,
    )


def _origin(seed: int, index: int, random: Random) -> tuple[str, int]:
    """Whether the file is a copy, and the index of the drawing at the root of it."""
    chance = random.random()
    candidate = int(random.integers(max(index, 1)))
    if index == 0 or chance >= _EXACT + _NEAR:
        return "", index
    _, source = _origin(seed, candidate, typing(seed, candidate))
    return ("exact" if chance < _EXACT else "near"), source


def _typed(truth: Sequence[str], random: Random) -> tuple[str, ...]:
    """The true keywords after forgetting, mistaking and notes; at least one, at most six."""
    words = []
    for word in truth:
        missing, mistaken = random.random(2)
        term = BY_NAME.get(word)
        if term is None or missing < term.missing:
            continue
        if term.mistaken and mistaken < _MISTAKEN:
            word = term.mistaken[int(random.integers(len(term.mistaken)))]
        words.append(word)
    if not words:
        words = [truth[int(random.integers(len(truth)))]]
    if random.random() < _RARE:
        # A few notes come back, most are seen once or twice.
        rank = int(min(random.exponential(len(RARE) / 3), len(RARE) - 1))
        words.insert(0, RARE[rank])
    return tuple(dict.fromkeys(words))[:MOST_KEYWORDS]


def image_bytes(seed: int, index: int) -> bytes:
    """The JPEG file ``index``; the same bytes for the same (seed, index) and library versions."""
    from core.demo.picture import draw  # half a second, which a window need not wait for

    item = entry(seed, index)
    random = typing(seed, item.source)
    quality = int(random.integers(58, 93))
    original = _jpeg(draw(plan(seed, item.source), drawing(seed, item.source)), quality)
    if item.copy == "near":
        original = _altered(original, typing(seed, index))
    return original[: len(original) // 3] if item.damaged else original


def _jpeg(image: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _altered(original: bytes, random: Random) -> bytes:
    """The picture cropped, scaled and saved again by somebody."""
    with Image.open(io.BytesIO(original)) as picture:
        image = picture.convert("RGB")
    width, height = image.size
    if random.random() < 0.6:
        left, top, right, bottom = random.uniform(0.0, 0.07, 4)
        box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        image = image.crop(tuple(round(value) for value in box))
    if random.random() < 0.6:
        share = random.uniform(0.55, 0.95)
        size = (round(image.width * share), round(image.height * share))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return _jpeg(image, int(random.integers(35, 65)))


def write_images(images: Path, seed: int, indices: Iterable[int]) -> int:
    """Draw the files that are not there yet, each in one atomic step; returns how many were."""
    written = 0
    for index in indices:
        path = images / entry(seed, index).path
        if path.exists():
            continue
        write_file(path, image_bytes(seed, index))
        written += 1
    return written


def write_tables(folder: Path, seed: int, count: int) -> None:
    """``keywords.csv`` as an analyst would have it, and ``truth.csv`` for whoever measures.

    ``truth.csv`` tells for every file the clean keywords, the duplicate group (the number of its
    first image; empty for what has no copy) and whether it is an exact or near copy.
    """
    entries = [entry(seed, index) for index in range(count)]
    english = english_names(seed)
    copied = {item.source for item in entries if item.copy}
    typed: list[Sequence[str]] = [("path", "keywords", "english")]
    truth: list[Sequence[str]] = [("path", "keywords", "duplicate_group", "copy")]
    for item in entries:
        group = f"{item.source:05d}" if item.source in copied else ""
        truth.append((item.path, "; ".join(item.truth), group, item.copy))
        if item.keywords is not None:
            names = "; ".join(english.get(word, "") for word in item.keywords)
            typed.append((item.path, "; ".join(item.keywords), names))
    for name, rows in ((KEYWORDS_FILE, typed), (TRUTH_FILE, truth)):
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(rows)
        write_file(folder / name, stream.getvalue().encode())


def english_names(seed: int) -> dict[str, str]:
    """The keywords whose English name comes with the archive: two thirds of them."""
    random = np.random.default_rng((seed, len(TERMS)))
    return {term.no: term.en for term in TERMS if random.random() < HAS_ENGLISH}


def write_file(path: Path, content: bytes) -> None:
    """Write a file in one atomic step; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        part.write_bytes(content)
