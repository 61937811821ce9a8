"""The menu in which the user chooses between the dark and the light theme."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from keepsight.app.ui import preferences, theme
from keepsight.app.ui.palettes import Theme
from keepsight.app.ui.preferences import ThemeChoice

_CHOICES: dict[ThemeChoice, tuple[str, str]] = {
    "dark": ("Dark", "Light letters on dark grey: the colours of photos are judged best so"),
    "light": ("Light", "Dark letters on a light ground: for bright rooms and projectors"),
    "system": ("As the system", "Dark or light, as the desktop is now"),
}


class ThemeMenu(QMenu):
    """What is chosen is worn at once, kept, and worn again at the next start."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Theme", parent)
        self.setToolTipsVisible(True)
        self.menuAction().setToolTip("Dark or light")
        group = QActionGroup(self)
        kept = preferences.theme()
        for choice, (text, tip) in _CHOICES.items():
            action = self.addAction(text)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setChecked(choice == kept)
            action.triggered.connect(lambda _, choice=choice: self._choose(choice))
            group.addAction(action)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    def _choose(self, choice: ThemeChoice) -> None:
        preferences.set_theme(choice)
        _wear(resolved(choice))

    def _follow_system(self) -> None:
        if preferences.theme() == "system":
            _wear(resolved("system"))


def resolved(choice: ThemeChoice) -> Theme:
    """Return the theme that a choice means now; where the desktop says nothing, "system" is dark."""
    if choice != "system":
        return choice
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme == Qt.ColorScheme.Light else "dark"


def _wear(wanted: Theme) -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication) and wanted != theme.look.theme:
        theme.wear(app, wanted)
