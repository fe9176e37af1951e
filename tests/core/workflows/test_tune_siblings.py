"""Fine-tuning starts from its tuned sibling (thesis 4.2), survives kill -9, and ends in time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from clusters import make_clusters, prepare_clusters

from core.catalog import experiments
from core.errors import Cancelled
from core.models.fine_tuning import FineTuning
from core.progress import Silent
from core.types import ExperimentState, Trial
from core.workflows import tune as tuning
from core.workflows.dataset import prepared_dataset
from core.workflows.fitted_models import fitted_model, materials_of
from core.workflows.model_files import model_path, read_model
from core.workflows.model_plans import PLANS, find_plan
from core.workflows.project import Project, open_project
from core.workflows.recipes import FineTuned
from core.workflows.tune import Search, TuneSettings, tune

NET, TUNED = "simple-neighbor-net", "prototypes-fine-tuned"
ONCE = TuneSettings(Search.RANDOM, trials=1)
KILLED = """
import os, signal, sys
from pathlib import Path
from core.progress import Silent
from core.workflows.project import open_project
from core.workflows.tune import Search, TuneSettings, tune

class KillInTheSecondEpoch(Silent):
    def report(self, done, total, note=""):
        if "epoch 3 of" in note:
            os.kill(os.getpid(), signal.SIGKILL)

from core.workflows import recipes
recipes.OnlyStopping.report = KillInTheSecondEpoch.report
with open_project(Path(sys.argv[1])) as project:
    settings = TuneSettings(Search.RANDOM, trials=1)
    tune(project, "simple-neighbor-net", "prototypes-fine-tuned", settings)
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_clusters(tmp_path) as made:
        prepare_clusters(made)
        yield made


def test_only_fine_tuned_plans_have_a_sibling_and_they_search_other_settings() -> None:
    with_sibling = [plan for plan in PLANS if plan.sibling]
    assert {plan.variant for plan in with_sibling} >= {"fine-tuned", "prototypes-fine-tuned"}
    for plan in with_sibling:
        sibling = find_plan(plan.name, plan.sibling)
        assert isinstance(plan.recipe, FineTuned)
        assert not isinstance(sibling.recipe, FineTuned)
        searched = {one.name for one in plan.recipe.space}
        assert "temperature" not in searched  # it is trained
        assert "temperature" in {one.name for one in sibling.recipe.space}
    for plan in PLANS:  # where it is not trained, it is a hyper-parameter
        if isinstance(plan.recipe, FineTuned) and not plan.sibling:
            assert "temperature" in {one.name for one in plan.recipe.space}


def test_it_starts_from_the_tuned_temperature(project: Project) -> None:
    sibling = tune(project, NET, "prototypes", TuneSettings(Search.RANDOM, trials=8, seed=3))
    temperature = sibling.parameters["temperature"]
    assert temperature != find_plan(NET, "prototypes").recipe.defaults["temperature"]
    found = tune(project, NET, TUNED, ONCE)
    assert found.parameters["temperature"] == temperature
    assert found.f2 >= sibling.f2  # before its first epoch it is its sibling
    kept = experiments.get_experiment(project.catalog, found.experiment)
    assert json.loads(kept.settings)["start"] == {"temperature": temperature}


def test_untuned_it_starts_from_there_too(project: Project) -> None:
    sibling = tune(project, NET, "prototypes", TuneSettings(Search.RANDOM, trials=8, seed=3))
    data = prepared_dataset(project)
    model = fitted_model(project, materials_of(project, data), find_plan(NET, TUNED), Silent())
    assert model.experiment is None
    assert model.parameters["temperature"] == sibling.parameters["temperature"]


def test_a_sibling_that_nobody_has_tuned_is_tuned_first(project: Project) -> None:
    tune(project, NET, TUNED, ONCE)
    rows = experiments.list_experiments(project.catalog)
    assert [(row.variant, row.state) for row in rows] == [
        (TUNED, ExperimentState.DONE),
        ("prototypes", ExperimentState.DONE),
    ]


def test_another_start_is_another_experiment(project: Project) -> None:
    def stop(_: Trial) -> None:
        raise Cancelled

    for seed in (3, 4):
        tune(project, NET, "prototypes", TuneSettings(Search.RANDOM, trials=8, seed=seed))
        with pytest.raises(Cancelled):
            tune(project, NET, TUNED, ONCE, on_trial=stop)
    stopped = [one for one in experiments.list_experiments(project.catalog) if one.variant == TUNED]
    assert len(stopped) == 2


def test_killed_within_a_training_the_finished_epochs_are_not_trained_again(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tune(project, NET, TUNED, ONCE)
    other = tmp_path / "other"
    other.mkdir()
    with make_clusters(other) as killed:
        prepare_clusters(killed)
        folder = killed.folder
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    resumed: list[int] = []
    training = FineTuning.train

    def watch(self: FineTuning, *given: object, **named: object) -> object:
        state = named["resume"]
        resumed.append(0 if state is None else len(state.history) - 1)  # type: ignore[attr-defined]
        return training(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(FineTuning, "train", watch)
    with open_project(folder) as again:
        found = tune(again, NET, TUNED, ONCE)
        assert resumed[0] == 2  # the third was running
        assert resumed[-1] >= 3  # the best trial is not trained a second time
        assert found.f2 == pytest.approx(whole.f2)
        stored = read_model(model_path(again, found.experiment))
        assert stored.threshold == pytest.approx(whole.threshold, abs=1e-6)
        left = [path.name for path in model_path(again, found.experiment).parent.iterdir()]
        assert not [name for name in left if "training" in name]


def test_when_the_time_is_over_the_best_trial_counts_and_later_it_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = TuneSettings(Search.RANDOM, trials=6, seed=1)
    short = tune(project, "neighbor-search", "", settings, seconds=0)
    assert (short.trials, short.is_complete) == (1, False)
    assert (
        tuning.complete_tuning(
            project, find_plan("neighbor-search"), settings, prepared_dataset(project)
        )
        is None
    )
    measured: list[Trial] = []
    more = tune(project, "neighbor-search", "", settings, on_trial=measured.append, seconds=1000)
    assert (more.trials, more.is_complete) == (6, True)
    assert [one.number for one in measured] == [1, 2, 3, 4, 5]
    assert more.experiment != short.experiment


def test_what_is_not_bettered_is_not_trained_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tune(project, NET, TUNED, TuneSettings(Search.RANDOM, trials=9), seconds=0)
    assert not short.is_complete

    def train(*_: object, **__: object) -> object:
        raise AssertionError("trained again")

    monkeypatch.setattr(FineTuning, "train", train)
    again = tune(project, NET, TUNED, TuneSettings(Search.RANDOM, trials=9), seconds=0)
    assert (again.f2, again.threshold, again.trials) == (short.f2, short.threshold, 1)
    first, second = (
        read_model(model_path(project, one.experiment)).estimator for one in (short, again)
    )
    assert np.array_equal(first.references_, second.references_)  # type: ignore[union-attr]


def test_a_model_of_before_stays_as_it_was(project: Project) -> None:
    settings = TuneSettings(Search.RANDOM, trials=6, seed=1)
    short = tune(project, "neighbor-search", "", settings, seconds=0)
    tune(project, "neighbor-search", "", settings, seconds=1000)
    assert read_model(model_path(project, short.experiment)).threshold == short.threshold
