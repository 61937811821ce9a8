"""Widgets side by side, with borders that can be moved, and one above the other."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget


def split(
    direction: Qt.Orientation, widgets: Sequence[QWidget], sizes: Sequence[int], stretch: Sequence[int]
) -> QSplitter:
    """Put widgets side by side; `stretch` says how they share what a larger window gives."""
    splitter = QSplitter(direction)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(8)
    for place, widget in enumerate(widgets):
        splitter.addWidget(widget)
        splitter.setStretchFactor(place, stretch[place])
    splitter.setSizes(list(sizes))
    return splitter


def stacked(main: QWidget, foot: QWidget) -> QWidget:
    """Put a widget that takes all the room above one that takes what it needs."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(main, 1)
    column.addWidget(foot)
    return both
