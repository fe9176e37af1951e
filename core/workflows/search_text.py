"""A person's words for an encoder, which knows English best."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.catalog.text import fold
from core.types import Keyword, KeywordStatus

_EDGES = ".,;:!?()\"'«»“”"


def english_names(keywords: Iterable[Keyword]) -> dict[str, str]:
    """Folded Norwegian name to English name, of keywords that have both and are not retired."""
    return {
        fold(keyword.no): keyword.en
        for keyword in keywords
        if keyword.en and keyword.status is not KeywordStatus.RETIRED
    }


def to_english(text: str, names: Mapping[str, str]) -> str:
    """``text`` with every Norwegian keyword as its English name; other words stay.

    The longest name wins: "lett lastebil" before "lastebil". Case and punctuation at the edges
    of a word do not matter. ``names`` are those of :func:`english_names`.
    """
    words = text.split()
    longest = max((len(name.split()) for name in names), default=0)
    translated: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            phrase = " ".join(words[place : place + length])
            found = names.get(fold(phrase)) or names.get(fold(phrase.strip(_EDGES)))
            if found is not None:
                translated.append(found)
                place += length
                break
        else:
            translated.append(words[place])
            place += 1
    return " ".join(translated)
