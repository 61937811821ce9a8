"""Renders the window off-screen into a picture."""

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from keepsight.app.engine.files import InputError
from keepsight.app.engine.session import SavedPane
from keepsight.app.engine.types import Setting
from keepsight.app.ui import launch
from keepsight.app.ui.palettes import Theme
from keepsight.app.ui.pane_grid import MOST_PANES
from keepsight.app.ui.window import MainWindow

_LIMIT_S = 600


@dataclass(frozen=True)
class Scene:
    """What the picture shows; what is empty or None is as at the start."""

    panes: Sequence[Setting]
    mode: str
    """A `Mode`, with hyphens for spaces."""
    map: str | None
    """Id of a saliency map or text of a mix; "none" for none."""
    tab: str | None
    theme: Theme


def render(
    out: Path,
    paths: Sequence[Path],
    classifier: str,
    size: tuple[int, int],
    scale: float,
    photos: int,
    scene: Scene,
) -> int:
    """Render the whole window once its panes, map and sweep are done; return the exit code.

    `size` is in logical pixels, the picture has `scale` times as many; `photos` is how many photos the sweep
    reads. Errors that the window shows are printed to stderr as well. Raises `InputError` of an unknown tab
    or too many panes.
    """
    if len(scene.panes) > MOST_PANES - 1:
        raise InputError(f"The window has room for {MOST_PANES - 1} codecs beside the original.")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    qInstallMessageHandler(_drop_offscreen_notes)
    app = launch.make_application(scene.theme)
    window = MainWindow(classifier)
    window.resize(*size)
    window.show()
    try:
        _arrange(window, scene)
        launch.begin(window, paths, sweep_photos=photos, keep=False)
        _wait(app, window)
        _arrange(window, scene)  # the tab may be of what is there only now
        _wait(app, window)
        saved = window.grab().save(str(out))
    finally:
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


def _arrange(window: MainWindow, scene: Scene) -> None:
    """Let the window show the scene."""
    settings = window.state.read()
    changes: dict[str, object] = {
        "viewing": {**settings.viewing, "mode": scene.mode.replace("-", " ")},
        "map_shown": scene.map != "none",
    }
    if scene.map not in (None, "none"):
        changes["map"] = scene.map
    if scene.panes:
        shown = [
            SavedPane(codec=one.codec, options=one.options.model_dump(mode="json")) for one in scene.panes
        ]
        changes |= {"panes": tuple(shown), "selected": 1}
    window.state.put(settings.model_copy(update=changes))
    if scene.tab is not None:
        names = window.curves.tab_names()
        wanted = next((name for name in names if name.lower() == scene.tab.lower()), None)
        if wanted is None:
            raise InputError(f"There is no tab “{scene.tab}”; there are {', '.join(names)}.")
        window.curves.show_tab(wanted)


def _wait(app: QApplication, window: MainWindow) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while window.busy and time.monotonic() < deadline:
        app.processEvents()
        time.sleep(0.005)
    app.processEvents()


def _drop_offscreen_notes(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Print what Qt has to say, but for what no off-screen window can do."""
    if "propagateSizeHints" not in message:
        print(message, file=sys.stderr)
