"""What parts keywords, and what only belongs to their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exchange.keyword_cells import (
    STRONG_SEPARATORS,
    WEAK_SEPARATORS,
    detect_separator,
    split_keywords,
)

ALL = (*STRONG_SEPARATORS, *WEAK_SEPARATORS)


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["tank;snø", "tank"], ";"),
        (["tank|snø", "tank"], "|"),
        (["tank\nsnø", "tank"], "\n"),
        (["tank, snø", "skip, snø", "tank"], ","),
        (["tank/snø", "skip/snø", "tank/skip"], "/"),
        (["tank, snø, skog, vinter"], ","),
        (["Missil (SAM), bakke-til-luft", "tank", "skip"], ""),
        (["Missil (SAM), bakke-til-luft;Norge", "tank;Norge", "tank, tung;skip"], ";"),
        (["Radar (3D, mobil)", "Radar (2D, mobil)"], ""),
        (["F/A-18", "C/D-47", "skip"], ""),
        (["F/A-18;skip", "tank"], ";"),
        (["tank", "skip"], ""),
        (["tank;", ";skip"], ""),
        ([], ""),
        # One slip of the pen does not make a separator.
        (["a, b; c", *(f"a, b, {letter}" for letter in "cdefghijklmn")], ","),
    ],
)
def test_detected_separator(cells: list[str], separator: str) -> None:
    assert detect_separator(cells, ALL) == separator


@pytest.mark.parametrize(
    ("cell", "separator", "keywords"),
    [
        (" tank ;  tung   tank;", ";", ["tank", "tung tank", ""]),
        ("Missil (SAM, kort), tank", ",", ["Missil (SAM, kort)", "tank"]),
        ("Missil (SAM, tank", ",", ["Missil (SAM", "tank"]),
        ("Missil) SAM, tank", ",", ["Missil) SAM", "tank"]),
        ("en\r\nto\nog tre", "\n", ["en", "to", "og tre"]),
        ("tank, tung", "", ["tank, tung"]),
    ],
)
def test_split(cell: str, separator: str, keywords: list[str]) -> None:
    assert split_keywords(cell, separator) == keywords


@given(st.lists(st.text("abæøå ()-", max_size=8), min_size=1), st.sampled_from(STRONG_SEPARATORS))
def test_what_is_joined_is_parted_again(names: list[str], separator: str) -> None:
    clean = [" ".join(name.split()) for name in names]
    assert split_keywords(separator.join(clean), separator) == clean
