"""The sitting of a review: which doubt is current, what is said to it, and what comes next."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from clipkw_gui.actions import label, review
from clipkw_gui.actions.label import Written
from clipkw_gui.actions.review import DoubtKey, DoubtSheet, RankedLabels
from clipkw_gui.context import AppContext
from clipkw_gui.models.doubts import DoubtModel
from core.types import (
    HUMAN_VERDICTS,
    Changes,
    Decision,
    Doubt,
    ImageId,
    Keyword,
    KeywordId,
    Label,
    ReviewAnswer,
    ReviewKind,
    Verdict,
)

AHEAD = 3
KEPT = 32
PAUSE_MS = 80
"""Every answer makes what was read ahead stale: it is read again when no other one follows."""


class ReviewDesk(QObject):
    """Holds the state of the Review page without drawing any of it.

    Keys are *intents*: one that comes while an answer is being written, or before the current
    doubt is shown, waits for its turn.
    """

    queue_shown = Signal()
    """Another queue, or another ranking."""
    doubt_shown = Signal(int)
    """Another row is current, -1 for none."""
    sheet_shown = Signal(object)
    """DoubtSheet of the current doubt."""
    answered = Signal()
    """Something is said about doubts of this sitting, or taken back."""
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, context: AppContext, queue: DoubtModel, parent: QObject | None) -> None:
        super().__init__(parent)
        self._context = context
        self._queue = queue
        self.ranked: RankedLabels | None = None
        self.kind = ReviewKind.WRONG
        self.keyword: KeywordId | None = None
        self.row = -1
        self.verdicts: dict[DoubtKey, Verdict] = {}
        """What a person says about doubts; ones that are not in it are open."""
        self._intents: deque[Callable[[], None]] = deque()
        self._is_writing = False
        self._sheets: OrderedDict[DoubtKey, DoubtSheet] = OrderedDict()
        self._stale: set[DoubtKey] = set()
        self._refused: set[DoubtKey] = set()
        self._reading: tuple[DoubtKey, int] | None = None
        self._version = 0
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._read_next)
        context.bus.changed.connect(self._on_changed)

    # the queue --------------------------------------------------------------------------------

    @property
    def doubt(self) -> Doubt | None:
        """The current doubt."""
        return self._queue.doubt_at(self.row)

    @property
    def sheet(self) -> DoubtSheet | None:
        """What is known about it."""
        return self._sheets.get(_key(self.doubt)) if self.doubt is not None else None

    def forget(self) -> None:
        """Another project is open."""
        self.open(None)
        self._is_writing = False
        self._reading = None

    def open(self, ranked: RankedLabels | None) -> None:
        """Start a sitting with another ranking."""
        self.ranked = ranked
        self.verdicts = {}
        self._sheets.clear()
        self._stale.clear()
        self._refused.clear()
        self._version += 1
        if ranked is None:
            self._queue.set_ranking(None, {}, self.verdicts)
        else:
            self._queue.set_ranking(ranked.ranking, ranked.keywords, self.verdicts)
        self.show_queue(self.kind, None)

    def show_queue(self, kind: ReviewKind, keyword: KeywordId | None) -> None:
        """Show what is probably wrong, or missing; of one keyword, or of all."""
        self._intents.clear()
        self.kind, self.keyword = kind, keyword
        if self.ranked is not None:
            self._queue.set_places(self.ranked.ranking.places(kind, keyword))
        self.row = -1
        self.queue_shown.emit()
        rows = len(self._queue.places)
        first = next((row for row in range(rows) if self._is_open(row)), 0)
        self._go_to(first if rows else -1)

    def _is_open(self, row: int) -> bool:
        doubt = self._queue.doubt_at(row)
        return doubt is not None and _key(doubt) not in self.verdicts

    def open_places(self) -> NDArray[np.int64]:
        """(k,) places of the queue that nobody has said anything about yet."""
        places = self._queue.places
        if self.ranked is None or not self.verdicts:
            return places
        return np.delete(places, self.ranked.ranking.find(places, self.verdicts))

    def step(self, by: int) -> None:
        """Go on or back, after everything that was asked for before."""
        self._do(partial(self._step, by))

    def _step(self, by: int) -> None:
        row = self.row + by
        if row >= len(self._queue.places):
            self.said.emit(self.tr("That was the last label of this queue."))
        elif row >= 0:
            self._go_to(row)

    def skip(self) -> None:
        """Leave the doubt open and show the next open one."""
        self._do(self._go_on)

    def _go_on(self) -> None:
        rows = range(self.row + 1, len(self._queue.places))
        following = next((row for row in rows if self._is_open(row)), None)
        if following is None:
            self.said.emit(self.tr("That was the last label of this queue."))
        else:
            self._go_to(following)

    def _go_to(self, row: int) -> None:
        self.row = row
        self.doubt_shown.emit(row)
        if self.sheet is not None:
            self.sheet_shown.emit(self.sheet)
        self._read_next()
        self._drain()

    def nearby(self) -> list[Doubt]:
        """The current doubt, the next ones and the one before, in the order they are needed."""
        rows = [self.row, *range(self.row + 1, self.row + 1 + AHEAD), self.row - 1]
        found = [self._queue.doubt_at(row) for row in rows] if self.row >= 0 else []
        return [doubt for doubt in found if doubt is not None]

    # reading ahead ----------------------------------------------------------------------------

    def _read_next(self) -> None:
        """One at a time, what is needed most first."""
        if self._reading is not None or self.ranked is None:
            return
        wanted = [one for one in self.nearby() if _key(one) not in self._refused]
        unknown = [one for one in wanted if _key(one) not in self._sheets]
        stale = [one for one in wanted if _key(one) in self._stale]
        following = unknown or ([] if self._pause.isActive() else stale)
        if following:
            key = _key(following[0])
            self._reading = (key, self._version)
            on_done, on_error = partial(self._read, key), partial(self._not_read, key)
            ranking = self.ranked.ranking
            review.read_sheet(self._context, ranking, following[0], on_done, on_error)

    def _read(self, key: DoubtKey, sheet: DoubtSheet | None) -> None:
        reading, self._reading = self._reading, None
        if sheet is None:
            self._refused.add(key)
        elif self.ranked is not None:
            self._sheets[key] = sheet
            self._sheets.move_to_end(key)
            while len(self._sheets) > KEPT:
                self._stale.discard(self._sheets.popitem(last=False)[0])
            if reading is None or reading[1] == self._version:
                self._stale.discard(key)
            if self.doubt is not None and key == _key(self.doubt):
                self.sheet_shown.emit(sheet)
        self._read_next()
        self._drain()

    def _not_read(self, key: DoubtKey, error: Exception) -> None:
        self._reading = None
        self._refused.add(key)
        self.failed.emit(error)
        self._read_next()
        self._drain()

    def _outdate(self) -> None:
        self._version += 1
        self._stale.update(self._sheets)
        self._refused.clear()
        self._pause.start()

    # answering --------------------------------------------------------------------------------

    def _do(self, intent: Callable[[], None]) -> None:
        """Run an intent when it is its turn."""
        if self.doubt is not None:
            self._intents.append(intent)
            self._drain()

    def _drain(self) -> None:
        while self._intents and not self._is_writing and self._is_ready():
            self._intents.popleft()()

    def _is_ready(self) -> bool:
        return self.doubt is None or self.sheet is not None or _key(self.doubt) in self._refused

    def answer(self, said: ReviewAnswer) -> None:
        """Say something to the current doubt and go on when it is on disk."""
        self._do(partial(self._answer, said))

    def _answer(self, said: ReviewAnswer) -> None:
        doubt = self.doubt
        if doubt is None:
            return
        self._is_writing = True
        title = self._title(doubt, said)
        on_done = partial(self._written, [doubt], title)
        review.answer(self._context, doubt, said, title, self, on_done, self._not_written)

    def answer_many(self, doubts: Sequence[Doubt], said: ReviewAnswer, title: str) -> None:
        """Say the same to many, as one step."""
        self._is_writing = True
        on_done = partial(self._written, doubts, title)
        review.answer_many(self._context, doubts, said, title, self, on_done, self._not_written)

    def _written(self, doubts: Sequence[Doubt], title: str, written: Written) -> None:
        self._is_writing = False
        self.said.emit(self.tr("{step}. Ctrl+Z takes it back.").format(step=title))
        self._outdate()
        if written.labels:
            self._take(set(written.labels), human_verdicts(written.labels))
            self._go_on_if_answered()
        else:
            images = {doubt.image for doubt in doubts}
            on_done = partial(self._bulk_read, images)
            review.read_verdicts(self._context, images, on_done, self.failed.emit)

    def _bulk_read(self, images: set[ImageId], found: dict[DoubtKey, Verdict]) -> None:
        self._take(images, found)
        self._go_on_if_answered()

    def _go_on_if_answered(self) -> None:
        if self.doubt is not None and not self._is_open(self.row):
            self._go_on()
        self._drain()

    def _not_written(self, error: Exception) -> None:
        self._is_writing = False
        self._intents.clear()
        self.failed.emit(error)

    def remove(self, keyword: Keyword) -> None:
        """Take a keyword, or what is said about it, off the image."""
        doubt = self.doubt
        if doubt is not None:
            title = self.tr("Remove “{name}”").format(name=keyword.no)
            decision = Decision(doubt.image, keyword.id, None)
            on_done = partial(self._removed, doubt.image)
            label.decide(self._context, [decision], title, self, on_done, self.failed.emit)

    def _removed(self, image: ImageId, written: Written) -> None:
        self._outdate()
        self._take({image}, human_verdicts(written.labels))
        self._pause.stop()
        self._read_next()

    # what others do ---------------------------------------------------------------------------

    def _take(self, images: Collection[ImageId], found: Mapping[DoubtKey, Verdict]) -> None:
        for key in [key for key in self.verdicts if key[0] in images]:
            del self.verdicts[key]
        self.verdicts.update(found)
        self._queue.repaint()
        self.answered.emit()

    def _on_changed(self, changes: Changes, origin: object) -> None:
        if self.ranked is None or origin is self or not changes.label_images:
            return
        self._outdate()
        images = set(changes.label_images)
        on_done = partial(self._reread, images, self._version)
        review.read_verdicts(self._context, images, on_done, self.failed.emit)

    def _reread(self, images: set[ImageId], version: int, found: dict[DoubtKey, Verdict]) -> None:
        """Show what an undo was about: the first doubt of the queue that it opened again."""
        before = {key for key in self.verdicts if key[0] in images}
        self._take(images, found)
        reopened = before - set(found)
        if self.ranked is not None and reopened and version == self._version:
            current = _key(self.doubt) if self.doubt is not None else None
            rows = self.ranked.ranking.find(self._queue.places, reopened)
            if len(rows) and current not in reopened:
                self._go_to(int(rows[0]))
        self._read_next()

    def _title(self, doubt: Doubt, said: ReviewAnswer) -> str:
        name = self.ranked.keywords[doubt.keyword].no if self.ranked else ""
        adds = doubt.kind is ReviewKind.MISSING
        texts = {
            ReviewAnswer.FIX: self.tr("Add “{name}”") if adds else self.tr("Remove “{name}”"),
            ReviewAnswer.CONFIRM: self.tr("Keep off “{name}”")
            if adds
            else self.tr("Keep “{name}”"),
            ReviewAnswer.UNSURE: self.tr("Unsure about “{name}”"),
        }
        return texts[said].format(name=name)


def human_verdicts(labels: Mapping[ImageId, Sequence[Label]]) -> dict[DoubtKey, Verdict]:
    """What people say, by image and keyword."""
    return {
        (image, one.keyword): one.verdict
        for image, of_image in labels.items()
        for one in of_image
        if one.verdict in HUMAN_VERDICTS
    }


def _key(doubt: Doubt) -> DoubtKey:
    return doubt.image, doubt.keyword
