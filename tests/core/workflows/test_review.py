"""Reviewing labels through the door: what is doubted, why, and what becomes of an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import add_images, encode, ids, image, import_keywords, make_project
from numpy.typing import NDArray

from core.catalog import pair_answers
from core.catalog.keywords import find_keyword
from core.cli import main
from core.errors import ProjectError
from core.progress import Silent
from core.types import (
    Decision,
    Doubt,
    ImageId,
    KeywordId,
    Reference,
    ReviewAnswer,
    ReviewKind,
    ReviewTally,
    Verdict,
)
from core.workflows import review
from core.workflows.browse import labels_of
from core.workflows.label import decide, redo, undo
from core.workflows.project import Project
from core.workflows.review import Ranking, evidence, rank_labels, tally

NAMES = ("lastebil", "skip", "fly")
EACH = 30
WRONG = {"lastebil/03.jpg": "fly", "skip/08.jpg": "lastebil"}
MISSING = ("fly/05.jpg", "fly/06.jpg")
PATHS = [f"{name}/{number:02}.jpg" for name in NAMES for number in range(EACH)]


def draw() -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(3)
    drawn = np.repeat(np.eye(3, 8), EACH, axis=0) + random.normal(0, 0.2, (3 * EACH, 8))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return dict(zip(PATHS, drawn.astype(np.float32), strict=True))


@pytest.fixture
def vectors() -> dict[str, NDArray[np.float32]]:
    return draw()


@pytest.fixture
def made(tmp_path: Path, vectors: dict[str, NDArray[np.float32]]) -> Iterator[Project]:
    """Three kinds of images, each with its keyword and "alt"; two are wrong and two missing."""
    with make_project(tmp_path, [*PATHS, "fly/unlabeled.jpg", "fly/unencoded.jpg"]) as project:
        encode(project, vectors)
        labels = {}
        for path in PATHS:
            name = path.split("/")[0]
            labels[path] = ["alt", *([] if path in MISSING else [name])]
            labels[path] += [WRONG[path]] if path in WRONG else []
        import_keywords(project, {**labels, "fly/unencoded.jpg": ["fly"]})
        yield project


def keyword(project: Project, name: str) -> KeywordId:
    found = find_keyword(project.catalog, name)
    assert found is not None
    return found.id


def named(project: Project, ranking: Ranking, kind: ReviewKind) -> list[tuple[str, str]]:
    """(path, keyword) of the queue of a kind."""
    paths = dict(zip(ids(project, PATHS), PATHS, strict=True))
    names = {keyword(project, name): name for name in (*NAMES, "alt")}
    doubts = [ranking.doubt(int(place)) for place in ranking.places(kind)]
    return [(paths[doubt.image], names[doubt.keyword]) for doubt in doubts]


def doubt_about(project: Project, ranking: Ranking, path: str, name: str) -> Doubt:
    wanted = (image(project, path).id, keyword(project, name))
    doubts = (ranking.doubt(place) for place in range(len(ranking)))
    return next(doubt for doubt in doubts if (doubt.image, doubt.keyword) == wanted)


def said(project: Project, path: str, name: str) -> Verdict | None:
    found = image(project, path).id
    labels = {one.keyword: one.verdict for one in labels_of(project, [found])[found]}
    return labels.get(keyword(project, name))


def test_planted_errors_come_first(made: Project) -> None:
    ranking = rank_labels(made, Silent())
    assert set(named(made, ranking, ReviewKind.WRONG)[:2]) == set(WRONG.items())
    assert set(named(made, ranking, ReviewKind.MISSING)[:2]) == {(path, "fly") for path in MISSING}
    assert (np.diff(ranking.scores) <= 0).all()
    assert len(named(made, ranking, ReviewKind.WRONG)) == 2 * 3 * EACH - len(MISSING) + len(WRONG)


def test_queues_of_a_keyword(made: Project) -> None:
    ranking = rank_labels(made, Silent())
    fly = keyword(made, "fly")
    places = ranking.places(ReviewKind.MISSING, fly)
    assert {ranking.doubt(int(place)).keyword for place in places} == {fly}
    expected = ranking.expected_errors(ReviewKind.MISSING)
    assert next(iter(expected)) == fly
    assert expected[fly] == pytest.approx(ranking.scores[places].sum())


def test_nothing_to_judge_says_what_to_do(tmp_path: Path) -> None:
    with make_project(tmp_path, ["a.jpg"]) as project:
        import_keywords(project, {"a.jpg": ["skip"]})
        with pytest.raises(ProjectError, match=r"no image has both.*clipkw encode"):
            rank_labels(project, Silent())
        encode(project, {"a.jpg": np.array([1, 0], dtype=np.float32)})
        assert len(rank_labels(project, Silent())) == 1


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (ReviewAnswer.FIX, Verdict.REJECTED),
        (ReviewAnswer.CONFIRM, Verdict.ACCEPTED),
        (ReviewAnswer.UNSURE, Verdict.UNSURE),
    ],
)
def test_an_answer_about_a_wrong_label(
    made: Project, answer: ReviewAnswer, verdict: Verdict
) -> None:
    ranking = rank_labels(made, Silent())
    doubt = doubt_about(made, ranking, "lastebil/03.jpg", "fly")
    review.answer(made, doubt, answer, "Answer")
    assert said(made, "lastebil/03.jpg", "fly") is verdict
    queue = named(made, rank_labels(made, Silent()), ReviewKind.WRONG)
    assert ("lastebil/03.jpg", "fly") not in queue, "what was answered does not come back"
    undo(made)
    assert said(made, "lastebil/03.jpg", "fly") is Verdict.IMPORTED
    queue = named(made, rank_labels(made, Silent()), ReviewKind.WRONG)
    assert ("lastebil/03.jpg", "fly") in queue[:2]


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [(ReviewAnswer.FIX, Verdict.ACCEPTED), (ReviewAnswer.CONFIRM, Verdict.REJECTED)],
)
def test_an_answer_about_a_missing_label(
    made: Project, answer: ReviewAnswer, verdict: Verdict
) -> None:
    ranking = rank_labels(made, Silent())
    review.answer(made, doubt_about(made, ranking, MISSING[0], "fly"), answer, "Answer")
    assert said(made, MISSING[0], "fly") is verdict
    again = rank_labels(made, Silent())
    for kind in ReviewKind:
        assert (MISSING[0], "fly") not in named(made, again, kind)


def test_what_a_person_decided_elsewhere_is_not_doubted(made: Project) -> None:
    image_id, fly = image(made, "lastebil/03.jpg").id, keyword(made, "fly")
    decide(made, [Decision(image_id, fly, Verdict.ACCEPTED)], "Accept")
    queue = named(made, rank_labels(made, Silent()), ReviewKind.WRONG)
    assert ("lastebil/03.jpg", "fly") not in queue


def test_the_tally_tells_the_last_fifty_real_errors(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "TALLIED", 3)
    ranking = rank_labels(made, Silent())
    places = ranking.places(ReviewKind.WRONG)
    assert tally(made, ReviewKind.WRONG) == ReviewTally(0, 0)
    given = [ReviewAnswer.FIX, ReviewAnswer.FIX, ReviewAnswer.CONFIRM, ReviewAnswer.CONFIRM]
    expected = [(1, 1), (2, 2), (2, 3), (1, 3)]
    for place, answer, counts in zip(places, given, expected, strict=False):
        review.answer(made, ranking.doubt(int(place)), answer, "Answer")
        assert tally(made, ReviewKind.WRONG) == ReviewTally(*counts)
    assert tally(made, ReviewKind.MISSING) == ReviewTally(0, 0)
    undo(made)
    assert tally(made, ReviewKind.WRONG) == ReviewTally(2, 3)
    redo(made)
    assert tally(made, ReviewKind.WRONG) == ReviewTally(1, 3)


def test_many_answers_are_one_step_and_do_not_count(made: Project) -> None:
    ranking = rank_labels(made, Silent())
    doubts = [doubt_about(made, ranking, path, "fly") for path in MISSING]
    review.answer_many(made, doubts, ReviewAnswer.FIX, "Fix two")
    assert [said(made, path, "fly") for path in MISSING] == [Verdict.ACCEPTED] * 2
    assert tally(made, ReviewKind.MISSING) == ReviewTally(0, 0)
    step = undo(made)
    assert step is not None
    assert step.title == "Fix two"
    assert [said(made, path, "fly") for path in MISSING] == [None, None]


def nearest(
    vectors: dict[str, NDArray[np.float32]], path: str, among: set[str], count: int
) -> list[str]:
    return sorted(among - {path}, key=lambda other: -float(vectors[path] @ vectors[other]))[:count]


def paths_of(side: tuple[Reference, ...]) -> list[str]:
    return [reference.path for reference in side]


def test_evidence_is_the_nearest_of_both_kinds(
    made: Project, vectors: dict[str, NDArray[np.float32]]
) -> None:
    ranking = rank_labels(made, Silent())
    doubt = doubt_about(made, ranking, "fly/05.jpg", "fly")
    having = {path for path in PATHS if said(made, path, "fly") is Verdict.IMPORTED}
    found = evidence(made, ranking, doubt)
    assert paths_of(found.having) == nearest(vectors, "fly/05.jpg", having, review.EVIDENCE)
    lacking = set(PATHS) - having
    assert paths_of(found.lacking) == nearest(vectors, "fly/05.jpg", lacking, review.EVIDENCE)
    similarity = float(vectors["fly/05.jpg"] @ vectors[found.having[0].path])
    assert found.having[0].similarity == pytest.approx(similarity, abs=1e-5)
    assert keyword(made, "fly") in found.having[0].keywords
    assert 0 < found.having[0].weight <= 1


def test_evidence_is_of_now_and_looks_beyond_the_neighbors(
    made: Project, vectors: dict[str, NDArray[np.float32]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranking = rank_labels(made, Silent())
    near = ranking.neighbors
    few = replace(near, indices=near.indices[:, :3], similarities=near.similarities[:, :3])
    ranking = replace(ranking, neighbors=few)
    fly = keyword(made, "fly")
    decide(made, [Decision(image(made, "skip/01.jpg").id, fly, Verdict.ACCEPTED)], "Accept")
    doubt = doubt_about(made, ranking, "lastebil/03.jpg", "fly")
    having = {path for path in PATHS if said(made, path, "fly") in ("imported", "accepted")}
    assert "skip/01.jpg" in having
    found = evidence(made, ranking, doubt)
    assert paths_of(found.having) == nearest(vectors, "lastebil/03.jpg", having, review.EVIDENCE)
    assert len(found.lacking) == 3


def test_duplicates_are_neither_judges_nor_evidence(
    made: Project, vectors: dict[str, NDArray[np.float32]]
) -> None:
    """A copy with the same wrong keyword would excuse it, and it would excuse the copy."""
    add_images(made, ["copy.jpg"])
    encode(made, {"copy.jpg": vectors["lastebil/03.jpg"]})
    import_keywords(made, {"copy.jpg": ["lastebil", "fly", "alt"]})
    first, second = sorted(ids(made, ["lastebil/03.jpg", "copy.jpg"]))
    pair_answers.answer_pairs(made.catalog, {(first, second): True}, "somebody", "Duplicates")
    fly = keyword(made, "fly")
    ranking = rank_labels(made, Silent())
    doubt = doubt_about(made, ranking, "lastebil/03.jpg", "fly")
    wrong = [ranking.doubt(int(place)) for place in ranking.places(ReviewKind.WRONG)[:3]]
    assert {(one.image, one.keyword) for one in wrong} >= {(first, fly), (second, fly)}
    found = evidence(made, ranking, doubt)
    assert "copy.jpg" not in paths_of((*found.having, *found.lacking))


def test_the_command_writes_the_list(
    made: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.settings.write(made.folder)
    target = tmp_path / "doubts.json"
    assert main(["review", str(made.folder), "--json", str(target)]) == 0
    written = json.loads(target.read_text(encoding="utf-8"))
    assert all(set(item) == {"path", "keyword", "kind", "score"} for item in written)
    scores = [item["score"] for item in written]
    assert scores == sorted(scores, reverse=True)
    first = [item for item in written if item["kind"] == "wrong"][:2]
    assert {(item["path"], item["keyword"]) for item in first} == set(WRONG.items())
    capsys.readouterr()
    assert (
        main(["review", str(made.folder), "--kind", "missing", "--keyword", "FLY", "--limit", "2"])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert {line.split("  ")[-1] for line in lines} == set(MISSING)
    assert main(["review", str(made.folder), "--keyword", "tog"]) == 2
    assert "There is no keyword tog" in capsys.readouterr().err


def test_ids_are_those_of_the_catalog(made: Project) -> None:
    ranking = rank_labels(made, Silent())
    assert ranking.images.tolist() == sorted(ids(made, PATHS))
    assert isinstance(ranking.doubt(0).image, int)
    assert ImageId(int(ranking.images[0])) == image(made, PATHS[0]).id
