"""What a benchmark program has measured, kept in ``benchmarks/results`` for the report.

A program makes one :class:`Record` when it starts, adds a row for every figure and is done: each
row is on the disk when :meth:`Record.add` returns, in place of an older row of the same name, so
that a program that runs only some of its stages leaves the others as they were.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that was measured, in ``unit``; ``name`` says of what, empty for ours."""

    value: float
    unit: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} {readable(self.value)} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured."""

    processor: str
    cores: int
    memory_gib: int
    system: str

    @classmethod
    def here(cls) -> Machine:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        return cls(_processor(), os.cpu_count() or 1, round(memory), platform.system())


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report.

    ``journey`` is a key of the report's JOURNEYS. ``peers`` do the same work; ``limit`` is what the
    machine can do at best. ``ratio`` is what the target speaks of, if it speaks of one. ``met`` is
    None where there is no target.
    """

    journey: str
    what: str
    ours: tuple[Figure, ...]
    peers: tuple[Figure, ...]
    limit: Figure | None
    ratio: float | None
    target: str
    met: bool | None
    data: str
    program: str
    date: str
    load: float
    machine: Machine


class Record:
    """The rows of one run of a program."""

    def __init__(self, program: str, data: str) -> None:
        self._program = program
        self._data = data
        self._load = os.getloadavg()[0]
        self._machine = Machine.here()

    def add(
        self,
        journey: str,
        what: str,
        ours: Figure | Sequence[Figure],
        *,
        peers: Sequence[Figure] = (),
        limit: Figure | None = None,
        ratio: float | None = None,
        target: str = "",
        met: bool | np.bool_ | None = None,
        data: str = "",
    ) -> None:
        """Say it, and keep it in place of an older row of the same name."""
        row = Row(
            journey,
            what,
            (ours,) if isinstance(ours, Figure) else tuple(ours),
            tuple(peers),
            limit,
            ratio,
            target,
            None if met is None else bool(met),
            data or self._data,
            self._program,
            datetime.now(UTC).date().isoformat(),
            round(self._load, 1),
            self._machine,
        )
        path = RESULTS / f"{self._program}.json"
        kept = [old for old in _read(path) if (old.journey, old.what) != (journey, what)]
        _write(path, [*kept, row])
        _say(row)


def percentiles(seconds: Sequence[float]) -> tuple[Figure, Figure]:
    """The median and the 95th percentile, in milliseconds."""
    half, most = np.percentile(np.array(seconds) * 1_000, (50, 95))
    return Figure(float(half), "ms", "p50"), Figure(float(most), "ms", "p95")


def readable(value: float) -> str:
    """Three digits that count, thousands set apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:#.3g}".rstrip("0").rstrip(".") if value else "0"


def all_rows() -> list[Row]:
    """Everything measured so far, in the order of programs and of their rows."""
    return [row for path in sorted(RESULTS.glob("*.json")) for row in _read(path)]


def _read(path: Path) -> list[Row]:
    if not path.exists():
        return []
    return [_row(kept) for kept in json.loads(path.read_text(encoding="utf-8"))]


def _row(kept: dict[str, Any]) -> Row:
    limit = kept["limit"]
    figures = {name: tuple(Figure(**one) for one in kept[name]) for name in ("ours", "peers")}
    return Row(
        **kept
        | figures
        | {"limit": Figure(**limit) if limit else None, "machine": Machine(**kept["machine"])}
    )


def _write(path: Path, rows: Sequence[Row]) -> None:
    path.parent.mkdir(exist_ok=True)
    text = json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False)
    part = path.with_suffix(".part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def _say(row: Row) -> None:
    verdict = {True: "met", False: "MISSED", None: ""}[row.met]
    said = [", ".join(map(str, row.ours)), *map(str, row.peers)]
    said += [str(row.limit)] if row.limit else []
    said += [f"ratio {readable(row.ratio)}"] if row.ratio is not None else []
    said += [f"target {row.target}: {verdict}"] if row.target else []
    print(f"= {row.what}: {'; '.join(said)}", flush=True)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
