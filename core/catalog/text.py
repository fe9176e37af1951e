"""Texts that are the same to a person although their characters differ."""

from __future__ import annotations

import unicodedata

from core.errors import KeywordError


def fold(text: str) -> str:
    """``text`` without differences of case or of Unicode composition."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def clean_name(name: str) -> str:
    """A keyword's name without outer and multiple white space.

    Raises :class:`KeywordError` when nothing is left or the text cannot be stored.
    """
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if not clean:
        raise KeywordError("A keyword needs a name.", "Type at least one letter.")
    if "\0" in clean or any("\ud800" <= letter <= "\udfff" for letter in clean):
        raise KeywordError(
            f"The keyword {clean!r} has characters that are not text.",
            "Remove them, or choose the right encoding of the table.",
        )
    return clean
