"""Forms of words: which Norwegian words an inflected one may come from, and English plurals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from core.translation.glossary import Kind


class Form(Enum):
    """How a word is inflected, as far as English shows it."""

    PLAIN = auto()
    PLURAL = auto()
    ONGOING = auto()


@dataclass(frozen=True, slots=True)
class Base:
    """A word of some kind that another one may come from, and which form of it that is."""

    word: str
    kind: Kind
    form: Form


# Longest first; of each the endings that the dictionary form may have instead.
_ENDINGS: tuple[tuple[str, tuple[str, ...], Kind, Form], ...] = (
    ("ende", ("e", ""), Kind.VERB, Form.ONGOING),
    ("erne", ("er",), Kind.OTHER, Form.PLURAL),
    ("ene", ("e", ""), Kind.OTHER, Form.PLURAL),
    ("ere", ("er",), Kind.OTHER, Form.PLURAL),
    ("en", ("e", ""), Kind.OTHER, Form.PLAIN),
    ("et", ("e", ""), Kind.OTHER, Form.PLAIN),
    ("er", ("e", ""), Kind.OTHER, Form.PLURAL),
    ("er", ("e", ""), Kind.VERB, Form.ONGOING),
    ("a", ("e", ""), Kind.OTHER, Form.PLAIN),
    ("e", ("",), Kind.ADJECTIVE, Form.PLAIN),
    ("t", ("",), Kind.ADJECTIVE, Form.PLAIN),
    ("s", ("",), Kind.OTHER, Form.PLAIN),
)
_SHORTEST = 2
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxz")

_IRREGULAR = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "foot": "feet",
    "tooth": "teeth",
    "goose": "geese",
    "mouse": "mice",
    "ox": "oxen",
    "knife": "knives",
    "leaf": "leaves",
    "wolf": "wolves",
    "life": "lives",
    "loaf": "loaves",
    "scarf": "scarves",
    "hero": "heroes",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "torpedo": "torpedoes",
    "cargo": "cargoes",
}
_ALIKE = frozenset(
    {
        "aircraft", "ammunition", "armour", "artillery", "cavalry", "craft", "deer", "equipment",
        "fish", "hovercraft", "infantry", "luggage", "materiel", "moose", "personnel", "salmon",
        "series", "sheep", "spacecraft",
    }
)  # fmt: skip


def bases(word: str) -> Iterator[Base]:
    """Lower-cased words that ``word`` may be a form of, the likelier ones first."""
    seen = {(word, kind) for kind in Kind}
    for ending, instead, kind, form in _ENDINGS:
        if not word.endswith(ending):
            continue
        stem = word[: -len(ending)]
        for base in [stem + other for other in instead] + list(_restored(stem)):
            if len(base) >= _SHORTEST and (base, kind) not in seen:
                seen.add((base, kind))
                yield Base(base, kind, form)


def _restored(stem: str) -> Iterator[str]:
    """What a stem was before an ending changed it: ``bomm`` bom, ``nøkl`` nøkkel."""
    if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] in _CONSONANTS:
        yield stem[:-1]
    if len(stem) > 2 and stem[-1] in "lrn" and stem[-2] in _CONSONANTS:
        yield f"{stem[:-1]}e{stem[-1]}"
        yield f"{stem[:-1]}{stem[-2]}e{stem[-1]}"


def plural(text: str) -> str:
    """An English noun phrase in the plural; one that is plural already stays."""
    head, space, word = text.rpartition(" ")
    is_several = word in _ALIKE or word in _IRREGULAR.values()
    if is_several or (word.endswith("s") and not word.endswith(("ss", "us"))):
        return text
    return f"{head}{space}{_plural_word(word)}"


def _plural_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for singular, several in _IRREGULAR.items():
        if len(singular) > 2 and word.endswith(singular) and singular.endswith("man"):
            return word.removesuffix(singular) + several
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}s"


def singulars(word: str) -> Iterator[str]:
    """What a lower-cased English plural may be the plural of."""
    for singular, several in _IRREGULAR.items():
        if word == several:
            yield singular
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]


def agent(verb: str) -> str:
    """Who does what an English verb says: build, builder."""
    word, space, rest = verb.partition(" ")
    if word.endswith("e"):
        return f"{word}r{space}{rest}"
    vowels = set("aeiou")
    is_short = len(word) == 3 and word[-1] in _CONSONANTS - set("wx") and word[-2] in vowels
    return f"{word}{word[-1] if is_short else ''}er{space}{rest}"
