"""Valid files made wrong: what a broken disk, a broken program or an attacker would hand over."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence

MAX_BYTES = 1 << 20
"""A mutant is never larger: what large files cost is measured elsewhere."""
_INTERESTING = (
    *(0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF),
    *(0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF),
)
_FORMATS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")
_TOKENS = (
    *(b"\0", b'"', b"'", b"\n", b"\r", b"\t", b";", b",", b"[", b"]", b"{", b"}", b"=", b"-"),
    *(b"null", b"NaN", b"Infinity", b"1e999", b"-1", b"1" * 5000, b"true", b'""', b"[]", b"{}"),
    *(b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"\xff\xd8\xff\xd9"),
    *(b"../../../etc/passwd", b"/etc/passwd", b"C:\\Windows\\win.ini", b"%s%n", b"=cmd|' /C x'!A1"),
    *(b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"[" * 3000, b'{"a":' * 3000, b"A" * 70_000, b"sep=;"),
)

Mutation = Callable[[bytearray, random.Random, bytes], None]
"""Changes the first argument in place; the last one is another valid file."""


def mutate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """``data`` after one to six mutations; ``others`` are valid files of the same kind."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        rng.choice(_MUTATIONS)(changed, rng, rng.choice(others))
        del changed[MAX_BYTES:]
    return bytes(changed)


def _place(data: bytearray, rng: random.Random) -> int:
    """Anywhere, but every second time near the start, where headers are."""
    end = min(len(data), 512) if rng.random() < 0.5 else len(data)
    return rng.randrange(end) if end else 0


def _range(data: bytearray, rng: random.Random) -> slice:
    start = _place(data, rng)
    return slice(start, start + rng.choice((1, 2, 4, 8, 64, 1024)))


def _flip_bits(data: bytearray, rng: random.Random, _other: bytes) -> None:
    for _ in range(rng.choice((1, 1, 4, 32))):
        if data:
            data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _change_bytes(data: bytearray, rng: random.Random, _other: bytes) -> None:
    for _ in range(rng.choice((1, 4, 32))):
        if data:
            data[_place(data, rng)] = rng.randrange(256)


def _cut_off(data: bytearray, rng: random.Random, _other: bytes) -> None:
    del data[_place(data, rng) :]


def _take_out(data: bytearray, rng: random.Random, _other: bytes) -> None:
    del data[_range(data, rng)]


def _repeat(data: bytearray, rng: random.Random, _other: bytes) -> None:
    part = data[_range(data, rng)]
    place = _place(data, rng)
    data[place:place] = part * rng.choice((1, 2, 50))


def _move(data: bytearray, rng: random.Random, _other: bytes) -> None:
    taken = _range(data, rng)
    part = data[taken]
    del data[taken]
    place = _place(data, rng)
    data[place:place] = part


def _fill(data: bytearray, rng: random.Random, _other: bytes) -> None:
    taken = _range(data, rng)
    data[taken] = bytes([rng.choice((0, 0xFF, 0x20))]) * len(data[taken])


def _write_number(data: bytearray, rng: random.Random, _other: bytes) -> None:
    """A length or an offset that no file of this size has."""
    form = rng.choice(_FORMATS)
    size = struct.calcsize(form)
    number = rng.choice((*_INTERESTING, len(data), len(data) + 1, rng.getrandbits(64)))
    place = _place(data, rng)
    data[place : place + size] = struct.pack(form, number % (1 << 8 * size))


def _write_token(data: bytearray, rng: random.Random, _other: bytes) -> None:
    place = _place(data, rng)
    data[place : place + rng.choice((0, 0, 1, 8))] = rng.choice(_TOKENS)


def _splice(data: bytearray, rng: random.Random, other: bytes) -> None:
    """The start of one file and the end of another one."""
    data[_place(data, rng) :] = other[rng.randrange(len(other) + 1) :]


_MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits,
    _change_bytes,
    _cut_off,
    _take_out,
    _repeat,
    _move,
    _fill,
    _write_number,
    _write_token,
    _splice,
)
