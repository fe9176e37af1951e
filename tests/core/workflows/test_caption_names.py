"""The three vocabularies of thesis section 3.2.1 and Table 3.1."""

from __future__ import annotations

import pytest

from core.types import Keyword, KeywordId, KeywordStatus
from core.workflows.caption_names import Names, caption_names, has_names

_STATUS = KeywordStatus


def keyword(no: str, en: str | None = None, status: KeywordStatus = _STATUS.IMPORTED) -> Keyword:
    return Keyword(KeywordId(1), no, en, status)


KEYWORDS = (
    keyword("fly", "airplane", _STATUS.CONFIRMED),  # the machine says "plane" or the like
    keyword("bil"),
    keyword("båt", "dinghy", _STATUS.MACHINE),
    keyword("Xyzzq"),
)


def test_each_vocabulary_by_hand() -> None:
    assert caption_names(KEYWORDS, Names.ORIGINAL) == ["fly", "bil", "båt", "Xyzzq"]
    automatic = caption_names(KEYWORDS, Names.AUTOMATIC)
    assert automatic[0] not in ("fly", "airplane")  # what people gave is not the machine's
    assert automatic[1:] == ["car", "dinghy", "Xyzzq"]
    assert caption_names(KEYWORDS, Names.MANUAL) == ["airplane", "car", "dinghy", "Xyzzq"]


@pytest.mark.parametrize(
    ("keywords", "known"),
    [
        ((keyword("Xyzzq"),), {Names.ORIGINAL}),
        ((keyword("bil"),), {Names.ORIGINAL, Names.AUTOMATIC}),
        ((keyword("båt", "dinghy", _STATUS.MACHINE),), {Names.ORIGINAL, Names.AUTOMATIC}),
        ((keyword("Xyzzq", "grue", _STATUS.IMPORTED),), {Names.ORIGINAL, Names.MANUAL}),
        (KEYWORDS, set(Names)),
    ],
)
def test_a_vocabulary_that_says_nothing_of_its_own_is_not_had(
    keywords: tuple[Keyword, ...], known: set[Names]
) -> None:
    assert {names for names in Names if has_names(keywords, names)} == known
