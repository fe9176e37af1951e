"""Offline translation: the thesis's terms, compounds, inflection, names left alone, both ways."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TableError
from core.translation.compounds import split
from core.translation.glossary import Entry, Glossary, load_glossary, parse, shipped_entries
from core.translation.inflection import agent, plural
from core.translation.translator import Translation, Translator, Way

DOMAIN = ("military", "vehicles", "weapons", "aircraft", "ships", "electronics", "terrain")

TABLE_3_1 = {
    "treakslet": "three axle vehicle",
    "sambandskjøretøy": "communication vehicle",
    "fireakslet": "four axle vehicle",
    "antenne": "antenna",
    "tilhenger": "trailer",
    "missil bakke-til-luft (SAM)": "surface-to-air missile (SAM)",
    "stridsvogn": "main battle tank",
    "toakslet": "two axle vehicle",
    "sambandspanservogn": "armoured communication vehicle",
    "vedlikeholdskjøretøy": "maintenance vehicle",
}
"""Label and manual translation, thesis Table 3.1."""


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator(load_glossary())


def english(translator: Translator, name: str) -> str | None:
    found = translator.to_english(name)
    return None if found is None else found.text


@pytest.mark.parametrize(("norwegian", "translation"), TABLE_3_1.items())
def test_terms_of_table_3_1(translator: Translator, norwegian: str, translation: str) -> None:
    assert english(translator, norwegian) == translation


def test_glossary_has_six_hundred_entries_of_the_field() -> None:
    folder = files("resources") / "glossary"
    entries = [
        entry
        for name in DOMAIN
        for entry in parse((folder / f"{name}.tsv").read_text(encoding="utf-8"), name)
        if isinstance(entry, Entry)
    ]
    assert len({entry.no.lower() for entry in entries}) >= 600


def test_no_word_is_in_the_glossary_twice() -> None:
    entries, names = shipped_entries()
    words = [entry.no for entry in entries]
    assert sorted(words) == sorted(set(words))
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("norwegian", "parts", "translation"),
    [
        ("sambandspanservogn", "samband + s + panservogn", "armoured communication vehicle"),
        ("femakslet", "fem + akslet", "five axle vehicle"),
        ("luftvernmissilvogn", "luftvern + missilvogn", "air defence missile carrier"),
        ("busstasjon", "buss + stasjon", "bus station"),
        ("julegaver", "jul + e + gave", "Christmas presents"),
        ("radar-container", "radar + container", "radar container"),
    ],
)
def test_compound_is_taken_apart(
    translator: Translator, norwegian: str, parts: str, translation: str
) -> None:
    found = translator.to_english(norwegian)
    assert found == Translation(translation, Way.COMPOUND, parts)


@pytest.mark.parametrize(
    ("norwegian", "translation"),
    [
        ("stridsvogner", "main battle tanks"),
        ("stridsvognene", "main battle tanks"),
        ("klokken", "clock"),
        ("nøklene", "keys"),
        ("grønne lastebiler", "green trucks"),
        ("hvitt helikopter", "white helicopter"),
        ("mennene", "men"),
        ("flyr", "flying"),
        ("Lastebil", "Truck"),
        ("LASTEBIL", "Truck"),
        ("lastebil med kran", "truck with crane"),
        ("tre", "tree"),
        ("tre aksler", "three axles"),
        ("tre lastebiler", "three trucks"),
    ],
)
def test_inflected_words(translator: Translator, norwegian: str, translation: str) -> None:
    assert english(translator, norwegian) == translation


@pytest.mark.parametrize("name", ["M113", "Kamaz", "T-72", "Leopard 2", "SAM", "Tu-95", "17:00"])
def test_designations_are_left_alone(translator: Translator, name: str) -> None:
    found = translator.to_english(name)
    assert found is not None
    assert (found.text, found.way) == (name, Way.NAME)
    back = translator.to_norwegian(name)
    assert back is not None
    assert back.text == name


def test_designation_in_a_phrase(translator: Translator) -> None:
    assert english(translator, "Kamaz lastebil") == "Kamaz truck"
    assert english(translator, "lastebil (Zimtrak)") == "truck (Zimtrak)"


@pytest.mark.parametrize("name", ["", "  ", "????", "xyzzy", "lastebil med xyzzy", "x" * 5_000])
def test_name_with_an_unknown_word_is_not_translated(translator: Translator, name: str) -> None:
    assert translator.to_english(name) is None
    assert translator.to_norwegian(name) is None


@pytest.mark.parametrize(
    ("name", "translation"),
    [
        ("main battle tank", "stridsvogn"),
        ("Trucks", "Lastebil"),
        ("maintenance vehicle", "vedlikeholdskjøretøy"),
        ("radar tent", "radartelt"),
        ("three axle vehicle", "treakslet"),
        ("green truck", "grønn lastebil"),
        ("military exercise", "militærøvelse"),
    ],
)
def test_english_names_in_norwegian(translator: Translator, name: str, translation: str) -> None:
    found = translator.to_norwegian(name)
    assert found is not None
    assert found.text == translation


@given(st.text(max_size=40))
def test_no_text_breaks_it(name: str) -> None:
    translator = Translator(load_glossary())
    for found in (translator.to_english(name), translator.to_norwegian(name)):
        assert found is None or found.text.strip()


def test_words_that_could_take_forever_do_not(translator: Translator) -> None:
    assert translator.to_english("is" * 29) is not None
    assert translator.to_english("tre" * 400) is None


def test_own_glossary_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "glossary.tsv"
    own.write_text("stridsvogn\ttank\nspikerbelte\tspike strip\nZimtrak\n", encoding="utf-8-sig")
    translator = Translator(load_glossary(own))
    assert english(translator, "stridsvogn") == "tank"
    assert english(translator, "spikerbelter") == "spike strips"
    assert english(translator, "Zimtrak") == "Zimtrak"
    assert english(translator, "fregatt") == "frigate"


@pytest.mark.parametrize("line", ["\ttank", "a\tb\tc\td\te", "a\tb\tc\tnonsense", "a\t;"])
def test_line_that_is_no_entry_is_named(tmp_path: Path, line: str) -> None:
    own = tmp_path / "glossary.tsv"
    own.write_text(f"# words\n{line}\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"Line 2 of glossary\.tsv"):
        load_glossary(own)


def test_glossary_that_cannot_be_read(tmp_path: Path) -> None:
    own = tmp_path / "glossary.tsv"
    own.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(TableError, match="UTF-8"):
        load_glossary(own)
    own.write_text("x\ty\n" * 1_000_001, encoding="utf-8")
    with pytest.raises(TableError, match="too large"):
        load_glossary(own)


def test_fewest_parts_win() -> None:
    words = ["samband", "panser", "vogn", "panservogn"]
    entries = [Entry(word, (word,), word) for word in words]
    found = split("sambandspanservogn", Glossary(entries))
    assert found is not None
    assert found.pieces == ("samband", "s", "panservogn")
    found = split("sambandspanservogn", Glossary(entries[:3]))
    assert found is not None
    assert found.pieces == ("samband", "s", "panser", "vogn")


@pytest.mark.parametrize(
    ("singular", "several"),
    [
        ("truck", "trucks"),
        ("bus", "buses"),
        ("lorry", "lorries"),
        ("toy", "toys"),
        ("torch", "torches"),
        ("fighter aircraft", "fighter aircraft"),
        ("policeman", "policemen"),
        ("communications", "communications"),
        ("knife", "knives"),
    ],
)
def test_english_plurals(singular: str, several: str) -> None:
    assert plural(singular) == several


def test_who_does_something() -> None:
    assert [agent(verb) for verb in ("build", "write", "run")] == ["builder", "writer", "runner"]
