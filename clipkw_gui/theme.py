"""How the window looks: colours for light and dark, the typeface, the icons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSettings, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

BASE_POINTS = 10.0
"""Size of running text: 13 pixels on a screen of 96 dpi."""
APPEARANCE_KEY = "window/appearance"
_FILES = Path(str(files("resources")))


@dataclass(frozen=True, slots=True)
class Colors:
    """Every colour of the window. Text on its ground has a contrast of at least 4.5."""

    window: str
    rail: str
    base: str
    raised: str
    stripe: str
    hover: str
    pressed: str
    selected: str
    groove: str
    handle: str
    line: str
    outline: str
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_hover: str
    accent_text: str
    on_accent: str
    focus: str
    problem: str
    problem_back: str
    info_back: str
    good: str


LIGHT = Colors(
    window="#f5f6f8",
    rail="#eceef2",
    base="#ffffff",
    raised="#ffffff",
    stripe="#f8f9fb",
    hover="#edf0f5",
    pressed="#e0e5ee",
    selected="#dde7fb",
    groove="#e3e6eb",
    handle="#c2c8d1",
    line="#e0e3e9",
    outline="#c3c9d3",
    text="#191c21",
    secondary="#565e6b",
    disabled="#8b93a0",
    accent="#2757c4",
    accent_hover="#1f49a8",
    accent_text="#2757c4",
    on_accent="#ffffff",
    focus="#2757c4",
    problem="#b3261e",
    problem_back="#fdeceb",
    info_back="#e9f0fd",
    good="#1b7f47",
)
DARK = Colors(
    window="#17191d",
    rail="#131518",
    base="#1d2024",
    raised="#24282e",
    stripe="#202328",
    hover="#2a2f36",
    pressed="#343a43",
    selected="#29395a",
    groove="#31363e",
    handle="#4a515c",
    line="#2c3138",
    outline="#434a55",
    text="#e7eaee",
    secondary="#a0a9b5",
    disabled="#6d7581",
    accent="#3b69d6",
    accent_hover="#4a78e4",
    accent_text="#7ea6f7",
    on_accent="#ffffff",
    focus="#7ea6f7",
    problem="#f2938c",
    problem_back="#3a2223",
    info_back="#1f2b42",
    good="#5cc98a",
)


def colors(scheme: Qt.ColorScheme) -> Colors:
    """The colours of a scheme; an unknown one is light."""
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def shades_of(palette: QPalette) -> Colors:
    """The colours that suit a palette, for what is painted by hand."""
    return DARK if palette.color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


def small_font(font: QFont) -> QFont:
    """The font of second lines."""
    small = QFont(font)
    small.setPointSizeF(max(font.pointSizeF() * 0.88, 7.0))
    return small


def make_palette(shades: Colors) -> QPalette:
    """The palette that delegates and standard controls paint with."""
    role, palette = QPalette.ColorRole, QPalette()
    for one, color in (
        (role.Window, shades.window),
        (role.Base, shades.base),
        (role.AlternateBase, shades.stripe),
        (role.Button, shades.raised),
        (role.ToolTipBase, shades.raised),
        (role.WindowText, shades.text),
        (role.Text, shades.text),
        (role.ButtonText, shades.text),
        (role.ToolTipText, shades.text),
        (role.BrightText, shades.problem),
        (role.PlaceholderText, shades.secondary),
        (role.Highlight, shades.accent),
        (role.HighlightedText, shades.on_accent),
        (role.Accent, shades.accent),
        (role.Link, shades.accent_text),
        (role.LinkVisited, shades.accent_text),
        (role.Light, shades.raised),
        (role.Midlight, shades.hover),
        (role.Mid, shades.line),
        (role.Dark, shades.outline),
        (role.Shadow, shades.handle),
    ):
        palette.setColor(one, QColor(color))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(shades.disabled))
    return palette


def style_sheet(shades: Colors) -> str:
    """The style sheet in these colours."""
    template = Template((_FILES / "styles" / "window.qss").read_text(encoding="utf-8"))
    scheme = "dark" if shades is DARK else "light"
    down, up = ((_FILES / "icons" / f"{one}-{scheme}.svg").as_posix() for one in ("down", "up"))
    check = (_FILES / "icons" / "check.svg").as_posix()
    return template.substitute(asdict(shades), icon_down=down, icon_up=up, icon_check=check)


def load_typeface() -> None:
    """Make the bundled typeface the one of the application, beside the system's for the rest."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    fallbacks = [app.font().family()]
    families: list[str] = []
    for path in sorted((_FILES / "fonts").glob("*.otf")):
        number = QFontDatabase.addApplicationFont(str(path))
        families += QFontDatabase.applicationFontFamilies(number)
    font = QFont([*sorted(set(families), key=len)[:1], *fallbacks])
    font.setPointSizeF(BASE_POINTS)
    font.setFeature(QFont.Tag("tnum"), 1)
    app.setFont(font)


class Appearance(QObject):
    """Keeps the application light or dark: as it was chosen, else as the system is."""

    def __init__(self, app: QApplication, preferences: QSettings) -> None:
        super().__init__(app)
        self._app = app
        self._preferences = preferences
        app.styleHints().colorSchemeChanged.connect(self.apply)
        self.apply()

    def choose(self, name: str) -> None:
        """Be "light" or "dark" from now on, or with any other name as the system is."""
        self._preferences.setValue(APPEARANCE_KEY, name)
        self.apply()

    def apply(self) -> None:
        """Give the application its palette and style sheet."""
        chosen = str(self._preferences.value(APPEARANCE_KEY, "system"))
        shades = {"light": LIGHT, "dark": DARK}.get(chosen)
        if shades is None:
            shades = colors(self._app.styleHints().colorScheme())
        self._app.setPalette(make_palette(shades))
        self._app.setStyleSheet(style_sheet(shades))


class _LineIcon(QIconEngine):
    """A drawing in lines that takes the colour of the text around it."""

    def __init__(self, drawing: str) -> None:
        super().__init__()
        self._drawing = drawing

    def clone(self) -> QIconEngine:
        return _LineIcon(self._drawing)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        group = QPalette.ColorGroup.Active
        if mode == QIcon.Mode.Disabled:
            group = QPalette.ColorGroup.Disabled
        color = QApplication.palette().color(group, QPalette.ColorRole.ButtonText)
        drawing = self._drawing.replace("#000000", color.name())
        QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap


def icon(name: str) -> QIcon:
    """A line icon from ``resources/icons``; it follows light and dark by itself."""
    return QIcon(_LineIcon((_FILES / "icons" / f"{name}.svg").read_text(encoding="utf-8")))


def app_icon() -> QIcon:
    """The mark of the application."""
    return QIcon(str(_FILES / "icons" / "clipkw.svg"))
