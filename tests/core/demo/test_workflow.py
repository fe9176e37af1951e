"""The demo as a person meets it: it fills up, survives a kill, and keeps its encoder to itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from core.demo import drawers
from core.demo.archive import entry
from core.demo.drawers import SLICE, draw_archive
from core.errors import Cancelled, ProjectError
from core.progress import Silent
from core.types import Changes, Decision, ImageId, ImageQuery, KeywordId, QueueName
from core.workflows import browse, demo, label
from core.workflows.demo import (
    create_demo,
    demo_encoder,
    demo_encoder_warning,
    demo_remainder,
    fill_demo,
    is_demo,
)
from core.workflows.encode import pending
from core.workflows.ingest import import_images
from core.workflows.project import Project, create_project, open_project
from core.workflows.suggest import Suggester

SEED, COUNT = 5, 20
FIRST = 8
PARENT = f"""
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from core.progress import Silent
from core.workflows import demo
from core.workflows.demo import create_demo, fill_demo

demo.FIRST = {FIRST}

class Telling(Silent):
    def report(self, done, total, note=""):
        print(done, flush=True)

if __name__ == "__main__":
    with create_demo(Path(sys.argv[1]), Telling(), {SEED}, {COUNT}) as project:
        fill_demo(project, Telling())
"""


class StopAt(Silent):
    """Cancels once enough is done."""

    def __init__(self, done: int) -> None:
        self._limit, self._done = done, 0

    def report(self, done: int, total: int, note: str = "") -> None:
        self._done = done

    def checkpoint(self) -> None:
        if self._done >= self._limit:
            raise Cancelled


@pytest.fixture(scope="module", autouse=True)
def small_batches() -> Iterator[None]:
    """Drawing is slow: a few images are enough to tell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "FIRST", FIRST)
        patch.setattr(drawers, "AHEAD", 2)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that is complete."""
    place = tmp_path_factory.mktemp("demo") / "made here"
    announced: list[Changes] = []
    with create_demo(place, Silent(), SEED, COUNT) as project:
        assert len(browse.image_ids(project, ImageQuery())) == FIRST
        assert pending(project) == FIRST
        assert demo_remainder(project) == COUNT
        fill_demo(project, Silent(), announced.append)
        assert demo_remainder(project) == 0
    images, vectors = Changes(images_changed=True), Changes(vectors_changed=True)
    assert announced[:2] == [images, vectors]
    assert set(announced) == {images, vectors}
    return place


def test_it_holds_every_image_and_its_keywords(folder: Path) -> None:
    entries = [entry(SEED, index) for index in range(COUNT)]
    with open_project(folder / "demo.clipkw") as project:
        ids = browse.image_ids(project, ImageQuery())
        images = browse.get_images(project, [*ids])
        assert {image.path for image in images} == {item.path for item in entries}
        labels = browse.labels_of(project, [*ids])
        names = {keyword.id: keyword.no for keyword in browse.all_keywords(project)}
        found = {
            image.path: {names[label.keyword] for label in labels[image.id]} for image in images
        }
        for item in entries:
            typed = {word.strip() for word in item.keywords or ()}
            # Names are told apart without case: the first spelling stays.
            assert {w.casefold() for w in found[item.path]} <= {w.casefold() for w in typed}
            assert bool(found[item.path]) >= (item.keywords is not None and "?" not in str(typed))


def test_unlabeled_images_get_suggestions(folder: Path) -> None:
    with open_project(folder / "demo.clipkw") as project:
        ids = browse.image_ids(project, ImageQuery(queue=QueueName.SUGGESTED))
        assert len(ids) > 2
        suggester = Suggester.load(project, Silent())
        assert all(answer.suggestions for answer in suggester.suggest([*ids[:5]]))


def test_going_on_with_a_complete_demo_changes_nothing(folder: Path) -> None:
    before = sorted((folder / "images").rglob("*"))
    with create_demo(folder, Silent(), SEED, COUNT) as project:
        fill_demo(project, Silent())
        assert len(browse.image_ids(project, ImageQuery())) == COUNT
    assert sorted((folder / "images").rglob("*")) == before


def test_another_demo_in_the_same_folder_is_refused(folder: Path) -> None:
    with pytest.raises(ProjectError, match="another demo"):
        create_demo(folder, Silent(), SEED + 1, COUNT)


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ProjectError, match="not empty"):
        create_demo(tmp_path, Silent())
    assert [item.name for item in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_of_the_training_are_refused(tmp_path: Path, seed: int) -> None:
    with pytest.raises(ProjectError, match="seed"):
        create_demo(tmp_path / "demo", Silent(), seed)
    assert not (tmp_path / "demo").exists()


def test_a_damaged_marker_is_told(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(json.dumps({"seed": "x"}))
    with pytest.raises(ProjectError, match="damaged"):
        create_demo(tmp_path, Silent())


def test_cancelled_it_goes_on_where_it_was(tmp_path: Path) -> None:
    with create_demo(tmp_path / "demo", Silent(), SEED, 12) as project:
        with pytest.raises(Cancelled):
            fill_demo(project, StopAt(1))
        assert len(browse.image_ids(project, ImageQuery())) == FIRST
        fill_demo(project, Silent())
        assert len(browse.image_ids(project, ImageQuery())) == 12
        assert pending(project) == 0


def children(parent: int) -> list[Path]:
    started = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [Path("/proc") / child for child in started]


def is_running(process: Path) -> bool:
    """A zombie, which only waits for somebody to ask how it ended, is not."""
    try:
        state = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def all_end(processes: list[Path], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(is_running(one) for one in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_killed_it_leaves_no_process_and_goes_on_where_it_was(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    place = tmp_path / "demo"
    with subprocess.Popen(
        [sys.executable, str(script), str(place)], stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= FIRST + 8:
                break
        drawing = children(process.pid)
        process.send_signal(signal.SIGKILL)
    assert len(drawing) >= drawers.PROCESSES
    assert FIRST < len(list((place / "images").rglob("*.jpg"))) <= COUNT
    with create_demo(place, Silent(), SEED, COUNT) as project:
        fill_demo(project, Silent())
        assert len(browse.image_ids(project, ImageQuery())) == COUNT
    assert all_end(drawing, seconds=20)


def test_the_encoder_is_told_where_it_does_not_belong(folder: Path, tmp_path: Path) -> None:
    with open_project(folder / "demo.clipkw") as project:
        assert is_demo(project)
        assert demo_encoder_warning(project) == ""
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    copy = shutil.copytree(demo_encoder(), tmp_path / "carried-here")
    sources = (str(demo_encoder()), f"local-dir:{demo_encoder()}", str(copy))
    for number, source in enumerate(sources):
        name = tmp_path / f"p{number}.clipkw"
        with create_project(name, photographs, source) as project:
            assert not is_demo(project)
            assert "drawn vehicles only" in demo_encoder_warning(project)
    with create_project(tmp_path / "none.clipkw", photographs) as project:
        assert demo_encoder_warning(project) == ""
        with pytest.raises(ProjectError, match="not a demo"):
            fill_demo(project, Silent())


class TakeOff(Silent):
    """Takes a keyword off an image while the demo is being filled, as a person would."""

    def __init__(self, project: Project, decision: Decision) -> None:
        self._project, self._decision, self._is_done = project, decision, False

    def report(self, done: int, total: int, note: str = "") -> None:
        if not self._is_done:
            self._is_done = True
            label.decide(self._project, [self._decision], "Take off")


def keywords_of(project: Project, image: ImageId) -> set[KeywordId]:
    return {one.keyword for one in browse.labels_of(project, [image])[image]}


def test_a_keyword_that_was_taken_off_stays_off(tmp_path: Path) -> None:
    place = tmp_path / "demo"
    with create_demo(place, Silent(), SEED, 12) as project:
        ids = [*browse.image_ids(project, ImageQuery(queue=QueueName.LABELED))]
        image, (first, *_) = next(iter(browse.labels_of(project, ids).items()))
        fill_demo(project, TakeOff(project, Decision(image, first.keyword, None)))
        assert first.keyword not in keywords_of(project, image)
        assert label.undo_title(project) == "Take off"
    with create_demo(place, Silent(), SEED, 12) as project:
        assert first.keyword not in keywords_of(project, image)


class IdleDrawer:
    """Writes down what it is asked for."""

    def __init__(self, asked: list[range], images: Path, seed: int) -> None:
        self.asked = asked

    def ask(self, indices: range) -> None:
        self.asked.append(indices)

    def wait(self) -> None:
        return None

    def stop(self) -> None:
        self.asked.append(range(0))


def test_drawing_stays_only_a_little_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[range] = []
    monkeypatch.setattr(drawers, "_Drawer", partial(IdleDrawer, asked))
    with closing(draw_archive(tmp_path, SEED, 100)) as drawn:
        for expected in (SLICE, 2 * SLICE, 3 * SLICE):
            assert next(drawn) == expected
            assert asked[-1].stop == expected - SLICE + drawers.AHEAD * SLICE
        assert [*drawn] == [*range(4 * SLICE, 100, SLICE), 100]
    assert [number for one in asked for number in one] == [*range(100)]
    assert asked[-drawers.PROCESSES :] == [range(0)] * drawers.PROCESSES


def test_a_file_that_vanished_is_drawn_again(folder: Path) -> None:
    with create_demo(folder, Silent(), SEED, COUNT) as project:
        path = project.images_root / entry(SEED, 18).path
        before = path.read_bytes()
        path.unlink()
        import_images(project, Silent())
        assert demo_remainder(project) == 1
        fill_demo(project, Silent())
        assert demo_remainder(project) == 0
        assert path.read_bytes() == before
