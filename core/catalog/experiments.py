"""Experiments: what was tuned or evaluated, on which data, and what came of it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, update

from core.catalog.database import Catalog
from core.catalog.schema import experiments, trials
from core.errors import ProjectError
from core.types import Experiment, ExperimentId, ExperimentState, PreparationId, Trial

_COLUMNS = [experiments.c[field.name] for field in fields(Experiment)]
_TRIAL = [trials.c[field.name] for field in fields(Trial)]


def add_experiment(
    catalog: Catalog,
    *,
    kind: str,
    model: str,
    variant: str,
    settings: str,
    seed: int,
    preparation: PreparationId | None,
    data_version: str,
    encoder: str,
) -> ExperimentId:
    """Begin an experiment. ``settings`` is a JSON text."""
    row = {
        "kind": kind,
        "model": model,
        "variant": variant,
        "settings": settings,
        "seed": seed,
        "preparation": preparation,
        "data_version": data_version,
        "encoder": encoder,
        "state": ExperimentState.RUNNING,
        "result": "{}",
        "started": datetime.now(UTC),
    }
    with catalog.write() as connection:
        key = connection.execute(insert(experiments), row).inserted_primary_key
        assert key is not None
        return ExperimentId(key[0])


def finish_experiment(
    catalog: Catalog, experiment: ExperimentId, state: ExperimentState, result: str
) -> None:
    """Note how an experiment ended; ``result`` is a JSON text."""
    ended = {"state": state, "result": result, "finished": datetime.now(UTC)}
    with catalog.write() as connection:
        same = experiments.c.id == experiment
        connection.execute(update(experiments).where(same).values(**ended))


def resume_experiment(catalog: Catalog, experiment: ExperimentId) -> None:
    """Go on with an experiment that was stopped."""
    again = {"state": ExperimentState.RUNNING, "finished": None}
    with catalog.write() as connection:
        same = experiments.c.id == experiment
        connection.execute(update(experiments).where(same).values(**again))


def get_experiment(catalog: Catalog, wanted: ExperimentId) -> Experiment:
    """One experiment. Raises :class:`ProjectError` if there is none."""
    with catalog.read() as connection:
        row = connection.execute(select(*_COLUMNS).where(experiments.c.id == wanted)).first()
    if row is None:
        raise ProjectError(f"There is no experiment {wanted} in this project.")
    return Experiment(*row)


def list_experiments(catalog: Catalog) -> list[Experiment]:
    """Every experiment, newest first."""
    statement = select(*_COLUMNS).order_by(experiments.c.id.desc())
    with catalog.read() as connection:
        return [Experiment(*row) for row in connection.execute(statement)]


def add_trial(catalog: Catalog, experiment: ExperimentId, trial: Trial) -> None:
    """Note a trial; on the disk when this returns."""
    row = {field.name: getattr(trial, field.name) for field in fields(Trial)}
    with catalog.write() as connection:
        connection.execute(insert(trials), {"experiment": experiment, **row})


def list_trials(catalog: Catalog, experiment: ExperimentId) -> list[Trial]:
    """The trials of an experiment, in order."""
    statement = select(*_TRIAL).where(trials.c.experiment == experiment).order_by(trials.c.number)
    with catalog.read() as connection:
        return [Trial(*row) for row in connection.execute(statement)]


def count_trials(catalog: Catalog) -> dict[ExperimentId, int]:
    """How many trials each experiment has that has any."""
    statement = select(trials.c.experiment, func.count()).group_by(trials.c.experiment)
    with catalog.read() as connection:
        return {ExperimentId(one): count for one, count in connection.execute(statement)}
