"""Names from the glossary and, once somebody has agreed, from a service."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from clipkw_gui.actions import keywords
from clipkw_gui.actions.keywords import TranslationReport
from clipkw_gui.context import AppContext
from clipkw_gui.pages.keyword_texts import translated_text
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.question_dialog import QuestionDialog
from core.types import Changes

MOST_NAMES = 5


class KeywordTranslation(QObject):
    """What the menu of translation does; ``job`` shows how a service gets on."""

    message = Signal(str)
    failed = Signal(object)
    asks = Signal(QuestionDialog)
    """A question to open."""

    def __init__(self, context: AppContext, job: JobLine, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._job = job
        self._page = page

    def name_in_english(self) -> None:
        """Name keywords in English by the glossary."""
        keywords.fill_names(self._context, self._translated, self.failed.emit)

    def name_in_norwegian(self) -> None:
        """Give keywords whose name is English a Norwegian one by the glossary."""
        keywords.fill_norwegian(self._context, self._named_in_norwegian, self.failed.emit)

    def _named_in_norwegian(self, report: TranslationReport) -> None:
        text = self.tr("Norwegian names given: {count}.")
        more = self.tr("Left, because another keyword has that name: {names}.")
        parts = [text.format(count=count_text(len(report.named)))]
        if report.unknown:
            names = ", ".join(one.no for one in report.unknown[:MOST_NAMES])
            parts.append(more.format(names=names))
        self.message.emit(" ".join(parts))

    def ask_to_go_online(self) -> None:
        """Ask a service, once somebody has agreed for this project."""
        if keywords.may_go_online(self._context):
            self._go_online()
            return
        dialog = QuestionDialog(
            self.tr("Send names to a translation service?"),
            self.tr(
                "Norwegian names that the glossary lacks are sent to Google Translate over the"
                " Internet, one at a time. No image and nothing else leaves this machine. What was"
                " sent is noted in the project folder, in sent-online.jsonl. This is asked once for"
                " each project."
            ),
            self.tr("Agree and translate"),
            self._page,
        )
        dialog.accepted.connect(self._agree)
        self.asks.emit(dialog)
        # A Return that was meant for something else agrees to nothing.
        dialog.cancel.setDefault(True)
        dialog.cancel.setFocus()

    def _agree(self) -> None:
        job = keywords.agree_and_fill_online(self._context, self._translated, self.failed.emit)
        self._job.watch(job)

    def _go_online(self) -> None:
        job = keywords.fill_names_online(self._context, self._translated, self.failed.emit)
        self._job.watch(job)

    def _translated(self, report: TranslationReport) -> None:
        self.message.emit(translated_text(report))

    def confirm_all(self) -> None:
        """Mark all names that a machine gave as right."""
        keywords.confirm_machine_names(self._context, self._confirmed, self.failed.emit)

    def _confirmed(self, changes: Changes) -> None:
        text = self.tr("{count} names confirmed.")
        self.message.emit(text.format(count=count_text(len(changes.keywords))))
