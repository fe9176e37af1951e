"""The report of a preparation: counts at each step and Figures 3.2 to 3.4 of the thesis."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalog import choices, decisions, keywords, preparations
from core.errors import ProjectError, StorageError
from core.prepare.assumption import Assumption
from core.reporting.csv_table import write_csv
from core.reporting.figures import Axis, bar_plot, column_plot, line_plot
from core.reporting.figures import Line as PlotLine
from core.reporting.page import Section, Table, write_page
from core.types import Keyword, KeywordId, PreparationId
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import stored_assumption
from core.workflows.project import Project
from core.workflows.records import reading

MOST_COMMON = 45
MOST_RARE = 200
MOST_KEYWORDS = 10
REPORTS_FOLDER = "reports"
PAGE_FILE, KEYWORDS_FILE, STEPS_FILE = "preparation.html", "keywords.csv", "steps.csv"
PER_IMAGE_FILE = "keywords_per_image.csv"

_STEPS = (
    ("unlabeled", "images without a keyword, which are not used"),
    ("labeled", "images with a keyword"),
    ("compared", "of these encoded, and compared with each other"),
    ("groups", "groups of duplicates"),
    ("removed", "duplicates left out"),
    ("copies", "keywords passed on from them"),
    ("without_keyword", "images left with rare or corrupt keywords only"),
    ("training", "training set"),
    ("validation", "validation set"),
    ("test", "test set"),
    ("keywords", "keywords that models learn"),
)


def keep_report(project: Project) -> Path:
    """Write the report of the chosen preparation into the project's folder; the path of its page.

    Raises as :func:`write_report` does.
    """
    chosen = choices.chosen(project.catalog, choices.PREPARATION)
    return write_report(project, project.folder / REPORTS_FOLDER / f"preparation-{chosen}")


def write_report(project: Project, folder: Path) -> Path:
    """Write the report of the chosen preparation to ``folder``; the path of its page.

    Raises :class:`ProjectError` when nothing is prepared and :class:`StorageError` when the folder
    cannot be written.
    """
    with reading("Which preparation is in use", "Prepare the archive again."):
        chosen = choices.chosen_row(project.catalog, choices.PREPARATION)
    if chosen is None:
        raise ProjectError(
            "The archive is not prepared yet.", f"Run: clipkw prepare {project.folder}"
        )
    made = preparations.get_preparation(project.catalog, PreparationId(chosen))
    with reading(f"Preparation {chosen}", "Prepare the archive again."):
        counts = json.loads(made.report)
        steps = [(text, int(counts[key])) for key, text in _STEPS]
        settings = PreparationSettings(**json.loads(made.settings))
        about = _about_thresholds(counts, stored_assumption(counts, settings))
        not_learned = _not_learned(
            [str(name) for name in counts["rare"]],
            [(str(name), str(why)) for name, why in counts["corrupt"]],
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror or error}.") from error
    names, images_of = _images_of_keywords(project)
    learnt = set(made.vocabulary)
    write_csv(
        folder / KEYWORDS_FILE,
        ("keyword", "english", "images", "learnt by models"),
        [
            (name.no, name.en or "", int(count), "yes" if name.id in learnt else "no")
            for name, count in zip(names, images_of, strict=True)
        ],
    )
    write_csv(folder / STEPS_FILE, ("step", "images"), steps)
    owners, _ = decisions.positive_labels(project.catalog)
    amounts, images = np.unique(np.unique(owners, return_counts=True)[1], return_counts=True)
    per_image = list(zip(amounts.tolist(), images.tolist(), strict=True))
    write_csv(folder / PER_IMAGE_FILE, ("keywords", "images"), per_image)
    page = folder / PAGE_FILE
    title = f"Preparation of {project.folder.stem}"
    note = f"Preparation {chosen}, seed {made.seed}, encoder {made.encoder[:12]}"
    sections = [
        Section("Steps", about, (Table(("Step", "Images"), steps),)),
        _images_per_keyword(names, images_of),
        _keywords_per_image(per_image),
        not_learned,
    ]
    write_page(page, title, note, sections)
    return page


def _about_thresholds(counts: dict[str, Any], assumption: Assumption | None) -> tuple[str, ...]:
    """From which similarity on images were left out, and how that was decided."""
    limits = (
        "Left out are files of the same content and images that are at least "
        f"{counts['lower_threshold']:.4f} similar; from {counts['upper_threshold']:.4f} on they "
        "are certain duplicates, and pass their keywords on."
    )
    if counts["answers"]:
        source = f"The thresholds follow from {counts['answers']} answers about pairs of images."
    elif assumption is None:
        source = "The thresholds were given."
    else:
        source = _about_assumption(assumption)
    return limits, source


def _about_assumption(made: Assumption) -> str:
    if not made.is_measured:
        return (
            "No pair was answered, and nothing could be measured: thresholds were assumed that do "
            "for many encoders."
        )
    return (
        "No pair was answered: the thresholds were assumed by what the encoder makes of this "
        f"archive. Of {made.altered} copies of its own images that were slightly cropped, scaled "
        f"or compressed, {made.altered_found:.0%} are that similar to their originals. Of "
        f"{made.images} images, {made.matched:.1%} have one of other content that is that similar; "
        f"without any copy it would be {made.by_chance:.1%}."
    )


def _images_of_keywords(project: Project) -> tuple[list[Keyword], NDArray[np.int64]]:
    """Every keyword in use, the most frequent first, and its number of images."""
    _, words = decisions.positive_labels(project.catalog)
    counts = np.bincount(words) if len(words) else np.zeros(0, dtype=np.int64)
    known = {one.id: one for one in keywords.all_keywords(project.catalog)}
    used = [known[KeywordId(one)] for one in np.flatnonzero(counts).tolist()]
    used.sort(key=lambda keyword: (-counts[keyword.id], keyword.no))
    return used, counts[[keyword.id for keyword in used]]


def _images_per_keyword(names: list[Keyword], images_of: NDArray[np.int64]) -> Section:
    common = slice(0, MOST_COMMON)
    most_common = bar_plot(
        [one.no for one in names[common]],
        images_of[common].tolist(),
        "Images",
        (7, 0.6 + 0.2 * len(names[common])),
    )
    every = line_plot(
        [PlotLine("", range(1, len(names) + 1), images_of.tolist())],
        Axis("Keywords, the most common first"),
        Axis("Images", logarithmic=len(names) > 0),
    )
    said = f"The {len(names[common])} most common keywords (Figure 3.2 of the thesis)."
    return Section(
        "Images per keyword",
        figures=((most_common, said), (every, "Images of every keyword (Figure 3.3).")),
    )


def _keywords_per_image(per_image: list[tuple[int, int]]) -> Section:
    columns = [0] * MOST_KEYWORDS
    for amount, images in per_image:
        columns[min(amount, MOST_KEYWORDS) - 1] += images
    drawn = column_plot(
        range(1, MOST_KEYWORDS + 1),
        columns,
        Axis(f"Keywords, {MOST_KEYWORDS} or more in the last column"),
        Axis("Images"),
    )
    said = "Images by their number of keywords (Figure 3.4)."
    return Section("Keywords per image", figures=((drawn, said),))


def _not_learned(rare: list[str], corrupt: list[tuple[str, str]]) -> Section:
    return Section(
        "Keywords that models do not learn",
        (f"{len(rare)} on too few images of the training set; {len(corrupt)} corrupt.",),
        (
            Table(("Corrupt keyword", "What it is"), corrupt),
            Table(("Rare keyword",), [(name,) for name in rare[:MOST_RARE]]),
        ),
    )
