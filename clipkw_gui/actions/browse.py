"""Finding and reading images: nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import PIL.Image
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane
from clipkw_gui.navigation import RankedImages
from core.errors import ImageError
from core.progress import Progress
from core.types import (
    Image,
    ImageId,
    ImageIds,
    ImageQuery,
    ImageState,
    ImageSuggestions,
    Keyword,
    KeywordId,
    Label,
    QueueName,
    Split,
)
from core.workflows import browse

OnError = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class ArchiveCounts:
    """How many images queues, keywords and the parts of the preparation hold."""

    queues: dict[QueueName, int]
    keyword_counts: list[tuple[Keyword, int]]
    keywords: list[Keyword]
    synonyms: dict[KeywordId, tuple[str, ...]] = field(default_factory=dict)
    splits: dict[Split, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    never_read: int = 0
    """Files that never became images."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is shown about one image besides its pixels."""

    image: Image
    labels: tuple[Label, ...]
    suggestions: ImageSuggestions | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Records and labels for a block of the queue."""

    images: list[Image]
    labels: dict[ImageId, tuple[Label, ...]]


def find_images(
    context: AppContext,
    query: ImageQuery,
    ranked: RankedImages | None,
    on_done: Callable[[ImageIds], None],
    on_error: OnError,
) -> None:
    """The ids that match a filter, those of ``ranked`` only and in its order if there is one.

    A newer call makes an older one void.
    """
    task = ProjectTask("Find images", partial(_find, query, ranked), Lane.INTERACTIVE)
    context.start_latest("browse.find", task, on_done, on_error)


def _find(
    query: ImageQuery, ranked: RankedImages | None, session: ProjectSession, _: Progress
) -> ImageIds:
    ids = browse.image_ids(session.project, query)
    return ids if ranked is None else ranked.images[np.isin(ranked.images, ids)]


def find_new_images(
    context: AppContext,
    query: ImageQuery,
    known: ImageIds,
    on_done: Callable[[ImageIds], None],
    on_error: OnError,
) -> None:
    """The ids that match a filter and are not ``known``; a newer call makes an older one void."""
    task = ProjectTask("Find new images", partial(_find_new, query, known), Lane.INTERACTIVE)
    context.start_latest("browse.new", task, on_done, on_error)


def _find_new(query: ImageQuery, known: ImageIds, session: ProjectSession, _: Progress) -> ImageIds:
    found = browse.image_ids(session.project, query)
    return found[~np.isin(found, known)]


def count_archive(
    context: AppContext, page: str, on_done: Callable[[ArchiveCounts], None], on_error: OnError
) -> None:
    """Counts per queue and keyword; a newer call of the same page makes an older one void."""
    task = ProjectTask("Count images", _count, Lane.OVERVIEW)
    context.start_latest(f"browse.count.{page}", task, on_done, on_error)


def _count(session: ProjectSession, progress: Progress) -> ArchiveCounts:
    project = session.project
    queues = browse.queue_counts(project)
    progress.checkpoint()
    return ArchiveCounts(
        queues,
        browse.keyword_counts(project),
        browse.all_keywords(project),
        browse.synonyms_of(project),
        browse.split_counts(project),
        {problem.path: problem.reason for problem in browse.problems(project)},
        browse.count_never_read(project),
    )


def count_folders(
    context: AppContext,
    page: str,
    on_done: Callable[[list[tuple[str, int]]], None],
    on_error: OnError,
) -> None:
    """Every folder with how many images lie in it or below, for a page."""
    task = ProjectTask("Count folders", _count_folders, Lane.OVERVIEW)
    context.start_latest(f"browse.folders.{page}", task, on_done, on_error)


def _count_folders(session: ProjectSession, _: Progress) -> list[tuple[str, int]]:
    return browse.folder_counts(session.project)


def fetch_rows(
    context: AppContext, ids: Sequence[ImageId], on_done: Callable[[Rows], None], on_error: OnError
) -> None:
    """Records and labels of a block of the queue."""
    task = ProjectTask("Read images", partial(_rows, ids), Lane.INTERACTIVE)
    context.start(task, on_done, on_error)


def _rows(ids: Sequence[ImageId], session: ProjectSession, _: Progress) -> Rows:
    project = session.project
    return Rows(browse.get_images(project, ids), browse.labels_of(project, ids))


def fetch_sheets(
    context: AppContext,
    ids: Sequence[ImageId],
    on_done: Callable[[list[Sheet]], None],
    on_error: OnError,
) -> None:
    """Records, labels and suggestions for a few images."""
    task = ProjectTask("Suggest keywords", partial(_sheets, ids), Lane.INTERACTIVE)
    context.start(task, on_done, on_error)


def _sheets(ids: Sequence[ImageId], session: ProjectSession, _: Progress) -> list[Sheet]:
    project = session.project
    images = browse.get_images(project, ids)
    labels = browse.labels_of(project, ids)
    suggester = session.suggester
    found = suggester.suggest(ids) if suggester is not None else []
    suggestions = {one.image: one for one in found}
    return [Sheet(one, labels.get(one.id, ()), suggestions.get(one.id)) for one in images]


def load_thumbnails(
    context: AppContext,
    ids: Sequence[ImageId],
    on_done: Callable[[dict[ImageId, QImage | None]], None],
    on_error: OnError,
    box: QSize | None = None,
) -> None:
    """Small pictures for painting; None for an image that has none.

    With a ``box`` in device pixels they are fitted into it, so that they need no more scaling.
    """
    task = ProjectTask("Load thumbnails", partial(_thumbnails, ids, box), Lane.THUMBNAIL)
    context.start(task, on_done, on_error)


def _thumbnails(
    ids: Sequence[ImageId], box: QSize | None, session: ProjectSession, progress: Progress
) -> dict[ImageId, QImage | None]:
    pictures: dict[ImageId, QImage | None] = dict.fromkeys(ids)
    for image in browse.get_images(session.project, ids):
        progress.checkpoint()
        if image.state is ImageState.PRESENT:
            try:
                whole = QImage.fromData(browse.thumbnail(session.project, image))
                pictures[image.id] = whole if box is None else _fitted(whole, box)
            except ImageError:
                pictures[image.id] = None
    return pictures


def _fitted(picture: QImage, box: QSize) -> QImage:
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return picture if picture.isNull() else picture.scaled(box, keep, smooth)


def load_picture(
    context: AppContext,
    image: Image,
    max_side: int,
    on_done: Callable[[QImage], None],
    on_error: OnError,
) -> Job | None:
    """The image itself, its longer side at most ``max_side`` pixels; None without a project."""
    task = ProjectTask("Open image", partial(_picture, image, max_side), Lane.PICTURE)
    return context.start(task, on_done, on_error)


def _picture(image: Image, max_side: int, session: ProjectSession, _: Progress) -> QImage:
    return _to_qt(browse.picture(session.project, image, max_side))


def load_file(
    context: AppContext,
    path: Path,
    max_side: int,
    on_done: Callable[[QImage], None],
    on_error: OnError,
) -> None:
    """Any image file, of the archive or not."""
    task = ProjectTask("Open image", partial(_file, path, max_side), Lane.PICTURE)
    context.start_latest("browse.file", task, on_done, on_error)


def _file(path: Path, max_side: int, session: ProjectSession, _: Progress) -> QImage:
    return _to_qt(browse.file_picture(session.project, path, max_side))


def _to_qt(picture: PIL.Image.Image) -> QImage:
    stride = picture.width * 3
    raw = QImage(
        picture.tobytes(), picture.width, picture.height, stride, QImage.Format.Format_RGB888
    )
    return raw.convertToFormat(QImage.Format.Format_RGB32)
