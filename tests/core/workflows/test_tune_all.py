"""All models in one go, and which of them is recommended and used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import make_clusters, prepare_clusters

from core.catalog import experiments
from core.errors import Cancelled, ProjectError
from core.progress import Silent
from core.types import ExperimentState
from core.workflows import tune_all as tuning
from core.workflows.active_model import active_model
from core.workflows.evaluate import EvaluationSettings, evaluate
from core.workflows.model_plans import PLANS, find_plan
from core.workflows.project import Project
from core.workflows.recommendation import recommended_model, use_recommended
from core.workflows.tune import Search, TunedModel, TuneSettings, tune
from core.workflows.tune_all import tune_all

ONCE = TuneSettings(Search.RANDOM, trials=1)
SMALL = (
    "1-nn/as-is",
    "neighbor-search/as-is",
    "simple-neighbor-net/prototypes",
    "simple-neighbor-net/prototypes-fine-tuned",
    "linear-probe/as-is",
    "combined/as-is",
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_clusters(tmp_path) as made:
        prepare_clusters(made)
        yield made


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = tuple(find_plan(*name.split("/")) for name in SMALL)
    monkeypatch.setattr(tuning, "PLANS", chosen)


def test_a_sibling_comes_before_what_starts_from_it_and_the_combined_one_last() -> None:
    order = [(plan.name, plan.variant) for plan in PLANS]
    for plan in PLANS:
        if plan.sibling:
            assert order.index((plan.name, plan.sibling)) < order.index((plan.name, plan.variant))
    assert order[-1][0] == "combined"


@pytest.mark.usefixtures("few")
def test_all_are_tuned_once_and_a_second_call_has_nothing_to_do(project: Project) -> None:
    seen: list[TunedModel] = []
    first = tune_all(project, ONCE, on_model=seen.append)
    assert [f"{one.name}/{one.variant}" for one in first.tuned] == list(SMALL)
    assert tuple(seen) == first.tuned
    again = tune_all(project, ONCE)
    assert not again.tuned
    assert len(again.known) == len(SMALL)
    assert len(experiments.list_experiments(project.catalog)) == len(SMALL)


@pytest.mark.usefixtures("few")
def test_stopped_it_goes_on_where_it_was(project: Project) -> None:
    class Stop(Silent):
        def report(self, done: int, total: int, note: str = "") -> None:
            if done == 3:
                raise Cancelled

    with pytest.raises(Cancelled):
        tune_all(project, ONCE, progress=Stop())
    assert len(experiments.list_experiments(project.catalog)) == 3
    rest = tune_all(project, ONCE)
    assert len(rest.known) == 3
    assert [one.name for one in rest.tuned][-1] == "combined"


@pytest.mark.usefixtures("few")
def test_time_is_shared_and_what_was_cut_short_is_gone_on_with(project: Project) -> None:
    many = TuneSettings(Search.RANDOM, trials=5)
    short = tune_all(project, many, seconds=0)
    trials = {f"{one.name}/{one.variant}": one.trials for one in short.tuned}
    assert trials["combined/as-is"] == 1
    assert min(trials.values()) == 1
    more = tune_all(project, many, seconds=600)
    assert all(one.is_complete for one in more.tuned)
    assert {one.trials for one in more.tuned if find_plan(one.name, one.variant).recipe.space} <= {
        5
    }


@pytest.mark.usefixtures("few")
def test_what_takes_longer_than_all_the_time_is_left_out_and_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = type(find_plan("simple-neighbor-net", "prototypes-fine-tuned").recipe)
    monkeypatch.setattr(recipe, "expected_seconds", lambda *_: 3600.0)
    found = tune_all(project, ONCE, seconds=60)
    [why] = found.left_out
    assert why.startswith("Simple neighbor net, 16 prototypes, fine-tuned: a single trial takes")
    assert "60 minutes" in why


def test_without_the_encoder_the_models_of_images_are_tuned(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("language-image/original-ensemble", "language-image/manual-ensemble", "1-nn/as-is")
    monkeypatch.setattr(tuning, "PLANS", tuple(find_plan(*name.split("/")) for name in names))
    found = tune_all(project, ONCE)
    assert [one.name for one in found.tuned] == ["1-nn"]
    assert len(found.left_out) == 2
    assert "nobody has given" in found.left_out[1]


# what is recommended --------------------------------------------------------------------------


def test_before_anything_was_compared_neighbor_search_stays(project: Project) -> None:
    assert recommended_model(project) is None
    tune(project, "1-nn", "", ONCE)
    assert recommended_model(project) is None
    with pytest.raises(ProjectError, match="clipkw evaluate"):
        use_recommended(project, Silent())
    assert active_model(project).experiment is None


@pytest.mark.usefixtures("few")
def test_after_tuning_all_the_best_on_validation_is_recommended_and_used(project: Project) -> None:
    found = tune_all(project, ONCE)
    wanted = recommended_model(project)
    assert wanted is not None
    assert wanted.f2 == max(one.f2 for one in found.tuned)
    assert wanted.name == "combined"  # of equals, and it is never worse than its parts
    assert not wanted.is_chosen
    changes = use_recommended(project, Silent())
    assert changes.choices == {"experiment"}
    assert active_model(project).experiment == wanted.experiment
    again = recommended_model(project)
    assert again is not None
    assert again.is_chosen


def test_what_was_compared_only_is_made_when_it_is_wanted(project: Project) -> None:
    compared = evaluate(project, EvaluationSettings(("linear-probe", "1-nn"), 10))
    plain = [one for one in compared.models if not one.refinement]
    best = max(plain, key=lambda one: one.validation_f2)
    wanted = recommended_model(project)
    assert wanted is not None
    assert (wanted.name, wanted.experiment) == (best.name, None)
    use_recommended(project, Silent())
    used = recommended_model(project)
    assert used is not None
    assert used.is_chosen
    assert used.f2 == pytest.approx(best.validation_f2)
    [made] = [
        one
        for one in experiments.list_experiments(project.catalog)
        if one.kind == "tuning" and one.state is ExperimentState.DONE
    ]
    assert made.id == used.experiment


@pytest.mark.usefixtures("few")
def test_another_preparation_makes_the_question_open_again(project: Project) -> None:
    tune_all(project, ONCE)
    prepare_clusters(project, seed=5)
    assert recommended_model(project) is None
