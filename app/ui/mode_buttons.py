"""How pictures are compared: a row of buttons of which one is down."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.viewing import MODES, Mode

TIPS: dict[Mode, str] = {
    "side by side": "All pictures beside each other",
    "wipe": "Two pictures in one, with a line between them that you move",
    "blink": "Two pictures that alternate in one place",
    "difference": "What differs between two pictures",
}


def mode_key(mode: Mode) -> str:
    """Return the shortcut of a mode."""
    return f"Ctrl+{MODES.index(mode) + 1}"


class ModeButtons(QWidget):
    """Chooses a mode; the arrow keys go from one to the next."""

    chosen = Signal(str)
    """A `Mode` that the user chose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Way of comparing")
        self.buttons: dict[Mode, QToolButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for place, mode in enumerate(MODES):
            button = QToolButton()
            button.setText(mode.capitalize())
            button.setToolTip(f"{TIPS[mode]} ({mode_key(mode)})")
            button.setIcon(theme.icon(f"mode-{mode.replace(' ', '-')}"))
            button.setAccessibleName(mode.capitalize())
            button.setCheckable(True)
            button.setChecked(place == 0)
            ends = {0: "first", len(MODES) - 1: "last"}
            theme.set_role(button, "segment")
            button.setProperty("end", ends.get(place, ""))
            button.clicked.connect(lambda _, mode=mode: self.chosen.emit(mode))
            self._group.addButton(button)
            self.buttons[mode] = button
            row.addWidget(button)

    def set_short(self, short: bool) -> None:
        """Show signs in place of the names."""
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if short else Qt.ToolButtonStyle.ToolButtonTextOnly
        for button in self.buttons.values():
            button.setToolButtonStyle(style)

    def show_mode(self, mode: Mode) -> None:
        """Show a mode as chosen; Tab comes to that one of the buttons. No signal."""
        self.buttons[mode].setChecked(True)
        for other, button in self.buttons.items():
            policy = Qt.FocusPolicy.TabFocus if other == mode else Qt.FocusPolicy.NoFocus
            button.setFocusPolicy(policy)
