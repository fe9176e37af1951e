"""Feeds every loader with damaged files: ``python tests/hostile/fuzz.py --inputs 100000``.

Allowed is that a file loads, or is refused with one printable line. Every loader runs in a process
of its own; one that dies or hangs is counted, and the next input is tried in a fresh one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from loaders import shares  # noqa: E402

HANGS_AFTER = 900
"""Seconds without a note after which a child is taken for hanging in native code.

Many more than one input may take: on a machine that does other work too, they pass slowly."""
STARTS_WITHIN = 900
"""Seconds for what a child imports, on a machine that does other work too."""
MOST_CRASHES = 20
"""Of one loader, before it is given up."""
ALLOWED = ("loaded", "refused")


@dataclass
class Outcome:
    """What came of the inputs of one loader: counts, and the details of faults by input."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)
    peak_mib: int = 0
    seconds: float = 0.0

    @property
    def inputs(self) -> int:
        """How many were tried."""
        return sum(self.counts.values())

    @property
    def has_died_often(self) -> bool:
        """There is no use in finding the same crash for hours."""
        return self.counts["crashed"] + self.counts["hung"] >= MOST_CRASHES


Part = tuple[str, int, int]
"""A loader, the number of its first input, and how many."""


def fuzz(parts: Sequence[Part], seed: int) -> dict[str, Outcome]:
    """Try so many mutants on each loader; the same ones for the same ``seed``."""
    outcomes = {name: Outcome() for name, _, _ in parts}
    start = time.monotonic()
    left, runs = list(parts), 0
    # in it work children that may die and leave it as it is
    with tempfile.TemporaryDirectory(prefix="hostile-", dir=_in_memory()) as folder:
        while left and not any(one.has_died_often for one in outcomes.values()):
            runs += 1
            left = _run_child(left, seed, Path(folder) / f"notes-{runs}", outcomes)
    for outcome in outcomes.values():
        outcome.seconds = time.monotonic() - start
    return outcomes


def _in_memory() -> str | None:
    """A file system without a disk, on which nothing has to be waited for; None: the usual one."""
    shared = Path("/dev/shm")
    return str(shared) if os.access(shared, os.W_OK | os.X_OK) else None


def _run_child(
    parts: Sequence[Part], seed: int, notes: Path, outcomes: dict[str, Outcome]
) -> list[Part]:
    """Run one child as long as it lives; what is left to be tried after it."""
    errors = notes.with_suffix(".err")
    with errors.open("wb") as stream:
        child = subprocess.Popen(
            [sys.executable, HERE / "child.py", str(seed), notes]
            + [str(one) for part in parts for one in part],
            stdout=stream,
            stderr=stream,
            cwd=notes.parent,
        )
        hung = not _wait(child, notes)
    said = errors.read_text(errors="replace")[-2_000:]
    begun = _take_notes(notes, outcomes)
    if child.returncode == 0:
        return []
    if begun is None:
        raise RuntimeError(f"The child ended with {child.returncode}: {said}")
    name, number = begun
    outcomes[name].counts["hung" if hung else "crashed"] += 1
    outcomes[name].faults[number] = f"the process ended with {child.returncode}: {said}"
    at = [part[0] for part in parts].index(name)
    _, first, count = parts[at]
    rest = (name, number + 1, first + count - number - 1)
    return [rest, *parts[at + 1 :]]


def _take_notes(notes: Path, outcomes: dict[str, Outcome]) -> tuple[str, int] | None:
    """Count what a child has noted; the loader and number of an input that was not finished."""
    begun = None
    for line in notes.read_text().splitlines() if notes.exists() else []:
        note = json.loads(line)
        if "peak" in note:
            for outcome in outcomes.values():
                outcome.peak_mib = max(outcome.peak_mib, note["peak"] // 1024)
        elif "how" in note:
            begun = None
            outcome = outcomes[note["loader"]]
            outcome.counts[note["how"]] += 1
            if note["how"] not in ALLOWED:
                outcome.faults[note["input"]] = f"{note['how']}: {note['details']}"
        else:
            begun = note["loader"], note["input"]
    return begun


def _wait(child: subprocess.Popen[bytes], notes: Path) -> bool:
    """Wait for the end of a child; False if it had to be ended because it hung."""
    size, since = -1, time.monotonic()
    while child.poll() is None:
        time.sleep(0.05)
        now = notes.stat().st_size if notes.exists() else 0
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > (HANGS_AFTER if now else STARTS_WITHIN):
            child.kill()
            child.wait()
            return False
    return True


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="loaders whose names begin like this")
    parser.add_argument("--faults", type=Path, help="write the details of faults to this file")
    options = parser.parse_args()
    say(f"{'loader':<28}{'inputs':>8}{'loaded':>8}{'refused':>8}{'faults':>8}{'MiB':>6}{'s':>7}")
    whole: Counter[str] = Counter()
    details = []
    for name, count in shares(options.inputs).items():
        if not name.startswith(options.only):
            continue
        found = fuzz([(name, 0, count)], options.seed)[name]
        whole.update(found.counts)
        details += [f"{name} {options.seed} {at}\n{text}\n" for at, text in found.faults.items()]
        faults = found.inputs - sum(found.counts[kind] for kind in ALLOWED)
        loaded, refused = (found.counts[kind] for kind in ALLOWED)
        say(
            f"{name:<28}{found.inputs:>8}{loaded:>8}{refused:>8}{faults:>8}"
            f"{found.peak_mib:>6}{found.seconds:>7.0f}"
        )
        if options.faults is not None:
            options.faults.write_text("\n".join(details))
    say(f"{sum(whole.values())} inputs: {dict(whole)}")
    raise SystemExit(bool(details))


if __name__ == "__main__":
    main()
