"""A project: a folder ``NAME.clipkw`` beside, never inside, what the archive's owner keeps.

It holds ``catalog.sqlite`` (images, keywords, decisions), ``features/`` (vectors),
``thumbnails/`` (a cache) and ``project.toml`` (settings). The photographs stay where they are.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from core.catalog.backups import list_backups
from core.catalog.database import Catalog
from core.errors import DamagedSettingsError, ProjectError
from core.files import storage_errors
from core.images.thumbnails import ThumbnailCache
from core.images.walk import PROJECT_SUFFIX
from core.paths import expanded, is_folder, resolved
from core.settings import (
    SETTINGS_FILE,
    ArchiveSettings,
    EncoderSettings,
    OnlineSettings,
    ProjectSettings,
)
from core.types import Image

CATALOG_FILE = "catalog.sqlite"
FEATURES_FOLDER = "features"
_IDENTITY = re.compile(r"[\w-]{1,128}")
THUMBNAILS_FOLDER = "thumbnails"
_MAKE_ROOM = "Free some space, or choose a folder you may write to."


@dataclass(slots=True)
class Project:
    """An open project. Close it, or use it as a context manager."""

    folder: Path
    settings: ProjectSettings
    catalog: Catalog
    thumbnails: ThumbnailCache

    @property
    def images_root(self) -> Path:
        """The folder of images; it may be away, see :attr:`warning`."""
        return Path(self.settings.archive.images)

    @property
    def features_folder(self) -> Path:
        """Where the feature files lie, one per encoder."""
        return self.folder / FEATURES_FOLDER

    def feature_path(self, identity: str) -> Path:
        """The feature file of an encoder.

        Raises :class:`ProjectError` for an identity that is no name of a file.
        """
        if not _IDENTITY.fullmatch(identity):
            raise ProjectError(
                f"The encoder's identity in project.toml is not one: {identity}.",
                "Delete the line and encode again; vectors that are there are kept.",
            )
        return self.features_folder / f"{identity}.h5"

    @property
    def max_pixels(self) -> int:
        """Images with more pixels than this are not decoded."""
        return round(self.settings.archive.max_megapixels * 1_000_000)

    @property
    def warning(self) -> str:
        """What keeps the images from being shown right now, in one sentence; usually empty."""
        if is_folder(self.images_root):
            return ""
        return (
            f"The images folder {self.images_root} is not there. Connect the disk or share it is "
            "on, or choose where it is now; keywords and decisions are safe."
        )

    def image_path(self, image: Image) -> Path:
        """Absolute path of the file behind ``image``.

        Raises :class:`ProjectError` for a path that would lead out of the images folder, by
        itself or by a link that has taken the place of a file or a folder.
        """
        relative = PurePosixPath(image.path)
        path = self.images_root / relative
        real, root = resolved(path), resolved(self.images_root)
        if relative.is_absolute() or ".." in relative.parts or real is None or root is None:
            raise ProjectError(f"The catalog holds an unsafe path: {image.path}.")
        if not real.is_relative_to(root):
            raise ProjectError(
                f"{image.path} is a link that leads out of the images folder; it is not followed."
            )
        return path

    def close(self) -> None:
        """Let go of the catalog."""
        self.catalog.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def create_project(folder: Path, images: Path, encoder: str = "") -> Project:
    """Make the project ``folder`` for the archive ``images`` and open it.

    ``.clipkw`` is added to the name if it is missing. Nothing is imported yet. Raises
    :class:`ProjectError` when either folder cannot be used and :class:`StorageError` when the
    disk is full or read-only; then nothing is left behind.
    """
    folder = expanded(folder).absolute()
    if folder.suffix.lower() != PROJECT_SUFFIX:
        folder = folder.with_name(folder.name + PROJECT_SUFFIX)
    root = _require_images(images)
    if folder.exists():
        raise ProjectError(f"{folder} exists already.", "Open it, or choose another name.")
    if not is_folder(folder.parent):
        raise ProjectError(
            f"The folder {folder.parent} does not exist.", "Create it, or choose another place."
        )
    settings = ProjectSettings(ArchiveSettings(images=str(root)), EncoderSettings(source=encoder))
    # Built under another name, so that a project folder is always a complete one.
    building = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    with storage_errors(folder.parent, _MAKE_ROOM):
        try:
            building.mkdir()
            (building / FEATURES_FOLDER).mkdir()
            (building / THUMBNAILS_FOLDER).mkdir()
            settings.write(building)
            Catalog.create(building / CATALOG_FILE).close()
            building.rename(folder)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    return open_project(folder)


def open_project(folder: Path) -> Project:
    """Open an existing project.

    An absent images folder is no error: see :attr:`Project.warning`. Raises
    :class:`ProjectError` or :class:`StorageError` saying what is wrong with the project itself.
    """
    folder = expanded(folder).absolute()
    if not is_folder(folder):
        raise ProjectError(
            f"There is no project {folder}.", "Choose a folder whose name ends in .clipkw."
        )
    settings = _read_settings(folder)
    catalog = Catalog.open(folder / CATALOG_FILE)
    return Project(folder, settings, catalog, ThumbnailCache(folder / THUMBNAILS_FOLDER))


def _read_settings(folder: Path) -> ProjectSettings:
    try:
        return _complete(ProjectSettings.read(folder), folder)
    except ProjectError as error:
        if not _backup_of_settings(folder):
            raise
        way = f"Choose Repair… in the window, or run clipkw rebuild {folder}."
        raise DamagedSettingsError(
            error.message, f"{error.remedy} A backup has them too. {way}".strip()
        ) from error


def _complete(settings: ProjectSettings, folder: Path) -> ProjectSettings:
    if not settings.archive.images:
        raise ProjectError(
            f"{folder} does not say where its images are.",
            'Add images = "FOLDER" under [archive] in project.toml.',
        )
    return settings


def restore_settings(folder: Path) -> bool:
    """Take settings that cannot be read from the newest backup that has some; whether it did.

    The file that cannot be read stays beside it. Raises :class:`StorageError` when the disk does
    not take it.
    """
    try:
        _complete(ProjectSettings.read(folder), folder)
        return False
    except ProjectError:
        backup = _backup_of_settings(folder)
    if backup is None:
        return False
    path = folder / SETTINGS_FILE
    with storage_errors(folder, _MAKE_ROOM):
        if path.exists():
            path.replace(path.with_name(f"{SETTINGS_FILE}.damaged"))
        ProjectSettings.read_file(backup).write(folder)
    return True


def _backup_of_settings(folder: Path) -> Path | None:
    """The newest copy of ``project.toml`` that can be read."""
    for backup in list_backups(folder / CATALOG_FILE):
        with suppress(ProjectError):
            _complete(ProjectSettings.read_file(backup.settings), folder)
            return backup.settings
    return None


def set_encoder(project: Project, source: str) -> None:
    """Choose the encoder; the vectors of the one before are kept for when it is chosen again.

    The same source may be chosen again, to accept that what is there has changed. This and every
    other change of a setting raises :class:`ProjectError` when ``project.toml`` cannot be read,
    and :class:`StorageError` when the disk does not take it or another program is writing to the
    project: then nothing was changed.
    """
    encoder = EncoderSettings(source=source)
    _change(project, lambda settings: replace(settings, encoder=encoder))


def remember_encoder(project: Project, identity: str) -> None:
    """Note what the chosen source turned out to be when it was loaded.

    In the file only if it has not been chosen anew in another window meanwhile.
    """
    loaded = project.settings.encoder
    known = replace(loaded, identity=identity)

    def note(settings: ProjectSettings) -> ProjectSettings:
        return replace(settings, encoder=known) if settings.encoder == loaded else settings

    _change(project, note)


def set_images_root(project: Project, images: Path) -> None:
    """Tell that the archive lies in another place now; the next import compares it.

    Raises :class:`ProjectError` when ``images`` is no folder.
    """
    root = str(_require_images(images))

    def move(settings: ProjectSettings) -> ProjectSettings:
        return replace(settings, archive=replace(settings.archive, images=root))

    _change(project, move)


def allow_online_translation(project: Project, agreed_by: str) -> None:
    """Note that names of keywords may be sent to a translation service; "": they may not."""
    agreed_at = datetime.now(UTC).isoformat(timespec="seconds") if agreed_by else ""
    online = OnlineSettings(bool(agreed_by), agreed_by, agreed_at)
    _change(project, lambda settings: replace(settings, online=online))


def refresh_consent(project: Project) -> None:
    """Take from ``project.toml`` what may be sent: another window may have changed it.

    Raises :class:`ProjectError` when the file cannot be read: then nobody knows.
    """
    online = _read_settings(project.folder).online
    project.settings = replace(project.settings, online=online)


def _change(project: Project, change: Callable[[ProjectSettings], ProjectSettings]) -> None:
    """Make a change in the file as it is now, and in what this window works with."""
    # The transaction of the catalog lets one program at a time read and replace the file. What
    # others have changed is not taken over here: work that goes on relies on what it began with.
    with project.catalog.write(), storage_errors(project.folder, _MAKE_ROOM):
        change(_read_settings(project.folder)).write(project.folder)
        project.settings = change(project.settings)


def _require_images(images: Path) -> Path:
    chosen = expanded(images)
    if not is_folder(chosen):
        raise ProjectError(
            f"There is no images folder {images}.", "Choose the folder that holds the images."
        )
    root = chosen.resolve()
    if not os.access(root, os.R_OK | os.X_OK):
        raise ProjectError(
            f"The images folder {root} cannot be read.", "Ask for permission to read it."
        )
    return root
