"""The comparison to read: Tables 4.5 to 4.11 of the thesis for this archive, plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from core.reporting.figures import Axis, Line, line_plot
from core.reporting.page import Percent, Section, Table, write_page
from core.workflows.evaluation_record import (
    CALIBRATION,
    LEARNING,
    PRECISION_RECALL,
    Curve,
    Evaluation,
    ModelResult,
)
from core.workflows.measuring import CALIBRATED, CLASS_THRESHOLDS
from core.workflows.model_plans import NetForm, find_plan
from core.workflows.recipes import ContextEnsemble, SingleContext

MOST_COMMON = 10
"""Keywords of Table 4.9."""
_UNIT = (0.0, 1.0)
_UNSAID = ("patience",)


def write_html(evaluation: Evaluation, title: str, path: Path) -> None:
    """Write the report as one page that loads nothing. Raises :class:`StorageError`."""
    note = (
        f"Experiment {evaluation.experiment}, preparation {evaluation.preparation}, "
        f"seed {evaluation.seed}, data {evaluation.data_version}, "
        f"encoder {evaluation.encoder[:12]}"
    )
    write_page(path, f"Evaluation of {title}", note, _sections(evaluation))


def _sections(evaluation: Evaluation) -> list[Section]:
    best = [evaluation.models[place] for place in evaluation.best]
    leader = max(best, key=lambda one: one.validation_f2)
    made = [
        _test_set(evaluation),
        _comparison(best),
        _language_image(evaluation),
        _neighbor_search(evaluation),
        _nets(evaluation),
        _beyond(evaluation),
        _common_keywords(evaluation, best),
        _example(evaluation),
        _calibration(evaluation),
        _precision_recall(evaluation),
        _learning(evaluation),
        _keywords(evaluation, leader),
        _settings(evaluation),
        _not_compared(evaluation),
    ]
    return [one for one in made if one is not None]


def _test_set(evaluation: Evaluation) -> Section:
    test = evaluation.test
    times = "once, by this evaluation" if test.touched == 1 else f"{test.touched} times, now too"
    used = (
        f"This test set was used {times}. Hyper-parameters, thresholds, calibrations and the "
        "best variant of each model were chosen on the validation set."
    )
    warning = (
        "The more often models are chosen by figures of the test set, the less these say about "
        "new images; prepare the archive with another seed for a fresh one."
    )
    return Section(
        "Test set",
        (used, warning) if test.touched > 1 else (used,),
        (
            Table(
                ("", ""),
                (
                    ("Images of the test set", test.images),
                    ("Images of the training set", test.training),
                    ("Images of the validation set", test.validation),
                    ("Keywords that models learn", test.keywords),
                    ("Prevalence: part of all labels that is positive", Percent(test.prevalence)),
                ),
            ),
        ),
    )


def _comparison(best: Sequence[ModelResult]) -> Section:
    header = ("Model", "Variant", "F2", "95 % interval", "MSE", "Recall", "Precision", "Accuracy")
    rows = [
        (
            _short(one),
            _rest(one),
            Percent(one.micro.f2),
            _interval(one),
            one.micro.mse,
            Percent(one.micro.recall),
            Percent(one.micro.precision),
            Percent(one.micro.accuracy),
            Percent(one.subset_accuracy),
            Percent(one.macro.roc_auc),
            Percent(one.macro.average_precision),
            "tuned" if one.experiment is not None else "default",
        )
        for one in best
    ]
    return Section(
        "Comparison",
        (
            "The best variant of each model on validation. F2, recall, precision and accuracy are "
            "micro averages; ROC AUC and average precision are means over keywords. The intervals "
            "come from resampled test sets.",
        ),
        (
            Table(
                (*header, "Subset acc.", "ROC AUC", "Average precision", "Settings"),
                rows,
                "Table 4.8 of the thesis for this archive",
                digits=4,
            ),
        ),
    )


def _language_image(evaluation: Evaluation) -> Section | None:
    rows = [
        (
            "Single context" if one.variant.endswith("-single") else "Context ensemble",
            one.variant.partition("-")[0].capitalize(),
            Percent(one.micro.f2),
            _interval(one),
            Percent(one.threshold),
        )
        for one in _plain(evaluation, "language-image")
    ]
    if not rows:
        return None
    header = ("Contexts", "Names", "F2", "95 % interval", "Threshold")
    return Section("Language-image model", (), (Table(header, rows, "Tables 4.5 and 4.2"),))


def _neighbor_search(evaluation: Evaluation) -> Section | None:
    found = [*_plain(evaluation, "1-nn"), *_plain(evaluation, "neighbor-search")]
    rows = [
        (one.title, Percent(one.micro.f2), _interval(one), Percent(one.threshold), _said(one))
        for one in found
    ]
    if not rows:
        return None
    header = ("Model", "F2", "95 % interval", "Threshold", "Hyper-parameters")
    return Section("Neighbor search and 1-NN", (), (Table(header, rows, "Tables 4.6 and 4.3"),))


def _nets(evaluation: Evaluation) -> Section | None:
    """Nets as they are and fine-tuned, side by side."""
    kinds = {
        "simple-neighbor-net": "Simple neighbor net",
        "class-wise-neighbor-net": "Class-wise neighbor net",
    }
    cells: dict[tuple[str, ...], dict[bool, ModelResult]] = {}
    for name, kind in kinds.items():
        for one in _plain(evaluation, name):
            form = find_plan(one.name, one.variant).form or NetForm()
            row = (kind, form.prototypes, form.clustering, form.prototype_labels, form.temperature)
            cells.setdefault(row, {})[form.fine_tuned] = one
    if not cells:
        return None
    rows = [
        (
            *row,
            *(
                cell
                for tuned in (False, True)
                for cell in (
                    (Percent(by[tuned].micro.f2), _training(by[tuned])) if tuned in by else ("", "")
                )
            ),
        )
        for row, by in cells.items()
    ]
    header = ("Model", "Prototypes", "Clustering", "Labels", "Temperature", "F2 as it is")
    return Section(
        "Neighbor nets",
        (
            "Prototypes of each keyword; with clustering, similar images are averaged. The "
            "temperature is trained with the first layer, or fixed while that is trained.",
        ),
        (Table((*header, "Settings", "F2 fine-tuned", "Settings"), rows, "Tables 4.7 and 4.4"),),
    )


def _beyond(evaluation: Evaluation) -> Section:
    by = {(one.name, one.variant, one.refinement): one for one in evaluation.models}
    rows = []
    for place in evaluation.best:
        one = evaluation.models[place]
        own, calibrated = (
            by[one.name, one.variant, kind] for kind in (CLASS_THRESHOLDS, CALIBRATED)
        )
        rows.append(
            (
                _short(one),
                Percent(one.micro.f2),
                Percent(own.micro.f2),
                Percent(calibrated.micro.f2),
                Percent(one.macro.f2),
                Percent(own.macro.f2),
                Percent(calibrated.macro.f2),
                one.keyword_calibration_error,
                calibrated.keyword_calibration_error,
            )
        )
    helped = sum(
        by[m.name, m.variant, CLASS_THRESHOLDS].micro.f2 > m.micro.f2
        for m in (evaluation.models[place] for place in evaluation.best)
    )
    verdict = (
        f"A threshold of its own for each keyword, learnt on validation, raises micro F2 on the "
        f"test set for {helped} of {len(rows)} models."
    )
    return Section(
        "Beyond the thesis: thresholds and calibration",
        (
            verdict,
            "The calibration error is the mean distance of confidence and truth, each keyword on "
            "its own; a confidence is worth its number when it is near 0.",
        ),
        (
            Table(
                (
                    "Model",
                    *("F2", "F2, class thresholds", "F2, calibrated"),
                    *("Macro F2", "Macro, class thresholds", "Macro, calibrated"),
                    *("Calibration error", "After calibration"),
                ),
                rows,
                digits=4,
            ),
        ),
    )


def _common_keywords(evaluation: Evaluation, best: Sequence[ModelResult]) -> Section:
    order = sorted(
        range(len(evaluation.keywords)), key=lambda at: -evaluation.keywords[at].support
    )[:MOST_COMMON]
    rows = [
        (
            _name(evaluation.keywords[at].no, evaluation.keywords[at].en),
            *(one.keywords[at].roc_auc for one in best),
        )
        for at in order
    ]
    header = ("Keyword", *(_short(one) for one in best))
    table = Table(header, rows, "ROC AUC of the most common keywords (Table 4.9)")
    return Section("ROC AUC by keyword", (), (table,))


def _example(evaluation: Evaluation) -> Section | None:
    example = evaluation.example
    if example is None:
        return None
    words = list(
        dict.fromkeys(
            [*example.keywords]
            + [name for rows in example.confidences.values() for name, _, _ in rows]
        )
    )
    by_model = {
        title: {name: (value, above) for name, value, above in rows}
        for title, rows in example.confidences.items()
    }
    rows = [
        (
            f"✓ {word}" if word in example.keywords else word,
            *(_confidence(found.get(word)) for found in by_model.values()),
        )
        for word in words
    ]
    references = [
        (Percent(one.weight), one.similarity, ", ".join(one.keywords), one.path)
        for one in example.references
    ]
    header = ("Keyword", *(title.split(",")[0] for title in by_model))
    tables = [Table(header, rows, "Confidences (Table 4.10)")]
    if references:
        shown = ("Weight", "Similarity", "Keywords", "Image")
        tables.append(Table(shown, references, "References of neighbor search (Table 4.11)"))
    said = (
        f"{example.path} of the test set. ✓ marks its keywords, ● a confidence above the "
        "model's threshold; the three runners-up are shown, too."
    )
    return Section("Example", (said,), tuple(tables))


def _calibration(evaluation: Evaluation) -> Section:
    curves = [one for one in evaluation.curves if one.kind == CALIBRATION]
    lines = [Line(one.title, one.x, one.y, dots=True) for one in _few(curves, evaluation)]
    lines.append(Line("Exact", _UNIT, _UNIT, dashed=True))
    axes = Axis("Confidence", limits=_UNIT), Axis("Part that is right", limits=_UNIT)
    return Section(
        "Calibration",
        (
            "Of suggestions with a confidence of 80 %, eight in ten should be right. Confidences "
            "below 1 % are left out.",
        ),
        figures=((line_plot(lines, *axes, size=(7, 5)), "Calibration on the test set."),),
    )


def _precision_recall(evaluation: Evaluation) -> Section:
    curves = [one for one in evaluation.curves if one.kind == PRECISION_RECALL]
    lines = [Line(one.title, one.x, one.y) for one in curves]
    axes = Axis("Recall", limits=_UNIT), Axis("Precision", limits=_UNIT)
    drawn = line_plot(lines, *axes, size=(7, 5))
    return Section("Precision and recall", figures=((drawn, "At every threshold."),))


def _learning(evaluation: Evaluation) -> Section | None:
    curves = [one for one in evaluation.curves if one.kind == LEARNING]
    if not curves:
        return None
    lines = [
        Line(one.title, one.x, one.y, dots=len(one.x) > 2, dashed=len(one.x) == 2) for one in curves
    ]
    said = [
        f"{title} is better than the language-image model from {images} labeled images on."
        if images is not None
        else f"{title} is not better than the language-image model with any number of images."
        for title, images in evaluation.overtakes.items()
    ]
    drawn = line_plot(
        lines, Axis("Labeled images", logarithmic=True), Axis("F2", limits=_UNIT), size=(7, 4.5)
    )
    return Section(
        "Learning curve",
        tuple(said),
        figures=((drawn, "F2 on the test set over the labeled images (section 6.3)."),),
    )


def _keywords(evaluation: Evaluation, model: ModelResult) -> Section:
    rows = [
        (
            _name(word.no, word.en),
            word.support,
            Percent(found.f2),
            _bounds(f"{100 * found.f2_low:.0f}", f"{100 * found.f2_high:.0f}"),
            Percent(found.precision),
            Percent(found.recall),
            found.roc_auc,
            found.average_precision,
        )
        for word, found in sorted(
            zip(evaluation.keywords, model.keywords, strict=True), key=lambda pair: pair[1].f2
        )
    ]
    header = ("Keyword", "Test images", "F2", "95 % interval", "Precision", "Recall")
    return Section(
        "Every keyword",
        (f"{model.title}, the best model on validation. The lowest F2 first.",),
        (Table((*header, "ROC AUC", "Avg. precision"), rows),),
    )


def _settings(evaluation: Evaluation) -> Section:
    rows = [
        (
            one.title,
            _said(one),
            one.threshold,
            "default" if one.experiment is None else f"experiment {one.experiment}",
        )
        for one in evaluation.models
        if not one.refinement
    ]
    header = ("Model", "Hyper-parameters", "Threshold", "From")
    return Section("Settings", (), (Table(header, rows, digits=4),))


def _not_compared(evaluation: Evaluation) -> Section | None:
    return Section("Not compared", evaluation.notes) if evaluation.notes else None


def _plain(evaluation: Evaluation, name: str) -> list[ModelResult]:
    return [one for one in evaluation.models if one.name == name and not one.refinement]


def _few(curves: Iterable[Curve], evaluation: Evaluation) -> list[Curve]:
    """The best model and neighbor search, as they are and calibrated: more would hide them."""
    best = [evaluation.models[place] for place in evaluation.best]
    leader = max(best, key=lambda one: one.validation_f2)
    wanted = {leader.title, *(one.title for one in best if one.name == "neighbor-search")}
    return [one for one in curves if one.title.removesuffix(", calibrated") in wanted]


def _short(one: ModelResult) -> str:
    return one.title.split(",")[0]


def _rest(one: ModelResult) -> str:
    return one.title.removeprefix(_short(one)).removeprefix(", ")


def _training(one: ModelResult) -> str:
    """The settings of a net that its row does not tell."""
    known = one.parameters
    said = [f"temperature {known['temperature']:.4g}"]
    if str(known.get("per_keyword", 16)) != "16":
        said.append(f"{known['per_keyword']} prototypes")
    if "epochs" in known:
        epochs = "1 epoch" if known["epochs"] == 1 else f"{known['epochs']} epochs"
        said.append(f"{epochs} in batches of {known['batch_size']}")
        said.append(f"rate {known['learning_rate']:.3g}, momentum {known['momentum']:.3g}")
    return ", ".join(said)


def _name(no: str, en: str) -> str:
    return f"{no} ({en})" if en and en != no else no


def _interval(one: ModelResult) -> str:
    found = one.intervals["micro.f2"]
    return _bounds(f"{100 * found.low:.1f}", f"{100 * found.high:.1f}")


def _bounds(low: str, high: str) -> str:
    """Two percentages that no line breaks between."""
    joiner, space = "\u2060", "\u00a0"
    return f"{low}{joiner}–{joiner}{high}{space}%"


def _said(one: ModelResult) -> str:
    """Hyper-parameters in words; contexts without weight are left out."""
    recipe = find_plan(one.name, one.variant).recipe
    if isinstance(recipe, SingleContext):
        return recipe.contexts[int(one.parameters["context"])]
    if isinstance(recipe, ContextEnsemble) and len(set(one.parameters.values())) == 1:
        return f"{len(one.parameters)} contexts, all with the same weight"
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        if isinstance(value, float)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in one.parameters.items()
        if value != 0 and name not in _UNSAID
    )


def _confidence(found: tuple[float, bool] | None) -> str:
    if found is None:
        return ""
    value, above = found
    mark = "●\u00a0" if above else ""
    return f"{mark}{100 * value:.1f}\u00a0%"
