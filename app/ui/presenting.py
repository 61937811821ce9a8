"""Full screen with large letters and nothing but what is compared, and the same alone within the window."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from keepsight.app.ui import keys, theme
from keepsight.app.ui.pair_panel import PairPanel
from keepsight.app.ui.pane_grid import PaneGrid

LARGE = round(1.6 * theme.FONT_SIZE)
"""Size of letters for an audience, pixels."""


class Presenting(QObject):
    """Hides what is around the panes and brings it back exactly: what was hidden before stays so."""

    changed = Signal(bool)
    """Whether the panes fill the screen from now on."""

    def __init__(
        self, window: QMainWindow, shown: Sequence[PaneGrid | PairPanel], around: Sequence[QWidget]
    ) -> None:
        """`shown` are all that can stand in the middle, one at a time."""
        super().__init__(window)
        self._window, self._shown, self._around = window, shown, around
        self._hidden: list[QWidget] = []
        self._before = Qt.WindowState.WindowNoState
        self._bare_before = False
        self.on = False
        """Whether the panes fill the screen."""
        keys.bind("F11", window, self.toggle, "Present: the panes fill the screen; Esc ends", "Window")
        words = "Hide or show all that is around the panes"
        keys.bind("Ctrl+B", window, lambda: self.set_bare(not self.bare), words, "Window")
        window.installEventFilter(self)

    @property
    def bare(self) -> bool:
        """Whether the panes stand alone."""
        return bool(self._hidden)

    def toggle(self) -> None:
        """Begin to present, or end it."""
        if self.on:
            self.leave()
        else:
            self.begin()

    def begin(self) -> None:
        """Fill the screen with the panes and large letters."""
        if self.on:
            return
        self.on = True
        self._before, self._bare_before = self._window.windowState(), self.bare
        self.set_bare(True)
        for shown in self._shown:
            shown.set_plain(True, LARGE)
        self._window.showFullScreen()
        for shown in self._shown:
            if shown.isVisible():
                shown.setFocus()
        self.changed.emit(True)

    def leave(self) -> None:
        """Bring back the window as it was."""
        if not self.on:
            return
        self.on = False
        for shown in self._shown:
            shown.set_plain(False)
        self.set_bare(self._bare_before)
        self._window.setWindowState(self._before)
        self.changed.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """End with Esc, before what else takes that key over the pictures."""
        if self.on and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.leave()
                return True
        return super().eventFilter(watched, event)

    def set_bare(self, bare: bool) -> None:
        """Hide what is around the panes, or show again what was hidden."""
        if bare and not self._hidden:
            self._hidden = [widget for widget in self._around if not widget.isHidden()]
            for widget in self._hidden:
                widget.hide()
        elif not bare:
            for widget in self._hidden:
                widget.show()
            self._hidden = []
