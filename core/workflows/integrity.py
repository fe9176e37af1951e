"""Is a project sound? Looked at when it is opened; what is damaged is mended, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.catalog import encodings, events, overview
from core.catalog.encodings import encoder_id
from core.errors import DamagedCatalogError, FeatureError, StorageError
from core.features import FeatureFile
from core.features.mending import count_damaged, mend, stretch
from core.progress import Progress
from core.workflows.project import Project
from core.workflows.vectors import ImageVectors

UNACKNOWLEDGED = 1
"""Events that only the log has after a kill: a decision nobody was told is made."""


class DamagedPart(StrEnum):
    """What is damaged, and so how it is mended: by :mod:`.recovery`, or by :func:`mend_vectors`."""

    CATALOG = "catalog"
    VECTORS = "vectors"


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is damaged: one sentence about it, and one about what mending does."""

    part: DamagedPart
    what: str
    remedy: str


def find_damage(project: Project, progress: Progress) -> Damage | None:
    """Look through the catalog and the vectors' file.

    The first damage that is found; None if there is none.
    """
    progress.checkpoint()
    return _catalog(project) or _decisions(project) or find_vector_damage(project, progress)


def mend_vectors(project: Project, progress: Progress) -> int:
    """Let go of the vectors that are damaged; so many images are to be encoded again.

    Raises :class:`FeatureError` while another program writes vectors or when they are of another
    encoder, and :class:`StorageError` when the disk does not take it.
    """
    vectors = ImageVectors.read(project)
    if vectors is None:
        return 0
    encoder = encoder_id(project.catalog, vectors.identity)
    assert encoder is not None
    path = project.feature_path(vectors.identity)
    try:
        if not path.exists() or not _can_be_opened(project, vectors):
            path.with_name(f"{path.name}.damaged").unlink(missing_ok=True)
            if path.exists():
                path.rename(path.with_name(f"{path.name}.damaged"))
            encodings.forget_vectors(project.catalog, encoder)
            return len(vectors.images)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be mended: {error.strerror or error}.",
            "Make the folder writable, and room on the disk, and try again.",
        ) from error
    with FeatureFile.open(path, vectors.identity, writable=True) as features:
        damaged = mend(features, vectors.images, vectors.rows, progress)
        encodings.forget_images(project.catalog, encoder, damaged)
    return len(damaged)


def _can_be_opened(project: Project, vectors: ImageVectors) -> bool:
    path = project.feature_path(vectors.identity)
    stretch(path)
    try:
        vectors.open().close()
    except FeatureError as error:
        if "another encoder" in error.message:
            raise
        return False
    return True


def _catalog(project: Project) -> Damage | None:
    try:
        found = overview.quick_faults(project.catalog)
    except DamagedCatalogError as error:
        found = [error.message]
    if not found:
        return None
    return Damage(
        DamagedPart.CATALOG,
        f"The catalog of {project.folder.name} is damaged.",
        "The newest sound backup takes its place, and all decisions since are done again.",
    )


def _decisions(project: Project) -> Damage | None:
    """An older catalog that somebody copied here lacks what its log has."""
    with project.catalog.read() as connection:
        lacking = project.catalog.log.last() - events.newest(connection)
    if lacking <= UNACKNOWLEDGED:
        return None
    return Damage(
        DamagedPart.CATALOG,
        f"The catalog lacks {lacking} steps that are in its decision log: it is an older copy.",
        "The newest sound backup takes its place, and all decisions since are done again.",
    )


def find_vector_damage(project: Project, progress: Progress) -> Damage | None:
    """Whether the vectors' file can be read, and has all the vectors that it should have."""
    vectors = ImageVectors.read(project)
    if vectors is None:
        return None
    try:
        with vectors.open() as file:
            wrong = count_damaged(file, vectors.images, vectors.rows, progress)
    except FeatureError as error:
        return Damage(DamagedPart.VECTORS, error.message, _ENCODE)
    if not wrong:
        return None
    what = f"The vectors of {wrong} of {len(vectors.images)} images are damaged."
    return Damage(DamagedPart.VECTORS, what, _ENCODE)


_ENCODE = "Only images whose vector is damaged are encoded again; no keyword is lost."
