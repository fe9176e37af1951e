"""Pages of reports in the browser of the system."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_page(page: Path) -> None:
    """Open a page that lies on the disk."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(page)))
