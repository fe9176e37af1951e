"""The table at the end of an endurance run: what was done to the program, and what was lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

import pytest

RecordProperty = Callable[[str, object], None]
COLUMNS = ("kills", "faults", "inputs", "loaded", "refused")
"""What tests count, by ``record_property``."""
_WIDTH = 9


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for every subject that tests have counted something of, and one for all of it."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        given = dict(report.user_properties)
        counted = {name: int(str(given[name])) for name in COLUMNS if name in given}
        if counted:
            subject = counts[str(given.get("subject", _subject(report)))]
            subject.update(counted)
            subject["failed"] += not report.passed
            subject["seconds"] += round(report.duration)
    whole: Counter[str] = sum(counts.values(), Counter())
    heads = (*COLUMNS, "failed", "seconds")
    lines = [f"{'':<46}" + "".join(f"{head:>{_WIDTH}}" for head in heads)]
    for name, row in [*sorted(counts.items()), ("all", whole)]:
        lines.append(f"{name:<46}" + "".join(f"{row[head] or '':>{_WIDTH}}" for head in heads))
    end = "nothing was lost" if not whole["failed"] else "see what failed for what was lost"
    hours = whole["seconds"] / 3600
    said = ", ".join(f"{whole[name]} {name}" for name in COLUMNS[:3])
    return [*lines, f"{said} in {hours:.1f} hours of tests; {end}"]


def _subject(report: pytest.TestReport) -> str:
    """The file and the function of a test."""
    path, _, name = report.nodeid.partition("::")
    if "tests/faults/" in report.nodeid:
        return path.removeprefix("tests/").removesuffix(".py")
    return name.partition("[")[0].removeprefix("test_").replace("_", " ")[:46]
