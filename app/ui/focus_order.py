"""Tab goes through the window as the eye does: row by row, from left to right, each part to its end.

Qt's own order is that in which widgets are made, and those of panes and forms are made at any time.
"""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QWidget


class OrderedWindow(QMainWindow):
    """A main window in which Tab goes so."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Give the focus to the next widget, or to the one before; False where there is none."""
        return step(self, forward=forward)


def step(window: QWidget, *, forward: bool) -> bool:
    """Give the focus to the next widget of the window, or the one before; False where there is none."""
    order = list(stops(window))
    if not order:
        return False
    now = window.focusWidget()
    place = order.index(now) + (1 if forward else -1) if now in order else (0 if forward else -1)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    order[place % len(order)].setFocus(reason)
    return True


def stops(widget: QWidget) -> Iterator[QWidget]:
    """Yield what Tab comes to within a widget that is in sight, in the order in which it does."""
    inside = [child for child in widget.children() if isinstance(child, QWidget)]
    for child in _as_read([child for child in inside if child.isVisible() and not child.isWindow()]):
        takes = child.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
        if takes and child.isEnabled() and child.focusProxy() is None:
            yield child
        yield from stops(child)


def _as_read(widgets: Sequence[QWidget]) -> list[QWidget]:
    """Sort by rows, and those of a row by their left ends; what begins above the middle of a row is in it."""
    rows: list[list[QWidget]] = []
    for one in sorted(widgets, key=lambda one: one.y()):
        if rows and one.geometry().center().y() <= rows[-1][0].geometry().bottom():
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda one: one.x())]
