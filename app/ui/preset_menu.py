"""The button Presets below a codec's options: named values to go back to."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from keepsight.app.ui.name_dialog import ask_name


class PresetMenu(QToolButton):
    """Only asks; `offer` says what there is each time the menu is about to be seen."""

    opened = Signal()
    chosen = Signal(str)
    """Name of a preset to take the values of."""
    save_asked = Signal(str)
    """Name under which the present values shall be kept."""
    remove_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("Presets")
        self.setToolTip("Keep these values under a name, for every photo and session, and go back to them")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = self.menu_ = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.opened)
        self.setMenu(menu)

    def offer(self, presets: Mapping[str, str]) -> None:
        """Offer these presets by name, each with its values in words."""
        menu = self.menu_
        menu.clear()
        for name, words in presets.items():
            _add(menu, name, words, partial(self.chosen.emit, name))
        menu.addSeparator()
        _add(menu, "Save these as…", "Keep the values of this form under a name", self._ask_name)
        removal = menu.addMenu("Remove")
        removal.setToolTipsVisible(True)
        removal.setEnabled(bool(presets))
        for name, words in presets.items():
            _add(removal, name, words, partial(self.remove_asked.emit, name))

    def _ask_name(self) -> None:
        label = "Name in the list of presets; one of the same name is replaced"
        ask_name(self, "Save preset", label, self.save_asked.emit)


def _add(menu: QMenu, name: str, tip: str, act: Callable[[], object]) -> None:
    menu.addAction(name.replace("&", "&&"), act).setToolTip(tip)
