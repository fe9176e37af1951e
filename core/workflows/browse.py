"""Finding images and looking at them: nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import PIL.Image

from core.catalog import browse as queries
from core.catalog import decisions, encodings, images, keywords
from core.images.decode import decode
from core.images.thumbnails import make_thumbnail
from core.paths import resolved
from core.types import (
    EncoderId,
    Image,
    ImageId,
    ImageIds,
    ImageQuery,
    Keyword,
    KeywordId,
    Label,
    Problem,
    QueueName,
    Split,
)
from core.workflows.project import Project


def image_ids(project: Project, query: ImageQuery) -> ImageIds:
    """Ids (n,) of the images that match a query, ordered by path."""
    return queries.image_ids(project.catalog, query, encoder_id(project))


def get_images(project: Project, ids: Sequence[ImageId]) -> list[Image]:
    """Records of images in the order asked; unknown ids are left out."""
    return images.get_images(project.catalog, ids)


def find_image(project: Project, path: str) -> Image | None:
    """The image at a path: relative to the archive, or absolute within it."""
    absolute, root = resolved(Path(path)), resolved(project.images_root)
    if absolute is None or root is None:
        return None
    found = images.find_image(project.catalog, Path(path).as_posix())
    if found is None and absolute.is_relative_to(root):
        found = images.find_image(project.catalog, absolute.relative_to(root).as_posix())
    return found


def labels_of(project: Project, ids: Sequence[ImageId]) -> dict[ImageId, tuple[Label, ...]]:
    """All that is said about images, by keyword id; () for an image nothing is said about."""
    return decisions.labels_of(project.catalog, ids)


def queue_counts(project: Project) -> dict[QueueName, int]:
    """How many images each queue holds."""
    return queries.queue_counts(project.catalog, encoder_id(project))


def folder_counts(project: Project) -> list[tuple[str, int]]:
    """Every folder, by path, and how many images are in it or below."""
    return queries.folder_counts(project.catalog)


def keyword_counts(project: Project) -> list[tuple[Keyword, int]]:
    """Keywords that are positive on an image, most frequent first, and on how many."""
    return queries.keyword_counts(project.catalog)


def split_counts(project: Project) -> dict[Split, int]:
    """How many images each part of the preparation in use holds; empty if nothing is prepared."""
    return queries.split_counts(project.catalog)


def synonyms_of(project: Project) -> dict[KeywordId, tuple[str, ...]]:
    """Other names of the keywords that have any, alphabetically."""
    return keywords.synonyms_of(project.catalog)


def all_keywords(project: Project) -> list[Keyword]:
    """Every keyword, the retired ones included, by id."""
    return keywords.all_keywords(project.catalog)


def find_keyword(project: Project, name: str) -> Keyword | None:
    """The keyword of a name, Norwegian or else English, ignoring case and white space."""
    return keywords.find_keyword(project.catalog, name)


def problems(project: Project) -> list[Problem]:
    """Every file that could not be used, and why, by path."""
    return images.problems(project.catalog)


def count_never_read(project: Project) -> int:
    """How many files could not be read when they were found, so that they never became images."""
    return images.count_never_read(project.catalog)


def thumbnail(project: Project, image: Image) -> bytes:
    """A JPEG of at most 256 pixels, from the project's cache or made now.

    A file that was changed since its import is shown as it is, but its picture is not kept: it
    would be taken for that of every file with the content that was imported. Raises
    :class:`core.errors.ImageError` if it has to be made and the image cannot be used.
    """
    cached = project.thumbnails.load(image.content_hash)
    if cached is not None:
        return cached
    # Only now: following the links of a path takes longer than reading a thumbnail.
    source = project.image_path(image)
    file = images.files_behind(project.catalog, [image.id]).get(image.id)
    if file is None or file.content_hash != image.content_hash:
        # An import has been quicker than whoever asks: nothing tells what the file holds.
        return make_thumbnail(source, project.max_pixels)
    return project.thumbnails.load_or_make(
        image.content_hash, source, project.max_pixels, noted=(file.size, file.mtime_ns)
    )


def picture(project: Project, image: Image, max_side: int) -> PIL.Image.Image:
    """The image itself: upright RGB, its longer side at most ``max_side`` pixels.

    Decoded from the original. Raises :class:`core.errors.ImageError` if it cannot be used.
    """
    return file_picture(project, project.image_path(image), max_side)


def file_picture(project: Project, path: Path, max_side: int) -> PIL.Image.Image:
    """Any image file, of the archive or not: upright RGB, its longer side at most ``max_side``.

    Raises :class:`core.errors.ImageError` if it cannot be used.
    """
    decoded = decode(path, project.max_pixels, target=max_side)
    decoded.thumbnail((max_side, max_side), PIL.Image.Resampling.LANCZOS, reducing_gap=2.0)
    return decoded


def encoder_id(project: Project) -> EncoderId | None:
    """The encoder of the project, if anything was encoded with it."""
    identity = project.settings.encoder.identity
    return encodings.encoder_id(project.catalog, identity) if identity else None
