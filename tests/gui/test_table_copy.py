"""Copying rows of a table: what a spreadsheet gets is text and numbers."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from clipkw_gui.models.problems import ProblemModel
from clipkw_gui.widgets.table_copy import CopyTable
from core.types import Problem


def test_what_is_copied_is_neither_run_nor_parted_by_a_spreadsheet(qtbot: QtBot) -> None:
    table = CopyTable("Files")
    qtbot.addWidget(table)
    model = ProblemModel(table)
    table.setModel(model)
    model.set_problems(
        [
            Problem("=cmd|'/C calc'!A1", "a\tb\nc"),
            Problem("-12,5 %", "-12,5%"),
            Problem("a.jpg", "x"),
        ]
    )
    table.copy()
    assert QGuiApplication.clipboard().text().split("\n") == [
        "'=cmd|'/C calc'!A1\ta b c",
        "-12,5 %\t-12,5%",
        "a.jpg\tx",
    ]
