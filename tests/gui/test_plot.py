"""The small plot: round ticks, dots that tell about themselves, a picture to keep."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from clipkw_gui.theme import DARK, LIGHT, Colors, make_palette
from clipkw_gui.widgets.plot import Axis, Curve, Dots, Mark, Plot, PlotContent, Tone, ticks

CONTENT = PlotContent(
    Axis("similarity", 0.9, 1.0),
    Axis("probability", 0, 1, percent=True),
    curves=[Curve([(0.9, 0.5), (1.0, 0.5)])],
    dots=[Dots([(0.95, 1.0)], Tone.GOOD, ["one of them"])],
    marks=[Mark(0.92, "1 %")],
    about="in words",
)


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    plot = Plot("Plot")
    qtbot.addWidget(plot)
    plot.resize(400, 260)
    return plot


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.93, 1.0, 4, [0.94, 0.96, 0.98, 1.0]),
        (1, 48, 5, [10, 20, 30, 40]),
        (-3, 3, 2, [0]),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected)


def colors_in(picture: QImage) -> set[str]:
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }


@pytest.mark.parametrize("shades", [LIGHT, DARK])
def test_the_curve_has_the_colour_of_the_window(plot: Plot, shades: Colors) -> None:
    plot.setPalette(make_palette(shades))
    plot.show_content(CONTENT)
    assert QColor(shades.accent_text).name() in colors_in(plot.grab().toImage())


def test_a_dot_tells_about_itself_when_the_pointer_is_on_it(plot: Plot) -> None:
    plot.show_content(CONTENT)
    found = {
        plot.told_at(QPointF(x, y)): (x, y)
        for x in range(0, plot.width(), 4)
        for y in range(0, plot.height(), 4)
    }
    assert set(found) == {"", "one of them"}
    x, y = found["one of them"]
    assert 180 < x < 260
    assert y < 60


def test_nothing_is_painted_without_content(plot: Plot) -> None:
    assert len(colors_in(plot.grab().toImage())) == 1
    assert plot.told_at(QPointF(10, 10)) == ""


def test_the_plot_is_copied_and_saved(plot: Plot, tmp_path: Path) -> None:
    plot.show_content(CONTENT)
    plot.copy()
    assert QGuiApplication.clipboard().pixmap().size() == plot.size()
    assert plot.save(tmp_path / "plot.png")
    assert QImage(str(tmp_path / "plot.png")).size() == plot.size()
    assert not plot.save(tmp_path / "nowhere" / "plot.png")


def test_those_who_cannot_see_it_are_told(plot: Plot) -> None:
    plot.show_content(CONTENT)
    assert plot.accessibleDescription() == "in words"
