"""Mutants that keep their form: only so are the values behind a parser reached."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from mutations import mutate

_VALUES: tuple[Any, ...] = (
    *(None, True, False, "", [], {}, [[]], [None], {"a": None}),
    *(0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, 1e308, -1e-320),
    *(float("nan"), float("inf"), -float("inf")),
    *("a", "a\0b", "\n", "x" * 5_000, "../../etc/passwd", "/etc/passwd", "\ud800", "hf-hub:a/b"),
    *([1, 2, 3], [2**62] * 3, [-1], ["a"] * 3, [0.5] * 3, [[1.0, 2.0]], {"a": {"b": [1]}}),
)
_TOML_VALUES = (
    *("0", "-1", "nan", "inf", "1e400", "9" * 40, "0x10", "true", '""', '"a\\u0000b"', "'''\na'''"),
    *("[]", "{}", "[[1]]", "1979-05-27", "00:00:00", '"/etc"', '"~"', '"' + "x" * 5_000 + '"'),
)


def mutate_json(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Three times in four another value somewhere in the JSON, else damaged bytes."""
    if rng.random() < 0.25:
        return mutate(data, others, rng)
    root = [json.loads(data)]
    for _ in range(rng.choice((1, 1, 2, 4))):
        _change(root, rng)
    # lone surrogates are written as escapes, as an attacker would
    return json.dumps(root[0]).encode()


def _change(root: list[Any], rng: random.Random) -> None:
    """Change one place in a tree of lists and dictionaries."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        keys = node if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    node, key = rng.choice(places)
    if node is not root and isinstance(node, dict) and rng.random() < 0.2:
        del node[key]
    elif isinstance(node, dict) and rng.random() < 0.2:
        node[rng.choice(("", "a", "name", "shape", "data_offsets", "__metadata__"))] = node[key]
    else:
        node[key] = deepcopy(rng.choice((*_VALUES, rng.choice(places)[1])))


def mutate_safetensors(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Another value in the header, of a right length; or damaged bytes."""
    size = int.from_bytes(data[:8], "little")
    choice = rng.random()
    if choice < 0.3:
        return mutate(data, others, rng)
    header, rest = json.loads(data[8 : 8 + size]), data[8 + size :]
    if choice < 0.5:
        return data[: 8 + size] + mutate(rest, [rest], rng)
    if choice < 0.7 and "clipkw" in header.get("__metadata__", {}):
        inner = header["__metadata__"]["clipkw"].encode()
        header["__metadata__"]["clipkw"] = mutate_json(inner, [inner], rng).decode("latin-1")
    else:
        root = [header]
        _change(root, rng)
        header = root[0]
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + rest


def mutate_toml(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Every second time another value behind an equals sign, else damaged bytes."""
    lines = data.split(b"\n")
    given = [at for at, line in enumerate(lines) if b" = " in line]
    if rng.random() < 0.5 or not given:
        return mutate(data, others, rng)
    at = rng.choice(given)
    lines[at] = lines[at].partition(b" = ")[0] + b" = " + rng.choice(_TOML_VALUES).encode()
    return b"\n".join(lines)
