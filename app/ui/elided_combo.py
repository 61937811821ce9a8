"""A drop-down list that shows that a name is cut off, and shows it whole when it is open."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

EDGE = 38
"""Room around the text, pixels: padding and arrow."""
_LEAST_EDGE = 32
"""What of that the text must leave free."""
_WIDEST = 380
"""Of the open list, pixels."""


class ElidedCombo(QComboBox):
    """Ends a name that does not fit with an ellipsis; Qt's own is cut within a letter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxVisibleItems(30)
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box with as much of the name as fits."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.width() - _LEAST_EDGE
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room
        )
        painter = QStylePainter(self)
        with painter:
            painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
            if not self.isEditable():
                painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Make the list as wide as its longest name."""
        widths = [self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())]
        self.view().setMinimumWidth(min(max(widths, default=0) + EDGE, _WIDEST))
        super().showPopup()
