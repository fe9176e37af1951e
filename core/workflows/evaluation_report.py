"""The comparison to read: Tables 4.5 to 4.11 of the thesis for this archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.reporting.page import Percent, Section, Table, write_page
from core.workflows import evaluation_plots
from core.workflows.evaluation_record import Evaluation, ModelResult
from core.workflows.evaluation_words import (
    bounds_text,
    confidence_text,
    interval_text,
    keyword_name,
    model_name,
    settings_text,
    training_text,
    variant_name,
)
from core.workflows.measuring import CALIBRATED, CLASS_THRESHOLDS
from core.workflows.model_plans import NetForm, find_plan

MOST_COMMON = 10
"""Keywords of Table 4.9."""


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
        evaluation_plots.calibration(evaluation),
        evaluation_plots.precision_recall(evaluation),
        evaluation_plots.learning_curve(evaluation),
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
            model_name(one),
            variant_name(one),
            Percent(one.micro.f2),
            interval_text(one),
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
            interval_text(one),
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
        (
            one.title,
            Percent(one.micro.f2),
            interval_text(one),
            Percent(one.threshold),
            settings_text(one),
        )
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
                    (Percent(by[tuned].micro.f2), training_text(by[tuned]))
                    if tuned in by
                    else ("", "")
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
                model_name(one),
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
            keyword_name(evaluation.keywords[at].no, evaluation.keywords[at].en),
            *(one.keywords[at].roc_auc for one in best),
        )
        for at in order
    ]
    header = ("Keyword", *(model_name(one) for one in best))
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
            *(confidence_text(found.get(word)) for found in by_model.values()),
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


def _keywords(evaluation: Evaluation, model: ModelResult) -> Section:
    rows = [
        (
            keyword_name(word.no, word.en),
            word.support,
            Percent(found.f2),
            bounds_text(f"{100 * found.f2_low:.0f}", f"{100 * found.f2_high:.0f}"),
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
            settings_text(one),
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
