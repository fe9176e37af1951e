"""The sitting with pairs: which pair is asked about, what was said, and what comes next."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from clipkw_gui.actions import duplicates
from clipkw_gui.actions.duplicates import Comparison, PairKey, PairSheet, key_of
from clipkw_gui.context import AppContext
from core.types import Changes, ImagePair

AHEAD = 4
"""The pictures of so many pairs are decoded before they are asked about."""
CHOSEN = 12
"""So many pairs are chosen ahead: choosing may take longer than answering."""
KEPT_NEXT = 2
"""So many of the next pairs stay when others are chosen: their pictures are decoded by now."""
KEPT_BACK = 200
"""So many pairs of this sitting can be gone back to."""


class PairDesk(QObject):
    """Holds the state of the pair questions without drawing any of it.

    A key is about the pair that is on the screen, and the next pair is on the screen at once; the
    answers are written one after the other. One that cannot be written is asked about again.
    """

    pair_shown = Signal(object)
    """Another ImagePair is current, None for none."""
    sheet_shown = Signal(object)
    """PairSheet: the thresholds have been computed anew."""
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.comparison: Comparison | None = None
        self.current: ImagePair | None = None
        self.upcoming: list[ImagePair] = []
        self._past: list[ImagePair] = []
        self._sheet: PairSheet | None = None
        self._answers: dict[PairKey, bool] = {}
        """What is on the disk, as far as it is known here."""
        self._on_its_way: dict[PairKey, bool] = {}
        self._skipped: set[PairKey] = set()
        self._is_choosing = self._must_choose_again = False
        self._written_meanwhile: dict[PairKey, bool] = {}
        """Answers that the pairs being chosen may not take into account."""
        context.bus.changed.connect(self._on_changed)

    @property
    def is_read(self) -> bool:
        """Whether it is known by now that there is a pair to ask about, or none."""
        return self._sheet is not None

    @property
    def is_choosing(self) -> bool:
        """Whether the next pairs are being chosen."""
        return self._is_choosing

    # what to ask ------------------------------------------------------------------------------

    def open(self, comparison: Comparison) -> None:
        """Ask about the pairs of a comparison."""
        self.comparison = comparison
        self.upcoming.clear()
        self._refresh()

    def forget(self) -> None:
        """Another project is open."""
        self.comparison = None
        self.upcoming.clear()
        self._past.clear()
        self._answers.clear()
        self._on_its_way.clear()
        self._skipped.clear()
        self._sheet = None
        self._is_choosing = self._must_choose_again = False
        self._written_meanwhile.clear()
        self._show(None)

    def nearby(self) -> list[ImagePair]:
        """The current pair, the next ones and the one before, in the order they are needed."""
        current = [self.current] if self.current is not None else []
        return [*current, *self.upcoming[:AHEAD], *self._past[-1:]]

    def _refresh(self) -> None:
        if self.comparison is None:
            return
        if self._is_choosing:  # or answers in quick succession would never let it finish
            self._must_choose_again = True
            return
        self._is_choosing, self._must_choose_again = True, False
        self._written_meanwhile.clear()
        busy = {*self._skipped, *self._on_its_way, *map(key_of, self.upcoming[:KEPT_NEXT])}
        if self.current is not None:
            busy.add(key_of(self.current))
        duplicates.read_pairs(
            self._context, self.comparison, CHOSEN, busy, self._take_sheet, self._not_read
        )

    def _not_read(self, error: Exception) -> None:
        self._is_choosing = False
        self.failed.emit(error)

    def _take_sheet(self, sheet: PairSheet) -> None:
        self._is_choosing = False
        if self.comparison is None:
            return
        answers = {key_of(one): bool(one.answer) for one in sheet.answered}
        answers |= self._written_meanwhile
        changed = {
            key
            for key in {*answers, *self._answers}
            if answers.get(key) != self._answers.get(key) and key not in self._on_its_way
        }
        before, self._sheet, self._answers = self._sheet, sheet, answers
        busy = {*self._skipped, *self._on_its_way}
        if self.current is not None:
            busy.add(key_of(self.current))
        kept = [one for one in self.upcoming if key_of(one) not in busy | answers.keys()]
        known = busy | answers.keys() | {*map(key_of, kept[:KEPT_NEXT])}
        new = [one for one in sheet.upcoming if key_of(one) not in known]
        self.upcoming = [*kept[:KEPT_NEXT], *new]
        self.sheet_shown.emit(sheet)
        if before is not None and changed:
            self._show_changed(changed, [*self._past, *before.answered])
        else:
            self._show_current()
        if self._must_choose_again:
            self._refresh()

    def _show_changed(self, changed: set[PairKey], known: list[ImagePair]) -> None:
        """Answers were undone or done again elsewhere: show the pair they were about."""
        taken_back = [
            one for one in known if key_of(one) in changed and key_of(one) not in self._answers
        ]
        if taken_back:
            pair = replace(taken_back[0], answer=None)
            self._past = [one for one in self._past if key_of(one) != key_of(pair)]
            self.open_pair(pair)
        elif self.current is not None and key_of(self.current) in changed:
            self._leave()
        else:
            self._show_current()

    def _show_current(self) -> None:
        """The same pair with what is known about it now, the next one if there is none."""
        if self.current is None:
            self._advance()
        else:
            self._show(self.current)

    # moving -----------------------------------------------------------------------------------

    def open_pair(self, pair: ImagePair) -> None:
        """Ask about this pair now; the current one comes after it, unless it is answered."""
        current, key = self.current, key_of(pair)
        self.upcoming = [one for one in self.upcoming if key_of(one) != key]
        if current is not None and key_of(current) != key and self.answer_to(current) is None:
            self.upcoming.insert(0, current)
        self._show(pair)

    def skip(self) -> None:
        """Leave the current pair open and go on; an answered one is just passed."""
        if self.current is None:
            return
        if self.answer_to(self.current) is None:
            self._skipped.add(key_of(self.current))
        self._leave()

    def back(self) -> None:
        """The pair before, with what was said about it."""
        if not self._past:
            self.said.emit(self.tr("That was the first pair of this sitting."))
            return
        pair = self._past.pop()
        self._skipped.discard(key_of(pair))
        self.open_pair(pair)

    def _leave(self) -> None:
        """Go on from the current pair."""
        assert self.current is not None
        key = key_of(self.current)
        self._past = [one for one in self._past if key_of(one) != key]
        self._past = [*self._past, self.current][-KEPT_BACK:]
        if len(self.upcoming) < AHEAD:
            self._refresh()
        self._advance()

    def _advance(self) -> None:
        self._show(self.upcoming.pop(0) if self.upcoming else None)

    def _show(self, pair: ImagePair | None) -> None:
        self.current = pair
        self.pair_shown.emit(pair)

    # answering --------------------------------------------------------------------------------

    def answer_to(self, pair: ImagePair) -> bool | None:
        """What is said about a pair, on disk or on its way there."""
        key = key_of(pair)
        return self._on_its_way.get(key, self._answers.get(key))

    def answer(self, is_duplicate: bool) -> None:
        """Say whether the current pair is one of duplicates, and go on."""
        pair = self.current
        if pair is None:
            return
        self.say(pair, is_duplicate)
        self._leave()

    def say(self, pair: ImagePair, is_duplicate: bool) -> None:
        """Write what is said about any pair."""
        key = key_of(pair)
        self._on_its_way[key] = is_duplicate
        self._skipped.discard(key)
        on_done = partial(self._written, key, is_duplicate)
        on_error = partial(self._not_written, pair)
        duplicates.say_about(self._context, key, is_duplicate, self, on_done, on_error)

    def _written(self, key: PairKey, is_duplicate: bool, changes: Changes) -> None:
        self._on_its_way.pop(key, None)
        self._answers[key] = self._written_meanwhile[key] = is_duplicate
        self._refresh()

    def _not_written(self, pair: ImagePair, error: Exception) -> None:
        self._on_its_way.pop(key_of(pair), None)
        self.open_pair(pair)
        self.failed.emit(error)

    def _on_changed(self, changes: Changes, origin: object) -> None:
        if changes.pairs_changed and origin is not self:
            self._refresh()
