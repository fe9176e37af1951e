"""Drawing the archive in processes of its own, a little ahead of whoever takes the images."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Generator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

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
    """A process that draws what it is asked for, in that order, and answers a line to each.

    A fresh interpreter that knows nothing of the window. The pipes tell it when nobody is there
    any more, also after a kill: then it ends.
    """

    def __init__(self, images: Path, seed: int) -> None:
        command = [sys.executable, "-P", "-m", __spec__.name, str(images), str(seed)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout

    def ask(self, indices: range) -> None:
        self._questions.write(b"%d %d\n" % (indices.start, indices.stop))
        self._questions.flush()

    def wait(self) -> None:
        """Until the next of what was asked for is drawn."""
        answer = self._answers.readline()
        if not answer:
            raise OSError("a drawing process has ended")
        failure = json.loads(answer)
        if failure:
            raise OSError(*failure)

    def stop(self) -> None:
        """Let it finish the slice it is drawing, and end."""
        self._answers.close()
        with suppress(BrokenPipeError):
            self._questions.close()
        self._process.wait()


def _draw(images: Path, seed: int) -> None:
    """Answer each line on standard input with a line: what failed, or nothing."""
    # Ctrl-C is for whoever asked.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whoever looks at the images, and the encoder, come first.
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    for line in sys.stdin:
        failure = []
        try:
            write_images(images, seed, range(*map(int, line.split())))
        except OSError as error:
            failure = [error.errno, error.strerror]
        try:
            os.write(sys.stdout.fileno(), json.dumps(failure).encode() + b"\n")
        except BrokenPipeError:
            return


if __name__ == "__main__":
    _draw(Path(sys.argv[1]), int(sys.argv[2]))
