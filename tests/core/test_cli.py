"""The command line: what it says, how it ends, and the main job end to end on photographs."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core import cli
from core.cli import history
from core.cli.terminal import STOPPING
from core.workflows.demo import demo_encoder
from core.workflows.project import open_project

PYTHON = [sys.executable, "-m", "core"]
NO_NETWORK = """
import sys
def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"}:
        raise AssertionError(f"{event} {arguments}")
sys.addaudithook(refuse)
from core.cli import main
sys.exit(main())
"""
UNMATCHED = "row 5: trucks/99.png"
WITHOUT_ROW = ["ships/3.png", "ships/5.png", "trucks/4.png"]
READING = (
    'Table: utf-8, ";" between columns, paths in "path", keywords in "keywords", '
    '"," between keywords; 3 of 4 rows name an image.'
)
LEFT_OVER = [f"No such image: {UNMATCHED}", *(f"No row for: {path}" for path in WITHOUT_ROW)]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def clipkw(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    """Run a command in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Six small drawn images in two folders, and a table of keywords for half of them."""
    folder = tmp_path / "images"
    generator = np.random.default_rng(4)
    for number in range(6):
        path = folder / ("ships" if number % 2 else "trucks") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(path)
    (tmp_path / "keywords.csv").write_text(
        "path;keywords\ntrucks/0.png;lastebil, kran\nships/1.png;skip\ntrucks/2.png;lastebil\n"
        "trucks/99.png;lastebil\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def project(clipkw: Command, archive: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "small.clipkw"
    code, _, err = clipkw("new", folder, "--images", archive, "--keywords", "keywords.csv")
    assert (code, err.splitlines()) == (0, [READING, *LEFT_OVER])
    return folder


def test_a_new_project_says_what_it_found(clipkw: Command, archive: Path, tmp_path: Path) -> None:
    code, out, err = clipkw("new", "small", "--images", archive, "--keywords", "keywords.csv")
    assert code == 0
    project = tmp_path / "small.clipkw"
    assert err.splitlines() == [f"The project is {project}.", READING, *LEFT_OVER]
    assert "6 added" in out
    assert "3 of 4 rows matched an image; labels added: 4, keywords added: 3;" in out
    assert (tmp_path / "small.clipkw" / "project.toml").is_file()


def test_a_project_without_a_table_or_an_encoder(clipkw: Command, archive: Path) -> None:
    assert clipkw("new", "bare.clipkw", "--images", archive)[0] == 0
    code, out, _ = clipkw("import", "bare.clipkw")
    assert code == 0
    assert "0 added" in out
    assert "6 unchanged" in out
    code, out, _ = clipkw("status", "bare", "--json")
    assert code == 0
    assert isinstance(json.loads(out), dict)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "a.tsv",
            "trucks/0.png\tbil|rød\ntrucks/1.png\tbåt|grå\n",
            'utf-8, tab between columns, paths in column 1, keywords in column 2, "|" between',
        ),
        (
            "b.csv",
            "bilde;emne 1;emne 2\ntrucks/0.png;bil;rød\ntrucks/1.png;båt;grå\n",
            'windows-1252, ";" between columns, paths in "bilde", '
            'keywords in "emne 1" and "emne 2";',
        ),
    ],
)
def test_how_a_table_is_read_is_said(
    clipkw: Command, archive: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    encoding = "cp1252" if "1252" in said else "utf-8"
    (tmp_path / name).write_text(text, encoding=encoding)
    code, _, err = clipkw("new", "p.clipkw", "--images", archive, "--keywords", name)
    assert code == 0
    assert err.startswith(f"Table: {said}")


def test_rows_and_images_that_are_left_over_are_listed_up_to_a_number_and_all_in_json(
    clipkw: Command, archive: Path, tmp_path: Path
) -> None:
    gone = [f"gone/{number}.png" for number in range(25)]
    table = tmp_path / "many.csv"
    table.write_text("path;keywords\n" + "".join(f"{path};kran\n" for path in gone))
    folder = tmp_path / "p.clipkw"
    code, out, err = clipkw(
        "new", folder, "--images", archive, "--keywords", table, "--json", "left.json"
    )
    assert code == 0
    assert err.count("No such image: row ") == 20
    assert "No such image: 5 more; --json FILE lists them all.\n" in err
    assert err.count("No row for: ") == 6
    assert "All of it is written to left.json." in out
    found = json.loads((tmp_path / "left.json").read_text(encoding="utf-8"))
    assert found["images"]["added"] == 6
    assert found["keywords"]["unmatched_rows"] == [
        f"row {number}: {path}" for number, path in enumerate(gone, 2)
    ]
    assert len(found["keywords"]["without_row"]) == 6
    code, out, err = clipkw("import", folder, "--json", "-")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "images": {**found["images"], "added": 0, "unchanged": 6},
        "keywords": None,
    }


def test_a_broken_image_is_listed_and_stops_nothing(
    clipkw: Command, archive: Path, tmp_path: Path
) -> None:
    (archive / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    code, out, _ = clipkw("new", "p.clipkw", "--images", archive)
    assert code == 0
    assert f"1 cannot be used: clipkw problems {tmp_path / 'p.clipkw'}\n" in out
    code, out, _ = clipkw("problems", "p.clipkw")
    assert code == 0
    assert out.startswith("broken.jpg: ")
    assert out.count("\n") == 1


def test_an_import_is_undone_and_done_again(clipkw: Command, project: Path) -> None:
    labeled = clipkw("status", project, "--json")[1]
    code, out, _ = clipkw("undo", project)
    assert code == 0
    images = json.loads(labeled)["labeled"]
    assert out == f"Undone: Import keywords, on {images} images\n"
    assert clipkw("status", project, "--json")[1] != labeled
    assert clipkw("undo", project)[1] == "There is nothing to undo.\n"
    assert clipkw("redo", project)[1].startswith("Done again: ")
    assert clipkw("status", project, "--json")[1] == labeled
    assert clipkw("redo", project)[1] == "There is nothing to redo.\n"


def test_doctor_says_what_it_checked(clipkw: Command, project: Path, tmp_path: Path) -> None:
    code, out, _ = clipkw("doctor")
    machine = out.splitlines()
    assert code == 0
    assert machine
    assert all(line.startswith("ok  ") for line in machine)
    code, out, _ = clipkw("doctor", project)
    assert code == 0
    assert len(out.splitlines()) > len(machine)
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    code, out, _ = clipkw("doctor", project)
    wrong = [line for line in out.splitlines() if not line.startswith("ok  ")]
    assert code == 2
    assert len(wrong) == 1
    assert wrong[0].startswith("NOT OK  images folder: The images folder")


def test_help_is_shown_when_nothing_is_asked(clipkw: Command) -> None:
    code, out, err = clipkw()
    assert (code, err) == (0, "")
    assert "Usage: clipkw" in out


def test_the_version_is_told(clipkw: Command) -> None:
    assert clipkw("--version") == (0, f"clipkw {version('clipkw')}\n", "")


def test_an_encoder_that_is_not_here_is_not_chosen(
    clipkw: Command, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    with open_project(project) as opened:
        before = opened.settings
    code, _, err = clipkw("encode", project, "--encoder", "ViT-B-32/laion2b_s34b_b79k")
    assert code == 2
    assert "Allow its download" in err
    with open_project(project) as opened:
        assert opened.settings == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["fly"], "fly"),
        (["--fast"], "--fast"),
        (["new"], "PROJECT"),
        (["new", "x.clipkw"], "--images"),
        (["new", "x.clipkw", "--images", "nowhere"], "nowhere"),
        (["new", "x.clipkw", "--images", "keywords.csv"], "keywords.csv"),
        (["new", "small.clipkw", "--images", "images"], "small.clipkw"),
        (["new", "x.clipkw", "--images", "images", "--keywords", "none.csv"], "none.csv"),
        (["new", "x.clipkw", "--images", "images", "--keywords", "images"], "images"),
        (["new", "x.clipkw", "--images", "images", "--encoder", "no/where"], "no/where"),
        (["import", "nothing.clipkw"], "nothing.clipkw"),
        (["import", "images"], "images"),
        (["import", "small.clipkw", "--keywords", "images/trucks/0.png"], "not text"),
        (["encode", "small.clipkw"], "encoder"),
        (["encode", "small.clipkw", "--encoder", "images"], "images"),
        (["suggest", "small.clipkw"], "clipkw encode"),
        (["suggest", "small.clipkw", "trucks/98.png"], "trucks/98.png"),
        (["suggest", "small.clipkw", "../keywords.csv"], "keywords.csv"),
        (["suggest", "small.clipkw", "--limit", "0"], "--limit"),
        (["suggest", "small.clipkw", "--limit", "many"], "--limit"),
        (["suggest", "small.clipkw", "--model", "guess"], "guess"),
        (["status", "small.clipkw", "extra"], "extra"),
        (["problems"], "PROJECT"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.usefixtures("project")
def test_a_mistake_is_one_clear_line(
    clipkw: Command, arguments: list[str], named: str, tmp_path: Path
) -> None:
    code, out, err = clipkw(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("clipkw: ")
    assert err.count("\n") == 1
    assert named in err
    assert "Traceback" not in err
    assert not (tmp_path / "x.clipkw").exists()


def test_the_demo_encoder_is_not_used_silently_on_photographs(
    clipkw: Command, project: Path
) -> None:
    code, _, err = clipkw("encode", project, "--encoder", demo_encoder())
    assert code == 0
    assert "drawn vehicles only" in err


def test_a_file_that_cannot_be_written_is_a_mistake(
    clipkw: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_project: object) -> None:
        raise OSError(28, "No space left on device", "catalog.sqlite")

    monkeypatch.setattr(history.label, "undo", full)
    assert clipkw("undo", project) == (2, "", "clipkw: catalog.sqlite: the disk is full.\n")


def test_a_bug_is_a_short_line_and_a_log(
    clipkw: Command, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(_project: object) -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(history.label, "undo", broken)
    code, out, err = clipkw("undo", project)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "Traceback" not in err
    log = Path(err.split(" in ")[-1].strip())
    assert log.is_relative_to(tmp_path)
    assert "ZeroDivisionError: seven" in log.read_text(encoding="utf-8")


def sample(aircraft: Path, folder: Path, count: int) -> tuple[Path, Path]:
    """A seeded part of the photographs, and a table that keeps 70 % of their keywords."""
    with (aircraft / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chosen = np.random.default_rng(12).permutation(len(rows))[:count]
    images = folder / "photographs"
    for row in (rows[number] for number in chosen):
        (images / row["path"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(aircraft / row["path"], images / row["path"])
    table = folder / "keywords.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["path", "keywords"])
        kept = chosen[: count * 7 // 10]
        writer.writerows([rows[number]["path"], rows[number]["keywords"]] for number in kept)
    return images, table


def check_suggestions(found: dict[str, object], paths: set[str]) -> None:
    assert list(found) == ["path", "encoder", "model", "suggestions", "references"]
    confidences = []
    for suggestion in found["suggestions"]:
        assert list(suggestion) == ["keyword", "en", "confidence", "above_threshold"]
        assert 0 <= suggestion["confidence"] <= 1
        confidences.append(suggestion["confidence"])
    assert confidences == sorted(confidences, reverse=True)
    weights = []
    for reference in found["references"]:
        assert list(reference) == ["path", "similarity", "weight", "keywords"]
        assert reference["path"] in paths
        assert reference["path"] != found["path"]
        assert reference["keywords"]
        assert -1.0001 <= reference["similarity"] <= 1.0001
        weights.append(reference["weight"])
    assert weights == sorted(weights, reverse=True)
    # what is cut by the cumulative weight of 0.99 is at most the last hundredth
    assert sum(weights) == pytest.approx(1, abs=0.011)


def check_confidence_filter(
    run: Callable[..., str], project: Path, found: list[dict[str, Any]]
) -> None:
    """A search finds the images that the suggestions name, of all in the queue."""
    spoken = Counter(one["keyword"] for item in found for one in item["suggestions"][:1])
    name = spoken.most_common(1)[0][0]
    sure = {
        item["path"]
        for item in found
        for one in item["suggestions"]
        if one["keyword"] == name and 0.25 <= one["confidence"] <= 0.9
    }
    assert 0 < len(sure) < len(found)
    limits = ("--suggested", name, "--min-confidence", 0.25, "--max-confidence", 0.9)
    out = run("search", project, "aircraft", "--queue", "unlabeled", *limits, "--limit", 300,
              "--json", "-")  # fmt: skip
    ranked = json.loads(out)
    assert {one["path"] for one in ranked} == sure
    assert [one["score"] for one in ranked] == sorted((x["score"] for x in ranked), reverse=True)


def check_copies(run: Callable[..., str], project: Path, images: Path, labeled: str) -> None:
    """The original speaks for its copy, unless it is asked not to."""
    shutil.copyfile(images / labeled, images / "copy.jpg")
    run("import", project)
    run("encode", project)
    spoken = []
    for options in ((), ("--without-copies",)):
        (found,) = json.loads(run("suggest", project, "copy.jpg", *options, "--json", "-"))
        spoken.append([reference["path"] for reference in found["references"]])
    assert spoken[0][0] == labeled
    assert spoken[1]
    assert labeled not in spoken[1]


@pytest.mark.photographs
def test_the_main_job_on_photographs(aircraft: Path, dev_encoder: Path, tmp_path: Path) -> None:
    images, table = sample(aircraft, tmp_path, 300)

    def run(*arguments: object) -> str:
        result = subprocess.run(
            [sys.executable, "-c", NO_NETWORK, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    project = tmp_path / "planes.clipkw"
    out = run("new", project, "--images", images, "--keywords", table, "--encoder", dev_encoder)
    assert "300 added" in out
    assert "210 of 210 rows matched" in out
    assert "300 images encoded" in run("encode", project)
    assert "0 images encoded" in run("encode", project)

    target = tmp_path / "suggestions.json"
    run("suggest", project, "--unlabeled", "--json", target)
    found = json.loads(target.read_text(encoding="utf-8"))
    with table.open(encoding="utf-8", newline="") as stream:
        labeled = {row["path"] for row in csv.DictReader(stream)}
    assert len(found) == 90
    assert not labeled & {item["path"] for item in found}
    for item in found:
        check_suggestions(item, labeled)

    asked = [found[4]["path"], str(images / found[2]["path"])]
    again = json.loads(run("suggest", project, *asked, "--json", "-"))
    assert again == [found[4], found[2]]
    nearest = json.loads(run("suggest", project, "--unlabeled", "--limit", 5, "--model", "1-nn",
                             "--json", "-"))  # fmt: skip
    assert [item["path"] for item in nearest] == [item["path"] for item in found[:5]]
    assert {len(item["references"]) for item in nearest} == {1}
    assert len(run("suggest", project, "--limit", 3).splitlines()) == 3
    check_confidence_filter(run, project, found)
    check_copies(run, project, images, min(labeled))


@pytest.mark.photographs
def test_interrupted_work_goes_on_where_it_was(
    aircraft: Path, dev_encoder: Path, tmp_path: Path
) -> None:
    images, table = sample(aircraft, tmp_path, 300)
    project = tmp_path / "planes.clipkw"
    made = ["new", project, "--images", images, "--keywords", table, "--encoder", dev_encoder]
    subprocess.run([*PYTHON, *map(str, made)], check=True, capture_output=True)

    # The signal is sent from inside, at the first batch: nothing here waits for a moment.
    interrupted = """
import os, signal, sys
from core.cli.terminal import LineProgress
def press_once(self, done, total, note=""):
    if 0 < done < total:
        LineProgress.report = lambda *_: None
        os.kill(os.getpid(), signal.SIGINT)
LineProgress.report = press_once
from core.cli import main
sys.exit(main(["encode", sys.argv[1]]))
"""
    result = subprocess.run(
        [sys.executable, "-c", interrupted, str(project)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.fspath(Path(__file__).resolve().parents[2])},
    )
    assert result.returncode == 128 + signal.SIGINT, result.stderr
    asked, stopped = result.stderr.splitlines()
    assert asked == STOPPING
    assert "goes on from there" in stopped

    result = subprocess.run(
        [*PYTHON, "encode", str(project)], capture_output=True, text=True, check=True
    )
    encoded = int(result.stdout.split()[0])
    assert 0 < encoded < 300


def test_an_encoder_is_carried_as_one_file(
    clipkw: Command,
    tiny_encoder: Path,
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    code, said, _ = clipkw("export-encoder", tiny_encoder, "tiny.zip")
    assert (code, "import-encoder tiny.zip" in said) == (0, True)
    code, said, _ = clipkw("import-encoder", "tiny.zip")
    place = tmp_path / "data" / "clipkw" / "encoders" / tiny_encoder.name
    assert (code, str(place) in said) == (0, True)
    shutil.rmtree(place)
    assert clipkw("new", "p.clipkw", "--images", archive, "--encoder", "tiny.zip")[0] == 0
    with open_project(tmp_path / "p.clipkw") as project:
        assert project.settings.encoder.source == str(place)
    (tmp_path / "bad.zip").write_bytes(b"PK")
    code, _, told = clipkw("import-encoder", "bad.zip")
    assert code == 2
    assert "bad.zip is not a bundle" in told
