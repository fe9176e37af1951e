"""Answers about pairs, choices, preparations and experiments; the first two can be undone."""

from __future__ import annotations

import numpy as np
import pytest

from core.catalog import Catalog, choices, decisions, experiments, journal, pair_answers
from core.catalog import preparations as stored
from core.errors import ProjectError
from core.types import (
    Changes,
    ExperimentId,
    ExperimentState,
    ImageId,
    KeywordCopy,
    KeywordId,
    Preparation,
    PreparationId,
    Split,
    Trial,
)
from tests.core.catalog.conftest import AddImages


def said(catalog: Catalog) -> dict[tuple[int, int], bool]:
    return {(a.first, a.second): a.is_duplicate for a in pair_answers.list_answers(catalog)}


def test_an_answer_is_a_step_that_can_be_undone_and_done_again(
    catalog: Catalog, add_images: AddImages
) -> None:
    a, b, c = add_images("a.jpg", "b.jpg", "c.jpg")
    first = pair_answers.answer_pairs(catalog, {(b, a): True, (b, c): False}, "kari", "First")
    assert first == Changes(pairs_changed=True)
    pair_answers.answer_pairs(catalog, {(a, b): False}, "ola", "Second")
    assert said(catalog) == {(a, b): False, (b, c): False}
    step = journal.undo(catalog)
    assert step is not None
    assert (step.title, step.changes) == ("Second", Changes(pairs_changed=True))
    assert said(catalog) == {(a, b): True, (b, c): False}
    assert {answer.by for answer in pair_answers.list_answers(catalog)} == {"kari"}
    journal.undo(catalog)
    assert said(catalog) == {}
    journal.redo(catalog)
    journal.redo(catalog)
    assert said(catalog) == {(a, b): False, (b, c): False}


def test_an_answer_is_taken_back_by_none(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    pair_answers.answer_pairs(catalog, {(a, b): True}, "kari", "Yes")
    pair_answers.answer_pairs(catalog, {(b, a): None}, "kari", "Take back")
    assert said(catalog) == {}
    journal.undo(catalog)
    assert said(catalog) == {(a, b): True}


def test_the_same_answer_again_is_no_step(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    pair_answers.answer_pairs(catalog, {(a, b): True}, "kari", "Yes")
    assert not pair_answers.answer_pairs(catalog, {(a, b): True}, "ola", "Again")
    assert journal.undo_title(catalog) == "Yes"
    assert pair_answers.list_answers(catalog)[0].by == "kari"


def test_impossible_pairs_change_nothing(catalog: Catalog, add_images: AddImages) -> None:
    a, b = add_images("a.jpg", "b.jpg")
    with pytest.raises(ProjectError, match="duplicate of itself"):
        pair_answers.answer_pairs(catalog, {(a, a): True, (a, b): True}, "kari", "Self")
    with pytest.raises(ProjectError, match="no image 99"):
        pair_answers.answer_pairs(catalog, {(a, b): True, (a, ImageId(99)): True}, "kari", "Far")
    assert said(catalog) == {}
    assert journal.undo_title(catalog) is None


def test_a_choice_can_be_undone_between_other_steps(
    catalog: Catalog, add_images: AddImages
) -> None:
    (image,) = add_images("a.jpg")
    assert choices.chosen(catalog, choices.EXPERIMENT) == ""
    choices.choose(catalog, choices.EXPERIMENT, "4", "kari", "Use model 4")
    decisions.decide_by_name(catalog, [image], "truck", "kari", "Add truck")
    changes = choices.choose(catalog, choices.EXPERIMENT, "9", "kari", "Use model 9")
    assert changes == Changes(choices=frozenset({"experiment"}))
    assert not choices.choose(catalog, choices.EXPERIMENT, "9", "kari", "Again")
    assert choices.chosen(catalog, choices.EXPERIMENT) == "9"
    titles = [step.title for step in (journal.undo(catalog) for _ in range(3)) if step]
    assert titles == ["Use model 9", "Add truck", "Use model 4"]
    assert choices.chosen(catalog, choices.EXPERIMENT) == ""
    journal.redo(catalog)
    assert choices.chosen(catalog, choices.EXPERIMENT) == "4"


def preparation(images: list[ImageId], encoder: str = "identity") -> Preparation:
    return Preparation(
        encoder=encoder,
        settings="{}",
        seed=3,
        images=np.array(images),
        groups=np.array([-1, 5, 5]),
        splits=np.array([Split.TEST, Split.TRAIN, Split.NONE]),
        copies=(KeywordCopy(images[1], KeywordId(8), images[2]),),
        vocabulary=(KeywordId(9), KeywordId(8)),
    )


def test_a_preparation_is_read_as_it_was_written(catalog: Catalog, add_images: AddImages) -> None:
    images = add_images("a.jpg", "b.jpg", "c.jpg")
    made = preparation(images)
    first = stored.add_preparation(catalog, made)
    second = stored.add_preparation(catalog, preparation(images, "another"))
    read = stored.get_preparation(catalog, first)
    for name in ("images", "groups", "splits"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name))
    for name in ("encoder", "settings", "seed", "copies", "vocabulary", "report"):
        assert getattr(read, name) == getattr(made, name)
    assert [one.id for one in stored.list_preparations(catalog)] == [second, first]
    with pytest.raises(ProjectError, match="no preparation 99"):
        stored.get_preparation(catalog, PreparationId(99))


def begin(catalog: Catalog) -> ExperimentId:
    return experiments.add_experiment(
        catalog,
        kind="tuning",
        model="neighbor-search",
        variant="",
        settings='{"trials": 3}',
        seed=1,
        preparation=None,
        data_version="v",
        encoder="identity",
    )


def test_an_experiment_is_running_until_it_is_finished(catalog: Catalog) -> None:
    first, second = begin(catalog), begin(catalog)
    experiments.finish_experiment(catalog, first, ExperimentState.DONE, '{"f2": 0.6}')
    listed = experiments.list_experiments(catalog)
    assert [(one.id, one.state) for one in listed] == [
        (second, ExperimentState.RUNNING),
        (first, ExperimentState.DONE),
    ]
    done = experiments.get_experiment(catalog, first)
    assert (done.result, done.settings) == ('{"f2": 0.6}', '{"trials": 3}')
    assert done.finished is not None
    assert done.finished >= done.started
    with pytest.raises(ProjectError, match="no experiment 99"):
        experiments.get_experiment(catalog, ExperimentId(99))


def test_trials_come_back_in_order(catalog: Catalog) -> None:
    experiment, other = begin(catalog), begin(catalog)
    rows = [Trial(number, f'{{"k": {number}}}', number / 10, 0.5) for number in range(12)]
    for row in rows[6:] + rows[:6]:
        experiments.add_trial(catalog, experiment, row)
    experiments.add_trial(catalog, other, rows[0])
    assert experiments.list_trials(catalog, experiment) == rows
