"""What the user prefers whatever the session: kept in the user's folder, and the same in every window.

A file that cannot be read or written loses nothing but the preference.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, TypeAdapter, ValidationError
from PySide6.QtCore import QSettings

from keepsight.codecs import userfolder

ThemeChoice = Literal["dark", "light", "system"]

FileKind = Literal["photos", "sessions", "regions", "classifiers", "exports", "training"]
"""What a dialog for files is about."""
Preset = dict[str, JsonValue]
"""Values of a codec's options by name."""

MOST_RECENT = 10
"""Photos, folders and sessions that are remembered."""

_PRESETS = TypeAdapter(dict[str, dict[str, Preset]])
"""By codec and name."""
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


def recent() -> list[Path]:
    """Return the photos, folders and session files that were opened last, the latest first."""
    kept = _settings().value("recent")
    return [Path(one) for one in (kept if isinstance(kept, list) else [kept]) if isinstance(one, str) and one]


def add_recent(paths: Sequence[Path]) -> None:
    """Remember these as opened last."""
    latest = dict.fromkeys([*(path.absolute() for path in paths), *recent()])
    _settings().setValue("recent", [str(path) for path in latest][:MOST_RECENT])


def recent_folder() -> str:
    """Return the folder of what was opened last, "" for none."""
    folders = [path if path.is_dir() else path.parent for path in recent()]
    return next((str(folder) for folder in folders if folder.is_dir()), "")


def folder(kind: FileKind) -> str:
    """Return the folder that was used last for files of this kind, "" where there is none any more."""
    kept = str(_settings().value(f"folders/{kind}", ""))
    return kept if kept and Path(kept).is_dir() else ""


def set_folder(kind: FileKind, folder: Path) -> None:
    """Remember the folder of what was opened or saved."""
    _settings().setValue(f"folders/{kind}", str(folder.absolute()))


def presets(codec: str) -> dict[str, Preset]:
    """Return the presets of a codec by name, in the order in which they were kept."""
    return _presets().get(codec, {})


def set_presets(codec: str, presets: dict[str, Preset]) -> None:
    """Keep these presets of a codec in place of all others of it."""
    _settings().setValue("presets", _PRESETS.dump_json(_presets() | {codec: presets}).decode())


def _presets() -> dict[str, dict[str, Preset]]:
    try:
        return _PRESETS.validate_json(str(_settings().value("presets", "{}")))
    except ValidationError:
        return {}


def _settings() -> QSettings:
    return QSettings(str(userfolder.folder() / "preferences.ini"), QSettings.Format.IniFormat)
