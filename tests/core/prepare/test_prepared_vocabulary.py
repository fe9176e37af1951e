"""Corrupt keywords: those the thesis names (section 3.1.2), and sound ones that look odd."""

from __future__ import annotations

import pytest

from core.prepare.vocabulary import corruption


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("????", "only punctuation"),
        ("?", "only punctuation"),
        ("   ", "empty"),
        ("2003-08-14", "a date"),
        ("14.02.2011", "a date"),
        ("1998", "a date"),
        ("12/5", "a date"),
        ("123456", "no letter"),
        ("kj??ret??y", "question marks"),
        ("kjÃ¸retÃ¸y", "damaged letters"),
        ("b\ufffdt", "damaged letters"),
    ],
)
def test_a_corrupt_name_is_told_why(name: str, why: str) -> None:
    assert corruption(name) == why


@pytest.mark.parametrize(
    "name",
    ["T-72", "M113", "Kamaz", "fireakslet", "missil bakke-til-luft (SAM)", "2S19 Msta", "Ås",
     "MiG-29", "9K33", "Ãrhus", "er det en bil?"],
)  # fmt: skip
def test_a_sound_name_is_left_alone(name: str) -> None:
    assert corruption(name) == ""
