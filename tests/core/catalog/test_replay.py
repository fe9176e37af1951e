"""A catalog rebuilt from its decision log says what it said, and can be undone as it could."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.catalog import (
    Catalog,
    choices,
    decisions,
    events,
    images,
    journal,
    keyword_edits,
    overview,
    pair_answers,
    schema,
)
from core.catalog.decision_log import DecisionLog, LoggedEvent
from core.catalog.history import History
from core.catalog.keyword_edits import KeywordEdit
from core.catalog.keywords import all_keywords
from core.catalog.replay import Replayed, replay
from core.types import Decision, FileRecord, ImageId, ImageState, KeywordId, KeywordStatus, Verdict

IMAGES = 4
WORDS = ("tank", "snø", "jeep", "bro")
OWNED = (
    schema.keywords,
    schema.synonyms,
    schema.labels,
    schema.steps,
    schema.label_changes,
    schema.keyword_changes,
    schema.synonym_changes,
    schema.pair_answers,
    schema.pair_changes,
    schema.choices,
    schema.choice_changes,
    schema.events,
)


def file_record(path: str) -> FileRecord:
    return FileRecord(path, f"content of {path}", 1_000, 1_700, 40, 30)


def owned(catalog: Catalog) -> dict[str, list[Any]]:
    """All that people have said, and all that can be undone."""
    with catalog.read() as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in OWNED}


def rebuilt(folder: Path, log: DecisionLog) -> tuple[Catalog, Replayed]:
    new = folder / "rebuilt"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    catalog = Catalog.create(new / "catalog.sqlite")
    counting = History.of(log.read()).counting()
    return catalog, replay(catalog, (one for one in log.read() if one.number in counting))


def add_images(catalog: Catalog) -> list[ImageId]:
    found = [file_record(f"{number}.jpg") for number in range(IMAGES)]
    images.record_scan(catalog, found, [], [], [])
    return [ImageId(number + 1) for number in range(IMAGES)]


def keyword(catalog: Catalog, draw: Callable[..., Any]) -> KeywordId | None:
    known = all_keywords(catalog)
    return draw(st.sampled_from(known)).id if known else None


def act(catalog: Catalog, draw: Callable[..., Any]) -> None:
    """Something a person or a table may do; refused where it makes no sense."""
    ids = [ImageId(number + 1) for number in range(IMAGES)]
    some = draw(st.lists(st.sampled_from(ids), max_size=3, unique=True))
    word = draw(st.sampled_from(WORDS))
    match draw(st.integers(0, 9)):
        case 0 | 1:
            decisions.decide_by_name(catalog, some, word, "kari", f"Add {word}")
        case 2:
            journal.undo(catalog, "kari")
        case 3:
            journal.redo(catalog, "kari")
        case 4:
            decisions.import_labels(catalog, [(image, [word]) for image in some], "table")
        case 5:
            decisions.import_more_labels(catalog, [(image, [word]) for image in some], "table")
        case 6:
            pair = (ids[0], draw(st.sampled_from(ids[1:])))
            answer = draw(st.sampled_from([True, False, None]))
            pair_answers.answer_pairs(catalog, {pair: answer}, "ola", "Pair")
        case 7:
            choices.choose(catalog, "search:x", draw(st.sampled_from(["", "1", "2"])), "ola", "Use")
        case other:
            one, two = keyword(catalog, draw), keyword(catalog, draw)
            if one is None or two is None:
                return
            if other == 8 and one != two:
                keyword_edits.merge_keywords(catalog, one, [two], "ola", "Merge")
            elif other == 8:
                said = draw(st.sampled_from([*Verdict, None]))
                wanted = [Decision(image, one, said, "1-nn", 0.5) for image in some]
                decisions.decide(catalog, wanted, "kari", "Decide")
            else:
                status = draw(st.sampled_from(KeywordStatus))
                edit = KeywordEdit(one, no=f"{word} {one}", en="vehicle", status=status)
                keyword_edits.edit_keywords(catalog, [edit], "kari", "Edit")


@settings(
    max_examples=12,
    phases=[Phase.generate],  # a smaller example takes minutes to find, and says no more
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), count=st.integers(4, 12))
def test_whatever_was_done_is_done_again(tmp_path: Path, data: st.DataObject, count: int) -> None:
    folder = tmp_path / "first"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with Catalog.create(folder / "catalog.sqlite") as catalog:
        add_images(catalog)
        for _ in range(count):
            act(catalog, data.draw)
        before = owned(catalog)
        new, done = rebuilt(tmp_path, catalog.log)
        with new:
            assert done.skipped == 0
            assert owned(new) == before
            assert overview.faults(new) == []
            assert not new.log.path.exists()
            while journal.undo(catalog) is not None:
                assert journal.undo(new) is not None
            assert journal.undo(new) is None
            assert {**owned(new), "events": []} == {**owned(catalog), "events": []}


def test_the_rest_is_replayed_on_a_backup(tmp_path: Path, catalog: Catalog, path: Path) -> None:
    a, b, *_ = add_images(catalog)
    decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    catalog.close()
    older = tmp_path / "older"
    older.mkdir()
    shutil.copy(path, older / "catalog.sqlite")
    decisions.decide_by_name(catalog, [b], "snow", "kari", "Add snow")
    journal.undo(catalog)
    journal.redo(catalog)
    with Catalog.open(older / "catalog.sqlite") as other:
        with other.read() as connection:
            there = events.newest(connection)
        rest = [one for one in catalog.log.read() if one.number > there]
        assert replay(other, rest) == Replayed(3, 0)
        assert owned(other) == owned(catalog)


def test_an_unknown_image_is_missing_until_it_is_found(tmp_path: Path, catalog: Catalog) -> None:
    a, *_ = add_images(catalog)
    decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    new, _ = rebuilt(tmp_path, catalog.log)
    with new:
        (known,) = images.get_images(new, [a])
        assert (known.path, known.state) == ("0.jpg", ImageState.MISSING)
        images.record_scan(new, [file_record("0.jpg")], [], [], [])
        assert images.get_images(new, [a])[0].state is ImageState.PRESENT


def test_what_was_lost_from_the_log_is_skipped_and_counted(
    tmp_path: Path, catalog: Catalog
) -> None:
    a, b, *_ = add_images(catalog)
    decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    decisions.decide(catalog, [Decision(b, KeywordId(1), Verdict.UNSURE)], "kari", "Unsure")
    decisions.decide_by_name(catalog, [a], "snow", "kari", "Add snow")
    log = catalog.log.path
    first, *others = log.read_text("utf-8").splitlines()
    log.write_text("\n".join([first[: len(first) // 2], *others]) + "\n", "utf-8")
    assert History.of(catalog.log.read()).missing == 1
    new, done = rebuilt(tmp_path, catalog.log)
    with new:
        assert done == Replayed(1, 1)
        assert [one.no for one in all_keywords(new)] == ["snow"]


def event(number: int, to: int | None = None) -> LoggedEvent:
    line = {"n": number, "do": "step"} if to is None else {"n": number, "do": "reset", "to": to}
    return LoggedEvent(number, (line,))


def test_a_reset_takes_back_what_came_between() -> None:
    history = History.of([event(1), event(2), event(3), event(4, to=1), event(5)])
    assert history.counting() == {1, 4, 5}
    for following in (event(6, to=3), event(7)):
        history.add(following)
    assert history.counting() == {1, 2, 3, 6, 7}
    assert history.missing == 0


def test_a_log_whose_lines_are_out_of_order_leads_in_no_circle() -> None:
    assert History.of([event(n) for n in (1, 3, 2, 4)]).counting() == {1, 2, 3, 4}
    circle = History.of([event(1), event(6), event(2, to=6), event(3)])
    assert circle.counting() == {1, 2, 3, 6}
    assert circle.missing == 2
    assert History.of([event(5, to=5), event(6, to=9)]).counting() == {5, 6}


def test_what_a_reset_took_back_is_not_missing() -> None:
    history = History.of([event(1), event(2), event(6, to=2), event(7)])
    assert (history.missing, history.counting()) == (0, {1, 2, 6, 7})


def test_a_history_leads_through_events_whose_lines_are_lost() -> None:
    history = History.of([event(1), event(2), event(3), event(7, to=2), event(8), event(11)])
    through = {number for number in range(1, 14) if history.leads_through(number)}
    # 3 to 6 were taken back; 9 and 10 lie in a gap; of what came after 11 nothing is known
    assert through == {1, 2, 7, 8, 9, 10, 11, 12, 13}
    assert (history.missing, history.missing_after(9)) == (2, 1)


def test_a_log_is_written_again_without_what_was_never_committed(
    tmp_path: Path, catalog: Catalog
) -> None:
    a, *_ = add_images(catalog)
    decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    number = catalog.log.last() + 1
    catalog.log.append([{"n": number, "do": "undo", "step": 1, "by": "", "at": "2026-01-01"}])
    decisions.decide_by_name(catalog, [a], "snow", "kari", "Add snow")
    catalog.log.path.unlink()
    Catalog.open(catalog.path).close()
    assert History.of(catalog.log.read()).missing == 0
    new, _ = rebuilt(tmp_path, catalog.log)
    with new:
        assert [one.no for one in all_keywords(new)] == ["tank", "snow"]


def test_a_number_that_no_database_has_is_damage(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    log.append([{"n": 1, "do": "undo"}, {"n": 10**30, "do": "undo"}])
    assert [one.number for one in log.read()] == [1]
    assert log.last() == 1


@pytest.mark.parametrize(
    "line", ['{"n":1,"do":"fly"}', '{"n":1}', '{"n":1,"do":"step","step":"x"}']
)
def test_lines_of_another_kind_do_no_harm(catalog: Catalog, line: str) -> None:
    catalog.log.path.write_text(line + "\n", "utf-8")
    assert replay(catalog, catalog.log.read()) == Replayed(0, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("keyword", "one"), ("keyword", True), ("image", "one"), ("confidence", "x")],
)
def test_a_text_in_place_of_a_number_is_skipped(
    catalog: Catalog, tmp_path: Path, field: str, value: object
) -> None:
    a, *_ = add_images(catalog)
    decisions.decide_by_name(catalog, [a], "tank", "kari", "Add tank")
    (logged,) = catalog.log.read()
    line = json.loads(json.dumps(logged.lines[0]))
    line["keywords" if field == "keyword" else "labels"][0][field] = value
    spoilt = DecisionLog(tmp_path)
    spoilt.append([line])
    new, done = rebuilt(tmp_path, spoilt)
    with new:
        assert done.skipped == 1
        assert overview.faults(new) == []
