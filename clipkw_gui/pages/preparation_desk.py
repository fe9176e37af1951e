"""What the view of the preparation does with the open project."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from clipkw_gui.actions import prepare
from clipkw_gui.actions.prepare import PreparationReport, PreparationSettings
from clipkw_gui.context import AppContext
from clipkw_gui.pages.preparation_panel import PreparationPanel
from clipkw_gui.widgets.formats import count_text


class PreparationDesk(QObject):
    """Prepares, shows what is in use, and writes the report."""

    message = Signal(str)
    failed = Signal(object)

    def __init__(self, context: AppContext, panel: PreparationPanel) -> None:
        super().__init__(panel)
        self._context = context
        self._panel = panel
        panel.started.connect(self._prepare)
        panel.report_wanted.connect(self._open_report)
        panel.save_wanted.connect(self._ask_where_to_save)

    def forget(self) -> None:
        """Another project is open, or none."""
        self._panel.job.watch(None)
        self._panel.set_ready(self._context.session is not None)
        self._panel.show_preparation(None)
        self._panel.show_thresholds(None)

    def read(self) -> None:
        """Show the preparation that is in use."""
        prepare.read_preparation(self._context, self._panel.show_preparation, self.failed.emit)

    def _prepare(self, settings: PreparationSettings) -> None:
        job = prepare.prepare_archive(self._context, settings, self._prepared, self.failed.emit)
        if job is not None:
            self._panel.set_ready(False)
            self._panel.job.watch(job)

    def _prepared(self, report: PreparationReport) -> None:
        text = self.tr(
            "Prepared: {training} images to learn from, {keywords} keywords, {removed} duplicates"
            " left out."
        )
        self.message.emit(
            text.format(
                training=count_text(report.training),
                keywords=count_text(report.keywords),
                removed=count_text(report.removed),
            )
        )

    def _open_report(self) -> None:
        prepare.open_report(self._context, self.failed.emit)

    def _ask_where_to_save(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._panel, self.tr("Folder for the report"))
        if folder:
            prepare.save_report(self._context, Path(folder), self._saved, self.failed.emit)

    def _saved(self, page: Path) -> None:
        self.message.emit(self.tr("The report was saved: {path}").format(path=page))
