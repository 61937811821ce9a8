"""The stages of a pipeline as a short list: prefilters that can be moved and removed, and the codec below."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDrag, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QWidget,
)

from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel

_ROW = 24
"""Height of a row, pixels."""
_TIP = "Drag to reorder, or press Alt+Up and Alt+Down; Delete removes"
_CODEC_TIP = "The codec is always last; choose it in the menu above the picture"


class StageList(QListWidget):
    """Only asks: what moves or goes is for the receiver to say, who shows the stages anew."""

    move_requested = Signal(int, int)
    """A stage's place now, and the place that it is to have."""
    remove_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self.setAccessibleName("Stages")
        self.setToolTip(_TIP)
        theme.set_role(self, "stages")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_stages(self, names: Sequence[str], current: int) -> None:
        """Show these names, the codec's last, and make the stage at `current` the one that keys act on."""
        if list(names) != self._names:
            self._names = list(names)
            self.clear()
            for place, name in enumerate(names):
                self._add(place, name)
            self.setFixedHeight(_ROW * len(names) + 2)
        self.setCurrentRow(min(max(current, 0), len(names) - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the current stage; Alt with Up or Down moves it."""
        row = self.currentRow()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if self._is_prefilter(row):
                self.remove_requested.emit(row)
        elif step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._ask_move(row, row + step)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the rows as wide as the list at once: by itself it waits, and cuts them meanwhile."""
        super().resizeEvent(event)
        self.doItemsLayout()

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the row as it looks."""
        item = self.currentItem()
        drag = QDrag(self)
        drag.setMimeData(self.mimeData([item]))
        drag.setPixmap(self.itemWidget(item).grab())
        drag.exec(Qt.DropAction.MoveAction)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the place between rows where the stage was let go, before the codec at most."""
        point = event.position().toPoint()
        gap = min((point.y() + _ROW // 2) // _ROW, len(self._names) - 1)
        row = self.currentRow()
        self._ask_move(row, gap - 1 if gap > row else gap)
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()

    def _ask_move(self, row: int, to: int) -> None:
        if row != to and self._is_prefilter(row) and self._is_prefilter(to):
            self.move_requested.emit(row, to)

    def _is_prefilter(self, row: int) -> bool:
        return 0 <= row < len(self._names) - 1

    def _add(self, place: int, name: str) -> None:
        is_codec = place == len(self._names) - 1
        item = QListWidgetItem()
        item.setSizeHint(QSize(0, _ROW))
        item.setData(
            Qt.ItemDataRole.AccessibleTextRole,
            f"{name}, {'codec' if is_codec else f'prefilter {place + 1} of {len(self._names) - 1}'}",
        )
        able = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        item.setFlags(able if is_codec else able | Qt.ItemFlag.ItemIsDragEnabled)
        row = QWidget()
        row.setToolTip(_CODEC_TIP if is_codec else _TIP)
        line = QHBoxLayout(row)
        line.setContentsMargins(6, 0, 2, 0)
        line.setSpacing(6)
        grip = QLabel("●" if is_codec else "=")
        theme.set_role(grip, "muted")
        grip.setFixedWidth(12)
        line.addWidget(grip)
        line.addWidget(ElidedLabel(name), 1)
        if not is_codec:
            line.addWidget(self._remove_button(place, name))
        self.addItem(item)
        self.setItemWidget(item, row)

    def _remove_button(self, place: int, name: str) -> QToolButton:
        button = QToolButton()
        button.setText("✕")
        button.setFixedSize(QSize(20, 20))
        button.setStyleSheet("padding: 0; min-height: 0; background: transparent; border-color: transparent;")
        button.setToolTip(f"Remove {name}")
        button.setAccessibleName(f"Remove {name}")
        button.clicked.connect(lambda: self.remove_requested.emit(place))
        return button
