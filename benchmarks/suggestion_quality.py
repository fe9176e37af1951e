"""How good the suggestions are on real photographs, through the same door as the window.

A table keeps the keywords of a seeded 70 % of the images; the project is made, imported and
encoded, and suggestions for the other 30 % are held against the truth:

    python -m benchmarks.suggestion_quality IMAGES TABLE ENCODER [--folder FOLDER] [--seed 0]

Prints micro F2, precision and recall of neighbor search and 1-NN, at the project's threshold and
at the one that is best on a fifth of the labeled images, each suggested for without itself.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.evaluation.metrics import confusion
from core.models.thresholds import best_threshold
from core.progress import Silent
from core.types import Confidences, ImageId, ImageSuggestions
from core.workflows import browse
from core.workflows.encode import encode_images
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import Project, create_project, open_project
from core.workflows.suggest import NEAREST_NEIGHBOR, NEIGHBOR_SEARCH, Suggester

KEPT = 0.7
VALIDATION = 0.2
AT_ONCE = 256

Keywords = Mapping[str, Sequence[str]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("images", type=Path)
    arguments.add_argument("table", type=Path, help="CSV: path, keywords joined by ;")
    arguments.add_argument("encoder")
    arguments.add_argument("--folder", type=Path, help="keeps the project for the next run")
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    truth = read_table(chosen.table)
    kept, asked = split(sorted(truth), chosen.seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        made = folder / f"seed-{chosen.seed}.clipkw"
        if not made.is_dir():
            make(made, chosen.images, {path: truth[path] for path in kept}, chosen.encoder)
        with open_project(made) as project:
            encode(project)
            measure(project, truth, kept, asked, chosen.seed)


def read_table(table: Path) -> Keywords:
    """Keywords by path. Names that differ in case only are one keyword, as in a project."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {row["path"]: row["keywords"].casefold().split(";") for row in rows}


def split(paths: Sequence[str], seed: int) -> tuple[list[str], list[str]]:
    order = np.random.default_rng(seed).permutation(len(paths))
    kept = round(KEPT * len(paths))
    return [paths[i] for i in order[:kept]], [paths[i] for i in order[kept:]]


def make(folder: Path, images: Path, keywords: Keywords, encoder: str) -> None:
    """Make a project that knows only these keywords."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    table = folder.with_suffix(".csv")
    with table.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["path", "keywords"])
        rows.writerows([path, ";".join(names)] for path, names in keywords.items())
    with create_project(folder, images, encoder) as project:
        found = import_images(project, Silent())
        taken = import_keywords(project, table, None, Silent())
        print(f"{found.added} images, {taken.matched} of {taken.rows} rows matched", flush=True)


def encode(project: Project) -> None:
    report = encode_images(project, Silent())
    if report.encoded:
        rate = report.encoded / report.seconds
        print(f"{report.encoded} encoded on {report.device}, {rate:.0f} per second", flush=True)


def measure(
    project: Project, truth: Keywords, kept: Sequence[str], asked: Sequence[str], seed: int
) -> None:
    columns = {name: c for c, name in enumerate(sorted({n for k in truth.values() for n in k}))}
    suggester = Suggester.load(project)
    validation = list(kept[: round(VALIDATION * len(kept))])
    print(
        f"seed {seed}: {suggester.references} references, {len(asked)} images asked, "
        f"{len(columns)} keywords; threshold tuned on {len(validation)} references"
    )
    given = project.settings.neighbor_search.threshold
    print(f"{'model':<16}{'threshold':>20}{'F2':>8}{'precision':>11}{'recall':>8}")
    for model in (NEIGHBOR_SEARCH, NEAREST_NEIGHBOR):
        tuning = confidences(suggester, project, validation, columns, model)
        tuned, _ = best_threshold(as_array(truth, validation, columns), tuning)
        found = confidences(suggester, project, asked, columns, model)
        wanted = as_array(truth, asked, columns)
        for kind, threshold in (("given", given), ("tuned", tuned)):
            pooled = confusion(wanted, found >= threshold).pooled()
            f2, precision, recall = (
                float(value[0])
                for value in (pooled.f_score(2), pooled.precision(), pooled.recall())
            )
            print(
                f"{model:<16}{kind:>12}{threshold:>8.4f}{f2:>8.3f}{precision:>11.3f}{recall:>8.3f}",
                flush=True,
            )


def as_array(
    truth: Keywords, paths: Sequence[str], columns: Mapping[str, int]
) -> NDArray[np.bool_]:
    wanted = np.zeros((len(paths), len(columns)), dtype=np.bool_)
    for row, path in enumerate(paths):
        wanted[row, [columns[name] for name in truth[path]]] = True
    return wanted


def confidences(
    suggester: Suggester,
    project: Project,
    paths: Sequence[str],
    columns: Mapping[str, int],
    model: str,
) -> Confidences:
    """What is suggested, as an array (n, C); an image never speaks for itself."""
    ids = [find(project, path) for path in paths]
    found = np.zeros((len(paths), len(columns)), dtype=np.float32)
    for start in range(0, len(ids), AT_ONCE):
        for row, one in enumerate(suggester.suggest(ids[start : start + AT_ONCE], model), start):
            fill(found[row], one, columns)
    return found


def find(project: Project, path: str) -> ImageId:
    image = browse.find_image(project, path)
    if image is None:
        raise SystemExit(f"{path} is in the table but not in the folder of images")
    return image.id


def fill(row: Confidences, found: ImageSuggestions, columns: Mapping[str, int]) -> None:
    for suggestion in found.suggestions:
        row[columns[suggestion.keyword.no.casefold()]] = suggestion.confidence


if __name__ == "__main__":
    main()
