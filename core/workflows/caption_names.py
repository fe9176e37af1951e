"""The names under which captions speak of keywords: three vocabularies (thesis section 3.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from core.translation.glossary import load_glossary
from core.translation.translator import Translator
from core.types import Keyword, KeywordStatus


class Names(StrEnum):
    """A vocabulary for captions; a keyword that it lacks keeps its original name."""

    ORIGINAL = "original"
    AUTOMATIC = "automatic"
    """A machine's English names, whatever people have made of them since."""
    MANUAL = "manual"
    """English names that people gave or confirmed, and a machine's for the others."""


def caption_names(keywords: Sequence[Keyword], names: Names) -> list[str]:
    """The name of each keyword in a vocabulary."""
    if names is Names.ORIGINAL:
        return [keyword.no for keyword in keywords]
    machine = Translator(load_glossary())
    if names is Names.AUTOMATIC:
        return [_automatic(keyword, machine) for keyword in keywords]
    return [keyword.en or _automatic(keyword, machine) for keyword in keywords]


def has_names(keywords: Sequence[Keyword], names: Names) -> bool:
    """Whether a vocabulary says anything about these keywords that a plainer one does not."""
    if names is Names.MANUAL:
        return any(_is_given_by_people(keyword) for keyword in keywords)
    originals = caption_names(keywords, Names.ORIGINAL)
    return names is Names.ORIGINAL or caption_names(keywords, names) != originals


def _is_given_by_people(keyword: Keyword) -> bool:
    return bool(keyword.en) and keyword.status is not KeywordStatus.MACHINE


def _automatic(keyword: Keyword, machine: Translator) -> str:
    if keyword.en and keyword.status is KeywordStatus.MACHINE:
        return keyword.en
    found = machine.to_english(keyword.no)
    return keyword.no if found is None else found.text
