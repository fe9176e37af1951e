"""A process that feeds loaders with mutants and may die of it.

Run as ``child.py SEED NOTES LOADER FIRST COUNT [LOADER FIRST COUNT]...``. Into the file NOTES it
notes, as JSON lines, the number of every input before it is tried, and what came of it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from guards import OPENS_A_SOCKET, is_local  # noqa: E402
from loader import Load, Loader  # noqa: E402
from loaders import find_loader  # noqa: E402

from core.errors import ClipkwError  # noqa: E402

SECONDS = 10
"""Of computing that one input may take."""
MEMORY = 4 << 30
"""Bytes of address space that inputs may take beyond what is imported at the start."""
LONGEST_MESSAGE = 1_300
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link"}


class TookTooLong(BaseException):
    """Not an Exception: no loader may take it for damage."""


class Watch:
    """Notes what leaves the folder of the loader: files written elsewhere, sockets."""

    def __init__(self, folder: Path) -> None:
        self._inside = str(folder)
        self.seen: list[str] = []
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, str | bytes) and (
                flags & _WRITING if mode is None else set(mode) & set("wax+")
            ):
                self._note(event, path)
        elif event in _CHANGES:
            pair = event in ("os.rename", "os.link", "os.symlink")
            for path in arguments[: 2 if pair else 1]:
                if pair or arguments[-1] == -1:  # else relative to a folder that is open
                    self._note(event, path)
        elif event in OPENS_A_SOCKET and not is_local(event, arguments):
            self.seen.append(f"{event} {arguments[1:]!r}")

    def _note(self, event: str, path: object) -> None:
        place = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]  # noqa: PTH100
        if not place.startswith(self._inside) and place != os.devnull:
            self.seen.append(f"{event} {place}")


@contextmanager
def time_limit() -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def fault_of(error: ClipkwError) -> str:
    """What is wrong with how the program refuses; "" if nothing."""
    text = str(error)
    if not text.strip() or not text.isprintable():
        return f"no single printable line: {text[:200]!r}"
    if len(text) > LONGEST_MESSAGE:
        return f"a message of {len(text)} characters: {text[:200]!r}"
    return "a traceback" if "Traceback" in text else ""


def shortened(text: str) -> str:
    return text if len(text) < 6_000 else f"{text[:3_000]}\n…\n{text[-2_000:]}"


def attempt(load: Load, folder: Path, data: bytes) -> tuple[str, str]:
    """How it ended, loaded or refused or a fault, and the details of a fault."""
    try:
        load(folder, data)
    except ClipkwError as error:
        fault = fault_of(error)
        return ("message", fault) if fault else ("refused", "")
    except TookTooLong:
        return "slow", shortened(traceback.format_exc())
    except BaseException:
        return "raised", shortened(traceback.format_exc())
    return "loaded", ""


def feed(
    loader: Loader, seed: int, numbers: range, watch: Watch, folder: Path
) -> Iterator[dict[str, Any]]:
    """Notes about each input: that it begins, and how it ended."""
    made = folder / "seeds"
    made.mkdir(parents=True)
    seeds = loader.seeds(made)
    for data in seeds:  # loads what is imported late, too
        how, details = attempt(loader.load, folder, data)
        if how not in ("loaded", "refused"):
            raise SystemExit(f"{loader.name}: a valid file ended as {how}: {details}")
    watch.seen.clear()
    for number in numbers:
        rng = random.Random(f"{loader.name} {seed} {number}")
        data = loader.mutate(rng.choice(seeds), seeds, rng)
        yield {"loader": loader.name, "input": number}
        with time_limit():
            how, details = attempt(loader.load, folder, data)
        if watch.seen:
            how, details = "left", "; ".join(watch.seen)
            watch.seen.clear()
        yield {"loader": loader.name, "input": number, "how": how, "details": details}


def limit_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))


def main() -> None:
    seed, notes, wanted = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    with tempfile.TemporaryDirectory(dir=notes.parent) as place, notes.open("a") as stream:
        watch = Watch(Path(place))
        limit_memory()
        for name, first, count in zip(wanted[::3], wanted[1::3], wanted[2::3], strict=True):
            numbers = range(int(first), int(first) + int(count))
            folder = Path(place) / f"of {name}".replace(":", "")
            for note in feed(find_loader(name), seed, numbers, watch, folder):
                stream.write(f"{json.dumps(note)}\n")
                stream.flush()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        stream.write(f"{json.dumps({'peak': peak})}\n")


if __name__ == "__main__":
    main()
