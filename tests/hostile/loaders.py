"""Every loader of files that others have made."""

from __future__ import annotations

import loaders_encoders
import loaders_files
import loaders_images
import loaders_projects
import loaders_recovery
import loaders_tables
import loaders_window
from loader import Loader

LOADERS: dict[str, Loader] = {
    loader.name: loader
    for room in (
        loaders_images,
        loaders_tables,
        loaders_projects,
        loaders_files,
        loaders_recovery,
        loaders_encoders,
        loaders_window,
    )
    for loader in room.LOADERS
}


def find_loader(name: str) -> Loader:
    """A loader of the program, or one that only the tests of the fuzzer have."""
    if name in LOADERS:
        return LOADERS[name]
    import bad_loaders

    return next(loader for loader in bad_loaders.LOADERS if loader.name == name)


def shares(inputs: int) -> dict[str, int]:
    """At least ``inputs`` in all, by loader."""
    whole = sum(loader.share for loader in LOADERS.values())
    return {name: -(-inputs * loader.share // whole) for name, loader in LOADERS.items()}
