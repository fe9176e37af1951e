"""Preparation killed with SIGKILL in the middle of the comparison: it goes on, and it is noted."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from clusters import make_clusters

from core.errors import Cancelled, ProjectError
from core.progress import Silent
from core.similarity import all_pairs as room
from core.workflows import comparison
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import Project, open_project
from core.workflows.unfinished import Work, noted, unfinished_work

FEW = PreparationSettings(minimum_images=5, lower_threshold=0.95, upper_threshold=0.99, seed=3)
BLOCK = 32
KILLED = """
import os, signal, sys
from functools import partial
from pathlib import Path
from core.progress import Silent
from core.workflows import comparison
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import open_project

class KillInTheMiddle(Silent):
    def report(self, done, total, note=""):
        if total == 28 and done == 17:
            os.kill(os.getpid(), signal.SIGKILL)

comparison.all_pairs = partial(comparison.all_pairs, block=32, seconds=0)
with open_project(Path(sys.argv[1])) as project:
    settings = PreparationSettings(
        minimum_images=5, lower_threshold=0.95, upper_threshold=0.99, seed=3
    )
    prepare(project, settings, KillInTheMiddle())
"""


def kill(folder: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL


def test_killed_within_the_comparison_it_goes_on_to_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    with make_clusters(tmp_path / "whole") as project:
        whole = prepare(project, FEW, Silent())
    with make_clusters(tmp_path / "killed") as project:
        folder = project.folder
    kill(folder)
    resumed: list[int] = []
    compare = room.all_pairs

    def watch(*given: object, **named: object) -> room.AllPairs:
        part = named["resume"]
        resumed.append(0 if part is None else part.done)  # type: ignore[attr-defined]
        return compare(*given, block=BLOCK, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(comparison, "all_pairs", watch)
    with open_project(folder) as project:
        assert unfinished_work(project) == {Work.PREPARATION: asdict(FEW)}
        request = unfinished_work(project)[Work.PREPARATION]
        found = prepare(project, PreparationSettings(**request), Silent())
        assert resumed == [16]  # the seventeenth of 28 blocks was compared, and not noted yet
        assert asdict(found) == asdict(whole)
        assert unfinished_work(project) == {}
        assert not list((folder / comparison.CACHE_FOLDER).glob("begun-*"))


def test_damaged_notes_are_begun_anew(tmp_path: Path) -> None:
    with make_clusters(tmp_path) as project:
        folder = project.folder
    kill(folder)
    [part] = (folder / comparison.CACHE_FOLDER).glob("begun-*")
    sound = part.read_bytes()
    for damaged in (b"", sound[:200], sound[:-30]):
        part.write_bytes(damaged)
        assert comparison._read_part(part, 210) is None
    with open_project(folder) as project:
        assert prepare(project, FEW, Silent()).compared == 210


def test_what_is_cancelled_is_noted_and_what_has_failed_is_not(tmp_path: Path) -> None:
    def work(project: Project, error: BaseException) -> None:
        with noted(project, Work.EVALUATION, {"seed": 1}):
            assert unfinished_work(project) == {Work.EVALUATION: {"seed": 1}}
            raise error

    with make_clusters(tmp_path) as project:
        for error, left in ((Cancelled(), 1), (KeyboardInterrupt(), 1), (ProjectError("No."), 0)):
            with pytest.raises(type(error)):
                work(project, error)
            assert len(unfinished_work(project)) == left
        note = project.folder / comparison.CACHE_FOLDER / "unfinished-evaluation.json"
        for damaged in ("", "[1]", "{", "[" * 100_000):
            note.write_text(damaged, encoding="utf-8")
            assert unfinished_work(project) == {}
