"""The measured part of docs/performance.md is what the benchmark programs have kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import record, report  # noqa: E402
from benchmarks.record import Figure, Record  # noqa: E402


def test_the_page_is_what_was_measured() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    assert page == report.replaced(page, report.render(record.all_rows())), (
        "run: python -m benchmarks.report"
    )


def test_every_row_belongs_to_a_journey_and_a_program() -> None:
    rows = record.all_rows()
    assert {row.journey for row in rows} <= set(report.JOURNEYS)
    programs = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert {row.program for row in rows} <= programs


def test_a_row_replaces_the_older_one_of_its_name_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    run = Record("search_step", "made up")
    run.add("search", "one", Figure(1.0, "s"), target="2 s", met=True)
    run.add("search", "two", Figure(2.0, "s"))
    run.add("search", "one", Figure(4.0, "s"), target="2 s", met=False)
    rows = record.all_rows()
    assert [(row.what, row.ours[0].value, row.met) for row in rows] == [
        ("two", 2.0, None),
        ("one", 4.0, False),
    ]
    text = report.render(rows)
    verdict = "missed on a busy machine" if run._load > 2 * rows[1].machine.cores else "**missed**"
    assert f"| one | 4 s |  |  | 2 s | {verdict} |" in text
    assert "`search_step`: made up; 20" in text
    assert f"load at the start {round(run._load, 1)}." in text


@pytest.mark.parametrize(
    ("journey", "verdict"), [("search", "missed on a busy machine"), ("clicks", "**missed**")]
)
def test_a_busy_machine_excuses_speed_alone(
    journey: str, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    monkeypatch.setattr("os.getloadavg", lambda: (1000.0, 0.0, 0.0))
    Record("search_step", "").add(journey, "one", Figure(9.0, "keys"), target="3", met=False)
    assert f"| one | 9 keys |  |  | 3 | {verdict} |" in report.render(record.all_rows())


def test_data_stand_in_the_rows_if_they_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    run = Record("import_rate", "large")
    run.add("import", "one", Figure(1.0, "s"))
    run.add("import", "two", Figure(2.0, "s"), data="small")
    text = report.render(record.all_rows())
    assert "| one; large | 1 s |" in text
    assert "| two; small | 2 s |" in text


def test_what_stands_outside_of_the_markers_stays() -> None:
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    assert report.replaced(page, "new") == (
        f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"
    )
    with pytest.raises(ValueError, match="markers"):
        report.replaced("no markers", "new")


@pytest.mark.parametrize(
    ("value", "said"),
    [(12345.6, "12 346"), (100, "100"), (99.94, "99.9"), (0.01234, "0.0123"), (2.0, "2"), (0, "0")],
)
def test_three_digits_count(value: float, said: str) -> None:
    assert record.readable(value) == said
