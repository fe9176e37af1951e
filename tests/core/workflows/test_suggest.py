"""Suggestions over a project: who is a reference, what is suggested, and that it is at once."""

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import (
    add_images,
    encode,
    ids,
    image,
    import_keywords,
    make_project,
    unit,
)
from scipy.sparse import csr_array
from sqlalchemy import update

from core.catalog import images, schema
from core.catalog.keywords import find_keyword
from core.errors import FeatureError
from core.models.neighbor_search import NearestNeighbor, NeighborSearch
from core.settings import NeighborSearchSettings
from core.types import Changes, Decision, KeywordId, KeywordStatus, Verdict
from core.workflows import label
from core.workflows.project import Project
from core.workflows.suggest import Suggester
from core.workflows.vectors import ImageVectors


def toward(angle: float) -> np.ndarray:
    return np.array([math.cos(angle), math.sin(angle)], dtype=np.float32)


VECTORS = {
    "new.jpg": toward(0.0),
    "crane.jpg": toward(0.05),
    "truck.jpg": toward(0.1),
    "ship.jpg": toward(3.0),
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three labeled images and one that is not; all are encoded."""
    with make_project(tmp_path, [*VECTORS]) as made:
        encode(made, VECTORS)
        import_keywords(
            made,
            {"crane.jpg": ["kran", "lastebil"], "truck.jpg": ["lastebil"], "ship.jpg": ["skip"]},
        )
        yield made


def keyword(project: Project, name: str) -> KeywordId:
    found = find_keyword(project.catalog, name)
    assert found is not None
    return found.id


def decision(project: Project, path: str, name: str, verdict: Verdict | None) -> Decision:
    return Decision(image(project, path).id, keyword(project, name), verdict)


def confidences(suggester: Suggester, project: Project, path: str) -> dict[str, float]:
    [found] = suggester.suggest(ids(project, [path]))
    return {one.keyword.no: one.confidence for one in found.suggestions}


def test_hand_computed(project: Project) -> None:
    [found] = Suggester.load(project).suggest(ids(project, ["new.jpg"]))
    near, far = math.cos(0.05), math.cos(0.1)
    odds = math.exp(68.566 * (far - near))
    crane = 1 / (1 + odds)
    assert [one.path for one in found.references] == ["crane.jpg", "truck.jpg"]
    assert [one.similarity for one in found.references] == pytest.approx([near, far])
    assert [one.weight for one in found.references] == pytest.approx([crane, 1 - crane], abs=1e-5)
    assert found.references[0].keywords == tuple(
        sorted([keyword(project, "kran"), keyword(project, "lastebil")])
    )
    assert [one.keyword.no for one in found.suggestions] == ["lastebil", "kran"]
    assert [one.confidence for one in found.suggestions] == pytest.approx([1, crane], abs=1e-5)
    assert all(one.above_threshold for one in found.suggestions)
    assert (found.path, found.model) == ("new.jpg", "neighbor-search")
    assert found.encoder == project.settings.encoder.identity


def test_nearest_neighbor_copies_one_image(project: Project) -> None:
    [found] = Suggester.load(project).suggest(ids(project, ["new.jpg"]), model="1-nn")
    assert [one.path for one in found.references] == ["crane.jpg"]
    assert {one.keyword.no: one.confidence for one in found.suggestions} == {
        "kran": 1,
        "lastebil": 1,
    }
    assert found.model == "1-nn"


def test_an_unknown_model_is_refused(project: Project) -> None:
    with pytest.raises(ValueError, match="no model"):
        Suggester.load(project).suggest([], model="oracle")


def test_an_image_never_speaks_for_itself(project: Project) -> None:
    [found] = Suggester.load(project).suggest(ids(project, ["crane.jpg"]))
    assert "crane.jpg" not in [one.path for one in found.references]
    assert [one.keyword.no for one in found.suggestions] == ["lastebil"]
    assert found.suggestions[0].verdict is Verdict.IMPORTED


def test_runners_up_below_the_threshold_are_kept(project: Project) -> None:
    chosen = replace(project.settings.neighbor_search, threshold=0.9)
    project.settings = replace(project.settings, neighbor_search=chosen)
    [found] = Suggester.load(project).suggest(ids(project, ["new.jpg"]))
    assert [one.above_threshold for one in found.suggestions] == [True, False]


def test_confidence_below_one_percent_is_not_shown(project: Project) -> None:
    hot = NeighborSearchSettings(temperature=1_500.0, max_difference=8.0)
    project.settings = replace(project.settings, neighbor_search=hot)
    [found] = Suggester.load(project).suggest(ids(project, ["new.jpg"]))
    assert all(one.confidence >= 0.01 for one in found.suggestions)
    assert len(found.references) == 1


def test_a_decision_counts_at_once(project: Project) -> None:
    suggester = Suggester.load(project)
    assert "skip" not in confidences(suggester, project, "new.jpg")
    suggester.refresh(
        label.decide(project, [decision(project, "truck.jpg", "skip", Verdict.ACCEPTED)], "Accept")
    )
    assert "skip" in confidences(suggester, project, "new.jpg")
    step = label.undo(project)
    assert step is not None
    suggester.refresh(step.changes)
    assert "skip" not in confidences(suggester, project, "new.jpg")


def test_an_accepted_image_becomes_a_reference_and_ceases_to_be_one(project: Project) -> None:
    suggester = Suggester.load(project)
    assert suggester.references == 3
    accept = [decision(project, "new.jpg", "skip", Verdict.ACCEPTED)]
    suggester.refresh(label.decide(project, accept, "Accept"))
    assert suggester.references == 4
    [found] = suggester.suggest(ids(project, ["crane.jpg"]))
    assert [one.path for one in found.references] == ["new.jpg", "truck.jpg"] or [
        one.path for one in found.references
    ] == ["truck.jpg", "new.jpg"]
    clear = [decision(project, "new.jpg", "skip", None)]
    suggester.refresh(label.decide(project, clear, "Clear"))
    assert suggester.references == 3
    reject = [decision(project, "truck.jpg", "lastebil", Verdict.REJECTED)]
    suggester.refresh(label.decide(project, reject, "Reject"))
    assert suggester.references == 2


def test_a_rejected_keyword_is_not_suggested_for_that_image_again(project: Project) -> None:
    suggester = Suggester.load(project)
    reject = [decision(project, "new.jpg", "kran", Verdict.REJECTED)]
    suggester.refresh(label.decide(project, reject, "Reject"))
    assert set(confidences(suggester, project, "new.jpg")) == {"lastebil"}
    assert "kran" in confidences(suggester, project, "truck.jpg")
    assert set(confidences(Suggester.load(project), project, "new.jpg")) == {"lastebil"}


def test_verdicts_are_told_with_the_suggestion(project: Project) -> None:
    suggester = Suggester.load(project)
    unsure = [decision(project, "new.jpg", "kran", Verdict.UNSURE)]
    suggester.refresh(label.decide(project, unsure, "Unsure"))
    [found] = suggester.suggest(ids(project, ["new.jpg"]))
    verdicts = {one.keyword.no: one.verdict for one in found.suggestions}
    assert verdicts == {"lastebil": None, "kran": Verdict.UNSURE}
    assert suggester.references == 3


def test_a_new_keyword_is_suggested_under_its_name(project: Project) -> None:
    suggester = Suggester.load(project)
    _, changes = label.add_keyword(project, ids(project, ["crane.jpg"]), "beltekran")
    suggester.refresh(changes)
    assert "beltekran" in confidences(suggester, project, "new.jpg")


def test_a_retired_keyword_is_not_suggested(project: Project) -> None:
    suggester = Suggester.load(project)
    retired = keyword(project, "kran")
    with project.catalog.write() as connection:
        connection.execute(
            update(schema.keywords)
            .where(schema.keywords.c.id == retired)
            .values(status=KeywordStatus.RETIRED)
        )
    suggester.refresh(Changes(keywords=frozenset({retired})))
    assert set(confidences(suggester, project, "new.jpg")) == {"lastebil"}


def test_exact_duplicates_are_left_out_on_request(project: Project) -> None:
    original = image(project, "new.jpg").content_hash
    with project.catalog.write() as connection:
        connection.execute(
            update(schema.images)
            .where(schema.images.c.path == "crane.jpg")
            .values(content_hash=original)
        )
        connection.execute(
            update(schema.encodings)
            .where(schema.encodings.c.image == image(project, "crane.jpg").id)
            .values(content_hash=original)
        )
    suggester = Suggester.load(project)
    assert "kran" in confidences(suggester, project, "new.jpg")
    chosen = replace(project.settings.neighbor_search, exclude_exact_duplicates=True)
    project.settings = replace(project.settings, neighbor_search=chosen)
    assert set(confidences(suggester, project, "new.jpg")) == {"lastebil"}


def test_new_vectors_are_picked_up(project: Project, tmp_path: Path) -> None:
    suggester = Suggester.load(project)
    suggester.refresh(add_images(project, ["late.jpg"]))
    assert suggester.suggest(ids(project, ["late.jpg"]))[0].suggestions == ()
    suggester.refresh(import_keywords(project, {"late.jpg": ["skip"]}))
    assert suggester.references == 3
    suggester.refresh(encode(project, {"late.jpg": toward(0.01)}))
    assert suggester.references == 4
    assert "skip" in confidences(suggester, project, "new.jpg")


def test_changed_content_makes_the_old_vector_worthless(project: Project) -> None:
    suggester = Suggester.load(project)
    suggester.refresh(add_images(project, ["crane.jpg"], content="f"))
    assert suggester.references == 2
    assert suggester.suggest(ids(project, ["crane.jpg"]))[0].references == ()
    suggester.refresh(encode(project, {"crane.jpg": toward(3.01)}))
    assert suggester.references == 3
    assert set(confidences(suggester, project, "new.jpg")) == {"lastebil"}


def test_a_reference_whose_file_is_missing_still_speaks(project: Project) -> None:
    missing = ids(project, ["crane.jpg"])
    images.record_scan(project.catalog, [], [], missing, [])
    assert "kran" in confidences(Suggester.load(project), project, "new.jpg")


def test_without_encoder_or_vectors_nothing_is_suggested(tmp_path: Path) -> None:
    with make_project(tmp_path, ["a.jpg", "b.jpg"]) as bare:
        import_keywords(bare, {"a.jpg": ["skip"]})
        suggester = Suggester.load(bare)
        assert suggester.references == 0
        [found] = suggester.suggest(ids(bare, ["b.jpg"]))
        assert (found.suggestions, found.references) == ((), ())
        suggester.refresh(encode(bare, {"a.jpg": toward(0), "b.jpg": toward(0.1)}))
        assert suggester.references == 1
        assert confidences(suggester, bare, "b.jpg") == {"skip": pytest.approx(1)}


def test_a_lost_feature_file_is_a_clear_error(project: Project) -> None:
    project.feature_path(project.settings.encoder.identity).unlink()
    with pytest.raises(FeatureError, match="Encode the images"):
        Suggester.load(project)


def test_unknown_images_are_left_out_and_order_is_kept(project: Project) -> None:
    suggester = Suggester.load(project)
    asked = ids(project, ["truck.jpg", "new.jpg"])
    found = suggester.suggest([asked[0], type(asked[0])(999), asked[1]])
    assert [one.path for one in found] == ["truck.jpg", "new.jpg"]
    assert suggester.suggest([]) == []


@pytest.fixture
def larger(tmp_path: Path) -> Iterator[tuple[Project, list[str], np.ndarray]]:
    """300 images in 12 groups, 200 of them with some of 15 keywords."""
    rng = np.random.default_rng(8)
    group = rng.integers(0, 12, 300)
    vectors = unit(12, 24, 1)[group] + rng.normal(0, 0.08, (300, 24)).astype(np.float32)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    labels = (rng.random((12, 15)) < 0.2)[group] ^ (rng.random((300, 15)) < 0.05)
    labels[200:] = False
    paths = [f"{number:03}.jpg" for number in range(300)]
    with make_project(tmp_path, paths) as made:
        encode(made, dict(zip(paths, vectors, strict=True)))
        rows = {
            path: [f"k{c:02}" for c in np.flatnonzero(row)]
            for path, row in zip(paths, labels, strict=True)
            if row.any()
        }
        import_keywords(made, rows)
        yield made, paths, labels


@pytest.mark.parametrize("model", ["neighbor-search", "1-nn"])
def test_equals_the_model_over_arrays(
    larger: tuple[Project, list[str], np.ndarray], model: str
) -> None:
    project, paths, labels = larger
    suggester = Suggester.load(project)
    found = suggester.suggest(ids(project, paths), model=model)
    vectors = _vectors(project, paths)
    labeled = np.flatnonzero(labels.any(axis=1))
    search = NearestNeighbor() if model == "1-nn" else NeighborSearch()
    search.fit(vectors[labeled], csr_array(labels[labeled]))
    expected = search.predict_confidence(
        vectors, [np.flatnonzero(labeled == i) for i in range(300)]
    )
    for one, row in zip(found, expected, strict=True):
        shown = {int(s.keyword.no[1:]): s.confidence for s in one.suggestions}
        wanted = {c: value for c, value in enumerate(row.tolist()) if value >= 0.01}
        assert shown == pytest.approx(wanted, abs=1e-5)


def _vectors(project: Project, paths: list[str]) -> np.ndarray:
    vectors = ImageVectors.read(project)
    assert vectors is not None
    with vectors.open() as file:
        return np.array(file.vectors()[vectors.rows_of(np.array(ids(project, paths)))])


def test_many_at_once_equal_one_at_a_time(
    larger: tuple[Project, list[str], np.ndarray],
) -> None:
    project, paths, _ = larger
    suggester = Suggester.load(project)
    asked = ids(project, paths[:60])
    assert suggester.suggest(asked) == [suggester.suggest([one])[0] for one in asked]


def test_refreshed_equals_loaded_anew(larger: tuple[Project, list[str], np.ndarray]) -> None:
    project, paths, _ = larger
    suggester = Suggester.load(project)
    rng = np.random.default_rng(3)
    verdicts = [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE, None]
    for _ in range(60):
        chosen = [
            decision(project, paths[i], f"k{rng.integers(0, 15):02}", verdicts[rng.integers(0, 4)])
            for i in rng.integers(0, 300, rng.integers(1, 12))
        ]
        suggester.refresh(label.decide(project, chosen, "Change"))
        if rng.random() < 0.3 and (step := label.undo(project)):
            suggester.refresh(step.changes)
    anew = Suggester.load(project)
    assert suggester.references == anew.references
    for old, new in zip(
        suggester.suggest(ids(project, paths)), anew.suggest(ids(project, paths)), strict=True
    ):
        assert old.suggestions == new.suggestions
        assert old.references == new.references


def test_a_bulk_change_is_taken_in(larger: tuple[Project, list[str], np.ndarray]) -> None:
    project, _, _ = larger
    suggester = Suggester.load(project)
    add_images(project, [f"more/{number:04}.jpg" for number in range(1_200)])
    everything = [f"more/{number:04}.jpg" for number in range(1_200)]
    extra = unit(1_200, 24, 9)
    suggester.refresh(encode(project, dict(zip(everything, extra, strict=True))))
    asked = ids(project, everything)
    changes = label.decide_bulk(project, asked, keyword(project, "k01"), Verdict.ACCEPTED, "Bulk")
    before = suggester.references
    suggester.refresh(changes)
    assert suggester.references == before + 1_200
    step = label.undo(project)
    assert step is not None
    suggester.refresh(step.changes)
    assert suggester.references == before


def test_suggesting_while_deciding(larger: tuple[Project, list[str], np.ndarray]) -> None:
    project, paths, _ = larger
    suggester = Suggester.load(project)
    asked = ids(project, paths)
    wrong: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            for one in suggester.suggest(asked[:20]):
                total = sum(reference.weight for reference in one.references)
                if not 0.98 < total < 1.001:
                    wrong.append(one.path)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(40):
        verdict = Verdict.ACCEPTED if number % 2 else None
        chosen = [decision(project, path, "k03", verdict) for path in paths[200:230]]
        suggester.refresh(label.decide(project, chosen, "Change"))
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
