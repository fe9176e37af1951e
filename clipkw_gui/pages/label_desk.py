"""The sitting: which image is current, what is decided about it, and what comes next."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from itertools import islice

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from clipkw_gui.actions import browse, label
from clipkw_gui.actions.label import NextUndo, Written
from clipkw_gui.context import AppContext
from clipkw_gui.models.queue import QueueModel
from clipkw_gui.navigation import RankedImages
from clipkw_gui.pages.label_reader import SheetReader
from clipkw_gui.pages.label_sheets import KnownImage, is_positive
from core.types import (
    Changes,
    Decision,
    ImageId,
    ImageIds,
    ImageQuery,
    Keyword,
    Suggestion,
    Verdict,
)

AHEAD = 3
BEHIND = 1
NAMED = 2
"""The title of a step names at most so many keywords."""
LOOKED_UP = 1000
"""Of the images that an undo touched, so many are looked for in the queue."""
SLOW_WRITE = 50
"""Milliseconds after which an image is not left without its decisions being shown."""
LARGE = 1000
"""Taking back more decisions and edited keywords than this is asked about first."""


class LabelDesk(QObject):
    """Holds the state of the Label page without drawing any of it.

    Keys are *intents*. An intent that comes while a decision is being written, or before the
    suggestions of the current image are shown, waits for its turn: order is never lost.
    """

    queue_shown = Signal(object)
    """(n,) ids of the queue that was asked for."""
    image_shown = Signal(int)
    """Another row is current, -1 for none."""
    sheet_shown = Signal(object)
    """KnownImage: the current image's suggestions or labels were read."""
    labels_shown = Signal(object)
    """KnownImage: what is said about it changed, on disk or on its way there."""
    relabeled = Signal(object)
    """Relabeled: something was written about an image that is known."""
    undo_doubted = Signal(object)
    """NextUndo, a large one: :meth:`take_back` or :meth:`keep` it; until then all else waits."""
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self, context: AppContext, queue: QueueModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._queue = queue
        self.reader = SheetReader(context, queue, self)
        self.sheets = self.reader.sheets
        self.query = ImageQuery()
        self.ranked: RankedImages | None = None
        self.row = -1
        self._first: ImageId | None = None
        self._intents: deque[Callable[[], None]] = deque()
        self._going_on = False
        self._answered = False
        self._slow_write = QTimer(self, singleShot=True, interval=SLOW_WRITE)
        self._slow_write.timeout.connect(self._show_what_is_written)
        context.bus.changed.connect(self._on_changed)
        self.reader.was_read.connect(self._was_read)
        self.reader.ended.connect(self._drain)
        self.reader.failed.connect(self.failed)

    # the queue --------------------------------------------------------------------------------

    @property
    def image(self) -> ImageId | None:
        """The current image."""
        return self._queue.id_at(self.row) if 0 <= self.row < len(self._queue.ids) else None

    @property
    def known(self) -> KnownImage | None:
        """What is known about the current image."""
        return self.sheets.get(self.image)

    @property
    def is_at_the_start(self) -> bool:
        """Whether the first image is current and nothing was said about it."""
        return self.row == 0 and not self._answered and not self._intents

    def open_queue(self, query: ImageQuery, ranked: RankedImages | None = None) -> None:
        """Show the images that match, of ``ranked`` if there is one, in its order.

        The current one stays current if it is among them.
        """
        self.query = query
        if ranked is not None and ranked is not self.ranked:
            self._first = ranked.first
        self.ranked = ranked
        browse.find_images(self._context, query, ranked, self._show_queue, self.failed.emit)

    def grow(self) -> None:
        """Put images that have arrived meanwhile at the end of the queue; results stay as found."""
        if self.ranked is None:
            shown = self._queue.ids
            on_done = partial(self._append, shown)
            browse.find_new_images(self._context, self.query, shown, on_done, self.failed.emit)

    def _append(self, shown: ImageIds, ids: ImageIds) -> None:
        if len(ids) and shown is self._queue.ids:
            self._queue.append_ids(ids)
            self._look_ahead()

    def forget(self) -> None:
        """Another project is open."""
        self._slow_write.stop()
        self.reader.forget()
        self._intents.clear()
        self._going_on = False
        self.row = -1
        self.ranked = None

    def show_none(self) -> None:
        """Show an empty queue."""
        self._show_queue(np.empty(0, np.int64))

    def _show_queue(self, ids: ImageIds) -> None:
        current = self.image if self._first is None else self._first
        self._first = None
        self._intents.clear()
        self._queue.set_ids(ids)
        self.row = -1
        self.queue_shown.emit(ids)
        row = self._queue.row_of(current) if current is not None else -1
        self.go_to(max(row, 0) if len(ids) else -1)

    def go_to(self, row: int) -> None:
        """Make another row current."""
        rows = len(self._queue.ids)
        row = min(max(row, 0), rows - 1) if rows else -1
        if row == self.row and row >= 0:
            return
        self.row = row
        self._answered = False
        self.image_shown.emit(row)
        known = self.known
        if known is not None:
            self.sheet_shown.emit(known)
        self._look_ahead()
        self._drain()

    def step(self, by: int) -> None:
        """Go on or back, after everything that was asked for before."""
        self.do(partial(self._step, by), needs_sheet=False)

    def _step(self, by: int) -> None:
        row = self.row + by
        if row >= len(self._queue.ids):
            self.said.emit(self.tr("That was the last image of this queue."))
        elif row >= 0:
            self.go_to(row)

    def nearby(self) -> list[ImageId]:
        """The current image, the next and the previous ones, in the order they are needed."""
        last = len(self._queue.ids) - 1
        rows = [self.row + step for step in (*range(AHEAD + 1), *range(-1, -BEHIND - 1, -1))]
        return [self._queue.id_at(row) for row in rows if 0 <= row <= last and self.row >= 0]

    def _look_ahead(self) -> None:
        self.reader.freeze(self.image if self._answered else None)
        self.reader.want(self.nearby())

    def _was_read(self, known: KnownImage) -> None:
        if known.image.id == self.image:
            self.sheet_shown.emit(known)

    # intents ----------------------------------------------------------------------------------

    def do(self, intent: Callable[[], None], *, needs_sheet: bool = True) -> None:
        """Run an intent now, or when it is its turn."""
        if self.image is None:
            return
        if not needs_sheet and not self._intents and not self._going_on:
            intent()
            return
        self._intents.append(intent)
        self._drain()

    def _drain(self) -> None:
        while self._intents and not self._going_on and self._is_ready():
            self._intents.popleft()()

    def _is_ready(self) -> bool:
        image = self.image
        return image is None or self.known is not None or self.reader.is_refused(image)

    def answer(self, suggestion: Suggestion, verdict: Verdict) -> None:
        """Say something about a suggestion; saying it again takes it back."""
        known = self.known
        if known is None:
            return
        said = known.verdicts().get(suggestion.keyword.id)
        decision = self._decision(known, suggestion, None if said is verdict else verdict)
        self.decide([decision], self._title(suggestion.keyword, decision.verdict))

    def accept_and_go_on(self, suggestions: Sequence[Suggestion]) -> None:
        """Accept what is above the threshold and not answered otherwise, then show the next."""
        known = self.known
        if known is None:
            self._step(1)
            return
        if known.suggestions is None:
            self.said.emit(self.tr("The references are still being read: one moment."))
            return
        said = known.verdicts()
        decisions = [
            self._decision(known, one, Verdict.ACCEPTED)
            for one in suggestions
            if said.get(one.keyword.id) in (None, Verdict.IMPORTED)
        ]
        if decisions:
            self.decide(decisions, self._title_of_all(known, decisions), go_on=True)
            return
        if not any(is_positive(verdict) for verdict in said.values()):
            self.said.emit(self.tr("Nothing above the threshold: the image was left as it is."))
        self._step(1)

    def remove(self, image: ImageId, keyword: Keyword) -> None:
        """Take a keyword, or what is said about it, off an image."""
        title = self.tr("Remove “{name}”").format(name=keyword.no)
        self.decide([Decision(image, keyword.id, None)], title)

    def add(self, image: ImageId, keyword: Keyword | str) -> None:
        """Put a keyword on an image; a name makes a new keyword."""
        if isinstance(keyword, Keyword):
            decision = Decision(image, keyword.id, Verdict.ACCEPTED)
            self.decide([decision], self._title(keyword, Verdict.ACCEPTED))
            return
        on_done = partial(self._written, ())
        self._answered = self._answered or image == self.image
        label.add_keyword(self._context, [image], keyword, self, on_done, self.failed.emit)

    def _decision(
        self, known: KnownImage, suggestion: Suggestion, verdict: Verdict | None
    ) -> Decision:
        model = known.suggestions.model if known.suggestions else None
        return Decision(
            known.image.id, suggestion.keyword.id, verdict, model, suggestion.confidence
        )

    def _title_of_all(self, known: KnownImage, decisions: Sequence[Decision]) -> str:
        accepted = {decision.keyword for decision in decisions}
        every = known.suggestions.suggestions if known.suggestions else ()
        names = [f"“{one.keyword.no}”" for one in every if one.keyword.id in accepted]
        if len(names) > NAMED:
            return self.tr("Accept {n} keywords").format(n=len(names))
        return self.tr("Accept {names}").format(names=", ".join(names))

    def _title(self, keyword: Keyword, verdict: Verdict | None) -> str:
        texts = {
            Verdict.ACCEPTED: self.tr("Accept “{name}”"),
            Verdict.REJECTED: self.tr("Reject “{name}”"),
            Verdict.UNSURE: self.tr("Unsure about “{name}”"),
            None: self.tr("Take back “{name}”"),
        }
        return texts[verdict].format(name=keyword.no)

    # writing ----------------------------------------------------------------------------------

    def decide(self, decisions: Sequence[Decision], title: str, *, go_on: bool = False) -> None:
        """Show decisions at once and write them; ``go_on``: the next image when it is on disk.

        That is so soon that the decisions need not be shown before, unless the disk is slow.
        """
        self._going_on = self._going_on or go_on
        self._answered = self._answered or any(one.image == self.image for one in decisions)
        self.sheets.expect(decisions)
        if go_on:
            self._slow_write.start()
        else:
            self._show_labels({one.image for one in decisions})
        on_done = partial(self._written, decisions, go_on=go_on)
        on_error = partial(self._not_written, decisions)
        label.decide(self._context, decisions, title, self, on_done, on_error)

    def _show_what_is_written(self) -> None:
        if self.image is not None:
            self._show_labels([self.image])

    def _written(
        self, decisions: Sequence[Decision], written: Written, *, go_on: bool = False
    ) -> None:
        self.sheets.settle(decisions)
        self._take(written)
        if go_on:
            self._slow_write.stop()
            self._going_on = False
            self._step(1)
        self._look_ahead()
        self._drain()

    def _not_written(self, decisions: Sequence[Decision], error: Exception) -> None:
        self._slow_write.stop()
        self._intents.clear()
        self._going_on = False
        self.sheets.settle(decisions)
        self._show_labels({one.image for one in decisions})
        self.failed.emit(error)

    def undo(self) -> None:
        """Take the last step back and show what it was about; a large one is asked about first."""
        self._in_turn(self._look_at_undo)

    def _look_at_undo(self) -> None:
        self._going_on = True
        label.look_at_undo(self._context, self._looked_at_undo, partial(self._not_written, ()))

    def _looked_at_undo(self, step: NextUndo | None) -> None:
        if step is None:
            self.said.emit(self.tr("There is nothing to undo."))
            self.keep()
        elif step.decisions + step.keywords > LARGE:
            self.undo_doubted.emit(step)
        else:
            self.take_back(step)

    def take_back(self, step: NextUndo) -> None:
        """Undo the step, unless another one was made meanwhile."""
        undo = partial(label.undo_step, only=step.id)
        self._restore(undo, self.tr("Undone: {step}"))

    def keep(self) -> None:
        """Nothing is undone; go on."""
        self._going_on = False
        self._drain()

    def redo(self) -> None:
        """Do again what was undone last, and show it."""
        self._in_turn(partial(self._restore, label.redo_step, self.tr("Done again: {step}")))

    def _in_turn(self, intent: Callable[[], None]) -> None:
        if self.image is None:
            intent()
        else:
            self.do(intent, needs_sheet=False)

    def _restore(self, step: Callable[..., None], text: str) -> None:
        self._going_on = True
        step(self._context, partial(self._restored, text), partial(self._not_written, ()), self)

    def _restored(self, text: str, written: Written) -> None:
        self._going_on = False
        if written.changes:
            self._take(written)
            self._queue.ask_again()
            self._show_restored(written.images)
            self._look_ahead()
            self.said.emit(text.format(step=written.title))
        else:
            self.said.emit(self.tr("Nothing was changed: there is no such step any more."))
        self._drain()

    def _show_restored(self, images: Collection[ImageId]) -> None:
        """Go to the first image that was touched, unless one of them is shown."""
        self._answered = False
        if self.image not in images:
            rows = [self._queue.row_of(image) for image in islice(images, LOOKED_UP)]
            here = [row for row in rows if row >= 0]
            if here:
                self.go_to(min(here))

    def _take(self, written: Written) -> None:
        self.reader.outrun()
        for image, labels in written.labels.items():
            relabeled = self.sheets.put_labels(image, labels)
            if relabeled is not None:
                self.relabeled.emit(relabeled)
        self._show_labels(written.labels)

    def _show_labels(self, images: Iterable[ImageId]) -> None:
        for image in images:
            known = self.sheets.get(image)
            if known is not None:
                self.reader.show_marks(known)
                self.labels_shown.emit(known)

    def _on_changed(self, changes: Changes, origin: object) -> None:
        """Suggestions know of the change by now; labels of our own writes are shown already."""
        if not label.concerns_labels(changes) and not changes.choices:
            return
        self.reader.outdate()
        if origin is not self and (changes.label_images or changes.images_changed):
            self._queue.ask_again()
        if origin == label.HISTORY:
            self._show_restored(changes.label_images)
        self._look_ahead()
