"""Drawing the archive in processes of its own, a little ahead of whoever takes the images."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Generator
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from core.demo.archive import write_images

PROCESSES = 2
SLICE = 8
"""Images drawn in one go, about a second's work."""
AHEAD = 10
"""Slices under way: enough to draw on while a batch is encoded, few enough to pause soon."""
_NICENESS = 5


def draw_archive(images: Path, seed: int, count: int) -> Generator[int, None, None]:
    """Draw what is missing of the first ``count`` files; yields how many are there by now.

    Drawing goes on by at most ``AHEAD`` slices while nobody asks for the next number, and has
    ended when the iterator is closed: use it with :func:`contextlib.closing`. Raises OSError when
    a file cannot be written.
    """
    slices = iter([range(low, min(low + SLICE, count)) for low in range(0, count, SLICE)])
    under_way: deque[tuple[_Drawer, int]] = deque()
    with ExitStack() as stack:
        drawers = [_Drawer(images, seed) for _ in range(PROCESSES)]
        for drawer in drawers:
            stack.callback(drawer.stop)
        idle = deque(drawers * (AHEAD // PROCESSES))
        while True:
            while idle and (following := next(slices, None)) is not None:
                drawer = idle.popleft()
                drawer.ask(following)
                under_way.append((drawer, following.stop))
            if not under_way:
                return
            drawer, drawn = under_way.popleft()
            drawer.wait()
            idle.append(drawer)
            yield drawn


class _Drawer:
    """A process that draws what it is asked for, in that order.

    Its end of the pipe tells it when nobody is there any more, also after a kill: then it ends.
    """

    def __init__(self, images: Path, seed: int) -> None:
        # A fresh interpreter: a fork of a process with windows and threads is not safe.
        context = multiprocessing.get_context("spawn")
        self._pipe, its_end = context.Pipe()
        self._process = context.Process(
            target=_draw, args=(its_end, images, seed), name="clipkw drawer", daemon=True
        )
        self._process.start()
        its_end.close()

    def ask(self, indices: range) -> None:
        self._pipe.send(indices)

    def wait(self) -> None:
        """Until the next of what was asked for is drawn."""
        try:
            failure = self._pipe.recv()
        except EOFError as error:
            raise OSError("a drawing process was ended from outside") from error
        if failure is not None:
            raise failure

    def stop(self) -> None:
        """Let it finish the slice it is drawing, and end."""
        self._pipe.close()
        self._process.join()


def _draw(pipe: Connection, images: Path, seed: int) -> None:
    # Whoever looks at the images, and the encoder, come first.
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        while True:
            indices = pipe.recv()
            failure: Exception | None = None
            try:
                write_images(images, seed, indices)
            except Exception as error:
                failure = error
            pipe.send(failure)
