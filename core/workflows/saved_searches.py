"""Searches that are kept under a name, to be looked at again or worked through as a queue."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from core.catalog import saved_searches
from core.errors import ProjectError
from core.files import replacing, storage_errors
from core.images.decode import decode
from core.types import Changes, SavedSearch, SearchByFile
from core.workflows.label import person
from core.workflows.project import Project

PICTURES_FOLDER = "searches"
_PICTURE_SIDE = 1024


def save_search(project: Project, saved: SavedSearch) -> Changes:
    """Keep a search, as one step that can be undone; one of the same name is replaced.

    A file that is searched for is copied into the project, so that the search outlives it. Raises
    :class:`ProjectError` for an empty name, :class:`core.errors.ImageError` for a file that cannot
    be read, and :class:`StorageError` if the copy cannot be written.
    """
    name = " ".join(saved.name.split())
    if not name:
        raise ProjectError("A search needs a name to be saved.", "Type at least one letter.")
    if isinstance(saved.target, SearchByFile):
        saved = replace(saved, target=SearchByFile(_keep_picture(project, Path(saved.target.path))))
    title = f"Save the search “{name}”"
    return saved_searches.save_search(project.catalog, replace(saved, name=name), person(), title)


def delete_search(project: Project, name: str) -> Changes:
    """Forget a search, as one step that can be undone."""
    title = f"Delete the search “{name}”"
    return saved_searches.delete_search(project.catalog, name, person(), title)


def list_searches(project: Project) -> list[SavedSearch]:
    """All saved searches, by name. Their pictures are found wherever the project lies now."""
    return [_with_place(project, one) for one in saved_searches.list_searches(project.catalog)]


def _with_place(project: Project, saved: SavedSearch) -> SavedSearch:
    if not isinstance(saved.target, SearchByFile):
        return saved
    # only the name counts: what a catalog says must not lead out of the project
    path = project.folder / PICTURES_FOLDER / Path(saved.target.path).name
    return replace(saved, target=SearchByFile(str(path)))


def _keep_picture(project: Project, path: Path) -> str:
    """Copy a picture, no larger than an encoder may need; its file name, which is its hash."""
    folder = project.folder / PICTURES_FOLDER
    if path.parent == folder:
        return path.name
    picture = decode(path, project.max_pixels, target=_PICTURE_SIDE)
    picture.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    stream = BytesIO()
    picture.save(stream, "PNG")
    data = stream.getvalue()
    name = f"{hashlib.sha256(data).hexdigest()}.png"
    with storage_errors(folder / name, "Free some space."):
        folder.mkdir(exist_ok=True)
        with replacing(folder / name) as part:
            part.write_bytes(data)
    return name
