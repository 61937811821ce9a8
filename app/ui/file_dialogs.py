"""Questions for files and folders, each of which begins in the folder that was used last for its kind."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from keepsight.app.ui import preferences
from keepsight.app.ui.preferences import FileKind


def open_file(parent: QWidget, kind: FileKind, title: str, filters: str, start: str = "") -> Path | None:
    """Let the user choose a file to open; None where there was no choice.

    `start` is the folder to begin in at first.
    """
    name, _ = QFileDialog.getOpenFileName(parent, title, preferences.folder(kind) or start, filters)
    return _used(kind, name)


def open_files(parent: QWidget, kind: FileKind, title: str, filters: str, start: str = "") -> list[Path]:
    """Let the user choose files to open; none where there was no choice."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, preferences.folder(kind) or start, filters)
    return [path for name in names if (path := _used(kind, name)) is not None]


def save_file(
    parent: QWidget, kind: FileKind, title: str, name: str, filters: str
) -> tuple[Path, str] | None:
    """Let the user choose where to save, and return the chosen filter too; `name` is offered at first."""
    offered = str(Path(preferences.folder(kind)) / name)
    chosen, kinds = QFileDialog.getSaveFileName(parent, title, offered, filters)
    path = _used(kind, chosen)
    return None if path is None else (path, kinds)


def choose_folder(parent: QWidget, kind: FileKind, title: str, start: str = "") -> Path | None:
    """Let the user choose a folder; None where there was no choice."""
    name = QFileDialog.getExistingDirectory(parent, title, preferences.folder(kind) or start)
    if name:
        preferences.set_folder(kind, Path(name))
    return Path(name) if name else None


def _used(kind: FileKind, name: str) -> Path | None:
    if name:
        preferences.set_folder(kind, Path(name).parent)
    return Path(name) if name else None
