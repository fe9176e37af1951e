"""The archive: the same seed the same bytes, enough of every keyword, a truth that is true."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.demo import recipe
from core.demo.archive import (
    COUNT,
    KEYWORDS_FILE,
    MOST_KEYWORDS,
    SEED,
    TRUTH_FILE,
    Entry,
    entry,
    image_bytes,
    write_images,
    write_tables,
)
from core.demo.vocabulary import BY_NAME, RARE, TERMS, Term

ENTRIES = [entry(SEED, index) for index in range(COUNT)]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def pixels(content: bytes) -> np.ndarray:  # type: ignore[type-arg]
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB").resize((64, 48)), dtype=np.float64)


def test_the_same_seed_gives_the_same_files_in_any_order(tmp_path: Path) -> None:
    indices = [0, 3, 17, 40, 5]
    for folder, chosen in ((tmp_path / "a", indices), (tmp_path / "b", indices[::-1])):
        write_images(folder, 11, chosen)
        write_tables(folder, 11, 60)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_another_seed_gives_other_files() -> None:
    assert image_bytes(1, 0) != image_bytes(2, 0)
    assert [entry(1, i).truth for i in range(9)] != [entry(2, i).truth for i in range(9)]


def test_what_is_there_is_not_drawn_again(tmp_path: Path) -> None:
    assert write_images(tmp_path, 11, range(3)) == 3
    assert write_images(tmp_path, 11, range(4)) == 1
    assert not list(tmp_path.rglob("*.part"))


def test_at_least_forty_keywords_stand_on_fifty_images_each() -> None:
    typed = Counter(word for item in ENTRIES for word in item.keywords or ())
    assert sum(count >= 50 for word, count in typed.items() if word in BY_NAME) >= 40


def test_two_thirds_have_keywords_one_to_six_each() -> None:
    labeled = [item.keywords for item in ENTRIES if item.keywords is not None]
    assert len(labeled) == pytest.approx(COUNT * 2 / 3, rel=0.05)
    assert {len(words) for words in labeled} <= set(range(1, MOST_KEYWORDS + 1))
    assert {len(item.truth) for item in ENTRIES} <= set(range(1, MOST_KEYWORDS + 1))


def test_the_general_word_stands_on_a_fifth_of_the_trucks() -> None:
    trucks = [i for i in ENTRIES if i.keywords is not None and "lastevogn" in i.truth]
    share = sum("lastevogn" in (item.keywords or ()) for item in trucks) / len(trucks)
    assert share == pytest.approx(0.2, abs=0.06)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.no)
def test_keywords_are_missing_at_their_own_rate(term: Term) -> None:
    shown = [
        i for i in ENTRIES if i.keywords is not None and term.no in i.truth and len(i.truth) > 2
    ]
    if len(shown) < 40:
        pytest.skip("too few in this archive to tell a rate")
    missing = sum(term.no not in (item.keywords or ()) for item in shown) / len(shown)
    # Mistaken words are missing too; four standard deviations of a binomial rate.
    spread = 4 * (0.25 / len(shown)) ** 0.5
    assert abs(missing - term.missing) < spread + 0.03


def test_a_long_tail_of_rare_and_corrupt_words() -> None:
    typed = Counter(word for item in ENTRIES for word in item.keywords or ())
    tail = {word: count for word, count in typed.items() if word not in BY_NAME}
    assert set(tail) <= set(RARE)
    assert len(tail) >= 10
    assert max(tail.values()) < 50
    assert "????" in tail


def test_mistaken_keywords_exist_and_are_few() -> None:
    labeled = [item for item in ENTRIES if item.keywords is not None]
    wrong = sum(w in BY_NAME and w not in i.truth for i in labeled for w in i.keywords or ())
    total = sum(len(item.keywords or ()) for item in labeled)
    assert 0.002 < wrong / total < 0.05


def test_truth_follows_from_what_is_drawn() -> None:
    for item in ENTRIES:
        scene = recipe.plan(SEED, item.source)
        assert item.truth == scene.keywords
        if scene.kind == "truck":
            assert {"lastevogn", scene.make, scene.subject} <= set(item.truth)
        assert set(item.truth) - {"landskap"} <= set(BY_NAME)


def test_the_tables_say_what_the_entries_say(tmp_path: Path) -> None:
    write_tables(tmp_path, SEED, 400)
    entries = {item.path: item for item in ENTRIES[:400]}
    truth = rows(tmp_path / TRUTH_FILE)
    assert [row["path"] for row in truth] == list(entries)
    groups = defaultdict(set)
    for row in truth:
        assert row["keywords"].split("; ") == list(entries[row["path"]].truth)
        assert row["copy"] == entries[row["path"]].copy
        if row["duplicate_group"]:
            groups[row["duplicate_group"]].add(row["path"])
    assert all(len(members) > 1 for members in groups.values())
    copies = {path for path, item in entries.items() if item.copy}
    assert copies <= set().union(*groups.values())
    for row in rows(tmp_path / KEYWORDS_FILE):
        words = row["keywords"].split("; ")
        assert words == list(entries[row["path"]].keywords or ())
        english = row["english"].split("; ")
        assert len(english) == len(words)
        for word, name in zip(words, english, strict=True):
            assert not name or name == BY_NAME[word].en


def test_part_of_the_keywords_has_an_english_name(tmp_path: Path) -> None:
    write_tables(tmp_path, SEED, 600)
    named: dict[str, set[str]] = defaultdict(set)
    for row in rows(tmp_path / KEYWORDS_FILE):
        for word, name in zip(row["keywords"].split("; "), row["english"].split("; "), strict=True):
            named[word].add(name)
    have = [word for word, names in named.items() if names != {""}]
    assert 0.4 * len(TERMS) < len(have) < 0.9 * len(TERMS)


def first(copy: str) -> Entry:
    return next(item for item in ENTRIES if item.copy == copy and not item.damaged)


def test_exact_copies_are_the_same_bytes_with_keywords_of_their_own() -> None:
    item = first("exact")
    assert image_bytes(SEED, item.index) == image_bytes(SEED, item.source)
    pairs = [
        (item.keywords, ENTRIES[item.source].keywords) for item in ENTRIES if item.copy == "exact"
    ]
    assert any(one != other for one, other in pairs)


def test_near_copies_show_the_same_in_other_bytes() -> None:
    item = first("near")
    copy, source = image_bytes(SEED, item.index), image_bytes(SEED, item.source)
    assert copy != source
    likeness = np.corrcoef(pixels(copy).ravel(), pixels(source).ravel())[0, 1]
    other = ENTRIES[(item.source + 1) % item.index].index
    unlike = np.corrcoef(pixels(copy).ravel(), pixels(image_bytes(SEED, other)).ravel())[0, 1]
    assert likeness > max(unlike, 0.6)


def test_a_source_is_never_a_copy_itself() -> None:
    assert all(ENTRIES[item.source].copy == "" for item in ENTRIES)
    assert sum(bool(item.copy) for item in ENTRIES) > 100


def test_paths_differ_and_stay_inside() -> None:
    assert len({item.path for item in ENTRIES}) == COUNT
    assert all(".." not in item.path and not item.path.startswith("/") for item in ENTRIES)


def test_images_are_pictures_of_one_size_and_a_few_are_damaged() -> None:
    with Image.open(io.BytesIO(image_bytes(SEED, 1))) as image:
        image.load()
        assert image.format == "JPEG"
    damaged = [item.index for item in ENTRIES if item.damaged]
    assert len(damaged) == 4
    broken = io.BytesIO(image_bytes(SEED, damaged[0]))
    with Image.open(broken) as image, pytest.raises(OSError, match="truncated"):
        image.load()


@pytest.mark.parametrize("kind", [*recipe.KINDS])
def test_every_kind_of_scene_can_be_drawn_at_another_size(kind: str) -> None:
    from core.demo.picture import draw

    index = next(i for i in range(COUNT) if recipe.plan(SEED, i).kind == kind)
    image = draw(recipe.plan(SEED, index), recipe.drawing(SEED, index), (160, 120))
    assert image.size == (160, 120)
    assert np.asarray(image).std() > 5
