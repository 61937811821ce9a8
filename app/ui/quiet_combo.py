"""A drop-down list for a column that scrolls."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox

from keepsight.app.ui import keys
from keepsight.app.ui.elided_combo import ElidedCombo


class QuietCombo(ElidedCombo):
    """Leaves the wheel to what it stands in, unless it has the focus; its list shows every name whole."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        # Long names are cut off in the box; the list shows them whole.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        keys.type_ahead(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def add_heading(self, text: str) -> None:
        """Add a line that is no choice."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item = QStandardItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        model.appendRow(item)

    def add_choice(self, text: str, data: object, tip: str = "") -> None:
        """Add a choice with its tooltip."""
        self.addItem(text, data)
        self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the column; only a list that was turned to goes through its choices."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
