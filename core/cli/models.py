"""``clipkw tune``, ``evaluate``, ``models`` and ``choose``: models from a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.cli.json_output import STANDARD_OUTPUT, JsonFile
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
from core.workflows.project import Project
from core.workflows.recommendation import recommended_model, use_recommended
from core.workflows.tune_all import tune_all

ALL = "all"
RECOMMENDED = "recommended"


def tune(
    project: ProjectFolder,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="Such as neighbor-search; all: one after another.")
    ],
    variant: Annotated[
        str, typer.Option(metavar="NAME", help="Such as fine-tuned; clipkw models lists them.")
    ] = "",
    trials: Annotated[int, typer.Option(min=1, help="At most so many.")] = MOST_TRIALS,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Take the best found in this time.")
    ] = None,
    search: Annotated[
        tuning.Search, typer.Option(help="How hyper-parameters are proposed.")
    ] = tuning.Search.GAUSSIAN_PROCESS,
    seed: Annotated[int, typer.Option(help="The same seed, the same trials.")] = 0,
) -> None:
    """Search a model's hyper-parameters; stopped at any moment, it goes on where it was."""
    settings = tuning.TuneSettings(search, trials, seed)
    seconds = None if minutes is None else 60 * minutes
    if model == ALL and not variant:
        _tune_all(project, settings, seconds)
        return
    find_plan(model, variant)
    with open_named(project) as opened:
        with progress("Tuning") as watched:
            found = tuning.tune(opened, model, variant, settings, watched, seconds=seconds)
        say(f"F2 on validation: {found.f2:.1%} at threshold {found.threshold:.4f}.")
        for name, value in found.parameters.items():
            say(f"  {name.replace('_', ' ')}: {value}")
        say(f"Experiment {found.experiment}, {found.trials} trials.")
        if not found.is_complete:
            say("The time was over before the search was; the same command goes on with it.")
        say(f"Use it for suggestions: clipkw choose {project} {found.experiment}")


def _tune_all(project: Path, settings: tuning.TuneSettings, seconds: float | None) -> None:
    with open_named(project) as opened:
        remedy = "What was found is kept; the same command goes on."
        with stopping_means(remedy), progress("Tuning all models") as watched:
            found = tune_all(opened, settings, seconds, watched, _say_tuned)
        if found.known:
            say(f"Tuned before: {', '.join(found.known)}.")
        for reason in found.left_out:
            say(reason)
        _say_recommended(opened)


def _say_tuned(one: tuning.TunedModel) -> None:
    ended = "" if one.is_complete else ", time over"
    title = find_plan(one.name, one.variant).title
    say(f"{one.f2:6.1%}  {title} (experiment {one.experiment}, {one.trials} trials{ended})")


def evaluate(
    project: ProjectFolder,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="Only this model; may be repeated."),
    ] = None,
    json_file: JsonFile = None,
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
            _say_recommended(opened)


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
    experiment: Annotated[
        str, typer.Argument(help="Its number; recommended; 0: the model of the start.")
    ],
) -> None:
    """Let a tuned model make the suggestions, here and in the window; undone by clipkw undo."""
    number = None if experiment == RECOMMENDED else _number(experiment)
    with open_named(project) as opened:
        if number is None:
            with progress("Making the recommended model") as watched:
                use_recommended(opened, watched)
        else:
            choose_model(opened, ExperimentId(number) if number else None)
        chosen = next((row for row in list_experiments(opened) if row.is_chosen), None)
        say(f"Suggestions come from: {chosen.title if chosen else 'Neighbor search'}.")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise typer.BadParameter(f"{text} is neither a number nor {RECOMMENDED}.")
    return int(text)


def _say_recommended(project: Project) -> None:
    found = recommended_model(project)
    if found is None:
        return
    best = f"{found.title}, best on validation (F2 {found.f2:.1%})"
    if found.is_chosen:
        say(f"Recommended: {best}; it makes the suggestions.")
    else:
        say(f"Recommended: {best}. Use it: clipkw choose {project.folder} {RECOMMENDED}")


def _say_comparison(found: Evaluation) -> None:
    test = found.test
    times = "once" if test.touched == 1 else f"{test.touched} times"
    say(
        f"Test set: {test.images} images, {test.keywords} keywords, prevalence "
        f"{test.prevalence:.2%}, used {times}."
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
