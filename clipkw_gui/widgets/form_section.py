"""One question of a form: its heading, why it is asked, the fields, and what was found."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from clipkw_gui.widgets.labels import set_role, text_label


class FormSection(QFrame):
    """Put the fields in with :meth:`add`; :meth:`tell` says what they led to."""

    def __init__(
        self, title: str, about: str, aside: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(text_label(title, "heading"))
        head.addWidget(text_label(aside, "secondary"))
        head.addStretch(1)
        self._found = text_label("", "secondary", wrap=True)
        self._found.setVisible(False)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addLayout(head)
        if about:
            column.addWidget(text_label(about, "secondary", wrap=True))
        column.addLayout(self._fields)
        column.addWidget(self._found)

    def add(self, widget: QWidget) -> None:
        """Another field, below the others."""
        self._fields.addWidget(widget)

    @property
    def found(self) -> str:
        """What is told below the fields."""
        return self._found.text()

    def tell(self, text: str, role: str = "secondary") -> None:
        """Say what was found; ``role`` is secondary, good or problem."""
        set_role(self._found, role)
        self._found.setText(text)
        self._found.setVisible(bool(text))
