"""Keys and clicks that keyword an archive, by suggestions and by typing alone.

    python -m benchmarks.labeling_clicks PROJECT [--scenes tuned archive shuffled] [--count N]
        [--truth TABLE]

The project must be encoded, prepared and tuned, and its keywords right and complete: they are the
truth, unless a CSV (path, keywords joined by ;) knows it, as that of a drawn archive. In a copy of
it an analyst who makes no mistakes keywords images on the Label page, one after the other, until
each has exactly its keywords. Every image that is done is a reference for the next one; the
vocabulary is known from the start. Three scenes:

- *tuned*: training and validation images are labeled, and the model that the program recommends
  has learnt from them; the images of the test set are to be keyworded, in the order of their paths;
- *archive*: no image has a keyword, and neighbor search makes the suggestions with the settings of
  the start; all images, in the order of their paths, in which those of one subject often follow
  each other;
- *shuffled*: the same in an order drawn by ``--seed``, in which nothing helps but likeness.

A key is one, a click is one, a shortcut with Shift is one; the record also tells the sum if Shift
is a key of its own. The page shows suggestions as its model does (SuggestionModel), the first nine
with a digit. So

- a right suggestion is accepted by its digit, or by a click where it has none: 1;
- a wrong one is rejected by Shift and its digit: 1; where it has none, by a click for the menu and
  one in it: 2;
- a right one below the threshold that stands beyond the first 15 rows, which a window of 1 900 x
  1 000 shows, wants a turn of the wheel before: 1 an image;
- a keyword that is not shown is typed: K, its letters, Return;
- the image is left by Space, which keeps what was accepted: 1; or by A, which accepts all above the
  threshold that was not rejected: 1. The analyst takes the way of fewer keys, A if both take the
  same.

Letters: the beginning of the Norwegian name, as far as it takes for the completion to show the
keyword, then Down for every row above it, whichever sum is least; capitals count as small letters.

Typing alone is counted in its favour: letters and Return for each keyword, without K, and one key
to go on. Looking and thinking are not counted on either side.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.record import Figure, Record
from clipkw_gui.models.keywords import KeywordIndex
from clipkw_gui.models.suggestions import KEYS, SuggestionModel
from core.progress import Silent
from core.types import (
    POSITIVE_VERDICTS,
    Decision,
    ImageId,
    ImageQuery,
    ImageSuggestions,
    Keyword,
    KeywordId,
    Label,
    Verdict,
)
from core.workflows import browse, label
from core.workflows.active_model import choose_model
from core.workflows.dataset import prepared_dataset
from core.workflows.project import Project, open_project
from core.workflows.recommendation import use_recommended
from core.workflows.suggest import Suggester
from core.workflows.vectors import ImageVectors

ROWS = 7
"""Of the completion."""
IN_SIGHT = 15
TIMES = 3.0
SCENES = ("tuned", "archive", "shuffled")

Truth = Mapping[ImageId, frozenset[KeywordId]]


@dataclass(frozen=True, slots=True)
class Keys:
    """What an image takes by suggestions, also with Shift as a key, and by typing alone.

    Of its keywords ``by_typing`` were not shown; ``wrong`` ones were above the threshold.
    """

    ours: int
    with_shift: int
    typed: int
    by_typing: int
    wrong: int


class Typing:
    """How many keys the completion of the Label page wants for a keyword, Return included."""

    def __init__(self, keywords: Sequence[Keyword]) -> None:
        self._index = KeywordIndex(keywords)
        self._keys = {one.id: self._fewest(one) for one in keywords}

    def keys(self, keyword: KeywordId) -> int:
        return self._keys[keyword]

    def _fewest(self, keyword: Keyword) -> int:
        beginnings = (keyword.no[:letters] for letters in range(1, len(keyword.no) + 1))
        return min(len(text) + row for text in beginnings for row in self._rows(text, keyword)) + 1

    def _rows(self, text: str, keyword: Keyword) -> list[int]:
        """Where the completion of a text shows the keyword, if it does."""
        found = [one.id for one, _ in self._index.search(text, ROWS)]
        return [row for row, one in enumerate(found) if one == keyword.id]


class Page:
    """What the Label page shows for an image, and what an analyst does about it."""

    def __init__(self, shown: ImageSuggestions, truth: Collection[KeywordId]) -> None:
        model = SuggestionModel()
        model.set_suggestions(shown, {})
        rows = map(model.suggestion_at, range(model.rowCount()))
        shown_in_order = [row.keyword.id for row in rows if row is not None]
        self.truth = set(truth)
        self.shown = set(shown_in_order)
        self.above = {one.keyword.id for one in model.above_threshold()}
        digits = map(model.suggestion, range(1, KEYS + 1))
        numbered = {one.keyword.id for one in digits if one is not None}
        self.wrong = self.above - self.truth
        rejection = len(self.wrong) + len(self.wrong - numbered)
        right = len(self.above & self.truth)
        self.takes_all = rejection <= right
        self._above = min(rejection, right)
        beyond = set(shown_in_order[IN_SIGHT:]) - self.above
        self._scrolls = bool(beyond & self.truth)
        self._above_with_shift = min(2 * len(self.wrong), right)

    def keys(self, typing: Typing) -> Keys:
        below = (self.shown - self.above) & self.truth
        missing = self.truth - self.shown
        rest = 1 + self._scrolls + len(below) + sum(1 + typing.keys(one) for one in missing)
        return Keys(
            rest + self._above,
            rest + self._above_with_shift,
            1 + sum(typing.keys(one) for one in self.truth),
            len(missing),
            len(self.wrong),
        )

    def decisions(self, image: ImageId) -> list[Decision]:
        rejected = self.wrong if self.takes_all else set()
        return [
            *(Decision(image, one, Verdict.ACCEPTED) for one in sorted(self.truth)),
            *(Decision(image, one, Verdict.REJECTED) for one in sorted(rejected)),
        ]


def truth_of(project: Project, table: Path | None) -> Truth:
    """The keywords of every image that has a vector and any keyword."""
    vectors = ImageVectors.read(project)
    encoded = set() if vectors is None else set(vectors.images.tolist())
    found = read_truth(project, table) if table else positive_labels(project)
    return {image: words for image, words in found.items() if words and image in encoded}


def positive_labels(project: Project) -> Truth:
    return {
        image: frozenset(one.keyword for one in said if one.verdict in POSITIVE_VERDICTS)
        for image, said in all_labels(project).items()
    }


def read_truth(project: Project, table: Path) -> Truth:
    """By image, in the order of the page; keywords that the project does not know are left out."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = {row["path"]: row["keywords"].casefold() for row in csv.DictReader(stream)}
    known = {one.no.casefold(): one.id for one in browse.all_keywords(project)}
    ids = [ImageId(one) for one in browse.image_ids(project, ImageQuery()).tolist()]
    found = {}
    for image in browse.get_images(project, ids):
        names = {name.strip() for name in rows.get(image.path, "").split(";")}
        found[image.id] = frozenset(known[name] for name in names if name in known)
    return found


def all_labels(project: Project) -> dict[ImageId, tuple[Label, ...]]:
    """By image, in the order of the page."""
    ids = [ImageId(one) for one in browse.image_ids(project, ImageQuery()).tolist()]
    said = browse.labels_of(project, ids)
    return {image: said.get(image, ()) for image in ids}


def clear(project: Project, kept: Collection[ImageId]) -> None:
    """No other image has a keyword."""
    gone = [
        Decision(image, one.keyword, None)
        for image, said in all_labels(project).items()
        for one in said
        if image not in kept
    ]
    label.decide(project, gone, "Clear")


def set_scene(project: Project, scene: str, truth: Truth, seed: int) -> list[ImageId]:
    """Clear what is not known yet; the images to be keyworded, in their order."""
    if scene == "tuned":
        use_recommended(project, Silent())
        data = prepared_dataset(project)
        learnt = (data.train.images, data.validation.images)
        clear(project, {ImageId(one) for part in learnt for one in part.tolist()})
        test = set(data.test.images.tolist())
        return [image for image in truth if image in test]
    choose_model(project, None)
    clear(project, ())
    images = np.array(list(truth), dtype=np.int64)
    if scene == "shuffled":
        images = np.random.default_rng(seed).permutation(images)
    return [ImageId(one) for one in images.tolist()]


def sitting(project: Project, truth: Truth, images: Sequence[ImageId]) -> Iterator[Keys]:
    """The keys of each image; all of them are labeled and written as the page does."""
    typing = Typing(browse.all_keywords(project))
    suggester = Suggester.load(project)
    for image in images:
        (shown,) = suggester.suggest([image])
        page = Page(shown, truth[image])
        suggester.refresh(label.decide(project, page.decisions(image), "Label"))
        yield page.keys(typing)


def measure(record: Record, title: str, found: Sequence[Keys], target: float | None) -> None:
    def mean(part: str) -> float:
        return float(np.mean([getattr(one, part) for one in found]))

    ours, typed = mean("ours"), mean("typed")
    alone = sum(one.ours == 1 for one in found) / len(found)
    record.add(
        "clicks",
        title,
        (
            Figure(ours, "keys an image"),
            Figure(mean("with_shift"), "keys", "with Shift"),
            Figure(100 * alone, "%", "by one key"),
            Figure(mean("by_typing"), "keywords", "typed"),
            Figure(mean("wrong"), "above the threshold", "wrong"),
        ),
        peers=[Figure(typed, "keys an image", "typing with completion")],
        ratio=typed / ours,
        target=f"ratio at least {target:g}" if target else "",
        met=typed / ours >= target if target else None,
    )


def play(scene: str, chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / chosen.project.name
        shutil.copytree(chosen.project, copy, ignore=shutil.ignore_patterns("thumbnails"))
        with open_project(copy) as project:
            truth = truth_of(project, chosen.truth)
            images = set_scene(project, scene, truth, chosen.seed)[: chosen.count]
            vocabulary = len(browse.all_keywords(project))
            found = list(sitting(project, truth, images))
    carried = sum(len(truth[one]) for one in images) / len(images)
    data = f"{len(images)} images with {carried:.1f} of {vocabulary} keywords each"
    record, tenth = Record("labeling_clicks", ""), max(1, len(found) // 10)
    title = f"{chosen.project.stem}, {scene}"
    measure(record, f"{title}: all; {data}", found, TIMES)
    if scene != "tuned":
        measure(record, f"{title}: the first tenth", found[:tenth], None)
        measure(record, f"{title}: the last tenth", found[-tenth:], None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=SCENES)
    parser.add_argument("--count", type=int, help="only the first so many images of a scene")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--truth", type=Path, help="CSV: path, keywords joined by ;")
    chosen = parser.parse_args()
    for scene in chosen.scenes:
        play(scene, chosen)


if __name__ == "__main__":
    main()
