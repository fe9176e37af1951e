"""Search: by words and by example, with filters; the same as looking at every image."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import encode, ids, import_keywords, make_project, unit
from PIL import Image

from core.catalog import choices, preparations
from core.catalog.keywords import find_keyword
from core.encoders import load_encoder
from core.errors import EncoderError, FeatureError, ImageError, ProjectError
from core.progress import Silent
from core.settings import EncoderSettings
from core.translation.glossary import load_glossary
from core.translation.translator import Translator
from core.types import (
    Changes,
    ConfidenceRange,
    ImageQuery,
    Keyword,
    KeywordId,
    KeywordStatus,
    Preparation,
    QueueName,
    SearchByFile,
    SearchByImages,
    SearchByText,
    Split,
)
from core.workflows import browse
from core.workflows import search as workflow
from core.workflows.confident import Confident
from core.workflows.encode import encode_images
from core.workflows.ingest import import_images
from core.workflows.project import Project, create_project
from core.workflows.search import Searcher
from core.workflows.search_text import SearchWords, english_names
from core.workflows.suggest import Suggester

COUNT = 60


@pytest.fixture
def vectors() -> dict[str, np.ndarray]:
    return dict(zip((f"{n % 3}/{n:02}.jpg" for n in range(COUNT)), unit(COUNT, 8, 5), strict=True))


@pytest.fixture
def made(
    tmp_path: Path, vectors: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    """Sixty images in three folders; all but the last five are encoded, a third has a keyword."""
    monkeypatch.setattr(workflow, "BLOCK_ROWS", 16)
    with make_project(tmp_path, [*vectors]) as project:
        encode(project, dict(list(vectors.items())[:-5]))
        import_keywords(project, {path: ["skip"] for path in list(vectors)[::3]})
        yield project


def by_hand(
    project: Project, vectors: dict[str, np.ndarray], query: np.ndarray, paths: list[str]
) -> list[int]:
    """Ids of ``paths``, best first, in double precision."""
    scores = [float(vectors[path].astype(np.float64) @ query) for path in paths]
    order = sorted(range(len(paths)), key=lambda place: -scores[place])
    return [ids(project, [paths[place]])[0] for place in order]


def test_an_example_finds_what_a_loop_over_all_images_finds(
    made: Project, vectors: dict[str, np.ndarray]
) -> None:
    encoded = list(vectors)[:-5]
    [example] = ids(made, [encoded[7]])
    found = Searcher(made).find(SearchByImages((example,)), limit=COUNT)
    others = [path for path in encoded if path != encoded[7]]
    assert found.images.tolist() == by_hand(made, vectors, vectors[encoded[7]], others)
    assert found.total == found.searched == len(others)
    expected = [float(vectors[encoded[7]] @ vectors[path]) for path in others]
    assert np.allclose(sorted(found.scores, reverse=True), found.scores)
    assert math.isclose(max(expected), found.scores[0], abs_tol=1e-6)


def test_several_examples_are_looked_for_by_their_mean(
    made: Project, vectors: dict[str, np.ndarray]
) -> None:
    encoded = list(vectors)[:-5]
    chosen = encoded[3:6]
    mean = np.mean([vectors[path] for path in chosen], axis=0)
    found = Searcher(made).find(SearchByImages(tuple(ids(made, chosen))), limit=9)
    others = [path for path in encoded if path not in chosen]
    assert found.images.tolist() == by_hand(made, vectors, mean, others)[:9]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (ImageQuery(folder="1"), lambda n: n % 3 == 1),
        (ImageQuery(queue=QueueName.UNLABELED), lambda n: n % 3 != 0),
        (ImageQuery(queue=QueueName.LABELED, text="/0"), lambda n: n % 3 == 0 and n < 10),
    ],
)
def test_a_filter_narrows_what_is_found(
    made: Project, vectors: dict[str, np.ndarray], query: ImageQuery, kept: object
) -> None:
    encoded = list(vectors)[:-5]
    [example] = ids(made, [encoded[0]])
    found = Searcher(made).find(SearchByImages((example,)), query, limit=COUNT)
    paths = [path for n, path in enumerate(encoded) if kept(n) and n]
    assert found.images.tolist() == by_hand(made, vectors, vectors[encoded[0]], paths)


def test_a_keyword_narrows_what_is_found_and_a_new_label_counts_at_once(made: Project) -> None:
    keyword = find_keyword(made.catalog, "skip")
    assert keyword is not None
    query = ImageQuery(keyword=keyword.id)
    [example, other] = ids(made, ["1/01.jpg", "2/02.jpg"])
    searcher = Searcher(made)
    before = searcher.find(SearchByImages((example,)), query, limit=COUNT)
    assert other not in before.images
    changes = import_keywords(made, {"2/02.jpg": ["skip"]})
    searcher.refresh(changes)
    after = searcher.find(SearchByImages((example,)), query, limit=COUNT)
    assert set(after.images.tolist()) == {*before.images.tolist(), other}


def test_a_part_of_the_preparation_in_use_narrows_what_is_found(
    made: Project, vectors: dict[str, np.ndarray]
) -> None:
    encoded = list(vectors)[:-5]
    [example] = ids(made, [encoded[0]])
    in_test = encoded[1::4]
    searcher = Searcher(made)
    query = ImageQuery(split=Split.TEST)
    assert searcher.find(SearchByImages((example,)), query).total == 0, "nothing is prepared"
    splits = [Split.TEST if path in in_test else Split.TRAIN for path in encoded]
    own = np.array(ids(made, encoded))
    stored = Preparation("", "{}", 0, own, np.full(len(own), -1), np.array(splits), (), ())
    number = preparations.add_preparation(made.catalog, stored)
    searcher.refresh(choices.choose(made.catalog, choices.PREPARATION, str(number), "me", "x"))
    found = searcher.find(SearchByImages((example,)), query, limit=COUNT)
    assert found.images.tolist() == by_hand(made, vectors, vectors[encoded[0]], in_test)
    counts = browse.split_counts(made)
    assert counts == {Split.TEST: len(in_test), Split.TRAIN: len(encoded) - len(in_test)}


@pytest.mark.parametrize("limit", [3, COUNT])
@pytest.mark.parametrize("of_keyword", [True, False])
def test_a_confidence_narrows_what_is_found_to_the_best_of_which_the_model_is_so_sure(
    made: Project, vectors: dict[str, np.ndarray], limit: int, of_keyword: bool
) -> None:
    import_keywords(made, {path: ["bro"] for path in list(vectors)[1:50:2]})
    keyword = find_keyword(made.catalog, "bro")
    assert keyword is not None
    encoded = list(vectors)[:-5]
    [example] = ids(made, [encoded[0]])
    suggester = Suggester.load(made)
    sure = {}
    for path in encoded[1:]:
        [found] = suggester.suggest(ids(made, [path]))
        said = {one.keyword.no: one.confidence for one in found.suggestions}
        sure[path] = said.get("bro", 0.0) if of_keyword else max(said.values(), default=0.0)
    ranked = sorted(sure.values())
    middle, high = ranked[len(ranked) // 2], ranked[-5]
    wanted = ConfidenceRange(middle, high, keyword.id if of_keyword else None)
    kept = [path for path in sure if wanted.low <= sure[path] <= wanted.high]
    assert 3 < len(kept) < len(sure)
    confident = Confident(suggester, wanted)
    steps = list(Searcher(made).steps(SearchByImages((example,)), None, limit, confident))
    assert [step.is_final for step in steps] == [False] * (len(steps) - 1) + [True]
    expected = by_hand(made, vectors, vectors[encoded[0]], kept)[:limit]
    assert steps[-1].images.tolist() == expected
    assert np.all(np.diff(steps[-1].scores) <= 0)


def test_results_come_in_steps_and_only_get_better(made: Project) -> None:
    [example] = ids(made, ["0/00.jpg"])
    steps = list(Searcher(made).steps(SearchByImages((example,)), limit=5))
    assert len(steps) > 3
    assert [step.is_final for step in steps] == [False] * (len(steps) - 1) + [True]
    worst = [step.scores[-1] for step in steps if len(step.scores) == 5]
    assert worst == sorted(worst)


def test_new_vectors_are_found_after_a_refresh(
    made: Project, vectors: dict[str, np.ndarray]
) -> None:
    [example] = ids(made, ["0/00.jpg"])
    searcher = Searcher(made)
    assert searcher.find(SearchByImages((example,)), limit=COUNT).total == COUNT - 6
    searcher.refresh(encode(made, dict(list(vectors.items())[-5:])))
    assert searcher.find(SearchByImages((example,)), limit=COUNT).total == COUNT - 1


def test_damaged_vectors_are_named(made: Project) -> None:
    path = made.feature_path(made.settings.encoder.identity)
    data = bytearray(path.read_bytes())
    place = data.index(unit(COUNT, 8, 5)[20].tobytes())
    data[place : place + 4] = np.float32(np.nan).tobytes()
    path.write_bytes(data)
    with pytest.raises(FeatureError, match="clipkw mend"):
        Searcher(made).find(SearchByImages(tuple(ids(made, ["0/00.jpg"]))))


def test_without_an_encoder_or_vectors_it_is_said_what_to_do(tmp_path: Path) -> None:
    with make_project(tmp_path, ["a.jpg"]) as project:
        with pytest.raises(EncoderError, match="no encoder is chosen"):
            Searcher(project).find(SearchByText("skip"))
        project.settings = replace(project.settings, encoder=EncoderSettings("made-up"))
        with pytest.raises(EncoderError, match="no image has a vector"):
            Searcher(project).find(SearchByText("skip"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Iterator[Project]:
    """Twelve drawn images, encoded with a real encoder of random weights."""
    folder = tmp_path_factory.mktemp("search")
    generator = np.random.default_rng(3)
    (folder / "images").mkdir()
    for number in range(12):
        pixels = generator.integers(0, 255, (40, 48, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{number:02}.png")
    encoder = folder / "encoder"
    shutil.copytree(tiny_encoder, encoder)
    with create_project(folder / "drawn", folder / "images", str(encoder)) as project:
        import_images(project, Silent())
        encode_images(project, Silent())
        yield project


def test_a_text_finds_what_the_encoder_says(drawn: Project) -> None:
    encoder = load_encoder(drawn.settings.encoder.source)
    texts = encoder.encode_texts(["a truck", *(c.replace("{}", "a truck") for c in contexts())])
    query = texts.astype(np.float64).mean(axis=0)
    query /= np.linalg.norm(query)
    pictures = [
        encoder.preprocess(Image.open(drawn.images_root / f"{n:02}.png")) for n in range(12)
    ]
    scores = encoder.encode_images(np.stack(pictures)) @ query
    found = Searcher(drawn).find(SearchByText("a truck"), limit=12)
    paths = [f"{n:02}.png" for n in np.argsort(-scores)]
    assert found.images.tolist() == ids(drawn, paths)
    assert np.allclose(found.scores, np.sort(scores)[::-1], atol=1e-5)
    assert found.understood == "a truck"


def contexts() -> tuple[str, ...]:
    from core.models.language_image import CONTEXTS_EN

    return CONTEXTS_EN


def test_a_file_finds_itself_first(drawn: Project, tmp_path: Path) -> None:
    copy = shutil.copy(drawn.images_root / "04.png", tmp_path / "elsewhere.png")
    found = Searcher(drawn).find(SearchByFile(str(copy)), limit=3)
    assert found.images[0] == ids(drawn, ["04.png"])[0]
    assert found.scores[0] == pytest.approx(1, abs=1e-5)


def test_a_file_that_is_no_image_or_not_there_is_named(drawn: Project, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no more")
    with pytest.raises(ImageError, match=r"broken\.jpg cannot be searched for"):
        Searcher(drawn).find(SearchByFile(str(broken)))
    with pytest.raises(ImageError, match=r"gone\.jpg cannot be read"):
        Searcher(drawn).find(SearchByFile(str(tmp_path / "gone.jpg")))


@pytest.mark.parametrize("target", [SearchByText("  "), SearchByImages(())])
def test_nothing_to_look_for_is_said(drawn: Project, target: SearchByText | SearchByImages) -> None:
    with pytest.raises(ProjectError):
        Searcher(drawn).find(target)


def test_another_encoder_in_the_same_place_is_refused(drawn: Project) -> None:
    chosen = drawn.settings
    searcher = Searcher(drawn)
    searcher.warm_up()
    drawn.settings = replace(chosen, encoder=replace(chosen.encoder, source=chosen.encoder.source))
    config = Path(chosen.encoder.source) / "open_clip_config.json"
    text = config.read_text()
    config.write_text(text.replace("0.4, 0.6", "0.4, 0.5"))
    try:
        with pytest.raises(EncoderError, match="not the one this project was encoded with"):
            Searcher(drawn).find(SearchByText("skip"))
    finally:
        config.write_text(text)
        drawn.settings = chosen


def test_an_encoder_without_a_tokenizer_still_searches_by_image(
    drawn: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no tokenizer here")

    monkeypatch.setattr(open_clip, "get_tokenizer", refuse)
    searcher = Searcher(drawn)
    with pytest.raises(EncoderError, match="tokenizer"):
        searcher.find(SearchByText("skip"))
    picture = str(drawn.images_root / "00.png")
    assert len(searcher.find(SearchByFile(picture)).images) == 12


def named(no: str, en: str | None, status: KeywordStatus = KeywordStatus.CONFIRMED) -> Keyword:
    return Keyword(KeywordId(1), no, en, status)


NAMES = english_names(
    [
        named("lastebil", "truck"),
        named("lett lastebil", "light truck"),
        named("skip", "warship"),
        named("Leopard", "Leopard"),
        named("gammelt ord", "old word", KeywordStatus.RETIRED),
    ]
)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("lastebil", "truck"),
        ("Lett LASTEBIL ved skip", "light truck by warship"),
        ("en lett  lastebil, rød", "one light truck red"),
        ("truck on a bridge", "truck on a bridge"),
        ("fire trucks on a bridge", "fire trucks on a bridge"),
        ("lastebil på bro", "truck on bridge"),
        ("fire soldater i snø", "four soldiers in snow"),
        ("soldater ved Xyzzyby", "soldiers by Xyzzyby"),
        ("Leopard on a bridge", "Leopard on a bridge"),
        ("Leopard på bro", "Leopard on bridge"),
        ("truck", "truck"),
        ("xyzzy", "xyzzy"),
        ("", ""),
    ],
)
def test_norwegian_words_become_english(text: str, english: str) -> None:
    assert SearchWords(Translator(load_glossary()), NAMES).to_english(text) == english


def test_a_retired_name_is_not_translated() -> None:
    assert "gammelt ord" not in NAMES


def test_a_confirmed_name_is_what_the_encoder_is_asked(drawn: Project) -> None:
    from core.catalog import decisions

    [image] = ids(drawn, ["01.png"])
    decisions.import_labels(
        drawn.catalog, [(image, ["lastebil"])], by="table", english={"lastebil": "truck"}
    )
    searcher = Searcher(drawn)
    searcher.refresh(Changes(vectors_changed=True))
    norwegian = searcher.find(SearchByText("lastebil"))
    english = searcher.find(SearchByText("truck"))
    assert norwegian.understood == "truck"
    assert norwegian.scores.tolist() == english.scores.tolist()
