"""Errors planted among the keywords of real photographs, found through the command line."""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from core.cli import main
from core.progress import Silent
from core.workflows.encode import encode_images
from core.workflows.ingest import import_images, import_keywords
from core.workflows.project import create_project

KINDS, EACH = 8, 36
Labels = dict[str, set[str]]


def photographs(table: Path) -> Labels:
    """The keywords of some photographs of the most frequent kinds of aircraft."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kinds: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        kinds[row["path"].split("__")[0]].append(row)
    chosen = sorted(kinds, key=lambda kind: (-len(kinds[kind]), kind))[:KINDS]
    return {
        row["path"]: {name.casefold() for name in row["keywords"].split(";")}
        for kind in chosen
        for row in kinds[kind][:EACH]
    }


def plant(truth: Labels) -> tuple[Labels, set[tuple[str, str]], set[tuple[str, str]]]:
    """5 % of the keywords replaced by wrong ones, 20 % taken off: labels, wrong, missing."""
    random = np.random.default_rng(3)
    labels = {path: set(names) for path, names in truth.items()}
    pairs = [(path, name) for path in truth for name in sorted(truth[path])]
    vocabulary = sorted({name for _, name in pairs})
    pairs = [pairs[i] for i in random.permutation(len(pairs))]
    wrong, missing = set(), set(pairs[: len(pairs) // 4])
    for path, name in missing:
        labels[path].discard(name)
    for path, _ in pairs[: len(pairs) // 20]:
        others = [name for name in vocabulary if name not in truth[path]]
        name = others[random.integers(len(others))]
        labels[path].add(name)
        wrong.add((path, name))
    return labels, wrong, missing


@pytest.mark.photographs
def test_most_of_what_comes_first_was_planted(
    aircraft: Path, dev_encoder: Path, tmp_path: Path
) -> None:
    truth = photographs(aircraft / "labels.csv")
    labels, wrong, missing = plant(truth)
    archive = tmp_path / "archive"
    for path in labels:
        (archive / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(aircraft / path, archive / path)
    table = tmp_path / "keywords.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["path", "keywords"])
        writer.writerows([path, ";".join(sorted(names))] for path, names in labels.items())
    with create_project(tmp_path / "planes", archive, str(dev_encoder)) as project:
        import_images(project, Silent())
        import_keywords(project, table, None, Silent())
        encode_images(project, Silent())
    target = tmp_path / "doubts.json"
    assert main(["review", str(tmp_path / "planes.clipkw"), "--json", str(target)]) == 0
    doubts = json.loads(target.read_text(encoding="utf-8"))
    for kind, planted, depth in (("wrong", wrong, 30), ("missing", missing, 100)):
        queue = [(one["path"], one["keyword"].casefold()) for one in doubts if one["kind"] == kind]
        found = len(set(queue[:depth]) & planted)
        assert found >= 0.8 * depth, f"{found} of the first {depth} {kind} were planted"
