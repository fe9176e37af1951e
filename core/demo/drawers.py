"""Drawing the archive in processes of its own, a little ahead of whoever takes the images."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from core.demo.archive import write_images

PROCESSES = 2
SLICE = 8
"""Images drawn in one go, about a second's work."""
AHEAD = 10
"""Slices under way: enough to draw on while a batch is encoded, few enough to pause soon."""
_NICENESS = 10


def draw_archive(images: Path, seed: int, count: int) -> Generator[int, None, None]:
    """Draw what is missing of the first ``count`` files; yields how many are there by now.

    Drawing goes on by at most ``AHEAD`` slices while nobody asks for the next number, and has
    ended when the iterator is closed: use it with :func:`contextlib.closing`. Raises OSError when
    a file cannot be written.
    """
    # A fresh interpreter each: a fork of a process with windows and threads is not safe.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(PROCESSES, context, initializer=_give_way)
    slices = iter([(low, min(low + SLICE, count)) for low in range(0, count, SLICE)])
    under_way: deque[tuple[int, Future[int]]] = deque()
    try:
        while True:
            while len(under_way) < AHEAD and (following := next(slices, None)) is not None:
                drawn = pool.submit(write_images, images, seed, range(*following))
                under_way.append((following[1], drawn))
            if not under_way:
                return
            end, drawn = under_way.popleft()
            drawn.result()
            yield end
    finally:
        pool.shutdown(cancel_futures=True)


def _give_way() -> None:
    """In a drawing process: whoever looks at the images, and the encoder, come first."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
