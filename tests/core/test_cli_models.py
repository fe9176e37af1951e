"""``clipkw tune``, ``evaluate``, ``models`` and ``choose``: what they say and how they end."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.metrics import fbeta_score

from core import cli
from core.progress import Silent
from core.workflows import tune_all
from core.workflows.dataset import prepared_dataset
from core.workflows.encode import encode_images
from core.workflows.fitted_models import fitted_model, materials_of
from core.workflows.ingest import import_images, import_keywords
from core.workflows.model_plans import PLANS, find_plan
from core.workflows.project import create_project, open_project

sys.path.insert(0, str(Path(__file__).parent / "workflows"))
from clusters import make_clusters, prepare_clusters

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def clipkw(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    """Run a command in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with make_clusters(tmp_path) as made:
        prepare_clusters(made)
        return made.folder


def test_tune_then_choose_then_suggest(clipkw: Command, project: Path) -> None:
    arguments = ("--model", "linear-probe", "--trials", 3, "--search", "random")
    code, out, _ = clipkw("tune", project, *arguments)
    assert code == 0
    assert "F2 on validation" in out
    assert f"clipkw choose {project} 1" in out
    code, out, _ = clipkw("models", project)
    assert (code, out.count("\n")) == (0, 1)
    assert "Linear probe" in out
    assert "3 trials" in out
    assert not out.startswith("*")
    assert clipkw("choose", project, 1)[:2] == (0, "Suggestions come from: Linear probe.\n")
    assert clipkw("models", project)[1].startswith("*")
    code, out, _ = clipkw("suggest", project, "--unlabeled", "--limit", 2, "--json", "-")
    assert code == 0
    assert {item["model"] for item in json.loads(out)} == {"linear-probe"}
    assert clipkw("undo", project)[1] == "Undone: Use Linear probe\n"
    assert clipkw("choose", project, 0)[1] == "Suggestions come from: Neighbor search.\n"


def test_evaluate_writes_what_is_asked_for(clipkw: Command, project: Path, tmp_path: Path) -> None:
    only = ("--model", "1-nn", "--model", "neighbor-search")
    json_file, page = tmp_path / "comparison.json", tmp_path / "report.html"
    tables = tmp_path / "tables"
    code, out, _ = clipkw(
        "evaluate", project, *only, "--json", json_file, "--html", page, "--csv", tables
    )
    assert code == 0
    assert "used once" in out
    assert "Neighbor search" in out
    written = json.loads(json_file.read_text(encoding="utf-8"))
    assert {"images", "keywords", "prevalence"} <= set(written["test"])
    for one in written["models"]:
        assert {"name", "variant", "threshold", "micro", "macro"} <= set(one)
        assert {"f2", "precision", "recall"} <= set(one["micro"])
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(path.name for path in tables.iterdir()) == [
        "curves.csv",
        "keywords.csv",
        "models.csv",
    ]
    code, out, _ = clipkw("evaluate", project, *only, "--json", "-")
    assert json.loads(out)["test"]["touched"] == 2


def test_all_models_then_the_recommended_one(
    clipkw: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tuple(find_plan(name) for name in ("1-nn", "linear-probe", "combined"))
    monkeypatch.setattr(tune_all, "PLANS", few)
    arguments = ("--model", "all", "--trials", 2, "--search", "random", "--minutes", 5)
    code, out, _ = clipkw("tune", project, *arguments)
    assert code == 0
    assert "Linear probe (experiment 2, 2 trials)" in out
    assert "Recommended: Combined, best on validation" in out
    assert f"clipkw choose {project} recommended" in out
    code, out, _ = clipkw("tune", project, *arguments)
    assert "Tuned before: 1-NN, Linear probe, Combined." in out
    assert clipkw("choose", project, "recommended")[1] == "Suggestions come from: Combined.\n"
    code, out, _ = clipkw("evaluate", project, "--model", "1-nn")
    assert "it makes the suggestions." in out


def test_mistakes_are_one_line(clipkw: Command, project: Path, tmp_path: Path) -> None:
    for arguments, said in (
        (("tune", project, "--model", "clever"), "There is no model clever."),
        (("tune", project, "--model", "1-nn", "--variant", "x"), "1-nn has no variant x."),
        (("tune", project, "--model", "1-nn", "--search", "x"), "is not one of"),
        (("tune", project, "--model", "1-nn", "--trials", 0), "--trials"),
        (("evaluate", project, "--model", "clever"), "There is no model clever."),
        (("choose", project, 7), "There is no experiment 7 in this project."),
        (("choose", project, "best"), "best is neither a number nor recommended."),
        (("choose", project, "recommended"), "No model is recommended yet."),
        (("evaluate", tmp_path / "none.clipkw"), "There is no project"),
        (("evaluate", project, "--model", "1-nn", "--html", tmp_path / "no" / "f"), "written"),
    ):
        code, _, err = clipkw(*arguments)
        assert code == 2, arguments
        assert said in err
        assert err.count("\n") == 1


def test_models_lists_what_there_is(clipkw: Command, project: Path) -> None:
    code, out, _ = clipkw("models", project, "--known")
    assert (code, out.count("\n")) == (0, len(PLANS))
    code, out, _ = clipkw("models", project)
    assert (code, out) == (
        0,
        f"Nothing was tuned yet: clipkw tune {project} --model neighbor-search\n",
    )


@pytest.mark.photographs
def test_models_on_photographs(
    clipkw: Command, aircraft: Path, dev_encoder: Path, tmp_path: Path
) -> None:
    """A reduced run: photographs of two makers, tuned, compared, and checked by scikit-learn."""
    archive, table = two_makers(aircraft, tmp_path)
    folder = tmp_path / "planes.clipkw"
    with create_project(folder, archive, str(dev_encoder)) as made:
        import_images(made, Silent())
        import_keywords(made, table, None, Silent())
        encode_images(made, Silent())
    assert clipkw("prepare", folder, "--minimum-images", 20)[0] == 0
    assert clipkw("tune", folder, "--model", "neighbor-search", "--trials", 12)[0] == 0
    target = tmp_path / "comparison.json"
    names = ("neighbor-search", "1-nn", "language-image", "linear-probe", "combined")
    chosen = [part for name in names for part in ("--model", name)]
    assert clipkw("evaluate", folder, *chosen, "--json", target)[0] == 0
    models = json.loads(target.read_text(encoding="utf-8"))["models"]
    with open_project(folder) as opened:
        data = prepared_dataset(opened)
        for name in ("neighbor-search", "combined"):
            plan = find_plan(name)
            model = fitted_model(opened, materials_of(opened, data), plan, Silent()).estimator
            one = next(m for m in models if (m["name"], m["variant"]) == (name, "as-is"))
            predicted = model.predict_confidence(data.test.vectors) >= one["threshold"]
            expected = fbeta_score(data.test.truth, predicted, beta=2, average="micro")
            assert one["micro"]["f2"] == pytest.approx(expected, abs=1e-9)
    best = {name: max(m["micro"]["f2"] for m in models if m["name"] == name) for name in names}
    assert best["neighbor-search"] > best["language-image"]
    assert {m["variant"] for m in models if m["name"] == "language-image"} >= {
        "original-ensemble",
        "original-single",
    }


def two_makers(aircraft: Path, folder: Path) -> tuple[Path, Path]:
    """150 photographs with the keyword Boeing or Airbus, and their table of keywords."""
    with (aircraft / "labels.csv").open(encoding="utf-8", newline="") as stream:
        every = [
            row
            for row in csv.DictReader(stream)
            if {"Boeing", "Airbus"} & set(row["keywords"].split(";"))
        ]
    rows = every[:: len(every) // 150][:150]
    archive = folder / "archive"
    for row in rows:
        target = archive / row["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(aircraft / row["path"], target)
    table = folder / "labels.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ("path", "keywords"))
        writer.writeheader()
        writer.writerows(rows)
    return archive, table
