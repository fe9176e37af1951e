"""Evaluation against metrics by scikit-learn; what is written, counted and said."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from clusters import IMAGES, LABELED, WORDS, make_clusters, paths, prepare_clusters
from made_up import import_keywords, make_project
from sklearn import metrics

from core.catalog import choices
from core.errors import Cancelled, ProjectError
from core.evaluation.comparison import Scores
from core.models.neighbor_search import NeighborSearch
from core.progress import Silent
from core.reporting.page import Percent
from core.types import ExperimentState
from core.workflows import evaluation_plots, evaluation_report, fitted_models
from core.workflows.dataset import prepared_dataset
from core.workflows.evaluate import EvaluationSettings, evaluate, latest_evaluation
from core.workflows.evaluation_record import LEARNING, Curve, Evaluation, evaluation_json
from core.workflows.evaluation_report import write_html
from core.workflows.evaluation_tables import write_json, write_tables
from core.workflows.experiments import list_experiments
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import Project
from core.workflows.tune import Search, TuneSettings, tune

QUICK = EvaluationSettings(("1-nn", "neighbor-search", "linear-probe", "language-image"), 50)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_clusters(tmp_path) as made:
        prepare_clusters(made)
        yield made


def by_variant(found: Evaluation) -> dict[tuple[str, str], dict[str, object]]:
    return {(one["name"], one["variant"]): one for one in evaluation_json(found)["models"]}


def test_the_json_is_what_scikit_learn_says(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "comparison.json"
    write_json(evaluate(project, QUICK), path)
    written = json.loads(path.read_text(encoding="utf-8"))
    data = prepared_dataset(project)
    truth = data.test.truth
    assert written["test"]["images"] == len(truth)
    assert written["test"]["keywords"] == truth.shape[1] == 3
    assert written["test"]["prevalence"] == pytest.approx(truth.mean())
    one = next(m for m in written["models"] if m["name"] == "neighbor-search")
    assert one["variant"] == "as-is"
    model = NeighborSearch().fit(data.train.vectors, data.train.labels)
    confidences = model.predict_confidence(data.test.vectors)
    predicted = confidences >= one["threshold"]
    for average in ("micro", "macro", "weighted"):
        said = one[average]
        options = {"average": average, "zero_division": 0}
        assert said["f2"] == pytest.approx(metrics.fbeta_score(truth, predicted, beta=2, **options))
        assert said["f1"] == pytest.approx(metrics.f1_score(truth, predicted, **options))
        assert said["precision"] == pytest.approx(
            metrics.precision_score(truth, predicted, **options)
        )
        assert said["recall"] == pytest.approx(metrics.recall_score(truth, predicted, **options))
        assert said["roc_auc"] == pytest.approx(
            metrics.roc_auc_score(truth, confidences, average=average)
        )
        assert said["average_precision"] == pytest.approx(
            metrics.average_precision_score(truth, confidences, average=average)
        )
    assert one["micro"]["mse"] == pytest.approx(np.square(confidences - truth).mean(), rel=1e-5)
    assert one["micro"]["accuracy"] == pytest.approx((predicted == truth).mean())
    assert one["subset_accuracy"] == pytest.approx(metrics.accuracy_score(truth, predicted))
    low, high = one["intervals"]["micro.f2"]
    assert low <= one["micro"]["f2"] <= high


def test_class_thresholds_of_the_json_give_its_scores(project: Project) -> None:
    written = evaluation_json(evaluate(project, EvaluationSettings(("neighbor-search",), 5)))
    assert [one["no"] for one in written["keywords"]] == [
        one.no for one in prepared_dataset(project).keywords
    ]
    variants = [m for m in written["models"] if m["class_thresholds"] is not None]
    assert {m["variant"].rpartition(" + ")[2] for m in variants} == {"class-thresholds"}
    one = next(m for m in variants if m["variant"] == "as-is + class-thresholds")
    data = prepared_dataset(project)
    model = NeighborSearch().fit(data.train.vectors, data.train.labels)
    predicted = model.predict_confidence(data.test.vectors) >= np.array(one["class_thresholds"])
    expected = metrics.fbeta_score(data.test.truth, predicted, beta=2, average="micro")
    assert one["micro"]["f2"] == pytest.approx(expected)


def test_the_threshold_is_chosen_on_validation_alone(project: Project) -> None:
    found = by_variant(evaluate(project, QUICK))["neighbor-search", "as-is"]
    data = prepared_dataset(project)
    model = NeighborSearch().fit(data.train.vectors, data.train.labels)
    confidences, truth = model.predict_confidence(data.validation.vectors), data.validation.truth
    best = max(
        metrics.fbeta_score(truth, confidences >= level, beta=2, average="micro")
        for level in np.unique(confidences)
    )
    assert found["validation_f2"] == pytest.approx(best)
    reached = metrics.fbeta_score(truth, confidences >= found["threshold"], beta=2, average="micro")
    assert reached == pytest.approx(best)


def test_every_use_of_the_test_set_is_counted(project: Project) -> None:
    only = EvaluationSettings(("1-nn",), 10)
    assert evaluate(project, only).test.touched == 1

    class Stop(Silent):
        def report(self, done: int, total: int, note: str = "") -> None:
            if done:
                raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(project, only, Stop())
    assert evaluate(project, only).test.touched == 3
    states = [row.state for row in list_experiments(project)]
    assert states.count(ExperimentState.CANCELLED) == 1
    prepare_clusters(project, seed=3)
    assert evaluate(project, only).test.touched == 1


def test_tuned_models_are_compared_as_they_were_tuned(project: Project) -> None:
    tuned = tune(project, "linear-probe", "", TuneSettings(Search.RANDOM, trials=3))
    found = by_variant(evaluate(project, QUICK))
    assert found["linear-probe", "as-is"]["experiment"] == tuned.experiment
    assert found["linear-probe", "as-is"]["validation_f2"] == pytest.approx(tuned.f2)
    assert found["neighbor-search", "as-is"]["tuned"] is False
    assert found["neighbor-search", "as-is"]["parameters"]["temperature"] == 68.566


def test_an_archive_that_was_never_prepared_is_prepared(tmp_path: Path) -> None:
    with make_clusters(tmp_path) as made:
        assert not choices.chosen(made.catalog, choices.PREPARATION)
        found = evaluate(made, QUICK)
        assert choices.chosen(made.catalog, choices.PREPARATION) == str(found.preparation)


def test_without_a_common_keyword_the_remedy_is_to_ask_for_fewer_images(project: Project) -> None:
    prepare(project, PreparationSettings(minimum_images=1000), Silent())
    with pytest.raises(ProjectError, match=r"No keyword is on enough images.*--minimum-images"):
        evaluate(project, QUICK)


def test_without_vectors_the_remedy_is_to_encode(tmp_path: Path) -> None:
    with make_project(tmp_path, ["a.jpg"]) as made, pytest.raises(ProjectError, match="encode"):
        evaluate(made, QUICK)


def test_what_is_not_compared_is_said(project: Project) -> None:
    found = evaluate(project, QUICK)
    assert {one.name for one in found.models} == {"1-nn", "neighbor-search", "linear-probe"}
    assert sum("nobody has given" in note for note in found.notes) == 2
    for names in ("original names: ", "automatic English names: "):
        assert sum(names in note for note in found.notes) == 2  # no such encoder
    with pytest.raises(ProjectError, match="There is no model clever"):
        EvaluationSettings(("clever",))


def test_images_that_were_labeled_later_take_no_part_and_that_is_said(project: Project) -> None:
    import_keywords(project, {path: [WORDS[0]] for path in paths()[LABELED:]})
    found = evaluate(project, EvaluationSettings(("1-nn",), 5))
    assert found.notes[0].startswith(f"{IMAGES - LABELED} labeled images came after")
    prepare_clusters(project)
    assert evaluate(project, EvaluationSettings(("1-nn",), 5)).notes == ()


def test_what_would_take_long_waits_until_it_was_tuned(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitted_models, "LONGEST_TRAINING", 1e-9)
    only = EvaluationSettings(("class-wise-neighbor-net",), 5)
    found = evaluate(project, only)
    assert [one.variant for one in found.models if not one.refinement] == [
        "prototypes",
        "prototypes-random",
    ]
    assert sum("--variant prototypes-fine-tuned" in note for note in found.notes) == 1
    tune(project, "class-wise-neighbor-net", "", TuneSettings(Search.RANDOM, trials=1))
    assert "as-is" in {one.variant for one in evaluate(project, only).models}


def test_the_best_variant_of_each_model_is_chosen_on_validation(project: Project) -> None:
    found = evaluate(project, EvaluationSettings(("simple-neighbor-net",), 10))
    plain = [one for one in found.models if not one.refinement]
    assert len(plain) > 5
    [best] = found.best
    assert plain[best].validation_f2 == max(one.validation_f2 for one in plain)
    refined = {one.refinement for one in found.models if one.variant == plain[best].variant}
    assert refined == {"", "class-thresholds", "calibrated"}
    section = evaluation_report._nets(found)
    assert section is not None
    [table] = section.tables
    shown = [cell for row in table.rows for cell in row if isinstance(cell, Percent)]
    assert sorted(shown) == sorted(Percent(one.micro.f2) for one in plain)  # each in its own place


def test_language_image_and_overtaking_are_told(project: Project) -> None:
    found = evaluate(project, EvaluationSettings(("1-nn",), 5))
    names = ("original", "automatic", "manual")
    models = tuple(
        replace(found.models[0], name="language-image", variant=f"{name}-{kind}")
        for name in names
        for kind in ("ensemble", "single")
    )
    section = evaluation_report._language_image(replace(found, models=models))
    assert section is not None
    [table] = section.tables
    assert "4.5" in table.caption
    assert [row[:2] for row in table.rows] == [
        (contexts, name.capitalize())
        for name in names
        for contexts in ("Context ensemble", "Single context")
    ]
    line = Curve(LEARNING, "Linear probe", (10.0, 40.0), (0.2, 0.6))
    told = replace(found, curves=(line,), overtakes={"Linear probe": 40, "1-NN": None})
    learning = evaluation_plots.learning_curve(told)
    assert learning is not None
    assert "from 40 labeled images on" in learning.paragraphs[0]
    assert "not better" in learning.paragraphs[1]


def test_the_record_is_kept_whole(project: Project) -> None:
    found = evaluate(project, QUICK)
    again = latest_evaluation(project)
    assert again is not None
    assert again.record() == found.record()
    assert isinstance(again.models[0].micro, Scores)
    [row] = list_experiments(project)
    leader = max((found.models[at] for at in found.best), key=lambda one: one.validation_f2)
    assert row.f2 == leader.micro.f2


def test_the_report_has_the_tables_and_nothing_is_loaded(project: Project, tmp_path: Path) -> None:
    found = evaluate(project, QUICK)
    page = tmp_path / "report.html"
    write_html(found, "<archive>", page)
    text = page.read_text(encoding="utf-8")
    for number in ("4.8", "4.6", "4.9", "4.10", "4.11", "6.3"):
        assert number in text
    assert "used once" in text
    assert "&lt;archive&gt;" in text
    assert text.count("<svg") == 3
    for outside in ("<script", 'src="', "@import", "<link", 'href="http'):
        assert outside not in text
    write_tables(found, tmp_path / "tables")
    with (tmp_path / "tables" / "models.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(found.models)
    assert float(rows[0]["micro f2"]) == pytest.approx(found.models[0].micro.f2)
    with (tmp_path / "tables" / "keywords.csv").open(encoding="utf-8-sig") as stream:
        assert len(list(csv.DictReader(stream))) == 3 * len(found.models)


def test_the_example_is_a_test_image_with_its_own_references(project: Project) -> None:
    found = evaluate(project, QUICK).example
    assert found is not None
    weights = [one.weight for one in found.references]
    assert len(weights) == 5
    assert weights == sorted(weights, reverse=True)
    assert all(0 < weight <= 1 for weight in weights)
    assert found.path not in {one.path for one in found.references}
    assert set(found.confidences) == {"1-NN", "Neighbor search", "Linear probe"}
