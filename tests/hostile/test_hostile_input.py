"""Damaged and hostile files: each loads, or is refused in one line; nothing else ever happens."""

from __future__ import annotations

import pytest
from endurance import RecordProperty
from fuzz import ALLOWED, fuzz
from loaders import LOADERS, shares

INPUTS = 400
"""In the sample that every run of the tests takes."""
MANY = 100_000


def test_a_sample_of_damaged_files_loads_or_is_refused_in_one_line() -> None:
    parts = [(name, 0, count) for name, count in shares(INPUTS).items()]
    found = fuzz(parts, seed=0)
    assert {name: outcome.faults for name, outcome in found.items() if outcome.faults} == {}
    assert sum(outcome.inputs for outcome in found.values()) >= INPUTS
    assert all(outcome.inputs for outcome in found.values())


@pytest.mark.endurance
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize("name", LOADERS)
def test_many_damaged_files_load_or_are_refused_in_one_line(
    name: str, record_property: RecordProperty
) -> None:
    count = shares(MANY)[name]
    outcome = fuzz([(name, 0, count)], seed=1)[name]
    record_property("subject", f"hostile: {name}")
    record_property("inputs", outcome.inputs)
    for kind in ALLOWED:
        record_property(kind, outcome.counts[kind])
    assert outcome.faults == {}
    assert sum(outcome.counts[kind] for kind in ALLOWED) == count
