"""Queues by how sure the model is: what is known at once, and a long job for what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication

from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane
from clipkw_gui.navigation import RankedImages
from core.errors import ProjectError
from core.progress import Progress, Silent
from core.types import ImageIds, ImageQuery
from core.workflows import browse
from core.workflows.certainty import Certainties, CertaintyOrder, CertaintyWish

if TYPE_CHECKING:
    from core.workflows.suggest import Suggester

__all__ = [
    "Arranged",
    "Certainties",
    "CertaintyOrder",
    "CertaintyWish",
    "Wanted",
    "arrange",
    "ask_model",
]

AT_ONCE = 256
"""So few images the model is asked about while somebody waits: under a second."""

OnError = Callable[[Exception], None]
_tr = partial(QCoreApplication.translate, "Certainty")


@dataclass(frozen=True, eq=False, slots=True)
class Wanted:
    """A queue: the images that match, of ``ranked`` only if there is one, arranged as wished."""

    query: ImageQuery
    ranked: RankedImages | None
    wish: CertaintyWish


@dataclass(frozen=True, eq=False, slots=True)
class Arranged:
    """The images (n,) of a queue, and how many the model has not been asked about yet."""

    images: ImageIds
    missing: int


def arrange(
    context: AppContext,
    known: Certainties,
    wanted: Wanted,
    on_done: Callable[[Arranged], None],
    on_error: OnError,
) -> None:
    """Arrange by what is known; if few images are not, the model is asked about them.

    A newer call makes an older one void.
    """
    work = partial(_arrange, known, wanted)
    task = ProjectTask(_tr("Arrange the queue"), work, Lane.INTERACTIVE)
    context.start_latest("certainty.arrange", task, on_done, on_error)


def _arrange(known: Certainties, wanted: Wanted, session: ProjectSession, _: Progress) -> Arranged:
    images, wish = _matching(session, wanted), wanted.wish
    missing = known.missing(images, wish.keyword)
    if 0 < len(missing) <= AT_ONCE:
        known.ask(_suggester(session), missing, wish.keyword, Silent())
        missing = missing[:0]
    return Arranged(known.arrange(images, wish), len(missing))


def ask_model(
    context: AppContext,
    known: Certainties,
    wanted: Wanted,
    on_done: Callable[[None], None],
    on_error: OnError,
) -> Job | None:
    """Ask the model about all images of a queue, in the background; what is known is kept."""
    work = partial(_ask, known, wanted)
    task = ProjectTask(_tr("Ask the model how sure it is"), work, Lane.BACKGROUND)
    return context.start(task, on_done, on_error)


def _ask(known: Certainties, wanted: Wanted, session: ProjectSession, progress: Progress) -> None:
    missing = known.missing(_matching(session, wanted), wanted.wish.keyword)
    known.ask(_suggester(session), missing, wanted.wish.keyword, progress)


def _matching(session: ProjectSession, wanted: Wanted) -> ImageIds:
    images, ranked = browse.image_ids(session.project, wanted.query), wanted.ranked
    return images if ranked is None else ranked.images[np.isin(ranked.images, images)]


def _suggester(session: ProjectSession) -> Suggester:
    if session.suggester is None:
        raise ProjectError(
            "The model is still being loaded, so it cannot be asked how sure it is.",
            "Choose the order again in a moment.",
        )
    return session.suggester
