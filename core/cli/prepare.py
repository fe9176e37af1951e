"""``clipkw prepare``: duplicates, vocabulary and split of an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.project import ProjectFolder, open_named
from core.cli.terminal import progress, say, stopping_means, tell
from core.prepare.split import PROPORTIONS
from core.prepare.thresholds import LOWER_PROBABILITY
from core.prepare.vocabulary import MINIMUM_IMAGES
from core.workflows import prepare as workflow
from core.workflows.preparation_report import write_report
from core.workflows.preparation_settings import PreparationSettings


def prepare(
    project: ProjectFolder,
    seed: Annotated[int, typer.Option(help="Of the split; the same seed, the same split.")] = 0,
    minimum_images: Annotated[
        int, typer.Option(min=1, help="Fewest training images of a keyword that models learn.")
    ] = MINIMUM_IMAGES,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="CSV of two paths and yes or no: duplicates?"),
    ] = None,
    lower: Annotated[
        float | None, typer.Option(help="Similarity from which images are suspected duplicates.")
    ] = None,
    upper: Annotated[
        float | None, typer.Option(help="Similarity from which they are certain ones.")
    ] = None,
    probability: Annotated[
        float, typer.Option(help="Images that are duplicates with at least this one are left out.")
    ] = LOWER_PROBABILITY,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write an HTML page and CSV tables.")
    ] = None,
) -> None:
    """Find duplicates, choose the keywords that models learn, split into three sets."""
    settings = PreparationSettings(
        lower, upper, minimum_images, seed, *PROPORTIONS[:2], probability
    )
    with open_named(project) as opened:
        if answers is not None:
            say(f"{workflow.import_answers(opened, answers)} answers about pairs taken.")
        with stopping_means("Run it again."), progress("Comparing images") as watched:
            made = workflow.prepare(opened, settings, watched)
        say(
            f"Duplicates: {made.removed} of {made.compared} images left out "
            f"in {made.groups} groups, {made.copies} keywords passed on "
            f"(thresholds {made.lower_threshold:.4f} and {made.upper_threshold:.4f}, "
            f"{_source(made)})."
        )
        say(
            f"Sets: {made.training} training, {made.validation} validation, {made.test} test "
            f"images; {made.without_keyword} have no keyword that models learn."
        )
        say(
            f"Keywords: {made.keywords} learnt, {len(made.rare)} rare, {len(made.corrupt)} corrupt."
        )
        if not made.keywords:
            tell(
                f"No keyword is on {minimum_images} images of the training set. "
                "Choose a lower --minimum-images."
            )
        if report is not None:
            say(f"Report: {write_report(opened, report)}")


def _source(made: workflow.PreparationReport) -> str:
    if made.answers:
        return f"{made.answers} answers"
    if made.assumption is None:
        return "as given"
    return "assumed for this encoder" if made.assumption.is_measured else "assumed"
