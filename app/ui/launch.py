"""Starts the program with a screen."""

import ctypes
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QSize, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QStyle

from keepsight.app.ui import first_steps, preferences, theme, theme_menu
from keepsight.app.ui.collector import Collector
from keepsight.app.ui.preferences import ThemeChoice
from keepsight.app.ui.window import MainWindow
from keepsight.app.worker.process_habits import keep_no_pictures

_HINTS_AFTER_MS = 1500
"""The first pictures should be there before they are explained."""


def run(paths: Sequence[Path], classifier: str | None) -> int:
    """Open the window as it was left, and return the exit code when it is closed.

    Photos and a classifier that are named here win over those of the last session.
    """
    if missing := _missing_library():
        print(
            f"The window cannot open, a system library is missing: {missing}. The README names what to "
            "install; “keepsight snapshot OUT.png” works without.",
            file=sys.stderr,
        )
        return 2
    app = make_application(preferences.theme())
    window = MainWindow(classifier or "imagenet")
    open_window(window)
    QTimer.singleShot(0, lambda: window.sessions.begin(paths, classifier))
    QTimer.singleShot(0, gc.freeze)
    if preferences.first_start():
        QTimer.singleShot(_HINTS_AFTER_MS, lambda: first_steps.show(window))
    code = app.exec()
    window.shut_down()
    return code


def open_window(window: QMainWindow) -> None:
    """Show the window, no larger than the screen, its title bar included."""
    title = window.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
    wanted, room = window.size(), window.screen().availableSize() - QSize(0, title)
    window.resize(wanted.boundedTo(room))
    if window.size() == wanted:
        window.show()
    else:
        window.showMaximized()


def begin(window: MainWindow, paths: Sequence[Path], sweep_photos: int | None, keep: bool = True) -> None:
    """Let a window that is shown begin its work, as `MainWindow.begin`."""
    window.begin(paths, sweep_photos, keep)
    # Python's collector would go through all that was loaded so far now and then, a halt of 0.1 s in a sweep.
    QTimer.singleShot(0, gc.freeze)


def _missing_library() -> str:
    """Return what Qt's X11 part lacks on this Linux, in the loader's words; Qt itself would abort."""
    wayland = "WAYLAND_DISPLAY" in os.environ
    if sys.platform != "linux" or wayland or os.environ.get("QT_QPA_PLATFORM", "xcb") != "xcb":
        return ""
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    try:
        ctypes.CDLL(str(folder / "platforms" / "libqxcb.so"))
    except OSError as error:
        return str(error).partition(":")[0]
    return ""


def make_application(look: ThemeChoice = "dark") -> QApplication:
    """Make the application with the program's look, in this theme. To be called before the first widget."""
    keep_no_pictures()
    # The window's thread asks for the interpreter at every Qt call, and waits this long if another has it.
    sys.setswitchinterval(0.0005)
    app = QApplication(["keepsight"])
    app.setApplicationName("keepsight")
    app.setApplicationDisplayName("Keepsight")
    theme.apply(app, theme_menu.resolved(look))
    Collector(app)
    return app
