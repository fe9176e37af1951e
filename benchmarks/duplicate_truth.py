"""Which images of a drawn archive are left out as duplicates, held against what they were drawn as.

    python -m benchmarks.duplicate_truth DEMO_FOLDER [--answers 150]

The thresholds as they are assumed, the standard ones of no encoder, and those that follow when
pairs are answered as the truth says, one after the other, until they settle. Answers are only kept
in memory.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.catalog import images
from core.prepare.assumption import STANDARD, Assumption
from core.prepare.duplicates import Pairs, deduplicate
from core.prepare.thresholds import DuplicateThresholds, duplicate_thresholds, most_informative
from core.progress import Silent
from core.workflows.assumed_thresholds import assume
from core.workflows.comparison import Comparison, compare_images
from core.workflows.duplicates import labels_of_compared
from core.workflows.project import Project, open_project


@dataclass(frozen=True, slots=True)
class Truth:
    """``groups`` (n,): images of one drawing have one number."""

    groups: NDArray[np.int64]

    @property
    def copies(self) -> int:
        """Images that are copies of another one."""
        return len(self.groups) - len(np.unique(self.groups))


def read_truth(project: Project, comparison: Comparison, table: Path) -> Truth:
    """What the compared images were drawn as."""
    with table.open(encoding="utf-8", newline="") as stream:
        group = {row["path"]: row["duplicate_group"] for row in csv.DictReader(stream)}
    known = images.get_images(project.catalog, comparison.images.tolist())
    names = [group[image.path] or f"image {image.id}" for image in known]
    return Truth(np.unique(names, return_inverse=True)[1])


def say(
    title: str,
    project: Project,
    comparison: Comparison,
    truth: Truth,
    told: Pairs,
    limits: DuplicateThresholds,
) -> None:
    """One line: how many images are left out, and how many of them rightly."""
    pairs = comparison.pairs
    labels, _ = labels_of_compared(project, comparison)
    found = deduplicate(
        Pairs(pairs.first, pairs.second, pairs.similarity),
        labels,
        np.arange(len(truth.groups)),
        limits.lower,
        limits.upper,
        told,
    )
    removed = int((~found.kept).sum())
    both = np.stack([found.groups, truth.groups], axis=1)[found.groups >= 0]
    right = int((found.groups >= 0).sum()) - len(np.unique(both, axis=0))
    print(
        f"{title:<34} {limits.lower:.4f} {limits.upper:.4f}  left out {removed:>5}, "
        f"rightly {right:>4}  precision {right / max(removed, 1):6.1%}  "
        f"recall {right / truth.copies:6.1%}"
    )


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path)
    parser.add_argument("--answers", type=int, default=150, help="at most so many")
    asked_for = parser.parse_args()
    with open_project(asked_for.demo / "demo.clipkw") as project:
        assumption = assume(project, Silent())
        comparison = compare_images(project, Silent(), 0.9)
        truth = read_truth(project, comparison, asked_for.demo / "truth.csv")
        print(f"{len(truth.groups)} images, {truth.copies} of them copies; {assumption}")
        none = Pairs(*(np.empty(0, dtype=np.int64),) * 2, np.empty(0, dtype=np.float32))
        empty = (np.empty(0, dtype=np.float32), np.empty(0, dtype=np.bool_))
        for title, assumed in (("standard", STANDARD), ("assumed for the encoder", assumption)):
            limits = duplicate_thresholds(*empty, assumed)
            say(title, project, comparison, truth, none, limits)
        told, limits = answer(comparison, truth, assumption, asked_for.answers)
        state = "settled" if limits.converged else "open"
        title = f"{limits.answers} answers ({int(told.similarity.sum())} duplicates), {state}"
        say(title, project, comparison, truth, told, limits)
        half = limits.leaving_out(0.5)
        say("... left out from 50 % on", project, comparison, truth, told, half)


def answer(
    comparison: Comparison, truth: Truth, assumption: Assumption, most: int
) -> tuple[Pairs, DuplicateThresholds]:
    """Answers as the truth says until the thresholds settle, the most informative pair each time.

    Similarity is 1 for duplicates and 0 for others.
    """
    best = comparison.pairs.best
    rows = np.arange(len(best))
    low, high = np.minimum(rows, best), np.maximum(rows, best)
    _, once = np.unique(low * len(best) + high, return_index=True)
    once = once[comparison.content[low[once]] != comparison.content[high[once]]]
    first, second = low[once], high[once]
    similarity = comparison.pairs.best_similarity[once]
    same = truth.groups[first] == truth.groups[second]
    asked: list[int] = []
    limits = duplicate_thresholds(similarity[asked], same[asked], assumption)
    while not limits.converged and len(asked) < most:
        answered = np.zeros(len(first), dtype=np.bool_)
        answered[asked] = True
        asked += most_informative(similarity, limits, answered, 1, len(asked)).tolist()
        limits = duplicate_thresholds(similarity[asked], same[asked], assumption)
    return Pairs(first[asked], second[asked], same[asked].astype(np.float32)), limits


if __name__ == "__main__":
    main()
