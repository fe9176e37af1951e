"""Which keywords a model can learn: not the rare, not the corrupt (thesis section 3.1.2)."""

from __future__ import annotations

import re

MINIMUM_IMAGES = 50
"""Fewest images of the training set with a keyword that a model learns."""

_DATE = re.compile(r"\d{1,4}[-./ ]\d{1,2}([-./ ]\d{1,4})?\.?|(1[89]|20)\d\d")
_MOJIBAKE = re.compile(r"[\u0080-\u009f\ufffd]|Ã[\u0080-\u00bf¥¦¸˜…†]|â€|Â[\u00a0-\u00bf]")


def corruption(name: str) -> str:
    """Why a keyword's name cannot be meant, in a few words; "" for a sound one.

    A designation such as T-72 or M113 is sound; a date, only punctuation, or letters that were
    read with the wrong encoding are not.
    """
    text = name.strip()
    if not text:
        return "empty"
    if _DATE.fullmatch(text):
        return "a date"
    if _MOJIBAKE.search(text):
        return "damaged letters"
    if not any(letter.isalpha() for letter in text):
        return "no letter" if any(letter.isdigit() for letter in text) else "only punctuation"
    if "??" in text:
        return "question marks"
    return ""
