"""Other processes: killed at any moment, or at work on the same catalog."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from core.catalog import Catalog, decisions, images, journal, overview, schema
from core.types import FileRecord, ImageId, KeywordId, Verdict

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def add(catalog: Catalog, count: int) -> list[ImageId]:
    found = [FileRecord(f"{i:05d}.jpg", f"{i}", 1, 1, 1, 1) for i in range(count)]
    images.record_scan(catalog, found, [], [], [])
    return [file.id for file in images.known_files(catalog).values()]


def decide_loop(path: Path, keyword: KeywordId, ids: Sequence[ImageId]) -> subprocess.Popen[str]:
    arguments = [str(HERE / "decide_loop.py"), str(path), str(keyword), *map(str, ids)]
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def decided(catalog: Catalog, keyword: KeywordId) -> set[ImageId]:
    said = decisions.verdicts_on(catalog, keyword)
    assert set(said.values()) <= {Verdict.ACCEPTED}
    return set(said)


def test_no_decision_that_was_acknowledged_is_lost_by_a_kill(catalog: Catalog, path: Path) -> None:
    ids = add(catalog, 2_000)
    keyword = decisions.decide_by_name(catalog, [], "tank", "kari", "New keyword")[0].id
    catalog.close()
    chance = random.Random(7)
    acknowledged: set[ImageId] = set()
    kills = 0
    while kills < 10:
        with Catalog.open(path) as reopened:
            there = decided(reopened, keyword)
        assert acknowledged <= there
        # A kill may come between the commit and its acknowledgement.
        assert len(there) <= len(acknowledged) + kills
        open_ids = [image for image in ids if image not in there]
        with decide_loop(path, keyword, open_ids) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 60)):
                acknowledged.add(ImageId(int(process.stdout.readline())))
            for _ in range(chance.randrange(20_000)):
                pass
            process.kill()
            acknowledged.update(ImageId(int(line)) for line in process.stdout if line[-1] == "\n")
        kills += 1

    with Catalog.open(path) as reopened:
        there = decided(reopened, keyword)
        assert acknowledged <= there
        assert overview.faults(reopened) == []
        for _ in there:
            assert journal.undo(reopened) is not None
        assert decided(reopened, keyword) == set()
        assert journal.undo_title(reopened) == "New keyword"


def test_three_processes_write_at_once(catalog: Catalog, path: Path) -> None:
    ids = add(catalog, 60)
    words = [decisions.decide_by_name(catalog, [], n, "kari", n)[0].id for n in ("a", "b", "c")]
    with decide_loop(path, words[0], ids) as first, decide_loop(path, words[1], ids) as second:
        decisions.decide_by_name(catalog, ids[:1], "c", "ola", "Add c")
        for image in ids[1:]:
            decisions.decide_by_name(catalog, [image], "c", "ola", "Add c")
        for process in (first, second):
            out, _ = process.communicate()
            assert process.returncode == 0
            assert [int(line) for line in out.split()] == ids
    assert all(decided(catalog, word) == set(ids) for word in words)
    with catalog.read() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.steps)) == 3 + 3 * len(ids)
