"""What the user prefers whatever the session: kept in the user's folder, and the same in every window.

A file that cannot be read or written loses nothing but the preference.
"""

from typing import Literal

from PySide6.QtCore import QSettings

from keepsight.codecs import userfolder

ThemeChoice = Literal["dark", "light", "system"]

_THEMES: tuple[ThemeChoice, ...] = ("dark", "light", "system")


def theme() -> ThemeChoice:
    """Return the theme that the user chose, "dark" at first."""
    kept = _settings().value("theme")
    return next((choice for choice in _THEMES if choice == kept), "dark")


def set_theme(choice: ThemeChoice) -> None:
    """Keep the user's choice."""
    _settings().setValue("theme", choice)


def first_start() -> bool:
    """Return whether the window has never been opened before; it has been from now on."""
    seen = bool(_settings().value("hints_seen", False, bool))
    _settings().setValue("hints_seen", True)
    return not seen


def _settings() -> QSettings:
    return QSettings(str(userfolder.folder() / "preferences.ini"), QSettings.Format.IniFormat)
