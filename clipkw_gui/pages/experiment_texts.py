"""What the Experiments page says: rows of its tables, facts about a run, plots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from clipkw_gui.actions.experiments import (
    CALIBRATION,
    LEARNING,
    PRECISION_RECALL,
    Curve,
    Evaluation,
    ExperimentRow,
    ModelResult,
    Recommendation,
    TrialRow,
)
from clipkw_gui.models.facts import Cell, FactRow
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.interval_plot import Interval
from clipkw_gui.widgets.plot import Axis, Dots, PlotContent, Tone
from clipkw_gui.widgets.plot import Curve as PlotCurve
from core.types import ExperimentState

SHOWN_CURVES = 6
"""So many lines stand in one plot; more could not be told apart."""
_LEAST_SPAN = 0.01


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExperimentsPage", text)


# the table of runs ----------------------------------------------------------------------------


def run_titles() -> tuple[str, ...]:
    """The columns of the table of runs."""
    return (
        _tr("No."),
        _tr("What"),
        _tr("State"),
        _tr("Trials"),
        _tr("F2"),
        _tr("Seed"),
        _tr("Data"),
        _tr("Encoder"),
        _tr("Started"),
    )


def run_row(row: ExperimentRow) -> FactRow:
    """One run; the one in use is bold."""
    title = f"✓ {row.title}" if row.is_chosen else row.title
    stale = _tr("Labels, vectors or the preparation have changed since.")
    return FactRow(
        row.id,
        (
            Cell(str(row.id), int(row.id)),
            Cell(title, tip=_tr("Makes the suggestions") if row.is_chosen else title),
            Cell(state_text(row.state), tip=row.error),
            Cell(count_text(row.trials) if row.trials else "", row.trials),
            Cell(percent(row.f2), row.f2 if row.f2 is not None else -1.0),
            Cell(str(row.seed), row.seed),
            Cell(
                row.data_version[:8] + (_tr("  older") if row.is_stale else ""),
                tip=stale if row.is_stale else row.data_version,
            ),
            Cell(row.encoder[:8], tip=row.encoder),
            Cell(_moment(row), row.started.timestamp()),
        ),
        row.is_chosen,
    )


def _moment(row: ExperimentRow) -> str:
    moment = QDateTime.fromSecsSinceEpoch(round(row.started.timestamp()))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def state_text(state: ExperimentState) -> str:
    """Where a run is in its life."""
    return {
        ExperimentState.RUNNING: _tr("running"),
        ExperimentState.DONE: _tr("done"),
        ExperimentState.FAILED: _tr("failed"),
        ExperimentState.CANCELLED: _tr("stopped"),
    }[state]


def percent(share: float | None) -> str:
    """0.4212 -> "42.1 %", "" for what is not known."""
    if share is None or math.isnan(share):
        return ""
    return f"{QLocale().toString(share * 100, 'f', 1)} %"


def recommendation_text(found: Recommendation) -> str:
    """Which model is recommended, why, and whether it is in use."""
    text = _tr("Recommended: {model} — best on validation, with an F2 of {f2}.")
    if found.is_chosen:
        text = _tr("In use: {model}, which is recommended — best on validation, F2 {f2}.")
    return text.format(model=found.title, f2=percent(found.f2))


# one run --------------------------------------------------------------------------------------


def about_run(row: ExperimentRow, is_live: bool) -> str:
    """What came of a run, in one line."""
    if row.error:
        return row.error
    if row.state is ExperimentState.RUNNING:
        if is_live:
            return _tr("Running. What it has learnt so far is kept if you stop it.")
        return _tr("Interrupted: started again with the same settings, it goes on where it was.")
    if row.state is not ExperimentState.DONE:
        return _tr("Stopped: started again with the same settings, it goes on where it was.")
    if row.kind == "tuning":
        text = _tr("F2 of {f2} on the validation set. Trials: {trials}.")
    else:
        text = _tr("F2 of {f2} on the test set, of the model that is best on validation.")
    return text.format(f2=percent(row.f2), trials=count_text(row.trials))


def facts_of(row: ExperimentRow) -> list[tuple[str, str]]:
    """Everything that is needed to repeat a run."""
    facts = [(_words(name), _value(value)) for name, value in row.parameters.items()]
    facts += [
        (_words(name), _value(value)) for name, value in row.settings.items() if name != "seed"
    ]
    preparation = str(row.preparation) if row.preparation is not None else _tr("none")
    return [
        *facts,
        (_tr("seed"), str(row.seed)),
        (_tr("preparation"), preparation),
        (_tr("data version"), row.data_version),
        (_tr("encoder"), row.encoder[:16]),
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, dict):
        return ", ".join(f"{_words(name)} {_value(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or _tr("all")
    return str(value)


def trial_plot(trials: Sequence[TrialRow]) -> PlotContent | None:
    """F2 of every trial, and the best so far."""
    if not trials:
        return None
    values = [one.value for one in trials]
    low, high = min(values), max(values)
    margin = max(high - low, _LEAST_SPAN) * 0.08
    best = [(float(one.number), one.best) for one in trials]
    steps = [point for before, now in _steps(best) for point in (before, now)]
    last = max(one.number for one in trials)
    about = _tr("{count} trials, the best with an F2 of {best}")
    return PlotContent(
        Axis(_tr("trial"), 0, max(last, 1)),
        Axis(_tr("F2 on the validation set"), low - margin, high + margin, percent=True),
        [PlotCurve(steps)],
        [
            Dots(
                [(float(one.number), one.value) for one in trials],
                Tone.QUIET,
                [_about_trial(one) for one in trials],
            )
        ],
        about=about.format(count=len(trials), best=percent(max(values))),
    )


def _steps(
    best: list[tuple[float, float]],
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The corners of a staircase."""
    before = [best[0][1], *(value for _, value in best[:-1])]
    return [((x, old), (x, new)) for (x, new), old in zip(best, before, strict=True)]


def _about_trial(trial: TrialRow) -> str:
    lines = [_tr("Trial {number}: {value}").format(number=trial.number, value=percent(trial.value))]
    lines += [f"{_words(name)}: {_value(value)}" for name, value in trial.parameters.items()]
    return "\n".join(lines)


# the comparison -------------------------------------------------------------------------------


def result_titles() -> tuple[str, ...]:
    """The columns of the table of results."""
    return (
        _tr("Model"),
        _tr("F2"),
        _tr("95 % interval"),
        _tr("Precision"),
        _tr("Recall"),
        _tr("Macro F2"),
        _tr("Mean average precision"),
        _tr("Calibration error"),
        _tr("Threshold"),
        _tr("Settings"),
        _tr("Seconds"),
    )


def result_rows(found: Evaluation) -> list[FactRow]:
    """One row per model; the best variant of each is bold."""
    return [_result_row(place, one, found) for place, one in enumerate(found.models)]


def _result_row(place: int, one: ModelResult, found: Evaluation) -> FactRow:
    interval = one.intervals["micro.f2"]
    bounds = f"{percent(interval.low)} – {percent(interval.high)}"
    tuned = _tr("as in the thesis")
    if one.experiment is not None:
        tuned = _tr("tuned, experiment {number}").format(number=one.experiment)
    told = "\n".join(f"{_words(name)}: {_value(value)}" for name, value in one.parameters.items())
    return FactRow(
        place,
        (
            Cell(one.title),
            Cell(percent(one.micro.f2), one.micro.f2),
            Cell(bounds, interval.low),
            Cell(percent(one.micro.precision), one.micro.precision),
            Cell(percent(one.micro.recall), one.micro.recall),
            Cell(percent(one.macro.f2), one.macro.f2),
            Cell(percent(one.macro.average_precision), _order(one.macro.average_precision)),
            Cell(percent(one.calibration_error), _order(one.calibration_error)),
            Cell(f"{one.threshold:.4f}", one.threshold),
            Cell(tuned, tip=told),
            Cell(f"{one.seconds:.1f}", one.seconds),
        ),
        place in found.best,
    )


def _order(value: float) -> float:
    return -1.0 if math.isnan(value) else value


def about_test_set(found: Evaluation) -> str:
    """What the models were compared on."""
    test = found.test
    text = _tr(
        "{images} test images, {keywords} keywords, {prevalence} of all labels are positive"
        "  ·  {times}  ·  seed {seed}  ·  data {data}  ·  encoder {encoder}"
    )
    times = _tr("this test set has been used {count} times").format(count=count_text(test.touched))
    if test.touched == 1:
        times = _tr("the first use of this test set")
    return text.format(
        images=count_text(test.images),
        keywords=count_text(test.keywords),
        prevalence=percent(test.prevalence),
        times=times,
        seed=found.seed,
        data=found.data_version[:8],
        encoder=found.encoder[:8],
    )


def intervals_of(found: Evaluation) -> list[Interval]:
    """F2 of the best variant of each model, the best on top."""
    best = [found.models[place] for place in found.best]
    best.sort(key=_f2, reverse=True)
    return [
        Interval(
            one.title,
            one.micro.f2,
            one.intervals["micro.f2"].low,
            one.intervals["micro.f2"].high,
            is_marked=not place,
        )
        for place, one in enumerate(best)
    ]


def _f2(one: ModelResult) -> float:
    return one.micro.f2


def curve_kinds() -> dict[str, str]:
    """The plots of curves by kind, with their titles."""
    return {
        PRECISION_RECALL: _tr("Precision and recall"),
        CALIBRATION: _tr("Calibration"),
        LEARNING: _tr("Learning curve"),
    }


def curve_plot(found: Evaluation, kind: str, wanted: Sequence[str]) -> PlotContent | None:
    """The curves of a kind; ``wanted`` are titles, all if there are none."""
    curves = [one for one in found.curves if one.kind == kind and len(one.x) > 1]
    shown = [one for one in curves if one.title in wanted] or curves
    shown = shown[:SHOWN_CURVES]
    if not shown:
        return None
    titles = {
        PRECISION_RECALL: (_tr("recall"), _tr("precision")),
        CALIBRATION: (_tr("confidence"), _tr("share that was right")),
        LEARNING: (_tr("labeled images"), _tr("F2 on the test set")),
    }[kind]
    if kind == LEARNING:
        across = Axis(titles[0], 0, max(max(one.x) for one in shown))
        values = [value for one in shown for value in one.y]
        margin = max(max(values) - min(values), _LEAST_SPAN) * 0.08
        up = Axis(titles[1], max(min(values) - margin, 0), max(values) + margin, percent=True)
    else:
        across, up = Axis(titles[0], 0, 1, percent=True), Axis(titles[1], 0, 1, percent=True)
    return PlotContent(
        across,
        up,
        [_line(one) for one in shown],
        about="; ".join(one.title for one in shown),
    )


def _line(curve: Curve) -> PlotCurve:
    points = zip(curve.x, curve.y, strict=True)
    return PlotCurve([(x, y) for x, y in points if math.isfinite(x + y)], title=curve.title)
