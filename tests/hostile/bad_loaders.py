"""Loaders that do what no loader may do, on every third input."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable
from pathlib import Path

from loader import Loader

from core.errors import ClipkwError

OUTSIDE = Path.home() / "no such folder" / "escaped"


def _raise() -> None:
    raise KeyError("a bug")


def _say_nothing() -> None:
    raise ClipkwError("")


def _escape() -> None:
    try:
        OUTSIDE.write_text("x")
    except OSError:
        return


def _crash() -> None:
    ctypes.string_at(0)


def _dawdle() -> None:
    while True:
        pass


def _loader(name: str, misbehave: Callable[[], None]) -> Loader:
    calls = itertools.count()  # the valid file comes first

    def load(_folder: Path, _data: bytes) -> None:
        if (call := next(calls)) and call % 3 == 0:
            misbehave()

    return Loader(name, 0, lambda _folder: [b"valid"], load)


LOADERS = (
    _loader("bad: raised", _raise),
    _loader("bad: message", _say_nothing),
    _loader("bad: left", _escape),
    _loader("bad: crashed", _crash),
    _loader("bad: slow", _dawdle),
)
