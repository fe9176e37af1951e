"""Text can be read on every ground it stands on: WCAG AA, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication, QToolButton

from clipkw_gui import theme
from clipkw_gui.theme import DARK, LIGHT, Colors, icon, style_sheet

ICONS = Path(theme.__file__).parents[1] / "resources" / "icons"


def luminance(color: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [part / 255 for part in QColor(color).getRgb()[:3]]  # type: ignore[index]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_enough_contrast(shades: Colors) -> None:
    grounds = ("window", "rail", "base", "raised", "stripe", "hover", "selected", "info_back")
    for ground in (*grounds, "problem_back"):
        assert contrast(shades.text, getattr(shades, ground)) >= 7, ground
        assert contrast(shades.secondary, getattr(shades, ground)) >= 4.5, ground
    for ground in ("window", "base", "raised"):
        for text in ("problem", "good", "accent_text"):
            assert contrast(getattr(shades, text), getattr(shades, ground)) >= 4.5, text
        assert contrast(shades.focus, getattr(shades, ground)) >= 3
    assert contrast(shades.on_accent, shades.accent) >= 4.5
    assert contrast(shades.on_accent, shades.accent_hover) >= 4


@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_is_filled_in(shades: Colors) -> None:
    sheet = style_sheet(shades)
    assert "$" not in sheet
    arrow = re.search(r'url\("(.*?)"\)', sheet)
    assert arrow is not None
    assert Path(arrow.group(1)).is_file()


def test_the_typeface_is_there_in_three_weights(qapp: QApplication) -> None:
    before = qapp.font()
    try:
        theme.load_typeface()
        assert QFontInfo(qapp.font()).family() == "Inter"
        assert {"Regular", "Medium"} <= set(QFontDatabase.styles("Inter"))
    finally:
        qapp.setFont(before)


@pytest.mark.parametrize("path", sorted(ICONS.glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_is_drawn(qapp: QApplication, path: Path) -> None:
    button = QToolButton()
    button.setIcon(icon(path.stem))
    image = button.icon().pixmap(24, 24).toImage()
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    assert any(image.pixelColor(x, y).alpha() > 128 for x, y in points)
