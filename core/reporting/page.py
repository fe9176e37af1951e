"""One self-contained HTML page: headings, paragraphs, tables and plots; nothing is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from core.reporting.files import writing

TEMPLATE = "page.html"


class Percent(float):
    """A part of a whole in [0, 1], shown in percent."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts and numbers; floats are shown with ``digits`` decimals."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    caption: str = ""
    digits: int = 3

    def shown(self, cell: object) -> str:
        """A cell as it is read."""
        if isinstance(cell, Percent) and cell == cell:
            return f"{100 * cell:.1f}\u00a0%"
        if isinstance(cell, float):
            return "–" if cell != cell else f"{cell:.{self.digits}f}"  # NaN: not defined
        return f"{cell:,}".replace(",", "\u202f") if isinstance(cell, int) else str(cell)

    def is_numeric(self, column: int) -> bool:
        """Whether a column holds numbers, and nothing else but empty cells."""
        cells = [row[column] for row in self.rows if row[column] != ""]
        return bool(cells) and all(isinstance(cell, int | float) for cell in cells)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; ``figures`` are pairs of SVG element and caption."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[tuple[str, str], ...] = field(default=())


def render_page(title: str, subtitle: str, sections: Sequence[Section]) -> str:
    """The page as text. Everything but the plots is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = (files("resources") / "reports" / TEMPLATE).read_text(encoding="utf-8")
    template = environment.from_string(source)
    return template.render(title=title, subtitle=subtitle, sections=sections)


def write_page(path: Path, title: str, subtitle: str, sections: Sequence[Section]) -> None:
    """Write the page. Raises :class:`core.errors.StorageError`."""
    with writing(path) as stream:
        stream.write(render_page(title, subtitle, sections))
