"""The pages of the window: another page is another line here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from clipkw_gui.context import AppContext


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page of the rail; ``place`` is the module and the class, imported when it is shown first.

    A page may have ``menu_actions()``, its entries by the name of the menu, and a signal
    ``message``, one quiet line for the status bar.
    """

    name: str
    title: str
    icon: str
    keys: str
    place: str

    def build(self, context: AppContext) -> QWidget:
        """Make the page; with a project open it reads at once what it shows."""
        module, page = self.place.split(":")
        made = getattr(import_module(f"clipkw_gui.pages.{module}"), page)(context)
        assert isinstance(made, QWidget)
        return made


def page_entries() -> tuple[PageEntry, ...]:
    """The pages, from top to bottom."""
    return (
        PageEntry("label", _tr("Label"), "label", "Alt+1", "label:LabelPage"),
        PageEntry("search", _tr("Search"), "search", "Alt+2", "search:SearchPage"),
        PageEntry("review", _tr("Review"), "review", "Alt+3", "review:ReviewPage"),
        PageEntry("keywords", _tr("Keywords"), "keywords", "Alt+4", "keywords:KeywordsPage"),
        PageEntry(
            "duplicates", _tr("Duplicates"), "duplicates", "Alt+5", "duplicates:DuplicatesPage"
        ),
        PageEntry(
            "experiments", _tr("Experiments"), "experiments", "Alt+6", "experiments:ExperimentsPage"
        ),
        PageEntry("jobs", _tr("Jobs"), "jobs", "Alt+9", "jobs:JobsPage"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Pages", text)
