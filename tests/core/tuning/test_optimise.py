import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled
from core.progress import Silent
from core.tuning.optimise import best_trial, optimise
from core.tuning.space import Parameters, Real, Whole, grid_points
from core.tuning.stopping import is_settled
from core.types import Trial

SPACE = (Real("temperature", 1, 300, log=True), Real("difference", 0, 8), Whole("neighbors", 1, 50))


def bowl(parameters: Parameters) -> float:
    away = math.log(parameters["temperature"] / 70) ** 2 + (parameters["difference"] - 5) ** 2 / 4
    return 1 - 0.1 * away - 0.002 * abs(parameters["neighbors"] - 36)


def search(method: str, trials: int, done: Sequence[Trial] = (), seed: int = 3) -> list[Trial]:
    noted = list(done)
    optimise(SPACE, bowl, method=method, trials=trials, seed=seed, done=done, on_trial=noted.append)
    return noted


def places(trials: Sequence[Trial]) -> list[tuple[int, str, float]]:
    return [(trial.number, trial.parameters, trial.value) for trial in trials]


def test_the_gaussian_process_finds_the_top_of_a_bowl_where_chance_does_not() -> None:
    bayesian, random = search("bayesian", 40), search("random", 40)
    assert places(bayesian[:10]) == places(random[:10])
    assert best_trial(bayesian).value > 0.98
    assert best_trial(bayesian).value > best_trial(random).value + 0.01


@pytest.mark.parametrize("method", ["bayesian", "random", "grid"])
def test_a_search_that_was_interrupted_makes_the_trials_it_would_have_made(method: str) -> None:
    whole = search(method, 16)
    assert places(search(method, 16, done=whole[:12])) == places(whole)


@pytest.mark.parametrize("method", ["bayesian", "random", "grid"])
def test_every_trial_lies_in_the_space(method: str) -> None:
    for trial in search(method, 14):
        found = json.loads(trial.parameters)
        assert 1 <= found["temperature"] <= 300
        assert 0 <= found["difference"] <= 8
        assert type(found["neighbors"]) is int
        assert 1 <= found["neighbors"] <= 50


def test_it_stops_when_the_ten_best_are_alike_and_not_before() -> None:
    noted: list[Trial] = []
    optimise(SPACE, lambda _: 0.5, method="random", trials=100, on_trial=noted.append)
    assert len(noted) == 10


def test_an_empty_space_is_measured_once() -> None:
    noted: list[Trial] = []
    best = optimise((), lambda _: 0.5, trials=100, on_trial=noted.append)
    assert [best] == noted
    assert best.parameters == "{}"


def test_cancelling_keeps_the_trials_that_are_done() -> None:
    class Impatient(Silent):
        def checkpoint(self) -> None:
            if len(noted) == 3:
                raise Cancelled

    noted: list[Trial] = []
    with pytest.raises(Cancelled):
        optimise(SPACE, bowl, method="random", on_trial=noted.append, progress=Impatient())
    assert [trial.number for trial in noted] == [0, 1, 2]


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="nan"):
        optimise(SPACE, lambda _: math.nan, trials=3)


# The ten best of eleven span 0.09 or 0.11 points.
@pytest.mark.parametrize(("lowest", "settled"), [(0.4991, True), (0.4989, False)])
def test_settled_by_hand(lowest: float, settled: bool) -> None:
    assert is_settled([0.1, lowest, *[0.5] * 9]) is settled
    assert not is_settled([0.5] * 9)


@given(st.integers(1, 400))
def test_a_grid_has_as_many_points_as_allowed(most: int) -> None:
    points = grid_points(SPACE, most)
    assert 1 <= len(points) <= most
    assert len({json.dumps(point) for point in points}) == len(points)
    per_dimension = math.floor(round(most ** (1 / 3), 9))
    assert len(points) >= min(per_dimension, 50) * per_dimension**2


def test_a_grid_by_hand() -> None:
    grid = grid_points((Real("a", 0, 1), Whole("b", 1, 2)), 6)
    assert grid == [{"a": a, "b": b} for a in (0.0, 0.5, 1.0) for b in (1, 2)]


KILLED = """
import os, signal, sys
from core.tuning.optimise import optimise
from tests.core.tuning.test_optimise import SPACE, bowl

with open(sys.argv[1], "a") as notes:
    def note(trial):
        notes.write(f"{trial.number} {trial.value!r} {trial.seconds!r} {trial.parameters}\\n")
        notes.flush()
        if trial.number == 11:
            os.kill(os.getpid(), signal.SIGKILL)
    optimise(SPACE, bowl, trials=16, seed=3, on_trial=note)
"""


def test_a_killed_search_loses_the_running_trial_at_most(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    root = Path(__file__).resolve().parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, notes], cwd=root, env=os.environ, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    done = []
    for line in notes.read_text().splitlines():
        number, value, seconds, parameters = line.split(" ", 3)
        done.append(Trial(int(number), parameters, float(value), float(seconds)))
    assert len(done) == 12
    assert places(search("bayesian", 16, done=done)) == places(search("bayesian", 16))


def test_known_parameters_are_the_first_trial_and_ten_random_ones_follow() -> None:
    known = {"temperature": 70.0, "difference": 5.0, "neighbors": 36}

    def tried(method: str, count: int) -> list[Parameters]:
        noted: list[Trial] = []
        optimise(
            SPACE, bowl, method=method, trials=count, seed=3, known=known, on_trial=noted.append
        )
        return [json.loads(trial.parameters) for trial in noted]

    bayesian, random = tried("bayesian", 12), tried("random", 12)
    assert bayesian[0] == known
    assert known not in bayesian[1:11]
    assert bayesian[:11] == random[:11]
    assert bayesian[11] != random[11]
    assert known not in tried("grid", 12)
