"""A clock that is put back: the order of what was done stays the order in which it was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from core.catalog import backups as catalog_backups
from core.catalog import journal
from core.catalog.history import History
from core.catalog.review import last_verdicts
from core.progress import Silent
from core.types import Decision, ImageId, Verdict
from core.workflows import backups, label, recovery
from core.workflows.project import Project

START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the clock is a day earlier."""
    days = count()

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return START - timedelta(days=next(days))

    for module in (journal, catalog_backups):
        monkeypatch.setattr(module, "datetime", Clock)


@pytest.mark.usefixtures("backwards")
def test_steps_are_undone_last_in_first_out(project: Project) -> None:
    titles = [f"Add “{name}”" for name in ("one", "two", "three")]
    for name in ("one", "two", "three"):
        label.add_keyword(project, [ImageId(1)], name)
    undone = [step.title for step in (label.undo(project) for _ in titles) if step]
    assert undone == titles[::-1]
    redone = [step.title for step in (label.redo(project) for _ in titles) if step]
    assert redone == titles


@pytest.mark.usefixtures("backwards")
def test_the_last_answers_of_a_review_are_those_given_last(project: Project) -> None:
    keyword, _ = label.add_keyword(project, [], "one")
    given = [Verdict.REJECTED, Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.REJECTED]
    for number, verdict in enumerate(given):
        answer = Decision(ImageId(number + 1), keyword.id, verdict, "review-wrong", 0.5)
        label.decide(project, [answer], "Answer")
    assert last_verdicts(project.catalog, "review-wrong", 3) == given[:0:-1]
    label.undo(project)
    assert last_verdicts(project.catalog, "review-wrong", 3) == given[2::-1]


@pytest.mark.usefixtures("backwards")
def test_the_newest_backup_is_the_one_made_last(project: Project) -> None:
    made = [backups.back_up(project, Silent()).name for _ in range(3)]
    listed = [one.name for one in backups.list_backups(project.folder)]
    assert listed[:3] == made[::-1]
    assert [one.made for one in backups.list_backups(project.folder)][:3] == sorted(
        one.made for one in backups.list_backups(project.folder)[:3]
    )


@pytest.mark.usefixtures("backwards")
def test_a_log_is_replayed_in_its_own_order(project: Project) -> None:
    for name in ("one", "two"):
        label.add_keyword(project, [ImageId(1)], name)
    label.undo(project)
    assert History.of(project.catalog.log.read()).missing == 0
    recovery.rebuild_from_log(project.folder, Silent())
    assert label.redo_title(project) == "Add “two”"
    assert label.undo_title(project) == "Add “one”"
