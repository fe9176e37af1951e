"""Choosing what to tune or compare, and with which settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.actions.experiments import (
    EvaluationSettings,
    KnownModel,
    Search,
    TuneSettings,
    Tuning,
    known_models,
)
from clipkw_gui.widgets.job_line import JobLine
from clipkw_gui.widgets.labels import line, text_label
from clipkw_gui.widgets.still_boxes import StillComboBox, StillSpinBox

WIDTH = 320
TRIALS = 100
MOST_MINUTES = 10_000
MOST_SEED = 2**31 - 1
MOST_RESAMPLES = 10_000


class ExperimentForm(QWidget):
    """Two forms, one for tuning and one for the comparison, each with its button."""

    tuning_wanted = Signal(object)
    """Tuning."""
    comparison_wanted = Signal(object)
    """EvaluationSettings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = known_models()
        self.setMinimumWidth(WIDTH - 70)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.model = StillComboBox()
        self.search = StillComboBox()
        self.trials = _spin(1, 100_000, TRIALS)
        self.minutes = _spin(0, MOST_MINUTES, 0)
        self.minutes.setSpecialValueText(self.tr("none"))
        self.minutes.setSuffix(self.tr(" min"))
        self.tuning_seed = _spin(0, MOST_SEED, 0)
        self.tune = QPushButton(self.tr("Tune"), objectName="tune")
        self.families: dict[str, QCheckBox] = {}
        standard = EvaluationSettings()
        self.resamples = _spin(1, MOST_RESAMPLES, standard.resamples)
        self.comparison_seed = _spin(0, MOST_SEED, standard.seed)
        self.compare = QPushButton(self.tr("Compare"), objectName="compareModels")
        self.jobs = [JobLine(), JobLine()]
        self._fill()
        self._lay_out()
        self.tune.clicked.connect(self._want_tuning)
        self.compare.clicked.connect(self._want_comparison)
        for box in self.families.values():
            box.toggled.connect(self._check)

    def _fill(self) -> None:
        self.model.addItem(self.tr("All models, one after the other"), None)
        for model in self._models:
            self.model.addItem(model.title, model)
            if model.name not in self.families:
                box = QCheckBox(model.title.split(",")[0], checked=True)
                self.families[model.name] = box
        self.choose_model("neighbor-search", "as-is")
        self.model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.model.setMinimumContentsLength(20)
        self.model.view().setMinimumWidth(400)
        for search, title in (
            (Search.GAUSSIAN_PROCESS, self.tr("Gaussian process")),
            (Search.RANDOM, self.tr("Random")),
            (Search.GRID, self.tr("Grid")),
        ):
            self.search.addItem(title, search)
        for field, name in (
            (self.model, self.tr("Model to tune")),
            (self.search, self.tr("How settings are proposed")),
            (self.trials, self.tr("Most trials")),
            (self.minutes, self.tr("Most minutes")),
            (self.tuning_seed, self.tr("Seed of the tuning")),
            (self.resamples, self.tr("Resampled test sets for the intervals")),
            (self.comparison_seed, self.tr("Seed of the comparison")),
        ):
            field.setAccessibleName(name)

    def _lay_out(self) -> None:
        inner = QWidget(objectName="page")
        column = QVBoxLayout(inner)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(10)
        column.addWidget(text_label(self.tr("Tune models"), "heading"))
        about = self.tr("Searches the settings that are best on the validation set.")
        column.addWidget(text_label(about, "secondary", wrap=True))
        column.addWidget(self.model)
        column.addLayout(
            _rows(
                (self.tr("Search"), self.search),
                (self.tr("Most trials"), self.trials),
                (self.tr("Time limit"), self.minutes),
                (self.tr("Seed"), self.tuning_seed),
            )
        )
        column.addWidget(self.jobs[0])
        column.addWidget(self.tune, 0, Qt.AlignmentFlag.AlignRight)
        column.addSpacing(6)
        column.addWidget(line())
        column.addSpacing(6)
        column.addWidget(text_label(self.tr("Compare models"), "heading"))
        about = self.tr(
            "On the test set: tuned models as they were tuned, the others with the settings of the"
            " thesis."
        )
        column.addWidget(text_label(about, "secondary", wrap=True))
        families = QVBoxLayout()
        families.setSpacing(0)
        for box in self.families.values():
            families.addWidget(box)
        column.addLayout(families)
        column.addLayout(
            _rows(
                (self.tr("Resamplings"), self.resamples),
                (self.tr("Seed"), self.comparison_seed),
            )
        )
        column.addWidget(self.jobs[1])
        column.addWidget(self.compare, 0, Qt.AlignmentFlag.AlignRight)
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def choose_model(self, name: str, variant: str) -> None:
        """Put a model into the field."""
        for place, model in enumerate(self._models):
            if (model.name, model.variant) == (name, variant):
                self.model.setCurrentIndex(place + 1)

    def choose_all(self) -> None:
        """Put all models into the field."""
        self.model.setCurrentIndex(0)

    def set_ready(self, *, tune: bool, compare: bool) -> None:
        """Which of the buttons can be pressed now."""
        self.tune.setEnabled(tune)
        self.compare.setEnabled(compare and self._has_family())

    # what was filled in -----------------------------------------------------------------------

    def tuning(self) -> Tuning:
        """What to tune, and how."""
        chosen = self.model.currentData()
        model = chosen if isinstance(chosen, KnownModel) else None
        seconds = 60.0 * self.minutes.value() if self.minutes.value() else None
        return Tuning(model, self.tune_settings(), seconds)

    def tune_settings(self) -> TuneSettings:
        """How to tune it."""
        search = Search(self.search.currentData())
        return TuneSettings(search, self.trials.value(), self.tuning_seed.value())

    def evaluation_settings(self) -> EvaluationSettings:
        """What to compare."""
        chosen = tuple(name for name, box in self.families.items() if box.isChecked())
        models = () if len(chosen) == len(self.families) else chosen
        return EvaluationSettings(models, self.resamples.value(), self.comparison_seed.value())

    def _has_family(self) -> bool:
        return any(box.isChecked() for box in self.families.values())

    def _check(self) -> None:
        self.compare.setEnabled(self._has_family() and self.jobs[1].job is None)

    def _want_tuning(self) -> None:
        self.tuning_wanted.emit(self.tuning())

    def _want_comparison(self) -> None:
        self.comparison_wanted.emit(self.evaluation_settings())


def _rows(*rows: tuple[str, QWidget]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(0, 1)
    for number, (title, field) in enumerate(rows):
        field.setFixedWidth(150)
        grid.addWidget(text_label(title, "secondary"), number, 0)
        grid.addWidget(field, number, 1)
    return grid


def _spin(low: int, high: int, value: int) -> QSpinBox:
    spin = StillSpinBox(minimum=low, maximum=high, value=value)
    spin.setGroupSeparatorShown(True)
    spin.lineEdit().setTextMargins(7, 0, 0, 0)
    return spin
