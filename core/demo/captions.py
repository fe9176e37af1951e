"""What somebody who is no archivist would write below a drawing, in Norwegian or English.

The text tower learns from these: everyday words for what is seen, some of it left out. The
archive's own terms come up where they are everyday words too (``helikopter``, ``snow``). Of its
jargon a few English terms are met now and then; no maker is named, and a ``stridsvogn`` is a tank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Everyday:
    """Everyday phrases for one keyword, in both languages."""

    no: tuple[str, ...]
    en: tuple[str, ...]


KINDS: Mapping[str, Everyday] = {
    "lastevogn": Everyday(
        ("lastebil", "lastebil", "militær lastebil", "stor bil"),
        ("lorry", "truck", "army lorry", "heavy vehicle", "big army vehicle"),
    ),
    "beltevogn": Everyday(
        ("kjøretøy med belter", "militært kjøretøy på belter"),
        (
            "army vehicle on tracks",
            "vehicle on belts",
            "heavy thing on tracks",
            "military vehicle with tracks",
            "something with belts instead of wheels",
            "tracked vehicle",
        ),
    ),
    "helikopter": Everyday(("helikopter",), ("helicopter", "helicopter", "chopper")),
    "fly": Everyday(("fly", "militærfly"), ("plane", "airplane", "military plane")),
    "skip": Everyday(("båt", "skip", "marinefartøy"), ("boat", "ship", "navy vessel")),
}
SUBJECTS: Mapping[str, Everyday] = {
    "lasteplan": Everyday(
        ("lastebil med presenning", "lastebil som frakter varer", "åpen lastebil"),
        ("lorry with a canvas cover", "truck for carrying goods", "open lorry"),
    ),
    "tankvogn": Everyday(
        ("tankbil", "lastebil med tank", "lastebil med drivstoff", "bensinbil"),
        ("lorry with a tank", "fuel truck", "lorry carrying fuel", "petrol tanker", "tank truck"),
    ),
    "kranvogn": Everyday(
        ("kranbil", "lastebil med kran", "bil med heisekran"),
        ("truck with a crane", "lorry with a lifting crane", "crane on wheels"),
    ),
    "container": Everyday(
        ("lastebil med container", "lastebil med en stor kasse"),
        ("lorry with a container", "lorry carrying a steel box", "truck with a big box"),
    ),
    "radar": Everyday(
        ("lastebil med radar", "bil med en stor radarskjerm på taket"),
        ("lorry with a radar", "truck with a big radar panel", "vehicle with a radar screen"),
    ),
    "antennemast": Everyday(
        ("lastebil med høy mast", "bil med radiomast", "bil med en lang antenne"),
        ("truck with a tall mast", "lorry with a radio tower", "lorry with a high antenna"),
    ),
    "rakettkaster": Everyday(
        ("lastebil med raketter", "bil som skyter raketter", "lastebil med rakettrør"),
        ("lorry with rockets", "lorry that fires rockets", "truck with rocket tubes"),
    ),
    "missilvogn": Everyday(
        ("lastebil med missil", "bil med et langt missil", "atommissil på hjul"),
        ("truck with a missile", "lorry carrying a long missile", "nuclear missile on wheels"),
    ),
    "brolegger": Everyday(
        ("lastebil med bru", "bil som frakter en bro", "lastebil med brodeler"),
        ("lorry with a bridge", "lorry carrying a folded bridge", "bridge on a truck"),
    ),
    "kommandovogn": Everyday(
        ("kassebil med vinduer og antenner", "skapbil med antenner", "kontor på hjul"),
        (
            "van with windows and antennas",
            "box lorry with antennas",
            "office on wheels",
            "command vehicle",
        ),
    ),
    "ambulanse": Everyday(
        ("ambulanse", "sykebil", "bil med rødt kors"),
        ("ambulance", "hospital lorry", "vehicle with a red cross"),
    ),
    "stridsvogn": Everyday(
        ("tanks", "en tanks med kanon"), ("tank", "army tank", "tank with a gun")
    ),
    "pansret personellvogn": Everyday(
        ("panserbil", "pansret kjøretøy for soldater"),
        ("armoured car", "armoured vehicle for soldiers"),
    ),
    "selvdrevet artilleri": Everyday(
        ("kanon på belter", "stor kanon", "kjøretøy med lang kanon"),
        ("big gun on tracks", "cannon on tracks", "vehicle with a long cannon"),
    ),
    "luftvern": Everyday(
        ("kjøretøy som skyter ned fly", "luftvernraketter på belter"),
        ("vehicle that shoots down planes", "anti-aircraft missiles on tracks"),
    ),
    "transporthelikopter": Everyday(
        ("stort helikopter", "helikopter for passasjerer", "helikopter som frakter folk"),
        ("big helicopter", "passenger helicopter", "helicopter that carries people"),
    ),
    "kamphelikopter": Everyday(
        ("helikopter med våpen", "slankt helikopter", "helikopter med raketter"),
        ("helicopter with weapons", "gunship", "helicopter with rockets"),
    ),
    "jagerfly": Everyday(
        ("jagerfly", "raskt jetfly", "kampfly"), ("fighter jet", "fast jet plane", "war plane")
    ),
    "transportfly": Everyday(
        ("stort fly med propeller", "propellfly", "fraktefly"),
        ("big plane with propellers", "propeller plane", "cargo plane"),
    ),
    "drone": Everyday(
        ("drone", "lite fly uten pilot", "ubemannet fly"),
        ("drone", "small plane without a pilot", "unmanned plane"),
    ),
    "fregatt": Everyday(
        ("krigsskip", "krigsskip", "stort marineskip", "fregatt"),
        ("warship", "big navy ship", "battleship", "frigate"),
    ),
    "patruljebåt": Everyday(
        ("liten båt", "kystvaktbåt", "rask marinebåt"),
        ("small boat", "coast guard boat", "fast navy boat"),
    ),
    "ubåt": Everyday(("ubåt", "undervannsbåt"), ("submarine", "sub", "boat that dives")),
    "logo": Everyday(("logo", "firmamerke", "symbol"), ("logo", "company sign", "symbol")),
    "merke": Everyday(("tøymerke", "jakkemerke", "emblem"), ("badge", "cloth patch", "emblem")),
}
WHEELS: Mapping[str, Everyday] = {
    "to aksler": Everyday(("med fire hjul", "med få hjul"), ("with four wheels", "short")),
    "tre aksler": Everyday(("med seks hjul",), ("with six wheels",)),
    "fire aksler": Everyday(("med åtte hjul", "med mange hjul"), ("with eight wheels", "long")),
    "åtte aksler": Everyday(
        ("med seksten hjul", "kjempelang", "med veldig mange hjul"),
        ("with sixteen wheels", "huge", "with very many wheels", "with eight axles"),
    ),
}
CIRCUMSTANCES: Mapping[str, Everyday] = {
    "kamuflasje": Everyday(
        ("kamuflert", "med kamuflasje", "med flekkete maling"),
        ("camouflaged", "in camouflage colours", "with spotted paint"),
    ),
    "kolonne": Everyday(
        (
            "flere på rad",
            "mange kjøretøy etter hverandre",
            "biler i kø",
            "lastebiler bak hverandre",
        ),
        ("several in a row", "many vehicles in a line", "trucks behind each other", "queue"),
    ),
    "støv": Everyday(("støv", "støvete", "i en støvsky"), ("dust", "dusty", "in a cloud of dust")),
    "tåke": Everyday(("tåke", "i tåke", "dårlig sikt"), ("fog", "in the fog", "misty")),
    "regn": Everyday(("regn", "i regnvær", "det regner"), ("rain", "in the rain", "rainy day")),
    "solnedgang": Everyday(
        ("solnedgang", "i solnedgang", "rød kveldshimmel"),
        ("sunset", "at sunset", "red evening sky"),
    ),
}
PLACES: Mapping[str, Everyday] = {
    "skog": Everyday(
        ("skog", "i skogen", "foran trær", "over skogen"),
        ("forest", "in the woods", "by the trees", "over a forest"),
    ),
    "snø": Everyday(
        ("snø", "i snøen", "om vinteren", "på en snødekt slette"),
        ("snow", "in the snow", "in winter", "in a snowy field"),
    ),
    "ørken": Everyday(("ørken", "i ørkenen", "i sand"), ("desert", "in the desert", "on sand")),
    "fjell": Everyday(
        ("fjell", "på fjellet", "blant fjell"), ("mountains", "in the mountains", "by a hill")
    ),
    "vei": Everyday(
        ("vei", "på veien", "kjører på asfalt"), ("road", "on a road", "in the street")
    ),
    "flyplass": Everyday(
        ("flyplass", "på flyplassen", "på rullebanen"), ("airport", "at the airport", "on a runway")
    ),
    "slette": Everyday(
        ("på gress", "på et jorde", "på en grønn eng"), ("on grass", "in a field", "green meadow")
    ),
    "by": Everyday(("i byen", "foran hus", "bygninger"), ("city", "in town", "houses behind")),
    "hav": Everyday(("på havet", "sjø", "på vannet"), ("sea", "at sea", "on the water")),
    "himmel": Everyday(("i lufta", "flyr", "mot himmelen"), ("in the air", "flying", "in the sky")),
}
OPENINGS = Everyday(("", "", "en", "her er en", "ser en"), ("", "", "a", "here is a", "we see a"))
_DETAILS = ((WHEELS, 0.4), (CIRCUMSTANCES, 0.8), (PLACES, 0.8))
"""What a caption may tell besides its subject, and how often it does."""
_SUBJECT, _KIND = 0.7, 0.2


def describe(keywords: Sequence[str], random: Random) -> tuple[str, tuple[str, ...]]:
    """A caption of an image with these keywords, and those of them that it tells of.

    A caption calls the subject by a particular or a general word, or leaves it out, and tells of
    each other thing by chance: of nothing at all, if everything is left out.
    """
    is_english = random.random() < ENGLISH
    chance = random.random()
    naming = SUBJECTS if chance < _SUBJECT else KINDS if chance < _SUBJECT + _KIND else {}
    tables = [naming, *(table for table, often in _DETAILS if random.random() < often)]
    told = tuple(word for table in tables for word in keywords if word in table)
    parts = [_one(table[word], is_english, random)
             for table in tables for word in keywords if word in table]  # fmt: skip
    text = (", " if random.random() < 0.3 else " ").join(parts)
    return f"{_one(OPENINGS, is_english, random)} {text}".strip(), told


ENGLISH = 0.5
"""Share of English captions, the language of most captions in the world."""


def _one(phrases: Everyday, is_english: bool, random: Random) -> str:
    choices = phrases.en if is_english else phrases.no
    return choices[int(random.integers(len(choices)))]
