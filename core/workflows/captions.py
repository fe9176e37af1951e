"""Text vectors of captions, encoded once and kept in the project's cache by their text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.encoders import load_encoder
from core.errors import EncoderError
from core.progress import Progress
from core.types import Vectors
from core.workflows.array_cache import read_arrays, write_arrays
from core.workflows.comparison import CACHE_FOLDER
from core.workflows.project import Project

_AT_ONCE = 256


def text_vectors(project: Project, texts: Sequence[str], progress: Progress) -> Vectors:
    """Unit vectors (n, d) of ``texts`` by the project's encoder; only new texts are encoded.

    Raises :class:`EncoderError` if the encoder is not on this machine or is another one by now,
    and :class:`StorageError` if the cache cannot be written.
    """
    path = project.folder / CACHE_FOLDER / f"texts-{project.settings.encoder.identity[:16]}.npz"
    known = _read(path)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        known |= dict(zip(missing, _encode(project, missing, progress), strict=True))
        _write(path, known)
    return np.stack([known[text] for text in texts])


def _encode(project: Project, texts: Sequence[str], progress: Progress) -> Vectors:
    progress.report(0, len(texts), "Encoding captions")
    encoder = load_encoder(project.settings.encoder.source)
    if encoder.identity != project.settings.encoder.identity:
        raise EncoderError(
            f"The encoder {encoder.name} is not the one this project was encoded with.",
            "Put the old one back, or choose the encoder again and encode anew.",
        )
    parts = []
    for start in range(0, len(texts), _AT_ONCE):
        progress.checkpoint()
        parts.append(encoder.encode_texts(texts[start : start + _AT_ONCE]))
        progress.report(min(start + _AT_ONCE, len(texts)), len(texts), "Encoding captions")
    return np.concatenate(parts)


def _read(path: Path) -> dict[str, Vectors]:
    """What was encoded before; nothing if the file is missing or damaged."""
    arrays = read_arrays(path, ["texts", "vectors"])
    if arrays is None:
        return {}
    try:
        texts = json.loads(arrays["texts"].tobytes())
        vectors = np.asarray(arrays["vectors"], dtype=np.float32)
    except (ValueError, TypeError, RecursionError):
        return {}
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return {}
    sound = vectors.ndim == 2 and len(texts) == len(vectors) and np.isfinite(vectors).all()
    return dict(zip(texts, vectors, strict=True)) if sound else {}


def _write(path: Path, known: dict[str, Vectors]) -> None:
    texts = np.frombuffer(json.dumps(list(known)).encode(), dtype=np.uint8)
    vectors = np.stack(list(known.values()))
    write_arrays(path, {"texts": texts, "vectors": vectors})
