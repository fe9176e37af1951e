"""What a loader of untrusted files is to the fuzzer."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mutations import mutate

from core.errors import ClipkwError

Mutate = Callable[[bytes, Sequence[bytes], random.Random], bytes]
Load = Callable[[Path, bytes], None]


@dataclass(frozen=True)
class Loader:
    """``load(folder, data)`` writes ``data`` into ``folder`` and gives it to the program.

    ``seeds(folder)`` are valid files; ``folder`` is for making them. ``share`` is the part of all
    inputs that this loader gets.
    """

    name: str
    share: int
    seeds: Callable[[Path], list[bytes]]
    load: Load
    mutate: Mutate = mutate


class Refused(ClipkwError):  # noqa: N818 - an answer, not an error
    """The program has listed a file as a problem, with its reason, instead of raising."""
