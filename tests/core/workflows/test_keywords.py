"""The vocabulary through the door: edits, merge suggestions, scores of names, the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import encode, import_keywords, make_project
from sklearn.metrics import fbeta_score, roc_auc_score

from core.catalog import decisions, journal
from core.catalog import keywords as catalog_keywords
from core.errors import EncoderError, KeywordError, TableError
from core.progress import Silent
from core.types import ExperimentId, Keyword, KeywordStatus, NearReason, Vectors
from core.workflows import keywords, name_scores
from core.workflows.active_model import active_model
from core.workflows.dataset import prepared_dataset
from core.workflows.name_scores import NameScorer
from core.workflows.near_names import keep_apart, near_names
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import prepare
from core.workflows.project import Project

PATHS = [f"{number}.jpg" for number in range(12)]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make_project(tmp_path, PATHS) as project:
        yield project


def find(project: Project, name: str) -> Keyword:
    found = catalog_keywords.find_keyword(project.catalog, name)
    assert found is not None
    return found


def rows(project: Project) -> list[tuple[str, str | None, tuple[str, ...], str, int]]:
    return [
        (row.keyword.no, row.keyword.en, row.synonyms, row.keyword.status.value, row.images)
        for row in keywords.list_keywords(project)
    ]


def test_every_edit_is_one_step(project: Project) -> None:
    import_keywords(project, {"0.jpg": ["klokka", "bru"], "1.jpg": ["klokken"]})
    states = [rows(project)]
    keywords.rename(project, find(project, "klokka"), "klokke")
    states.append(rows(project))
    keywords.name_in_english(project, find(project, "klokke"), "clock")
    states.append(rows(project))
    keywords.set_synonyms(project, find(project, "bru"), ["bro"])
    states.append(rows(project))
    keywords.merge(project, find(project, "klokke"), [find(project, "klokken")])
    states.append(rows(project))
    keywords.set_status(project, [find(project, "bro")], KeywordStatus.RETIRED)
    states.append(rows(project))
    assert states[-1] == [
        ("bru", None, ("bro",), "retired", 1),
        ("klokke", "clock", ("klokka", "klokken"), "confirmed", 2),
    ]
    titles = [
        "Retire “bru”",
        "Merge “klokken” into “klokke”",
        "Synonyms of “bru”",
        "English name of “klokke”",
        "Rename “klokka” to “klokke”",
    ]
    for title, state in zip(titles, reversed(states[:-1]), strict=True):
        step = journal.undo(project.catalog)
        assert step is not None
        assert step.title == title
        assert rows(project) == state
    for state in states[1:]:
        journal.redo(project.catalog)
        assert rows(project) == state


def test_english_name_that_is_taken_away_is_not_confirmed(project: Project) -> None:
    import_keywords(project, {"0.jpg": ["bru"]})
    keywords.name_in_english(project, find(project, "bru"), "bridge")
    assert find(project, "bru").status is KeywordStatus.CONFIRMED
    keywords.name_in_english(project, find(project, "bru"), "")
    assert find(project, "bru").en is None


@pytest.fixture
def similar(project: Project) -> Project:
    names = [
        "klokka",
        "klokken",
        "Fighter",
        "Fighter Aircraft",
        "Transport Aircraft",
        "Patrol Aircraft",
        "stridsvogn",
        "stridsvgon",
        "T-72 stridsvogn",
        "T-80 stridsvogn",
        "nordøst",
        "nordvest",
        "tanks",
        "hest",
    ]
    import_keywords(project, {"0.jpg": names, "1.jpg": ["klokken"]})
    keywords.name_in_english(project, find(project, "tanks"), "Main battle tank")
    keywords.name_in_english(project, find(project, "stridsvogn"), "main battle tank")
    return project


def test_near_names_are_found_and_others_are_not(similar: Project) -> None:
    found = {(near.kept.no, near.merged.no): near.reason for near in near_names(similar, Silent())}
    assert found == {
        ("tanks", "stridsvogn"): NearReason.SAME_ENGLISH,
        ("klokken", "klokka"): NearReason.FORM,
        ("Fighter", "Fighter Aircraft"): NearReason.EXTRA_WORD,
        ("stridsvogn", "stridsvgon"): NearReason.SPELLING,
    }


def test_pair_that_is_kept_apart_is_not_suggested_again(similar: Project) -> None:
    keep_apart(similar, find(similar, "klokka"), find(similar, "klokken"))
    names = [near.kept.no for near in near_names(similar, Silent())]
    assert "klokken" not in names
    journal.undo(similar.catalog)
    names = [near.kept.no for near in near_names(similar, Silent())]
    assert "klokken" in names


def test_retired_keywords_are_not_suggested(similar: Project) -> None:
    keywords.set_status(similar, [find(similar, "klokka")], KeywordStatus.RETIRED)
    reasons = [near.reason for near in near_names(similar, Silent())]
    assert NearReason.FORM not in reasons


# the table ------------------------------------------------------------------------------------


def test_table_goes_out_and_in_again(project: Project, tmp_path: Path) -> None:
    import_keywords(project, {"0.jpg": ["=1+1", "bru"], "1.jpg": ["bru"]})
    keywords.set_synonyms(project, find(project, "bru"), ["bro"])
    table = tmp_path / "words.csv"
    assert keywords.export_table(project, table) == 2
    found, changes = keywords.import_table(project, table)
    assert (found.edited, found.added, found.unchanged) == (0, 0, 2)
    assert not changes


def test_table_renames_names_and_adds_in_one_step(project: Project, tmp_path: Path) -> None:
    import_keywords(project, {"0.jpg": ["klokka", "bru", "øy"]})
    before = rows(project)
    table = tmp_path / "words.csv"
    table.write_text(
        'no;en;synonyms\nklokke;clock;"klokka; klokker"\nbru;bridge;\nny;new;\n',
        encoding="utf-8",
    )
    preview = keywords.preview_import(project, table)
    assert rows(project) == before
    found, _ = keywords.import_table(project, table)
    assert found == preview
    assert (found.edited, found.added, found.unchanged) == (2, 1, 0)
    assert rows(project) == [
        ("bru", "bridge", (), "imported", 1),
        ("klokke", "clock", ("klokka", "klokker"), "imported", 1),
        ("ny", "new", (), "confirmed", 0),
        ("øy", None, (), "imported", 1),
    ]
    journal.undo(project.catalog)
    assert rows(project) == before


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("bru,bridge,øy", "stands for"),
        ("broen,bridge,bru;øy", "Line 2 is about bru and øy"),
        ("bru,bridge,\nbru,span,", "Lines 2 and 3"),
        ("ny,,\nNY,,", "Lines 2 and 3"),
    ],
)
def test_table_that_contradicts_itself_changes_nothing(
    project: Project, tmp_path: Path, lines: str, message: str
) -> None:
    import_keywords(project, {"0.jpg": ["bru", "øy"]})
    before = rows(project)
    table = tmp_path / "words.csv"
    table.write_text(f"no,en,synonyms\n{lines}\n", encoding="utf-8")
    with pytest.raises((TableError, KeywordError), match=message):
        keywords.import_table(project, table)
    assert rows(project) == before


# scores ---------------------------------------------------------------------------------------


class Names:
    """Vectors of names: one axis for each of ``axes``, and noise for any other text."""

    def __init__(self, axes: dict[str, Vectors]) -> None:
        self.axes = axes

    def vector(self, target: object, words: object, vectors: object) -> Vectors:
        text = target.text  # type: ignore[attr-defined]
        return self.axes.get(text, np.ones(4, np.float32) / 2)


@pytest.fixture
def scorer(project: Project) -> NameScorer:
    """Trucks point along the first axis, ships along the second; both a little along others."""
    random = np.random.default_rng(3)
    axes = np.eye(4, dtype=np.float32)
    vectors = {}
    for number, path in enumerate(PATHS):
        vector = axes[number % 2] + 0.6 * random.random(4).astype(np.float32)
        vectors[path] = vector / np.linalg.norm(vector)
    encode(project, vectors)
    labels = {path: [["lastebil", "skip"][n % 2], "alt"] for n, path in enumerate(PATHS)}
    import_keywords(project, {**labels, "0.jpg": ["lastebil", "alt", "sjelden"]})
    keywords.name_in_english(project, find(project, "lastebil"), "truck")
    scorer = NameScorer(project)
    scorer._targets = Names({"truck": axes[0], "skip": axes[0], "ship": axes[1]})  # type: ignore[assignment]
    return scorer


def test_scores_agree_with_scikit_learn(project: Project, scorer: NameScorer) -> None:
    found = {score.text: score for score in scorer.score(Silent()).scores}
    assert set(found) == {"truck", "skip", "alt"}
    images, words = decisions.positive_labels(project.catalog)
    ids = np.unique(images)
    labeled = scorer._labeled()
    stored = np.concatenate([block for _, block in labeled.blocks()])
    confidences = (stored @ np.eye(4, dtype=np.float32)[0] + 1) / 2
    for name in ("lastebil", "skip"):
        keyword = find(project, name)
        truth = np.isin(ids, images[words == keyword.id])
        score = found[keyword.en or keyword.no]
        assert score.images == 6
        assert score.name.auc == pytest.approx(roc_auc_score(truth, confidences))
        best = max(fbeta_score(truth, confidences >= cut, beta=2) for cut in confidences)
        assert score.name.f2 == pytest.approx(best)
    assert found["truck"].name.auc > 0.9
    assert found["truck"].model.auc > 0.9


def test_worst_name_comes_first_and_what_cannot_be_judged_last(scorer: NameScorer) -> None:
    ranked = [score.text for score in scorer.score(Silent()).worst_first()]
    assert ranked == ["skip", "truck", "alt"]


def test_better_name_is_seen_at_once(project: Project, scorer: NameScorer) -> None:
    ship = find(project, "skip")
    before, after = (scorer.effect(ship, text) for text in ("skip", "ship"))
    assert (before.images, after.images) == (6, 6)
    assert after.on_images > before.on_images
    assert after.elsewhere < before.elsewhere
    assert before.quality.auc < 0.1
    assert after.quality.auc > 0.9


def test_without_itself_an_image_says_nothing_about_a_lone_keyword(
    project: Project, scorer: NameScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_scores, "FEWEST_IMAGES", 1)
    found = {score.text: score for score in scorer.score(Silent()).scores}
    assert found["sjelden"].model.auc <= 0.5


def test_nothing_encoded_is_said(project: Project) -> None:
    import_keywords(project, {"0.jpg": ["bru"]})
    with pytest.raises(EncoderError, match="both a keyword and a vector"):
        NameScorer(project).score(Silent())


def test_retired_keyword_is_not_learnt(project: Project, scorer: NameScorer) -> None:
    settings = PreparationSettings(minimum_images=1)
    prepare(project, settings, Silent())
    assert "alt" in {keyword.no for keyword in prepared_dataset(project).keywords}
    keywords.set_status(project, [find(project, "alt")], KeywordStatus.RETIRED)
    assert "alt" not in [score.text for score in scorer.score(Silent()).scores]
    prepare(project, settings, Silent())
    assert "alt" not in {keyword.no for keyword in prepared_dataset(project).keywords}


def test_chosen_model_makes_the_other_figures(
    project: Project, scorer: NameScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = {score.text: score.model for score in scorer.score(Silent()).scores}
    chosen = replace(active_model(project), name="chosen", experiment=ExperimentId(1))
    monkeypatch.setattr(name_scores, "active_model", lambda project: chosen)
    found = scorer.score(Silent())
    assert found.model == "chosen"
    for score in found.scores:
        # suggestions below one percent are none
        assert score.model.auc == pytest.approx(searched[score.text].auc, abs=0.05, nan_ok=True)
