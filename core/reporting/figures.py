"""Plots as SVG, drawn by matplotlib without a screen."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = ("#2563a8", "#d1702b", "#3a8f5c", "#8a5aa8", "#b23a48", "#6b7280", "#a58a1f", "#2f9ca3")
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "clipkw",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8a8f98",
    "axes.labelcolor": "#3c414a",
    "xtick.color": "#3c414a",
    "ytick.color": "#3c414a",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e5e9",
    "lines.linewidth": 1.8,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot; ``low`` and ``high`` shade what it is sure of, if given."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = field(default=())
    high: Sequence[float] = field(default=())
    dots: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """Title of an axis, whether it is logarithmic, and its range."""

    title: str
    logarithmic: bool = False
    limits: tuple[float, float] | None = None


def line_plot(lines: Sequence[Line], x: Axis, y: Axis, size: tuple[float, float] = (7, 4)) -> str:
    """Lines over a common axis, as an SVG element. ``size`` is in inches."""
    figure, axes = _canvas(size)
    for number, line in enumerate(lines):
        color = "#8a8f98" if line.dashed else COLORS[number % len(COLORS)]
        axes.plot(
            line.x,
            line.y,
            label=line.name,
            color=color,
            marker="o" if line.dots else None,
            markersize=4,
            linestyle="--" if line.dashed else "-",
        )
        if len(line.low):
            axes.fill_between(line.x, line.low, line.high, color=color, alpha=0.15, linewidth=0)
    _label(axes, x, y)
    if len(lines) > 1 or (lines and lines[0].name):
        axes.legend(frameon=False, fontsize=9)
    return _svg(figure)


def bar_plot(
    names: Sequence[str], values: Sequence[float], title: str, size: tuple[float, float] = (7, 4)
) -> str:
    """Horizontal bars, the first on top, as an SVG element."""
    figure, axes = _canvas(size)
    places = range(len(names))
    axes.barh(places, values, color=COLORS[0], height=0.7)
    axes.set_yticks(list(places), [_plain(name) for name in names], fontsize=8)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(title)
    axes.margins(y=0.01)
    return _svg(figure)


def column_plot(
    x: Sequence[float], heights: Sequence[float], along: Axis, up: Axis, width: float = 0.8
) -> str:
    """Vertical bars at ``x``, as an SVG element."""
    figure, axes = _canvas((7, 3.5))
    axes.bar(x, heights, color=COLORS[0], width=width)
    axes.grid(visible=False, axis="x")
    _label(axes, along, up)
    if all(float(one).is_integer() for one in x):
        axes.set_xticks(list(x))
    return _svg(figure)


def _canvas(size: tuple[float, float]) -> tuple[Figure, Axes]:
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        return figure, figure.add_subplot()


def _label(axes: Axes, x: Axis, y: Axis) -> None:
    axes.set_xlabel(x.title)
    axes.set_ylabel(y.title)
    if x.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(_written_out)
    if y.logarithmic:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(_written_out)
    if x.limits:
        axes.set_xlim(*x.limits)
    if y.limits:
        axes.set_ylim(*y.limits)


def _written_out(value: float, _place: float) -> str:
    """10000 -> "10 000": not every browser draws the exponents of a power well."""
    return f"{value:,g}".replace(",", "\u202f")


def _svg(figure: Figure) -> str:
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    # an element within a page: no XML declaration, no document type that points elsewhere
    return re.sub(r"^.*?(?=<svg)", "", text, flags=re.DOTALL)


def _plain(name: str) -> str:
    """A name that matplotlib does not take for a formula."""
    return name.replace("$", r"\$")
