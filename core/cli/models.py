"""``clipkw tune``, ``evaluate``, ``models`` and ``choose``: models from a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT
from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means
from core.tuning.stopping import MOST_TRIALS
from core.types import ExperimentId, ExperimentState
from core.workflows import tune as tuning
from core.workflows.active_model import choose_model
from core.workflows.evaluate import EvaluationSettings
from core.workflows.evaluate import evaluate as compare
from core.workflows.evaluation_record import Evaluation, evaluation_json
from core.workflows.evaluation_report import write_html
from core.workflows.evaluation_tables import write_json, write_tables
from core.workflows.experiments import ExperimentRow, list_experiments
from core.workflows.model_plans import PLANS, find_plan


def tune(
    project: ProjectFolder,
    model: Annotated[str, typer.Option(metavar="NAME", help="Such as neighbor-search.")],
    variant: Annotated[
        str, typer.Option(metavar="NAME", help="Such as fine-tuned; clipkw models lists them.")
    ] = "",
    trials: Annotated[int, typer.Option(min=1, help="At most so many.")] = MOST_TRIALS,
    search: Annotated[
        tuning.Search, typer.Option(help="How hyper-parameters are proposed.")
    ] = tuning.Search.GAUSSIAN_PROCESS,
    seed: Annotated[int, typer.Option(help="The same seed, the same trials.")] = 0,
) -> None:
    """Search a model's hyper-parameters; stopped at any moment, it goes on where it was."""
    settings = tuning.TuneSettings(search, trials, seed)
    find_plan(model, variant)
    with open_named(project) as opened:
        with progress("Tuning") as watched:
            found = tuning.tune(opened, model, variant, settings, watched)
        say(f"F2 on validation: {found.f2:.1%} at threshold {found.threshold:.4f}.")
        for name, value in found.parameters.items():
            say(f"  {name.replace('_', ' ')}: {value}")
        say(f"Experiment {found.experiment}, {found.trials} trials.")
        say(f"Use it for suggestions: clipkw choose {project} {found.experiment}")


def evaluate(
    project: ProjectFolder,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="Only this model; may be repeated."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write JSON; - for the terminal.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report as one HTML page.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write models, keywords, curves as CSV.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the intervals and the learning curve.")] = 0,
) -> None:
    """Compare all models on the test set, tuned ones as they were tuned."""
    settings = EvaluationSettings(tuple(models or ()), seed=seed)
    with open_named(project) as opened:
        remedy = "What was learnt is kept; run it again."
        with stopping_means(remedy), progress("Comparing models") as watched:
            found = compare(opened, settings, watched)
        if json_file is not None and json_file != STANDARD_OUTPUT:
            write_json(found, json_file)
        if html is not None:
            write_html(found, opened.folder.stem, html)
        if csv is not None:
            write_tables(found, csv)
        if json_file == STANDARD_OUTPUT:
            json.dump(evaluation_json(found), sys.stdout, ensure_ascii=False, indent=2)
            say("")
        else:
            _say_comparison(found)


def models(
    project: ProjectFolder,
    known: Annotated[bool, typer.Option("--known", help="List what can be tuned instead.")] = False,
) -> None:
    """List the experiments of a project; * marks the model that makes the suggestions."""
    if known:
        for plan in PLANS:
            say(f"{plan.name:<24} {plan.variant:<28} {plan.title}")
        return
    with open_named(project) as opened:
        rows = list_experiments(opened)
    for row in rows:
        say(_line(row))
    if not rows:
        say(f"Nothing was tuned yet: clipkw tune {project} --model neighbor-search")


def choose(
    project: ProjectFolder,
    experiment: Annotated[int, typer.Argument(help="Its number; 0: the model of the start.")],
) -> None:
    """Let a tuned model make the suggestions, here and in the window; undone by clipkw undo."""
    with open_named(project) as opened:
        choose_model(opened, ExperimentId(experiment) if experiment else None)
        chosen = next((row for row in list_experiments(opened) if row.is_chosen), None)
        say(f"Suggestions come from: {chosen.title if chosen else 'Neighbor search'}.")


def _say_comparison(found: Evaluation) -> None:
    test = found.test
    say(
        f"Test set: {test.images} images, {test.keywords} keywords, prevalence "
        f"{test.prevalence:.2%}, used {test.touched} times."
    )
    say(f"{'F2':>6}  {'95 % interval':<15} {'precision':>9} {'recall':>7}  model")
    best = set(found.best)
    for place, one in enumerate(found.models):
        bounds = one.intervals["micro.f2"]
        interval = f"{bounds.low:.1%} to {bounds.high:.1%}"
        mark = "*" if place in best else " "
        say(
            f"{one.micro.f2:6.1%}  {interval:<15} {one.micro.precision:>9.1%} "
            f"{one.micro.recall:>7.1%} {mark}{one.title}"
        )
    say("* the best variant of each model on validation")
    for note in found.notes:
        say(note)


def _line(row: ExperimentRow) -> str:
    mark = "*" if row.is_chosen else " "
    f2 = "      " if row.f2 is None else f"{row.f2:6.1%}"
    of = "validation" if row.kind == "tuning" else "test"
    state = "" if row.state is ExperimentState.DONE else f", {row.state}"
    stale = ", data has changed since" if row.is_stale else ""
    trials = f", {row.trials} trials" if row.trials else ""
    variant = f" {row.variant}" if row.variant else ""
    error = f": {row.error}" if row.error else ""
    return (
        f"{mark}{row.id:>4}  {f2} {of:<10}  {row.title} ({row.name or 'all'}{variant}"
        f"{trials}{state}{stale}){error}"
    )
