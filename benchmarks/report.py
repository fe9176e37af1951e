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

from benchmarks.record import Row, all_rows, readable

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
    "demo": "The demo",
}
"""What an analyst does, in the order of the page."""
_HEAD = "| what | ours | beside | ratio | target | |\n|---|---|---|---|---|---|"
_VERDICTS = {True: "met", False: "**missed**", None: ""}


def render(rows: Sequence[Row]) -> str:
    """The part between the markers: a table for each journey, then the machines."""
    parts = []
    for journey, title in JOURNEYS.items():
        own = [row for row in rows if row.journey == journey]
        if own:
            parts.append(f"### {title}\n\n{_HEAD}\n" + "\n".join(map(_line, own)))
            parts.append(_where(own))
    return "\n\n".join(parts)


def replaced(page: str, measured: str) -> str:
    """The page with another measured part."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("the markers of the measured part are not on the page")
    return f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}"


def _line(row: Row) -> str:
    beside = [*map(str, row.peers), *([str(row.limit)] if row.limit else [])]
    cells = (
        f"{row.what}; {row.data}" if row.data else row.what,
        ", ".join(map(str, row.ours)),
        "; ".join(beside),
        "" if row.ratio is None else readable(row.ratio),
        row.target,
        _VERDICTS[row.met],
    )
    return f"| {' | '.join(cells)} |"


def _where(rows: Sequence[Row]) -> str:
    runs = {}
    for row in rows:
        machine = row.machine
        runs[
            f"`{row.program}`, {row.date}, {machine.processor}, {machine.cores} cores, "
            f"{machine.memory_gib} GiB, load at the start"
        ] = None
    said = []
    for run in runs:
        loads = [row.load for row in rows if run.startswith(f"`{row.program}`, {row.date},")]
        low, high = min(loads), max(loads)
        said.append(f"{run} {low}" if low == high else f"{run} {low} to {high}")
    return "; ".join(said) + "."


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
