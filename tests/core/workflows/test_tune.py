"""Tuning as an experiment: what is stored, what a kill leaves, what is gone on with."""

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
from sklearn.metrics import fbeta_score

from core.catalog import experiments
from core.errors import Cancelled, ProjectError
from core.models.fine_tuning import TrainingState
from core.models.neighbor_search import NeighborSearch
from core.progress import Silent
from core.tuning.space import Parameters
from core.types import ExperimentState, Trial
from core.workflows.dataset import prepared_dataset
from core.workflows.experiments import list_experiments, list_trials
from core.workflows.fitted_models import materials_of
from core.workflows.model_files import model_path, read_model
from core.workflows.model_plans import PLANS, find_plan
from core.workflows.project import Project, open_project
from core.workflows.tune import Search, TuneSettings, tune

FEW = TuneSettings(Search.RANDOM, trials=6, seed=1)
KILLED = """
import os, signal, sys
from pathlib import Path
from core.workflows.project import open_project
from core.workflows.tune import Search, TuneSettings, tune

def kill_after_the_third(trial):
    if trial.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)

with open_project(Path(sys.argv[1])) as project:
    settings = TuneSettings(Search.RANDOM, trials=6, seed=1)
    tune(project, "neighbor-search", "", settings, on_trial=kill_after_the_third)
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_clusters(tmp_path) as made:
        prepare_clusters(made)
        yield made


def told(trials: list[Trial]) -> list[tuple[int, str, float]]:
    return [(one.number, one.parameters, one.value) for one in trials]


def test_an_experiment_keeps_all_that_is_needed_to_repeat_it(project: Project) -> None:
    noted: list[Trial] = []
    found = tune(project, "neighbor-search", "", FEW, on_trial=noted.append)
    kept = experiments.get_experiment(project.catalog, found.experiment)
    data = prepared_dataset(project)
    assert kept.state is ExperimentState.DONE
    assert (kept.kind, kept.model, kept.variant) == ("tuning", "neighbor-search", "as-is")
    assert json.loads(kept.settings) == {"search": "random", "trials": 6, "seed": 1}
    assert (kept.seed, kept.preparation) == (1, data.preparation)
    assert (kept.data_version, kept.encoder) == (data.version, data.encoder)
    assert told(experiments.list_trials(project.catalog, kept.id)) == told(noted)
    assert len(noted) == found.trials == 6
    assert json.loads(kept.result)["parameters"] == found.parameters


def test_the_result_is_the_best_trial_at_the_best_threshold(project: Project) -> None:
    found = tune(project, "neighbor-search", "", FEW)
    rows = list_trials(project, found.experiment)
    assert found.f2 == pytest.approx(max(row.value for row in rows))
    assert [row.best for row in rows] == np.maximum.accumulate([row.value for row in rows]).tolist()
    data = prepared_dataset(project)
    model = NeighborSearch(**found.parameters).fit(data.train.vectors, data.train.labels)
    confidences = model.predict_confidence(data.validation.vectors)
    truth = data.validation.truth
    reached = fbeta_score(truth, confidences >= found.threshold, beta=2, average="micro")
    assert reached == pytest.approx(found.f2)
    stored = read_model(model_path(project, found.experiment))
    predicted = confidences >= stored.class_thresholds
    assert fbeta_score(truth, predicted, beta=2, average="micro") == pytest.approx(
        found.class_thresholds_f2
    )
    calibrated = stored.calibration.calibrate(confidences) >= stored.calibrated_threshold
    assert fbeta_score(truth, calibrated, beta=2, average="micro") >= found.f2 - 0.05


def test_killed_in_the_middle_it_goes_on_with_the_same_trials(
    project: Project, tmp_path: Path
) -> None:
    whole = told(
        experiments.list_trials(
            project.catalog, tune(project, "neighbor-search", "", FEW).experiment
        )
    )
    other = tmp_path / "other"
    other.mkdir()
    with make_clusters(other) as killed:
        prepare_clusters(killed)
        folder = killed.folder
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    with open_project(folder) as again:
        [left] = experiments.list_experiments(again.catalog)
        assert left.state is ExperimentState.RUNNING
        before = experiments.list_trials(again.catalog, left.id)
        assert len(before) == 3
        measured: list[Trial] = []
        found = tune(again, "neighbor-search", "", FEW, on_trial=measured.append)
        assert found.experiment == left.id
        assert [one.number for one in measured] == [3, 4, 5]
        assert told([*before, *measured]) == whole
        assert experiments.get_experiment(again.catalog, left.id).state is ExperimentState.DONE


def test_cancelled_it_goes_on_and_finished_it_begins_anew(project: Project) -> None:
    class Stop(Silent):
        asked = 0

        def checkpoint(self) -> None:
            self.asked += 1
            if self.asked > 3:
                raise Cancelled

    with pytest.raises(Cancelled):
        tune(project, "neighbor-search", "", FEW, Stop())
    [stopped] = list_experiments(project)
    assert stopped.state is ExperimentState.CANCELLED
    assert stopped.trials == 3
    assert stopped.f2 is None
    first = tune(project, "neighbor-search", "", FEW)
    second = tune(project, "neighbor-search", "", FEW)
    assert first.experiment == stopped.id
    assert second.experiment != first.experiment
    assert second.f2 == first.f2


def test_other_labels_are_another_experiment(project: Project) -> None:
    with pytest.raises(KeyError):
        tune(project, "neighbor-search", "", FEW, on_trial=lambda _: {}["nothing"])
    [failed] = list_experiments(project)
    assert failed.state is ExperimentState.FAILED
    assert "nothing" in failed.error
    prepare_clusters(project, seed=5)
    again = tune(project, "neighbor-search", "", FEW)
    assert again.experiment != failed.id
    assert {row.id: row.is_stale for row in list_experiments(project)} == {
        failed.id: True,
        again.experiment: False,
    }


def test_a_training_goes_on_after_its_last_epoch(project: Project) -> None:
    """Stopped within a trial of fine-tuning: the epochs before are not trained again."""
    plan = find_plan("simple-neighbor-net", "prototypes-fine-tuned")
    parameters = {"epochs": 3, "batch_size": 32, "learning_rate": 1.0, "momentum": 0.5}

    class Notes:
        def __init__(self) -> None:
            self.states: list[TrainingState] = []

        def read(self, asked: Parameters) -> TrainingState | None:
            return self.states[-1] if self.states else None

        def write(self, asked: Parameters, state: TrainingState) -> None:
            self.states.append(state)
            if len(self.states) == 3:
                raise Cancelled

    data, notes = prepared_dataset(project), Notes()
    whole = plan.recipe.fit(materials_of(project, data), parameters, Silent())
    with pytest.raises(Cancelled):
        plan.recipe.fit(materials_of(project, data, notes), parameters, Silent())
    done = plan.recipe.fit(materials_of(project, data, notes), parameters, Silent())
    assert len(notes.states) == 4  # before training, and after each of three epochs
    np.testing.assert_allclose(done.references_, whole.references_)


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("1-nn", ""),
        ("linear-probe", ""),
        ("simple-neighbor-net", "prototypes"),
        ("class-wise-neighbor-net", ""),
        ("combined", ""),
    ],
)
def test_every_kind_of_model_can_be_tuned_and_read_again(
    project: Project, name: str, variant: str
) -> None:
    found = tune(project, name, variant, TuneSettings(Search.RANDOM, trials=2))
    assert 0.5 < found.f2 <= 1
    stored = read_model(model_path(project, found.experiment))
    data = prepared_dataset(project)
    plan = find_plan(name, variant)
    assert (stored.estimator is None) == plan.recipe.keeps_references
    if stored.estimator is not None:
        confidences = stored.estimator.predict_confidence(data.validation.vectors)
        reached = fbeta_score(
            data.validation.truth, confidences >= stored.threshold, beta=2, average="micro"
        )
        assert reached == pytest.approx(found.f2)


def test_a_grid_is_worked_off_and_the_gaussian_process_serves_too(project: Project) -> None:
    grid = tune(project, "simple-neighbor-net", "", TuneSettings(Search.GRID, trials=4))
    assert (
        len({row.parameters["temperature"] for row in list_trials(project, grid.experiment)}) == 4
    )
    found = tune(project, "simple-neighbor-net", "", TuneSettings(trials=13))
    first = list_trials(project, found.experiment)[0]
    assert first.parameters == {"temperature": 105.60}


def test_a_damaged_model_file_is_one_clear_sentence(project: Project) -> None:
    found = tune(project, "linear-probe", "", TuneSettings(Search.RANDOM, trials=1))
    path = model_path(project, found.experiment)
    sound = path.read_bytes()
    for damaged in (b"", sound[:100], sound[:-10], sound.replace(b"linear-probe", b"linear-prob!")):
        path.write_bytes(damaged)
        with pytest.raises(ProjectError, match="damaged"):
            read_model(path)
    path.unlink()
    with pytest.raises(ProjectError, match="missing"):
        read_model(path)


def test_what_cannot_be_tuned_says_what_can(project: Project) -> None:
    with pytest.raises(ProjectError, match="neighbor-search"):
        tune(project, "clever", "", FEW)
    with pytest.raises(ProjectError, match="prototypes-fine-tuned"):
        tune(project, "simple-neighbor-net", "clever", FEW)
    with pytest.raises(ProjectError, match="at least one trial"):
        TuneSettings(trials=0)


def test_only_one_program_tunes_a_model(project: Project) -> None:
    def again(_: Trial) -> None:
        with pytest.raises(ProjectError, match="another window or terminal"):
            tune(project, "neighbor-search", "", FEW)

    tune(project, "neighbor-search", "", TuneSettings(Search.RANDOM, trials=1), on_trial=again)


def test_names_of_plans_are_unique_and_their_defaults_lie_in_the_space() -> None:
    assert len({(plan.name, plan.variant) for plan in PLANS}) == len(PLANS)
    for plan in PLANS:
        for one in plan.recipe.space:
            assert one.low <= plan.recipe.defaults[one.name] <= one.high, (plan.title, one.name)
