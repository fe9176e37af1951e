"""Killed while deciding: the log has every acknowledged decision, and builds the catalog anew.

Kills of an import, an encoding, a tuning and a window are in the tests of those.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from endurance import RecordProperty

from core.catalog import Catalog, decisions, events, images
from core.catalog.decision_log import DecisionLog
from core.catalog.history import History
from core.catalog.replay import replay
from core.types import FileRecord, ImageId, KeywordId

ROOT = Path(__file__).resolve().parents[2]
LOOP = ROOT / "tests" / "core" / "catalog" / "decide_loop.py"
KILLS = [
    3,
    pytest.param(60, marks=[pytest.mark.endurance, pytest.mark.timeout(3_600)]),
]


def decided_until_killed(path: Path, chance: random.Random, ids: list[ImageId]) -> set[int]:
    """What was acknowledged before a moment that no code chose."""
    arguments = [sys.executable, str(LOOP), str(path), "1", *map(str, ids)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(chance.randrange(1, 30))]
        process.kill()
        said += process.stdout.readlines()
    return {int(line) for line in said if line.endswith("\n")}


def accepted(catalog: Catalog) -> set[int]:
    return set(decisions.verdicts_on(catalog, KeywordId(1)))


@pytest.mark.parametrize("kills", KILLS)
def test_the_log_has_all_that_was_acknowledged(
    tmp_path: Path, kills: int, record_property: RecordProperty
) -> None:
    record_property("kills", kills)
    chance = random.Random(kills)
    path = tmp_path / "project" / "catalog.sqlite"
    path.parent.mkdir()
    with Catalog.create(path) as catalog:
        found = [FileRecord(f"{n:05}.jpg", f"{n}", 1, 1, 1, 1) for n in range(3_000)]
        images.record_scan(catalog, found, [], [], [])
        ids = [file.id for file in images.known_files(catalog).values()]
        decisions.decide_by_name(catalog, [], "tank", "kari", "New keyword")
    acknowledged: set[int] = set()
    for _ in range(kills):
        with Catalog.open(path) as catalog:
            left = [image for image in ids if image not in accepted(catalog)]
        acknowledged |= decided_until_killed(path, chance, left[:400])
    log = DecisionLog(path.parent)
    with Catalog.open(path) as catalog:
        decisions.decide_by_name(catalog, [], "jeep", "kari", "One more")
        there = accepted(catalog)
        with catalog.read() as connection:
            assert events.newest(connection) == log.last()
    history = History.of(log.read())
    assert history.missing == 0
    counting = history.counting()
    rebuilt = tmp_path / "rebuilt" / "catalog.sqlite"
    rebuilt.parent.mkdir()
    with Catalog.create(rebuilt) as catalog:
        done = replay(catalog, (one for one in log.read() if one.number in counting))
        assert done.skipped == 0
        assert accepted(catalog) == there
    assert acknowledged <= there
