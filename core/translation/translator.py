"""Names of keywords from one language into the other by rules and a glossary, without a network.

A name is translated as a whole or not at all: half of it in another language helps nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from core.translation.compounds import Split, look_up, split
from core.translation.glossary import Entry, Glossary, Kind
from core.translation.inflection import Form, agent, plural, singulars

_TOKEN = re.compile(r"\d+(?::\d+)+|[()\[\],:;/!?«»“”\"]|[^\s()\[\],:;/!?«»“”\"]+")
_CAPITALS = 6
_NO_SPACE_BEFORE = frozenset(")],:;/!?»”")
_NO_SPACE_AFTER = frozenset("([/«“")
_LINKED_BY_S = ("ing", "sjon", "skap", "het", "dom", "tet")


class Way(StrEnum):
    """How a translation was found, the surest first."""

    GLOSSARY = "glossary"
    INFLECTION = "inflection"
    COMPOUND = "compound"
    WORDS = "words"
    NAME = "name"
    ONLINE = "online"


_SURENESS = list(Way)


@dataclass(frozen=True, slots=True)
class Translation:
    """A name in the other language, and how it was found.

    ``explanation`` shows the parts of a compound: "samband + s + panservogn".
    """

    text: str
    way: Way
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """The translation of one or some words of a name."""

    text: str
    way: Way
    explanation: str = ""
    entry: Entry | None = None


class Translator:
    """Translates with one glossary; it keeps nothing and may be used from any thread."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary

    def to_english(self, name: str) -> Translation | None:
        """A Norwegian name in English; None when any word of it is unknown."""
        pieces = self._pieces(name, self._norwegian_phrase, self._norwegian_word)
        if not pieces:
            return None
        return _translation(name, [piece.text for piece in pieces], pieces)

    def to_norwegian(self, name: str) -> Translation | None:
        """An English name in Norwegian; None when any word of it is unknown.

        Nouns in a row become one compound. Adjectives are not made to agree.
        """
        pieces = self._pieces(name, self._english_phrase, self._english_word)
        if not pieces:
            return None
        return _translation(name, self._compounded(pieces), pieces)

    def _pieces(
        self,
        name: str,
        phrase: Callable[[Sequence[str]], _Piece | None],
        word: Callable[[str, bool], _Piece | None],
    ) -> list[_Piece]:
        """The words of a name, the longest known phrases first; [] when one is unknown."""
        tokens = _TOKEN.findall(name)
        if not any(map(str.isalnum, name)):
            return []
        pieces: list[_Piece] = []
        place = 0
        while place < len(tokens):
            longest = min(max(self._glossary.longest_phrase, 4), len(tokens) - place)
            for length in range(longest, 1, -1):
                found = phrase(tokens[place : place + length])
                if found is not None:
                    pieces.append(found)
                    place += length
                    break
            else:
                found = word(tokens[place], place > 0)
                if found is None:
                    return []
                pieces.append(found)
                place += 1
        return pieces

    # from Norwegian ---------------------------------------------------------------------------

    def _norwegian_phrase(self, tokens: Sequence[str]) -> _Piece | None:
        found = look_up(" ".join(tokens).lower(), self._glossary)
        if found is not None and " " in found[0].no:
            return _Piece(_in_form(*found), Way.GLOSSARY, entry=found[0])
        return self._several(*tokens) if len(tokens) == 2 else None

    def _several(self, first: str, second: str) -> _Piece | None:
        """A first word that means another thing before several of something: tre aksler."""
        one, other = (look_up(word.lower(), self._glossary) for word in (first, second))
        if one is None or other is None or one[0].kind is not Kind.OTHER:
            return None
        several = _in_form(*other)
        if one[0].first == one[0].en or plural(several) != several:
            return None
        return _Piece(f"{one[0].first} {several}", Way.WORDS, entry=other[0])

    def _norwegian_word(self, token: str, is_inside: bool) -> _Piece | None:
        kept = self._kept(token)
        if kept is not None:
            return kept
        word = token.lower()
        found = look_up(word, self._glossary)
        if found is not None:
            entry, form = found
            way = Way.GLOSSARY if entry.no.lower() == word else Way.INFLECTION
            return _Piece(_in_form(entry, form), way, entry=entry)
        parts = split(word, self._glossary)
        if parts is not None:
            return _Piece(self._joined(parts), Way.COMPOUND, " + ".join(parts.pieces))
        return self._hyphenated(token) or (_name_inside(token) if is_inside else None)

    def _hyphenated(self, token: str) -> _Piece | None:
        """OK-knapp, Tokyo-tårnet: the last part is translated, foreign ones before it stay."""
        first, hyphen, last = token.rpartition("-")
        head = self._norwegian_word(last, is_inside=False) if hyphen and first else None
        if head is None or head.way is Way.NAME:
            return None
        front = self._norwegian_word(first, is_inside=False)
        text = f"{first if front is None else front.text} {head.text}"
        return _Piece(text, Way.COMPOUND, f"{first} + {last}")

    def _joined(self, parts: Split) -> str:
        """The English of a compound; adjectives come first: armoured communication vehicle."""
        last = parts.entries[-1]
        texts = [entry.first for entry in parts.entries[:-1]]
        does = last.kind is Kind.VERB and parts.form is Form.ONGOING
        texts.append(agent(last.en) if does else _in_form(last, parts.form))
        adjectives: list[str] = []
        nouns: list[str] = []
        for place, text in enumerate(texts):
            if text.lower() in self._glossary.adjectives and place < len(texts) - 1:
                adjectives.append(text)
                continue
            words = text.split()
            while len(words) > 1 and words[0].lower() in self._glossary.adjectives:
                adjectives.append(words.pop(0))
            if nouns and nouns[-1].split()[-1] == words[0]:  # palm tree tree
                words = words[1:]
            nouns += words
        return " ".join((*adjectives, *nouns))

    # from English -----------------------------------------------------------------------------

    def _english_phrase(self, tokens: Sequence[str]) -> _Piece | None:
        entry = self._english_entry(" ".join(tokens).lower())
        return None if entry is None else _Piece(entry.no, Way.GLOSSARY, entry=entry)

    def _english_word(self, token: str, is_inside: bool) -> _Piece | None:
        kept = self._kept(token)
        if kept is not None:
            return kept
        entry = self._english_entry(token.lower())
        if entry is not None:
            return _Piece(entry.no, Way.GLOSSARY, entry=entry)
        return _name_inside(token) if is_inside else None

    def _english_entry(self, text: str) -> Entry | None:
        found = self._glossary.english.get(text)
        if found is None:
            head, space, word = text.rpartition(" ")
            for singular in singulars(word):
                found = found or self._glossary.english.get(f"{head}{space}{singular}")
        return found

    def _compounded(self, pieces: Sequence[_Piece]) -> list[str]:
        texts: list[str] = []
        before: Entry | None = None
        for piece in pieces:
            entry = piece.entry
            is_noun = entry is not None and entry.kind is Kind.OTHER and " " not in entry.no
            if is_noun and before is not None:
                texts[-1] += self._link(before.no) + piece.text
            else:
                texts.append(piece.text)
            before = entry if is_noun else None
        return texts

    def _link(self, first: str) -> str:
        """What stands between ``first`` and another noun in most compounds of the glossary."""
        known = self._glossary.norwegian
        counts = {
            link: sum(
                word.startswith(first + link) and word[len(first + link) :] in known
                for word in known
            )
            for link in ("", "s", "e")
        }
        best = max(counts, key=lambda link: counts[link])
        if counts[best]:
            return best
        return "s" if first.endswith(_LINKED_BY_S) else ""

    # both -------------------------------------------------------------------------------------

    def _kept(self, token: str) -> _Piece | None:
        """A token that is the same in every language: M113, SAM, Kamaz, punctuation."""
        is_short_capitals = token.isupper() and len(token) <= _CAPITALS and len(token) > 1
        if token in self._glossary.names or any(map(str.isdigit, token)) or is_short_capitals:
            return _Piece(token, Way.NAME)
        return None if any(map(str.isalpha, token)) else _Piece(token, Way.GLOSSARY)


def _name_inside(token: str) -> _Piece | None:
    """A capitalised word after another one is a name."""
    return _Piece(token, Way.NAME) if token[:1].isupper() else None


def _in_form(entry: Entry, form: Form) -> str:
    if entry.kind is Kind.VERB and form is not Form.PLAIN:
        return entry.first
    return plural(entry.en) if form is Form.PLURAL else entry.en


def _translation(name: str, texts: Sequence[str], pieces: Sequence[_Piece]) -> Translation:
    text = ""
    for word in texts:
        is_close = word in _NO_SPACE_BEFORE or (text and text[-1] in _NO_SPACE_AFTER)
        text += word if is_close or not text else f" {word}"
    first = name.strip()[:1]
    if first.isupper() and not text[:2].isupper():
        text = text[:1].upper() + text[1:]
    ways = [piece.way for piece in pieces if any(map(str.isalnum, piece.text))]
    least_sure: Callable[[Way], int] = partial(_SURENESS.index)
    way = max(ways or [Way.GLOSSARY], key=least_sure)
    if len(ways) > 1:
        way = Way.NAME if set(ways) == {Way.NAME} else Way.WORDS
    explanation = ", ".join(piece.explanation for piece in pieces if piece.explanation)
    return Translation(text, way, explanation)
