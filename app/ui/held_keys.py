"""Keys that do something for as long as they are held down."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)


class HeldKeys(QObject):
    """Takes some keys before any widget gets them, so that they scroll nothing and press no button.

    They are left to who types a text, and Space to a button or a menu that was reached with Tab: without a
    mouse, that is how it is pressed.
    """

    held = Signal(int, bool)
    """A `Qt.Key`, and whether it is down."""

    def __init__(self, window: QWidget, keys: Sequence[Qt.Key]) -> None:
        super().__init__(window)
        self._widget = window
        self._window: QWindow | None = None
        self._keys = set(keys)
        self._down: set[int] = set()
        self._by_keyboard = False
        window.installEventFilter(self)
        QGuiApplication.instance().focusWindowChanged.connect(self._leave)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys from the window of the system, which gets them first."""
        kind = event.type()
        if watched is self._widget:
            if kind == QEvent.Type.Show and self._widget.windowHandle() is not self._window:
                self._window = self._widget.windowHandle()
                self._window.installEventFilter(self)
        elif kind == QEvent.Type.MouseButtonPress:
            self._by_keyboard = False
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(event)
        elif kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return self._release(event)
        return False

    def _press(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._by_keyboard = True
        if key not in self._keys:
            return False
        if key not in self._down:
            if event.isAutoRepeat() or event.modifiers() or self._is_wanted_elsewhere(key):
                return False
            self._down.add(key)
            self.held.emit(key, True)
        return True

    def _release(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key not in self._down:
            return False
        if not event.isAutoRepeat():
            self._down.remove(key)
            self.held.emit(key, False)
        return True

    def _is_wanted_elsewhere(self, key: int) -> bool:
        """Tell whether the widget with the focus, or an open menu, has a use of its own for the key."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QPlainTextEdit | QTextEdit):
            typing = not focus.isReadOnly()
        else:
            typing = isinstance(focus, QLineEdit | QAbstractSpinBox)
        presses = key == Qt.Key.Key_Space and isinstance(focus, QAbstractButton | QComboBox)
        return typing or (presses and self._by_keyboard) or QApplication.activePopupWidget() is not None

    def _leave(self, window: QWindow | None) -> None:
        """Let all keys go when another window gets the keyboard: their release is not told any more."""
        if window is not self._window:
            for key in list(self._down):
                self._down.remove(key)
                self.held.emit(key, False)
