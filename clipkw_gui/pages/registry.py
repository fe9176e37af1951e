"""The pages of the window: another page is another line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from clipkw_gui.context import AppContext
from clipkw_gui.pages.duplicates import DuplicatesPage
from clipkw_gui.pages.experiments import ExperimentsPage
from clipkw_gui.pages.jobs import JobsPage
from clipkw_gui.pages.keywords import KeywordsPage
from clipkw_gui.pages.label import LabelPage
from clipkw_gui.pages.review import ReviewPage
from clipkw_gui.pages.search import SearchPage


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page of the rail, made by ``build(context)``.

    A page may have ``menu_actions()``, its entries by the name of the menu, and a signal
    ``message``, one quiet line for the status bar.
    """

    name: str
    title: str
    icon: str
    keys: str
    build: Callable[[AppContext], QWidget]


def page_entries() -> tuple[PageEntry, ...]:
    """The pages, from top to bottom."""
    return (
        PageEntry("label", _tr("Label"), "label", "Alt+1", LabelPage),
        PageEntry("search", _tr("Search"), "search", "Alt+2", SearchPage),
        PageEntry("review", _tr("Review"), "review", "Alt+3", ReviewPage),
        PageEntry("keywords", _tr("Keywords"), "keywords", "Alt+4", KeywordsPage),
        PageEntry("duplicates", _tr("Duplicates"), "duplicates", "Alt+5", DuplicatesPage),
        PageEntry("experiments", _tr("Experiments"), "experiments", "Alt+6", ExperimentsPage),
        PageEntry("jobs", _tr("Jobs"), "jobs", "Alt+9", JobsPage),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Pages", text)
