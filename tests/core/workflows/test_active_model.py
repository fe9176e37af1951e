"""The chosen model on the Label page: calibrated, with the references of now, undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from clusters import LABELED, WORDS, make_clusters, paths, prepare_clusters
from made_up import image

from core.catalog import choices, journal
from core.catalog.keywords import find_keyword
from core.errors import ProjectError
from core.types import Decision, ExperimentId, ImageId, ImageSuggestions, KeywordId, Verdict
from core.workflows import label
from core.workflows.active_model import active_model, choose_model
from core.workflows.evaluate import EvaluationSettings, evaluate
from core.workflows.experiments import list_experiments
from core.workflows.model_files import model_path, read_model
from core.workflows.project import Project
from core.workflows.suggest import Suggester
from core.workflows.tune import Search, TuneSettings, tune
from core.workflows.vectors import ImageVectors

FEW = TuneSettings(Search.RANDOM, trials=3)
NEW = paths()[LABELED]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_clusters(tmp_path) as made:
        prepare_clusters(made)
        yield made


def use(project: Project, name: str, variant: str = "") -> ExperimentId:
    found = tune(project, name, variant, FEW)
    choose_model(project, found.experiment)
    return found.experiment


def asked(suggester: Suggester, project: Project, path: str = NEW) -> ImageSuggestions:
    [found] = suggester.suggest([image(project, path).id])
    return found


def confidences(found: ImageSuggestions) -> dict[str, float]:
    return {one.keyword.no: one.confidence for one in found.suggestions}


def keyword(project: Project, name: str) -> KeywordId:
    found = find_keyword(project.catalog, name)
    assert found is not None
    return found.id


def vector(project: Project, one: ImageId) -> np.ndarray:
    vectors = ImageVectors.read(project)
    assert vectors is not None
    with vectors.open() as file:
        return np.array(file.vectors()[vectors.rows_of(np.array([one]))])


def test_a_linear_probe_speaks_calibrated_and_shows_references(project: Project) -> None:
    experiment = use(project, "linear-probe")
    found = asked(Suggester.load(project), project)
    stored = read_model(model_path(project, experiment))
    assert stored.estimator is not None
    raw = stored.estimator.predict_confidence(vector(project, found.image))
    expected = stored.calibration.calibrate(raw)[0]
    columns = [keyword(project, word) for word in WORDS]
    by_id = dict(zip(stored.keywords.tolist(), expected.tolist(), strict=True))
    for one in found.suggestions:
        assert one.confidence == pytest.approx(by_id[one.keyword.id], rel=1e-5)
        assert one.above_threshold == (one.confidence >= stored.calibrated_threshold)
    assert set(by_id) == set(columns)
    assert found.model == "linear-probe"
    assert found.references
    assert sum(one.weight for one in found.references) <= 1 + 1e-6


@pytest.mark.parametrize("name", ["neighbor-search", "simple-neighbor-net", "combined"])
def test_an_image_that_was_just_labeled_is_a_reference(project: Project, name: str) -> None:
    use(project, name)
    suggester = Suggester.load(project)
    before = asked(suggester, project)
    nearest = before.references[0]
    clear = [Decision(nearest.image, one, None) for one in nearest.keywords]
    changes = label.decide(project, clear, "Clear")
    suggester.refresh(changes)
    without = asked(suggester, project)
    assert nearest.image not in {one.image for one in without.references}
    # A combined model may give its neighbor part no weight: then only the evidence changes.
    if name != "combined":
        assert confidences(without) != confidences(before)
    again = [Decision(nearest.image, one, Verdict.ACCEPTED) for one in nearest.keywords]
    suggester.refresh(label.decide(project, again, "Accept"))
    restored = confidences(asked(suggester, project))
    assert restored == pytest.approx(confidences(before), abs=1e-5)


@pytest.mark.parametrize("name", ["neighbor-search", "linear-probe", "combined"])
def test_a_rejected_keyword_is_not_suggested_again(project: Project, name: str) -> None:
    use(project, name)
    suggester = Suggester.load(project)
    first = asked(suggester, project).suggestions[0].keyword
    rejected = Decision(image(project, NEW).id, first.id, Verdict.REJECTED)
    suggester.refresh(label.decide(project, [rejected], "Reject"))
    assert first.no not in confidences(asked(suggester, project))


@pytest.mark.parametrize(
    "name_and_variant",
    [("neighbor-search", ""), ("simple-neighbor-net", ""), ("simple-neighbor-net", "fine-tuned")],
)
def test_an_image_never_speaks_for_itself(
    project: Project, name_and_variant: tuple[str, str]
) -> None:
    """With a keyword of its own, an image would find it in itself."""
    experiment = use(project, *name_and_variant)
    trained = ImageId(int(read_model(model_path(project, experiment)).images[0]))
    suggester = Suggester.load(project)
    [before] = suggester.suggest([trained])
    assert trained not in {one.image for one in before.references}
    said = [*before.suggestions]
    given = {one.keyword.no for one in said if one.verdict is Verdict.IMPORTED}
    assert given
    if name_and_variant[1]:
        return
    wrong = next(word for word in WORDS if word not in given)
    new = Decision(trained, keyword(project, wrong), Verdict.ACCEPTED)
    suggester.refresh(label.decide(project, [new], "Accept"))
    [after] = suggester.suggest([trained])
    assert confidences(after) == pytest.approx(confidences(before), abs=1e-5)


def test_a_keyword_that_was_not_learnt_is_suggested_by_references(project: Project) -> None:
    use(project, "linear-probe")
    suggester = Suggester.load(project)
    nearest = asked(suggester, project).references[0]
    _, changes = label.add_keyword(project, [nearest.image], "sjelden")
    suggester.refresh(changes)
    found = confidences(asked(suggester, project))
    assert found["sjelden"] == pytest.approx(nearest.weight, abs=1e-6)


def test_choosing_is_a_step_that_is_undone_in_the_open_window(project: Project) -> None:
    suggester = Suggester.load(project)
    start = confidences(asked(suggester, project))
    found = tune(project, "linear-probe", "", FEW)
    suggester.refresh(choose_model(project, found.experiment))
    assert asked(suggester, project).model == "linear-probe"
    assert [row.is_chosen for row in list_experiments(project)] == [True]
    step = journal.undo(project.catalog)
    assert step is not None
    assert step.title == "Use Linear probe"
    suggester.refresh(step.changes)
    assert confidences(asked(suggester, project)) == start
    choose_model(project, found.experiment)
    choose_model(project, None)
    assert choices.chosen(project.catalog, choices.EXPERIMENT) == ""


def test_what_was_asked_for_by_name_is_the_model_of_the_start(project: Project) -> None:
    start = Suggester.load(project).suggest([image(project, NEW).id])[0]
    use(project, "linear-probe")
    suggester = Suggester.load(project)
    [named] = suggester.suggest([image(project, NEW).id], "neighbor-search")
    assert named == start


def test_a_missing_file_leaves_neighbor_search_and_a_warning(project: Project) -> None:
    experiment = use(project, "linear-probe")
    model_path(project, experiment).unlink()
    suggester = Suggester.load(project)
    assert "missing" in suggester.warning
    assert asked(suggester, project).model == "neighbor-search"


def test_only_a_finished_tuning_with_the_same_encoder_can_be_chosen(project: Project) -> None:
    compared = evaluate(project, EvaluationSettings(("1-nn",), 5))
    with pytest.raises(ProjectError, match="has no model"):
        choose_model(project, compared.experiment)
    with pytest.raises(ProjectError, match="There is no experiment 99"):
        choose_model(project, ExperimentId(99))
    use(project, "linear-probe")
    label.undo(project)
    assert active_model(project).experiment is None


@pytest.mark.parametrize("damaged", ['{"f2": "x"}', "9" * 30, "-1"])
def test_a_damaged_choice_is_said_and_suggestions_go_on(project: Project, damaged: str) -> None:
    choices.choose(project.catalog, choices.EXPERIMENT, damaged, "ola", "Use a model")
    found = active_model(project)
    assert found.name == "neighbor-search"
    assert "Which model is in use" in found.warning
