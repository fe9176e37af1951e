"""Preparing the archive: what will be done, how it is getting on, and what it did."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.duplicates import (
    LOWER_PROBABILITY,
    UPPER_PROBABILITY,
    DuplicateThresholds,
)
from clipkw_gui.actions.prepare import ChosenPreparation, PreparationReport, PreparationSettings
from clipkw_gui.pages.pair_texts import upper_text
from clipkw_gui.widgets.centred import centred
from clipkw_gui.widgets.form_section import FormSection
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.still_boxes import StillComboBox, StillSpinBox

WIDTH = 860
EVEN_PROBABILITY = 0.5
MOST_SEED = 2**31 - 1
MOST_NAMED = 12


class PreparationPanel(QWidget):
    """A form with one button, and the preparation that is in use below it."""

    started = Signal(object)
    """PreparationSettings to prepare with."""
    probability_chosen = Signal()
    """Other duplicates would be left out now."""
    report_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        standard = PreparationSettings()
        self.minimum = _spin(1, 1_000_000, standard.minimum_images)
        self.training = _spin(1, 98, round(standard.training * 100), " %")
        self.validation = _spin(1, 98, round(standard.validation * 100), " %")
        self.test = text_label()
        self.seed = _spin(0, MOST_SEED, standard.seed)
        self.limits = text_label("", "secondary", wrap=True)
        self._thresholds: DuplicateThresholds | None = None
        self.probability = StillComboBox()
        for name, least in (
            (self.tr("all that are suspected, from 1 %"), LOWER_PROBABILITY),
            (self.tr("those more likely than not, from 50 %"), EVEN_PROBABILITY),
            (self.tr("only those that are certain, from 99 %"), UPPER_PROBABILITY),
        ):
            self.probability.addItem(name, least)
        self.probability.currentIndexChanged.connect(self._show_limits)
        self.probability.currentIndexChanged.connect(self.probability_chosen)
        self.start = QPushButton(self.tr("Prepare"), objectName="prepare")
        self.start.setProperty("primary", True)
        self.start.clicked.connect(self._start)
        self.job = JobLine()
        for field in (self.training, self.validation):
            field.valueChanged.connect(self._show_test_share)
        self.about = text_label("", "secondary", wrap=True)
        self._steps = QGridLayout()
        self._steps.setHorizontalSpacing(24)
        self._steps.setVerticalSpacing(6)
        self._steps.setColumnStretch(0, 1)
        self.report = QPushButton(self.tr("Open the report"), objectName="openReport")
        self.report.clicked.connect(self.report_wanted)
        self.save = QPushButton(self.tr("Save the report…"), objectName="saveReport")
        self.save.clicked.connect(self.save_wanted)
        self.result = self._result_part()
        self._lay_out()
        self._show_test_share()
        self.show_preparation(None)
        self.show_thresholds(None)

    def _lay_out(self) -> None:
        form = FormSection(
            self.tr("Prepare the archive"),
            self.tr(
                "Duplicates are left out of what models learn from, keywords that are too rare or"
                " corrupt are not learnt, and the rest is split into a training, a validation and a"
                " test set. Nothing in the archive or its keywords changes, and it can be undone."
            ),
        )
        form.add(self.limits)
        form.add(self._fields())
        form.add(self.job)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.start)
        box = QWidget()
        foot.setContentsMargins(0, 0, 0, 0)
        box.setLayout(foot)
        form.add(box)
        inner = QWidget(objectName="page")
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 20, 24, 24)
        column.setSpacing(16)
        column.addWidget(form)
        column.addWidget(self.result)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(centred(inner))

    def _fields(self) -> QWidget:
        shares = QHBoxLayout()
        shares.setSpacing(8)
        for title, field in (
            (self.tr("training"), self.training),
            (self.tr("validation"), self.validation),
            (self.tr("test"), self.test),
        ):
            shares.addWidget(field)
            shares.addWidget(text_label(title, "secondary"))
            shares.addSpacing(10)
        minimum, seed = QHBoxLayout(), QHBoxLayout()
        minimum.addWidget(self.minimum)
        seed.addWidget(self.seed)
        box = QWidget()
        fields = QGridLayout(box)
        fields.setContentsMargins(0, 4, 0, 4)
        fields.setHorizontalSpacing(24)
        fields.setVerticalSpacing(10)
        fields.setColumnStretch(2, 1)
        least = QHBoxLayout()
        least.addWidget(self.probability)
        for row, (title, field) in enumerate(
            (
                (self.tr("Duplicates left out"), least),
                (self.tr("Fewest training images of a keyword"), minimum),
                (self.tr("Shares of the sets"), shares),
                (self.tr("Seed of the split"), seed),
            )
        ):
            fields.addWidget(text_label(title), row, 0)
            fields.addLayout(field, row, 1, Qt.AlignmentFlag.AlignLeft)
        self.probability.setAccessibleName(self.tr("Duplicates left out"))
        self.minimum.setAccessibleName(self.tr("Fewest training images of a keyword"))
        self.training.setAccessibleName(self.tr("Share of the training set"))
        self.validation.setAccessibleName(self.tr("Share of the validation set"))
        self.seed.setAccessibleName(self.tr("Seed of the split"))
        return box

    def _result_part(self) -> QFrame:
        part = QFrame()
        part.setProperty("role", "card")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(text_label(self.tr("In use"), "heading"))
        head.addStretch(1)
        head.addWidget(self.save)
        head.addWidget(self.report)
        column = QVBoxLayout(part)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addLayout(self._steps)
        return part

    # what is shown ----------------------------------------------------------------------------

    def show_thresholds(self, limits: DuplicateThresholds | None) -> None:
        """Say from which similarity on duplicates are left out; None: it is not known yet."""
        self._thresholds = limits
        self._show_limits()

    def _show_limits(self) -> None:
        limits = self._thresholds
        if limits is None:
            self.limits.setText(self.tr("The thresholds follow from your answers about pairs."))
            return
        if limits.converged:
            text = self.tr("Left out from a similarity of {lower}; keywords copied from {upper}.")
        elif limits.answers:
            text = self.tr(
                "The thresholds have not settled yet: left out from a similarity of {lower},"
                " keywords copied from {upper}."
            )
        else:
            text = self.tr(
                "No pair was answered yet, so the thresholds are assumed: left out from a"
                " similarity of {lower}, keywords copied from {upper}."
            )
        now = limits.leaving_out(self.probability.currentData())
        self.limits.setText(text.format(lower=_limit_text(now.lower), upper=upper_text(now)))

    def set_ready(self, ready: bool) -> None:
        """Whether preparing can be started now."""
        self.start.setEnabled(ready)

    def show_preparation(self, chosen: ChosenPreparation | None) -> None:
        """Show what the preparation in use did, and how."""
        self.result.setVisible(chosen is not None)
        if chosen is None:
            return
        report, settings = chosen.report, chosen.settings
        self._fill_form(settings)
        moment = QDateTime.fromSecsSinceEpoch(round(chosen.at.timestamp()))
        when = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
        about = self.tr(
            "Preparation {number} of {when}  ·  thresholds {lower} and {upper}, {source}"
            "  ·  seed {seed}  ·  encoder {encoder}"
        )
        self.about.setText(
            about.format(
                number=report.id,
                when=when,
                lower=f"{report.lower_threshold:.4f}",
                upper=f"{report.upper_threshold:.4f}",
                source=self._source(report),
                seed=settings.seed,
                encoder=chosen.encoder[:12],
            )
        )
        self._fill_steps(report)

    def _source(self, report: PreparationReport) -> str:
        if report.answers:
            text = self.tr("from {count} answers")
            return text.format(count=count_text(report.answers))
        return self.tr("given") if report.assumption is None else self.tr("assumed")

    def _fill_form(self, settings: PreparationSettings) -> None:
        self.minimum.setValue(settings.minimum_images)
        self.training.setValue(round(settings.training * 100))
        self.validation.setValue(round(settings.validation * 100))
        self.seed.setValue(min(settings.seed, MOST_SEED))
        self.probability.setCurrentIndex(max(self.probability.findData(settings.probability), 0))

    def _fill_steps(self, report: PreparationReport) -> None:
        while self._steps.count():
            item = self._steps.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        for row, (name, value) in enumerate(self._facts(report)):
            self._steps.addWidget(text_label(name, "secondary"), row, 0)
            label = text_label(count_text(value))
            self._steps.addWidget(label, row, 1, Qt.AlignmentFlag.AlignRight)
        rare = ", ".join(report.rare[:MOST_NAMED]) + (" …" if len(report.rare) > MOST_NAMED else "")
        if rare:
            text = self.tr("Too rare to be learnt: {names}").format(names=rare)
            row = self._steps.rowCount()
            self._steps.addWidget(text_label(text, "secondary", wrap=True), row, 0, 1, 2)

    def _facts(self, report: PreparationReport) -> list[tuple[str, int]]:
        return [
            (self.tr("Images with a keyword"), report.labeled),
            (self.tr("of these encoded and compared"), report.compared),
            (self.tr("Groups of duplicates"), report.groups),
            (self.tr("Images left out"), report.removed),
            (self.tr("Keywords copied from them"), report.copies),
            (self.tr("Training set"), report.training),
            (self.tr("Validation set"), report.validation),
            (self.tr("Test set"), report.test),
            (self.tr("Images with rare or corrupt keywords only"), report.without_keyword),
            (self.tr("Keywords that models learn"), report.keywords),
            (self.tr("Corrupt keywords"), len(report.corrupt)),
        ]

    # starting ---------------------------------------------------------------------------------

    def settings(self) -> PreparationSettings:
        """What was filled in."""
        return PreparationSettings(
            minimum_images=self.minimum.value(),
            seed=self.seed.value(),
            training=self.training.value() / 100,
            validation=self.validation.value() / 100,
            probability=self.probability.currentData(),
        )

    def _show_test_share(self) -> None:
        self.training.setMaximum(99 - self.validation.value())
        self.validation.setMaximum(99 - self.training.value())
        rest = 100 - self.training.value() - self.validation.value()
        self.test.setText(f"{rest} %")

    def _start(self) -> None:
        self.started.emit(self.settings())


def _limit_text(similarity: float) -> str:
    return f"{similarity:.4f}" if similarity < 1 else "1"


def _spin(low: int, high: int, value: int, suffix: str = "") -> QSpinBox:
    spin = StillSpinBox(minimum=low, maximum=high, value=value, suffix=suffix)
    spin.setGroupSeparatorShown(True)
    spin.setFixedWidth(96)
    spin.lineEdit().setTextMargins(7, 0, 0, 0)
    return spin
