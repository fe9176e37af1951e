"""The left side of the Label page: the filters, and the order of the queue."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from clipkw_gui.actions.certainty import CertaintyOrder, CertaintyWish
from clipkw_gui.pages.search_filters import SearchFilterPanel

PART = "order"


class QueueFilterPanel(SearchFilterPanel):
    """Besides what can be filtered, the order: as in the archive, or by how sure the model is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = QComboBox()
        self.order.setAccessibleName(self.tr("Order of the queue"))
        self.order.setToolTip(
            self.tr("The surest are quickest to accept; the least sure teach the model most")
        )
        for order in CertaintyOrder:
            self.order.addItem(self._order_text(order), order)
        self.column.insertWidget(self.column.indexOf(self.queue_list) + 1, self.order)
        QWidget.setTabOrder(self.queue_list, self.order)
        self.model_part.set_open(False)
        self.order.activated.connect(self._order_chosen)

    @property
    def wish(self) -> CertaintyWish:
        """How sure the model has to be, and in which order."""
        return CertaintyWish(CertaintyOrder(self.order.currentData()), self.confidence)

    def forget_wish(self) -> None:
        """Every image, in the order of the archive."""
        blocked = self.blockSignals(True)
        self.order.setCurrentIndex(0)
        self.set_confidence(None)
        self.blockSignals(blocked)

    def remove_part(self, part: str) -> None:
        """Take one part away, the order too."""
        if part == PART:
            self.order.setCurrentIndex(0)
            self._order_chosen()
        else:
            super().remove_part(part)

    def parts(self) -> dict[str, str]:
        """The filter and the order in words, part by part."""
        parts = super().parts()
        if self.wish.order is not CertaintyOrder.AS_GIVEN:
            parts[PART] = self.order.currentText()
        return parts

    def _order_text(self, order: CertaintyOrder) -> str:
        return {
            CertaintyOrder.AS_GIVEN: self.tr("Archive order"),
            CertaintyOrder.SUREST: self.tr("Surest first"),
            CertaintyOrder.LEAST_SURE: self.tr("Least sure first"),
        }[order]

    def _order_chosen(self) -> None:
        self.changed.emit(self.query)
