"""Write the measured part of docs/performance.md from what the programs have kept.

    python -m benchmarks.report [--check]

Everything outside of the two markers is written by hand and stays as it is. ``--check`` only says
whether the page is as the results are.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.record import Machine, Row, all_rows, readable

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN = "<!-- measured: written by python -m benchmarks.report, not by hand -->"
END = "<!-- measured: end -->"

JOURNEYS: Mapping[str, str] = {
    "start": "Program start",
    "grid": "Scrolling and jumping in the grid",
    "label": "Labeling: the next image, a decision",
    "search": "Search",
    "duplicates": "Duplicates",
    "import": "Import",
    "encode": "Encoding",
    "all-pairs": "All pairs",
    "top-k": "Exact nearest neighbors",
    "index": "References by the million",
    "tuning": "Tuning of neighbor search",
    "evaluation": "Evaluating everything",
    "fine-tuning": "Fine-tuning and the linear probe",
    "growth": "Growth with the archive",
    "review": "Review of planted errors",
    "calibration": "Calibration of confidences",
    "clicks": "Keys for a keyworded image",
    "demo": "The demo",
}
"""What an analyst does, in the order of the page."""
_HEAD = "| what | ours | beside | ratio | target | |\n|---|---|---|---|---|---|"
QUALITY = frozenset({"calibration", "clicks"})
"""Journeys whose figures do not depend on how fast a machine is."""
_BUSY = 2.0
"""A load of so many times the cores slows everything down several times."""


def render(rows: Sequence[Row]) -> str:
    """The part between the markers: a table for each journey, then the machines."""
    parts = []
    for journey, title in JOURNEYS.items():
        own = [row for row in rows if row.journey == journey]
        if own:
            shared = _shared_data(own)
            lines = [_line(row, shared) for row in own]
            parts.append(f"### {title}\n\n{_HEAD}\n" + "\n".join(lines))
            parts += [_where(program, own, shared) for program in shared]
    return "\n\n".join(parts)


def replaced(page: str, measured: str) -> str:
    """The page with another measured part."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("the markers of the measured part are not on the page")
    return f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}"


def _shared_data(rows: Sequence[Row]) -> dict[str, str]:
    """By program: the data of all its rows, or nothing if they have not the same."""
    data: dict[str, set[str]] = {}
    for row in rows:
        data.setdefault(row.program, set()).add(row.data)
    return {name: found.pop() if len(found) == 1 else "" for name, found in data.items()}


def _line(row: Row, shared: Mapping[str, str]) -> str:
    beside = [*map(str, row.peers), *([str(row.limit)] if row.limit else [])]
    cells = (
        row.what if shared[row.program] or not row.data else f"{row.what}; {row.data}",
        ", ".join(map(str, row.ours)),
        "; ".join(beside),
        "" if row.ratio is None else readable(row.ratio),
        row.target,
        _verdict(row),
    )
    return f"| {' | '.join(cells)} |"


def _verdict(row: Row) -> str:
    if row.met is None:
        return ""
    if row.met:
        return "met"
    is_busy = row.journey not in QUALITY and row.load > _BUSY * row.machine.cores
    return "missed on a busy machine" if is_busy else "**missed**"


def _where(program: str, rows: Sequence[Row], shared: Mapping[str, str]) -> str:
    own = [row for row in rows if row.program == program]
    runs: dict[tuple[str, Machine], list[float]] = {}
    for row in own:
        runs.setdefault((row.date, row.machine), []).append(row.load)
    said = [shared[program]] if shared[program] else []
    for (date, machine), loads in runs.items():
        low, high = min(loads), max(loads)
        load = f"{low}" if low == high else f"{low} to {high}"
        said.append(
            f"{date}, {machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB, "
            f"load at the start {load}"
        )
    return f"`{program}`: {'; '.join(said)}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        write_page()
    elif PAGE.read_text(encoding="utf-8") != wanted_page():
        sys.exit("docs/performance.md is not what was measured: python -m benchmarks.report")


def wanted_page() -> str:
    return replaced(PAGE.read_text(encoding="utf-8"), render(all_rows()))


def write_page() -> None:
    PAGE.write_text(wanted_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
