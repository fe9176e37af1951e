"""The fuzzer sees what it is there to see, and goes on behind a process that has died."""

from __future__ import annotations

import random

import pytest
from fuzz import fuzz
from loader import Mutate
from mutations import MAX_BYTES, mutate
from structured import mutate_json, mutate_safetensors, mutate_toml

HEADER = b'{"__metadata__": {"clipkw": "{}"}, "a": {"shape": [1]}}'


def check(*kinds: str) -> None:
    """Every third input of a bad loader is a fault of its kind; all others are tried too."""
    found = fuzz([(f"bad: {kind}", 0, 7) for kind in kinds], seed=1)
    for kind in kinds:
        outcome = found[f"bad: {kind}"]
        assert outcome.counts == {kind: 2, "loaded": 5}
        assert sorted(outcome.faults) == [2, 5]


def test_every_kind_of_fault_is_seen_and_the_rest_is_tried() -> None:
    check("raised", "message", "left", "crashed")


@pytest.mark.endurance
@pytest.mark.timeout(3_600)
def test_what_takes_too_long_is_seen() -> None:
    check("slow")


def test_mutants_are_the_same_for_the_same_seed_and_never_large() -> None:
    data = bytes(range(256)) * 40
    for seed in range(300):
        one, other = (mutate(data, [data, b"other"], random.Random(seed)) for _ in range(2))
        assert one == other
        assert len(one) <= MAX_BYTES


@pytest.mark.parametrize(
    ("mutator", "data"),
    [
        (mutate_json, b'{"a": [1, {"b": null}], "c": "d"}'),
        (mutate_toml, b"[a]\nb = 1\nc = 2\n"),
        (mutate_safetensors, len(HEADER).to_bytes(8, "little") + HEADER + b"1234"),
    ],
)
def test_structured_mutants_are_many_and_the_same_for_the_same_seed(
    mutator: Mutate, data: bytes
) -> None:
    found = {mutator(data, [data], random.Random(seed)) for seed in range(200)}
    assert found == {mutator(data, [data], random.Random(seed)) for seed in range(200)}
    assert len(found) > 40
