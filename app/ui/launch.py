"""Starts the program with a screen, or renders its window off-screen into a picture."""

import ctypes
import gc
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from keepsight.app.ui import preferences, theme, theme_menu
from keepsight.app.ui.preferences import ThemeChoice
from keepsight.app.ui.window import MainWindow

_SNAPSHOT_LIMIT_S = 600


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
    window.show()
    QTimer.singleShot(0, lambda: window.sessions.begin(paths, classifier))
    QTimer.singleShot(0, gc.freeze)
    code = app.exec()
    window.shut_down()
    return code


def snapshot(
    out: Path,
    paths: Sequence[Path],
    classifier: str,
    width: int,
    height: int,
    scale: int,
    photos: int,
) -> int:
    """Render the whole window off-screen once its panes, map and sweep are done; return the exit code.

    `width` and `height` are in logical pixels, the picture has `scale` times as many; `photos` is how many
    photos the sweep reads. Errors that the window shows are printed to stderr as well.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    qInstallMessageHandler(_drop_offscreen_notes)
    app = make_application()
    window = MainWindow(classifier)
    window.resize(width, height)
    window.show()
    begin(window, paths, sweep_photos=photos, keep=False)
    deadline = time.monotonic() + _SNAPSHOT_LIMIT_S
    while window.busy and time.monotonic() < deadline:
        app.processEvents()
        time.sleep(0.005)
    app.processEvents()
    saved = window.grab().save(str(out))
    window.close()
    window.shut_down()
    for problem in dict.fromkeys(window.problems):  # several panes say the same
        print(problem, file=sys.stderr)
    if not saved:
        print(
            f"The picture could not be written to “{out}”. Choose a folder that you may write to.",
            file=sys.stderr,
        )
    return 0 if saved and not window.problems else 1


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


def _drop_offscreen_notes(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Print what Qt has to say, but for what no off-screen window can do."""
    if "propagateSizeHints" not in message:
        print(message, file=sys.stderr)


def make_application(look: ThemeChoice = "dark") -> QApplication:
    """Make the application with the program's look, in this theme. To be called before the first widget."""
    # The window's thread asks for the interpreter at every Qt call, and waits this long if another has it.
    sys.setswitchinterval(0.0005)
    app = QApplication(["keepsight"])
    app.setApplicationName("keepsight")
    app.setApplicationDisplayName("Keepsight")
    theme.apply(app, theme_menu.resolved(look))
    return app
