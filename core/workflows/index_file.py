"""An index of the references beside their feature file: built once, used in the next session.

It is a cache, and nothing in it is believed without proof. The whole file is sealed with a key that
never leaves this user's machine: FAISS, which trusts what it reads, sees only what this program has
written here. And which references the index holds is told by their vectors themselves: an image
that was encoded anew since, or whose vector is another one for whatever reason, counts as missing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from core.errors import StorageError
from core.features.storage import publish, storage_errors
from core.progress import Progress
from core.similarity.approximate import ApproximateIndex
from core.types import ImageIds, Vectors

KeyArray = NDArray[np.uint64]

_MAGIC = b"ClipKW index 1\n"
_SEAL_BYTES = 32
_KEY_BYTES = 32
_MOST_HEADER_BYTES = 10_000
_BLOCK = 1 << 20
_ADDED_AT_ONCE = 16_384
_WORTH_KEEPING = 0.02
"""The share of new references from which on it is quicker to read them than to add them again."""
GROWTH = 1.5
"""An index is outgrown when references, or what is gone of them, are so many times as many."""


@dataclass(frozen=True, slots=True)
class ReferenceVectors:
    """The references (N,) at one moment, with their vectors (N, d) and the keys of these."""

    images: ImageIds
    vectors: Vectors
    keys: KeyArray


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """An index, and the references (N,) it was kept with: their ids and the keys of vectors."""

    index: ApproximateIndex
    images: ImageIds
    keys: KeyArray

    def missing(self, images: ImageIds, keys: KeyArray) -> NDArray[np.int64]:
        """Places of those of ``images`` (n,) that the index does not hold with these ``keys``."""
        if not len(self.images):
            return np.arange(len(images))
        order = np.argsort(self.images)
        places = np.minimum(np.searchsorted(self.images, images, sorter=order), len(order) - 1)
        found = order[places]
        return np.flatnonzero((self.images[found] != images) | (self.keys[found] != keys))


def keys_of(vectors: Vectors) -> KeyArray:
    """(N,) what tells a vector (N, d) from another one: the bits of its first two numbers."""
    first = np.zeros((len(vectors), 2), dtype=np.float32)
    first[:, : vectors.shape[1]] = vectors[:, :2]
    return first.view(np.uint64)[:, 0]


def write_index(path: Path, kept: KeptIndex) -> None:
    """Keep an index; the file appears complete or not at all. Raises :class:`StorageError`."""
    # What a killed program has left is written over; two at once break the seal of the file, and
    # it is built again.
    fresh = path.with_name(f"{path.name}.new")
    header = {
        "recall": kept.index.recall,
        "trained_on": kept.index.trained_on,
        "images": len(kept.images),
    }
    try:
        with storage_errors(path):
            with fresh.open("w+b") as stream:
                stream.write(_MAGIC + bytes(_SEAL_BYTES))
                sealed = _Sealed(stream)
                sealed.write(json.dumps(header).encode() + b"\n")
                sealed.write(np.ascontiguousarray(kept.images, "<i8").tobytes())
                sealed.write(np.ascontiguousarray(kept.keys, "<u8").tobytes())
                kept.index.write(sealed.write)
                stream.seek(len(_MAGIC))
                stream.write(sealed.seal())
            publish(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def read_index(path: Path, dimension: int, progress: Progress) -> KeptIndex | None:
    """The index that was kept for vectors of ``dimension``.

    None if there is none, if it is damaged in any way, or was not written here.
    """
    try:
        with path.open("rb") as stream:
            if not _is_sealed(stream, progress):
                return None
            stream.seek(len(_MAGIC) + _SEAL_BYTES)
            header: dict[str, Any] = json.loads(stream.readline(_MOST_HEADER_BYTES))
            count = int(header["images"])
            images = np.frombuffer(stream.read(8 * count), "<i8").astype(np.int64)
            keys = np.frombuffer(stream.read(8 * count), "<u8").astype(np.uint64)
            index = ApproximateIndex.read(stream.read, dimension)
    except (OSError, ValueError, KeyError, StorageError):
        return None
    index.recall, index.trained_on = float(header["recall"]), int(header["trained_on"])
    return KeptIndex(index, images, keys)


def up_to_date_index(path: Path, now: ReferenceVectors, progress: Progress) -> ApproximateIndex:
    """The index kept at ``path`` with what is missing in it, or a new one; kept for the next time.

    Raises ValueError for fewer than 16 references.
    """
    kept = read_index(path, now.vectors.shape[1], progress)
    missing = None if kept is None else kept.missing(now.images, now.keys)
    if kept is None or missing is None or _is_outgrown(kept.index, missing, now.images):
        index = ApproximateIndex.build(now.vectors, now.images, progress)
        changed = len(now.images)
    else:
        index, changed = kept.index, len(missing)
        for start in range(0, changed, _ADDED_AT_ONCE):
            progress.checkpoint()
            part = missing[start : start + _ADDED_AT_ONCE]
            index.add(now.vectors[part], now.images[part])
            progress.report(start + len(part), changed)
    if changed > _WORTH_KEEPING * len(now.images):
        # Without room for it, it is built again in the next session.
        with suppress(StorageError):
            write_index(path, KeptIndex(index, now.images, now.keys))
    return index


def _is_outgrown(index: ApproximateIndex, missing: NDArray[np.int64], images: ImageIds) -> bool:
    entries = len(index) + len(missing)
    return len(images) > GROWTH * index.trained_on or entries > GROWTH * len(images)


class _Sealed:
    """Writes on, and adds up what was written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sum = _new_sum()

    def write(self, data: bytes) -> int:
        self._sum.update(data)
        return self._stream.write(data)

    def seal(self) -> bytes:
        seal: bytes = self._sum.digest()
        return seal


def _is_sealed(stream: IO[bytes], progress: Progress) -> bool:
    if stream.read(len(_MAGIC)) != _MAGIC:
        return False
    seal, total = stream.read(_SEAL_BYTES), _new_sum()
    while block := stream.read(_BLOCK):
        progress.checkpoint()
        total.update(block)
    return hmac.compare_digest(seal, total.digest())


def _new_sum() -> Any:
    return hashlib.blake2b(key=_machine_key(), digest_size=_SEAL_BYTES)


def _machine_key() -> bytes:
    """This user's key on this machine, made when it is first asked for. Raises StorageError."""
    path = Path(platformdirs.user_data_path("clipkw", appauthor=False)) / "index.key"
    with storage_errors(path):
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise StorageError(f"{path} is damaged.", "Remove it: indices are then built again.")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_KEY_BYTES))
        # Whoever comes second uses the key of the first.
        with suppress(FileExistsError):
            path.hardlink_to(name)
    finally:
        Path(name).unlink()
