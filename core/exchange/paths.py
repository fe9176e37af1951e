"""Which image does a table mean?"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from core.catalog.text import fold


class PathIndex:
    """Finds the images of an archive by what a table says about their paths.

    The answer is always one of the given paths, so that no table can reach outside the archive.
    """

    def __init__(self, paths: Iterable[str], root: Path, table_folder: Path) -> None:
        """``paths`` are relative to ``root``, POSIX style."""
        self._paths = frozenset(paths)
        self._root = root.resolve().as_posix().rstrip("/") + "/"
        self._table_folder = table_folder.resolve().as_posix()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def match(self, text: str) -> str | None:
        """The path that ``text`` stands for, or None.

        Tried in this order: relative to the root, relative to the table's folder, absolute inside
        the root; each exactly, then ignoring case and Unicode composition where that is
        unambiguous; last, a bare file name that occurs once. Backslashes count as slashes.
        """
        if text in self._paths:
            return text
        slashed = text.strip().replace("\\", "/")
        if not slashed:
            return None
        candidates = self._candidates(slashed)
        for candidate in candidates:
            if candidate in self._paths:
                return candidate
        for candidate in candidates:
            if (path := self._folded.get(fold(candidate))) is not None:
                return path
        if "/" not in slashed:
            return self._names.get(fold(slashed))
        return None

    def _candidates(self, slashed: str) -> list[str]:
        if slashed.startswith("/"):
            absolute = [posixpath.normpath(slashed)]
        else:
            relative = posixpath.normpath(slashed)
            absolute = [
                posixpath.normpath(self._root + relative),
                posixpath.normpath(f"{self._table_folder}/{relative}"),
            ]
        return [path.removeprefix(self._root) for path in absolute if path.startswith(self._root)]

    @cached_property
    def _folded(self) -> dict[str, str]:
        return _unambiguous((fold(path), path) for path in self._paths)

    @cached_property
    def _names(self) -> dict[str, str]:
        return _unambiguous((fold(posixpath.basename(path)), path) for path in self._paths)


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keys that stand for one path only."""
    found: dict[str, str] = {}
    ambiguous: set[str] = set()
    for key, path in pairs:
        if key in found:
            ambiguous.add(key)
        found[key] = path
    return {key: path for key, path in found.items() if key not in ambiguous}
