"""The Review page: labels that are probably wrong or missing, answered with single keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from clipkw_gui.actions import review
from clipkw_gui.actions.encode import cancel_job
from clipkw_gui.actions.review import DoubtSheet, RankedLabels, Reviewable
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from clipkw_gui.pages.review_bulk import FixManyDialog
from clipkw_gui.pages.review_desk import ReviewDesk
from clipkw_gui.pages.review_gate import ReviewGate
from clipkw_gui.pages.review_keys import ReviewKeys
from clipkw_gui.pages.review_show import ReviewShow
from clipkw_gui.pages.review_texts import (
    about_review,
    all_keywords_text,
    why_nothing_to_review,
    why_queue_empty,
)
from clipkw_gui.pages.review_view import ReviewView
from clipkw_gui.roles import Role
from clipkw_gui.widgets.item_menu import ItemMenu
from core.errors import ClipkwError
from core.types import Changes, Doubt, ImageId, KeywordId, ReviewAnswer, ReviewKind, ReviewTally

LOOK_PAUSE_MS = 800
KINDS = (ReviewKind.WRONG, ReviewKind.MISSING)


class ReviewPage(ReviewView):
    """Passes messages between the parts; the desk holds the state."""

    message = Signal(str)
    """One quiet line about what happened."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.preferences, parent)
        self._context = context
        self._tallies: dict[ReviewKind, ReviewTally] = {}
        self._needs_look = True
        self.gate = ReviewGate()
        self.gate_stack.addWidget(self.gate)
        self.desk = ReviewDesk(context, self.queue, self)
        self.pictures = ReviewShow(context, self, self.desk)
        self.keys = ReviewKeys(self)
        keys = self.keys
        self.question.name_keys(keys.fix, keys.confirm, keys.unsure, keys.skip)
        self.fix_many.setToolTip(keys.many.toolTip())
        self.rank_again.setToolTip(keys.again.toolTip())
        for view in (self.viewer, self.strip, self.having.strip, self.lacking.strip):
            ItemMenu(view, [keys.similar])
        self._looking = QTimer(self, singleShot=True, interval=LOOK_PAUSE_MS)
        self._focusing = QTimer(self, singleShot=True, interval=0)
        self._connect()
        self._session_changed()

    def _connect(self) -> None:
        self._context.session_changed.connect(self._session_changed)
        self._context.bus.changed.connect(self._on_changed)
        self._looking.timeout.connect(self._look)
        self._focusing.timeout.connect(self._focus)
        self.gate.wanted.connect(self.rank)
        self.gate.job.cancelled.connect(self._cancel)
        self.gate.job.ended.connect(self._job_ended)
        self.kinds.chosen.connect(self._kind_chosen)
        self.queues.chosen.connect(self._keyword_chosen)
        self.queues.find.left.connect(self.leave)
        self.fix_many.clicked.connect(self.fix_many_asked)
        self.rank_again.clicked.connect(self.rank)
        self.note.linkActivated.connect(self.rank)
        self.strip.selectionModel().currentChanged.connect(self._current_changed)
        self.question.answered.connect(self.desk.answer)
        self.question.skipped.connect(self.desk.skip)
        self.question.removed.connect(self.desk.remove)
        for side in (self.having, self.lacking):
            side.strip.opened.connect(self.pictures.open_reference)
        desk = self.desk
        desk.queue_shown.connect(self._queue_shown)
        desk.doubt_shown.connect(self._doubt_shown)
        desk.sheet_shown.connect(self._sheet_shown)
        desk.answered.connect(self._answered)
        desk.said.connect(self.message)
        desk.failed.connect(self._failed)
        self.pictures.failed.connect(self._failed)

    def menu_actions(self) -> dict[str, list[QAction]]:
        """The actions by menu: "review", "view"."""
        return self.keys.groups()

    # the project ------------------------------------------------------------------------------

    def _session_changed(self) -> None:
        self.pictures.forget()
        self.desk.forget()
        self.gate.job.watch(None)
        self.gate.show_missing("")
        self._tallies = {}
        self._needs_look = True
        self.note.hide()
        self._show_part()
        if self._context.session is not None and self.isVisible():
            self._look()

    def _look(self) -> None:
        """Find out what can be judged."""
        self._needs_look = False
        review.find_reviewable(self._context, self._take_reviewable, self._failed)

    def _take_reviewable(self, found: Reviewable) -> None:
        missing = why_nothing_to_review(found)
        if missing:
            self.gate.show_missing(missing)
        else:
            self.gate.show_offer(about_review(found.images))

    def _on_changed(self, changes: Changes, origin: object) -> None:
        if changes.images_changed:
            self.pictures.forget_pictures()
        grown = changes.images_changed or changes.vectors_changed
        if grown and self.desk.ranked is not None:
            link = self.tr("The archive has changed: <a href='#'>judge again</a>")
            self.note.setText(link)
            self.note.show()
        if self.desk.ranked is not None and changes.label_images:
            self._read_tallies()
        self._needs_look |= bool(grown or changes.label_images)
        if self._needs_look and self.isVisible() and self.desk.ranked is None:
            self._looking.start()

    def _show_part(self) -> None:
        is_ranked = self.desk.ranked is not None and self.gate.job.job is None
        self.gate_stack.setCurrentIndex(0 if is_ranked else 1)
        self.keys.allow(is_ranked=is_ranked)
        self._focusing.start()

    def _focus(self) -> None:
        if self.isVisible():
            ranked = self.gate_stack.currentIndex() == 0
            (self.viewer if ranked else self.gate.button).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """The keys work at once."""
        super().showEvent(event)
        if self._needs_look and self._context.session is not None:
            self._look()
        self._focusing.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page is shown."""
        self._looking.stop()
        super().hideEvent(event)

    # judging ----------------------------------------------------------------------------------

    def rank(self) -> None:
        """Judge every label, in the background; it starts another sitting."""
        if self.gate.job.job is None:
            job = review.rank_labels(self._context, self._ranked, self._not_ranked)
            if job is not None:
                self.gate.show_job(job)
                self._show_part()

    def _ranked(self, ranked: RankedLabels) -> None:
        self.note.hide()
        self.question.set_keywords(ranked.keywords)
        self.desk.open(ranked)
        self._read_tallies()
        self._show_part()

    def _not_ranked(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self.gate.show_failure(str(error))

    def _cancel(self, job: Job) -> None:
        cancel_job(self._context, job)

    def _job_ended(self) -> None:
        self._look()
        self._show_part()

    # the queue --------------------------------------------------------------------------------

    def show_kind(self, kind: ReviewKind) -> None:
        """Show what is probably wrong, or missing."""
        self.desk.show_queue(kind, None)

    def _kind_chosen(self, number: int) -> None:
        self.show_kind(KINDS[number])
        self._focusing.start()

    def _keyword_chosen(self, keyword: KeywordId | None) -> None:
        self.desk.show_queue(self.desk.kind, keyword)
        self._focusing.start()

    def _queue_shown(self) -> None:
        desk = self.desk
        self.kinds.set_current(KINDS.index(desk.kind))
        self._show_tally()
        if desk.ranked is None:
            return
        expected = desk.ranked.ranking.expected_errors(desk.kind)
        known = desk.ranked.keywords
        counts = [(known[one], count) for one, count in expected.items() if one in known]
        every = all_keywords_text(sum(expected.values()))
        self.queues.set_counts(counts, desk.ranked.synonyms, every)
        self.queues.show_choice(desk.keyword)

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and current.row() != self.desk.row:
            self.desk.step(current.row() - self.desk.row)

    # the current doubt ------------------------------------------------------------------------

    def _doubt_shown(self, row: int) -> None:
        index = self.queue.index(row) if row >= 0 else QModelIndex()
        if self.strip.currentIndex() != index:
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.strip.selectionModel().setCurrentIndex(index, flag)
        if row >= 0:
            self.strip.scrollTo(index)
        self.pictures.close_reference()
        doubt = self.desk.doubt
        if doubt is None:
            self.show_empty(why_queue_empty(self.desk.kind))
            self._show_evidence(None)
            return
        self.show_picture()
        self._show_question(doubt)
        if self.desk.sheet is None:
            self._show_evidence(None)
        self.pictures.show_current()

    def _show_question(self, doubt: Doubt) -> None:
        verdict = self.desk.verdicts.get((doubt.image, doubt.keyword))
        self.question.show_doubt(doubt, verdict)

    def _sheet_shown(self, sheet: DoubtSheet) -> None:
        self.question.show_sheet(sheet)
        self._show_evidence(sheet)
        self.pictures.show_current()

    def _show_evidence(self, sheet: DoubtSheet | None) -> None:
        doubt, ranked = self.desk.doubt, self.desk.ranked
        keywords = ranked.keywords if ranked else {}
        name = keywords[doubt.keyword].no if doubt and doubt.keyword in keywords else ""
        self.having.title.setText(self.tr("Most alike, with “{name}”").format(name=name))
        self.lacking.title.setText(self.tr("Most alike, without it"))
        evidence = sheet.evidence if sheet else None
        self.having.show_evidence(evidence.having if evidence else (), keywords)
        self.lacking.show_evidence(evidence.lacking if evidence else (), keywords)

    def _answered(self) -> None:
        doubt = self.desk.doubt
        if doubt is not None:
            verdict = self.desk.verdicts.get((doubt.image, doubt.keyword))
            self.question.show_said(doubt.kind, verdict)
        self._read_tallies()

    def _read_tallies(self) -> None:
        review.read_tallies(self._context, self._take_tallies, self._failed)

    def _take_tallies(self, tallies: dict[ReviewKind, ReviewTally]) -> None:
        self._tallies = tallies
        self._show_tally()

    def _show_tally(self) -> None:
        self.question.show_tally(self._tallies.get(self.desk.kind, ReviewTally(0, 0)))

    # many labels ------------------------------------------------------------------------------

    def fix_many_asked(self) -> None:
        """Preview and correct many open labels of this queue."""
        ranked = self.desk.ranked
        if ranked is None:
            return
        places = self.desk.open_places()
        selected = places[:0]
        if self.strip.selected_count() > 1:
            selected = np.intersect1d(places, self.strip.selected_ids(self.queue.places))
        dialog = FixManyDialog(
            ranked.ranking, self.desk.kind, places, selected, ranked.keywords, self.thumbnails, self
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.confirmed.connect(self._fix_many)
        dialog.open()

    def _fix_many(self, doubts: list[Doubt], title: str) -> None:
        self.desk.answer_many(doubts, ReviewAnswer.FIX, title)

    def search_similar(self) -> None:
        """Look for more images like the reference in focus, or like the current one."""
        sides = (self.having.strip, self.lacking.strip)
        chosen = [one for side in sides if side.hasFocus() for one in side.selectedIndexes()]
        images = [ImageId(one.data(Role.ID)) for one in chosen]
        if not images and self.desk.doubt is not None:
            images = [self.desk.doubt.image]
        if images:
            self._context.navigation.search_similar(tuple(images))

    def leave(self) -> None:
        """Out of a field, then out of a reference."""
        self.pictures.close_reference()
        self.viewer.setFocus()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self._context.runner.failed.emit(error)
