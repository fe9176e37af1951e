"""Preparation of a whole project, and what models get to see of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import encode, ids, image, import_keywords, make_project, unit

from core.catalog import choices, journal, preparations
from core.catalog.decisions import labels_of
from core.catalog.keywords import find_keyword
from core.errors import Cancelled, ProjectError, TableError
from core.progress import Silent
from core.types import Decision, PreparationId, Split, Verdict
from core.workflows import comparison as compared
from core.workflows import duplicates, label
from core.workflows.comparison import compare_images, count_comparable, find_comparison
from core.workflows.dataset import prepared_dataset
from core.workflows.preparation_report import keep_report, write_report
from core.workflows.prepare import (
    PreparationSettings,
    chosen_preparation,
    import_answers,
    prepare,
)
from core.workflows.project import Project

PATHS = [f"bilde {number:03}.jpg" for number in range(60)]
FEW = PreparationSettings(minimum_images=5)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """60 images in 16 dimensions; 1 is a copy of 0, 3 nearly one of 2; 55 on are not labeled."""
    vectors = unit(60, 16, seed=1)
    vectors[1] = vectors[0]
    vectors[3] = vectors[2] + 0.02 * vectors[40]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with make_project(tmp_path, PATHS) as made:
        encode(made, dict(zip(PATHS, vectors, strict=True)))
        labels = {path: ["bil" if n % 2 else "båt", "alle"] for n, path in enumerate(PATHS[:55])}
        labels[PATHS[1]] = ["sjelden"]
        labels[PATHS[7]] = ["2003-08-14"]
        import_keywords(made, labels)
        yield made


def splits(project: Project) -> dict[str, int]:
    chosen = choices.chosen(project.catalog, choices.PREPARATION)
    made = preparations.get_preparation(project.catalog, PreparationId(int(chosen)))
    by_id = dict(zip(made.images.tolist(), made.splits.tolist(), strict=True))
    return {path: by_id[image(project, path).id] for path in PATHS[:55]}


def test_a_preparation_removes_passes_on_and_splits(project: Project) -> None:
    report = prepare(project, FEW, Silent())
    assert (report.labeled, report.unlabeled, report.compared) == (55, 5, 55)
    assert (report.groups, report.removed, report.copies) == (2, 2, 2)
    assert report.corrupt == (("2003-08-14", "a date"),)
    assert report.rare == ("sjelden",)
    split = splits(project)
    removed = [path for path, part in split.items() if part == Split.NONE]
    assert removed == [PATHS[1], PATHS[3]]
    total = report.training + report.validation + report.test + report.without_keyword
    assert total == 53
    data = prepared_dataset(project)
    assert data.keywords[0].no == "alle"
    assert {one.no for one in data.keywords} == {"alle", "bil", "båt"}


def test_the_archive_and_its_labels_stay_as_they_are(project: Project) -> None:
    everything = ids(project, PATHS)
    said = labels_of(project.catalog, everything)
    prepare(project, FEW, Silent())
    assert labels_of(project.catalog, everything) == said


def test_labels_of_the_dataset_are_those_of_now(project: Project) -> None:
    prepare(project, FEW, Silent())
    first = prepared_dataset(project)
    path = PATHS[10]
    keyword = find_keyword(project.catalog, "båt")
    assert keyword is not None
    rejected = Decision(image(project, path).id, keyword.id, Verdict.REJECTED)
    label.decide(project, [rejected], "Reject")
    second = prepared_dataset(project)
    assert first.version != second.version
    column = [one.no for one in second.keywords].index("båt")
    labels = {
        int(one): bool(row[column])
        for part in (second.train, second.validation, second.test)
        for one, row in zip(part.images, part.truth, strict=True)
    }
    assert labels[image(project, path).id] is False
    journal.undo(project.catalog)
    assert prepared_dataset(project).version == first.version


def test_vectors_of_the_dataset_belong_to_its_images(project: Project) -> None:
    prepare(project, FEW, Silent())
    data = prepared_dataset(project)
    vectors = unit(60, 16, seed=1)
    row = {image(project, path).id: n for n, path in enumerate(PATHS)}
    for part in (data.train, data.validation, data.test):
        for one, vector in zip(part.images.tolist(), part.vectors, strict=True):
            if row[one] > 3:
                np.testing.assert_allclose(vector, vectors[row[one]], atol=1e-6)


def test_using_a_preparation_can_be_undone(project: Project) -> None:
    first = prepare(project, FEW, Silent())
    second = prepare(project, PreparationSettings(minimum_images=5, seed=9), Silent())
    assert choices.chosen(project.catalog, choices.PREPARATION) == str(second.id)
    journal.undo(project.catalog)
    assert choices.chosen(project.catalog, choices.PREPARATION) == str(first.id)
    journal.undo(project.catalog)
    with pytest.raises(ProjectError, match="not prepared yet"):
        prepared_dataset(project)


def test_the_same_seed_gives_the_same_split(project: Project) -> None:
    prepare(project, FEW, Silent())
    first = splits(project)
    prepare(project, FEW, Silent())
    assert splits(project) == first
    prepare(project, PreparationSettings(minimum_images=5, seed=1), Silent())
    assert splits(project) != first


def test_an_answer_decides_about_its_pair(project: Project) -> None:
    a, b = ids(project, PATHS[:2])
    duplicates.answer(project, (b, a), is_duplicate=False)
    c, d = ids(project, [PATHS[20], PATHS[21]])
    duplicates.answer(project, (c, d), is_duplicate=True)
    prepare(project, FEW, Silent())
    removed = {path for path, part in splits(project).items() if part == Split.NONE}
    assert PATHS[1] not in removed
    assert len(removed & {PATHS[20], PATHS[21]}) == 1


@pytest.mark.parametrize("seed", range(6))
def test_what_a_chain_of_duplicates_connects_goes_into_one_set(tmp_path: Path, seed: int) -> None:
    vectors = unit(40, 16, seed=3)
    middle, across = vectors[1], vectors[2] - (vectors[2] @ vectors[1]) * vectors[1]
    across /= np.linalg.norm(across)
    vectors[0] = 0.97 * middle + np.sqrt(1 - 0.97**2) * across
    vectors[2] = 0.97 * middle - np.sqrt(1 - 0.97**2) * across
    assert vectors[0] @ vectors[2] < 0.9
    paths = PATHS[:40]
    with make_project(tmp_path, paths) as made:
        encode(made, dict(zip(paths, vectors, strict=True)))
        import_keywords(made, {path: ["bil", "alle"] for path in paths} | {paths[1]: ["bil"]})
        prepare(made, PreparationSettings(0.95, 0.99, minimum_images=1, seed=seed), Silent())
        chosen = PreparationId(int(choices.chosen(made.catalog, choices.PREPARATION)))
        stored = preparations.get_preparation(made.catalog, chosen)
        ends, middle_one = stored.splits[[0, 2]], stored.splits[1]
    assert middle_one == Split.NONE
    assert ends[0] == ends[1] != Split.NONE


def test_only_likelier_duplicates_can_be_left_out(project: Project) -> None:
    pairs = [tuple(ids(project, PATHS[n : n + 2])) for n in (2, 8, 10, 12)]
    duplicates.answer_many(project, {pair: n == 0 for n, pair in enumerate(pairs)})
    limits = duplicates.thresholds(project)
    suspected, likely, certain = (
        prepare(project, PreparationSettings(minimum_images=5, probability=one), Silent())
        for one in (0.01, 0.5, 0.99)
    )
    assert suspected.lower_threshold == limits.lower
    assert likely.lower_threshold == pytest.approx(limits.centre)
    assert certain.lower_threshold == pytest.approx(limits.upper)
    assert limits.probability(np.array([limits.similarity_at(0.5)])) == pytest.approx(0.5)


def test_groups_tell_what_is_kept_and_passed_on(project: Project) -> None:
    found = duplicates.groups(project, compare_images(project, Silent()))
    shown = [(one.kept.path, [r.path for r in one.removed], len(one.copies)) for one in found]
    # the weakest first; both are certain, so the keyword that only the copy has is passed on
    assert shown == [(PATHS[2], [PATHS[3]], 1), (PATHS[0], [PATHS[1]], 1)]
    assert found[0].weakest < found[1].weakest


def test_pairs_to_ask_are_not_asked_twice_and_can_be_taken_back(project: Project) -> None:
    comparison = compare_images(project, Silent())
    [pair] = duplicates.next_pairs(project, comparison, 1)
    duplicates.answer(project, (pair.first.id, pair.second.id), is_duplicate=True)
    rest = duplicates.next_pairs(project, comparison, 100)
    assert (pair.first, pair.second) not in [(one.first, one.second) for one in rest]
    [said] = duplicates.answered_pairs(project)
    assert (said.first, said.second, said.answer) == (pair.first, pair.second, True)
    assert said.similarity == pytest.approx(pair.similarity, abs=1e-6)
    journal.undo(project.catalog)
    assert duplicates.answered_pairs(project) == []


def test_a_finished_comparison_is_read_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compare_images(project, Silent())
    monkeypatch.setattr(compared, "all_pairs", None)  # it would fail if it were called
    again = compare_images(project, Silent())
    np.testing.assert_array_equal(first.pairs.best, again.pairs.best)


def test_a_damaged_comparison_is_made_anew(project: Project) -> None:
    first = compare_images(project, Silent())
    [kept] = (project.folder / compared.CACHE_FOLDER).iterdir()
    kept.write_bytes(kept.read_bytes()[:200])
    again = compare_images(project, Silent())
    np.testing.assert_array_equal(first.pairs.similarity, again.pairs.similarity)


def test_stopping_leaves_nothing_behind(project: Project) -> None:
    class Stop(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        prepare(project, FEW, Stop())
    assert preparations.list_preparations(project.catalog) == []
    assert journal.undo_title(project.catalog) == "Import keywords"


def test_without_vectors_the_remedy_is_to_encode(tmp_path: Path) -> None:
    with (
        make_project(tmp_path, ["a.jpg"]) as made,
        pytest.raises(ProjectError, match="clipkw encode"),
    ):
        prepare(made, FEW, Silent())


def test_answers_come_from_a_table(project: Project, tmp_path: Path) -> None:
    table = tmp_path / "answers.csv"
    table.write_text(
        f"first;second;duplicate\n{PATHS[8]};{PATHS[9]};ja\n{PATHS[0]};{PATHS[1]};no\n"
    )
    assert import_answers(project, table) == 2
    told = {pair.first.path: pair.answer for pair in duplicates.answered_pairs(project)}
    assert told == {PATHS[8]: True, PATHS[0]: False}
    journal.undo(project.catalog)
    assert duplicates.answered_pairs(project) == []


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("a;b;c\nx.jpg;y.jpg;maybe\n", TableError, "Line 2"),
        ("a;b;c\nx.jpg;y.jpg;yes\n", ProjectError, "x.jpg is not an image"),
    ],
)
def test_a_table_of_answers_that_is_wrong_changes_nothing(
    project: Project, tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    table = tmp_path / "answers.csv"
    table.write_text(text)
    with pytest.raises(error, match=said):
        import_answers(project, table)
    assert duplicates.answered_pairs(project) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"lower_threshold": 0.99, "upper_threshold": 0.9},
        {"lower_threshold": 2.0},
        {"minimum_images": 0},
        {"seed": -1},
        {"training": 0.9, "validation": 0.2},
        {"probability": 0.0},
        {"probability": 1.0},
    ],
)
def test_impossible_settings_are_refused_at_the_door(settings: dict[str, float]) -> None:
    with pytest.raises(ProjectError):
        PreparationSettings(**settings)  # type: ignore[arg-type]


def test_the_report_tells_the_counts_and_escapes_names(project: Project, tmp_path: Path) -> None:
    import_keywords(project, {PATHS[0]: ["=cmd|' /C calc'!A0", "<script>alert(1)</script>"]})
    made = prepare(project, FEW, Silent())
    page = write_report(project, tmp_path / "report")
    text = page.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert text.count("<svg") == 3
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)|@import|url\((?!["']?#)""", text)
    table = (tmp_path / "report" / "keywords.csv").read_text(encoding="utf-8-sig")
    assert "'=cmd" in table
    steps = (tmp_path / "report" / "steps.csv").read_text(encoding="utf-8-sig")
    assert f"training set,{made.training}" in steps
    stored = preparations.list_preparations(project.catalog)[0]
    assert json.loads(stored.report)["removed"] == 2


def test_the_figures_of_the_report_are_tables_too(project: Project, tmp_path: Path) -> None:
    prepare(project, FEW, Silent())
    write_report(project, tmp_path)
    per_image = (tmp_path / "keywords_per_image.csv").read_text(encoding="utf-8-sig")
    assert per_image.splitlines() == ["keywords,images", "1,2", "2,53"]
    per_keyword = (tmp_path / "keywords.csv").read_text(encoding="utf-8-sig").splitlines()
    assert per_keyword[1:4] == ["alle,,53,yes", "båt,,28,yes", "bil,,25,yes"]


def test_a_group_tells_how_similar_each_removed_image_is(project: Project) -> None:
    a, b, c = ids(project, [PATHS[0], PATHS[20], PATHS[21]])
    for pair in ((a, b), (b, c)):
        duplicates.answer(project, pair, is_duplicate=True)
    found = duplicates.groups(project, compare_images(project, Silent()))
    [group] = [one for one in found if len(one.removed) > 1]
    vectors = unit(60, 16, seed=1)
    row = {path: n for n, path in enumerate(PATHS)} | {PATHS[1]: 0}
    expected = [vectors[row[group.kept.path]] @ vectors[row[one.path]] for one in group.removed]
    assert group.similarities == pytest.approx(expected, abs=1e-5)
    assert list(group.similarities) == sorted(group.similarities)
    assert group.weakest == group.similarities[0]


def test_a_pair_can_be_passed_over(project: Project) -> None:
    comparison = compare_images(project, Silent())
    every = [
        (one.first.id, one.second.id) for one in duplicates.next_pairs(project, comparison, 99)
    ]
    rest = duplicates.next_pairs(project, comparison, 99, leave_out=every[:2])
    assert sorted((one.first.id, one.second.id) for one in rest) == sorted(every[2:])
    assert duplicates.next_pairs(project, comparison, 99, leave_out=every) == []


def test_a_comparison_is_found_only_for_the_images_of_now(project: Project) -> None:
    assert find_comparison(project) is None
    assert count_comparable(project) == 55
    made = compare_images(project, Silent())
    found = find_comparison(project)
    assert found is not None
    np.testing.assert_array_equal(found.images, made.images)
    import_keywords(project, {PATHS[56]: ["bil"]})
    assert find_comparison(project) is None
    assert count_comparable(project) == 56


def test_the_chosen_preparation_can_be_read_again(project: Project) -> None:
    assert chosen_preparation(project) is None
    made = prepare(project, FEW, Silent())
    found = chosen_preparation(project)
    assert found is not None
    assert replace(found.report, changes=made.changes) == made
    assert found.settings == FEW
    journal.undo(project.catalog)
    assert chosen_preparation(project) is None


def test_the_report_is_kept_in_the_project(project: Project) -> None:
    with pytest.raises(ProjectError, match="not prepared yet"):
        keep_report(project)
    made = prepare(project, FEW, Silent())
    page = keep_report(project)
    assert page.is_relative_to(project.folder / "reports" / f"preparation-{made.id}")
    assert "<svg" in page.read_text(encoding="utf-8")


def test_a_comparison_is_found_though_the_thresholds_need_more(project: Project) -> None:
    made = duplicates.compare(project, Silent())
    for n in range(8, 26, 2):
        duplicates.answer(project, tuple(ids(project, PATHS[n : n + 2])), is_duplicate=True)
    assert duplicates.thresholds(project).lower < made.floor
    found = duplicates.find_comparison(project)
    assert found is not None
    assert found.floor == made.floor
    again = duplicates.compare(project, Silent())
    assert again.floor < made.floor
    deeper = duplicates.find_comparison(project)
    assert deeper is not None
    assert deeper.floor == again.floor
