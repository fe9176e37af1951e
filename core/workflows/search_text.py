"""A person's words for an encoder, which knows English best.

The names of the project's keywords come first: they are what its people mean. Other words are
translated by the glossary, if the text as a whole reads as Norwegian: many words mean one thing in
each language ("fire", "fly", "truck").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.catalog.text import fold
from core.translation.translator import Translator
from core.types import Keyword, KeywordStatus

_EDGES = ".,;:!?()\"'«»“”"


@dataclass(frozen=True, eq=False, slots=True)
class SearchWords:
    """A glossary, and the English ``names`` of keywords by their folded Norwegian ones."""

    translator: Translator
    names: Mapping[str, str] = field(default_factory=dict)

    def to_english(self, text: str) -> str:
        """``text`` in English as far as it is known to be Norwegian; other words stay.

        The longest name of a keyword wins: "lett lastebil" before "lastebil". Case and punctuation
        at the edges of a word do not matter.
        """
        parts = self._parts(text.split())
        is_norwegian = self._is_norwegian(parts)
        return " ".join(
            part.english or (self._translated(part.words) if is_norwegian else part.text)
            for part in parts
        )

    def _parts(self, words: Sequence[str]) -> list[_Part]:
        """The text in names of keywords, and what stands between them."""
        longest = max((len(name.split()) for name in self.names), default=0)
        parts: list[_Part] = []
        between: list[str] = []
        place = 0
        while place < len(words):
            lengths = range(min(longest, len(words) - place), 0, -1)
            found = next((n for n in lengths if self._name(words[place : place + n])), 0)
            if not found:
                between.append(words[place])
                place += 1
                continue
            name = words[place : place + found]
            parts += [_Part(tuple(between)), _Part(tuple(name), self._name(name))]
            between = []
            place += found
        return [part for part in (*parts, _Part(tuple(between))) if part.words]

    def _name(self, words: Sequence[str]) -> str:
        phrase = fold(" ".join(words))
        return self.names.get(phrase) or self.names.get(phrase.strip(_EDGES)) or ""

    def _is_norwegian(self, parts: Sequence[_Part]) -> bool:
        """Whether some word is Norwegian only, and none English only."""
        known = [
            (self.translator.to_english(word), self.translator.to_norwegian(word))
            for part in parts
            if not part.english
            for word in part.words
        ]
        named = any(part.english and fold(part.english) != fold(part.text) for part in parts)
        norwegian = any(english and not other for english, other in known)
        return (named or norwegian) and not any(other and not english for english, other in known)

    def _translated(self, words: Sequence[str]) -> str:
        whole = self.translator.to_english(" ".join(words))
        if whole is not None:
            return whole.text
        each = ((word, self.translator.to_english(word)) for word in words)
        return " ".join(word if found is None else found.text for word, found in each)


@dataclass(frozen=True, slots=True)
class _Part:
    """Words that belong together; ``english`` if they are the name of a keyword."""

    words: tuple[str, ...]
    english: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.words)


def english_names(keywords: Iterable[Keyword]) -> dict[str, str]:
    """Folded Norwegian name to English name, of keywords that have both and are not retired."""
    return {
        fold(keyword.no): keyword.en
        for keyword in keywords
        if keyword.en and keyword.status is not KeywordStatus.RETIRED
    }
