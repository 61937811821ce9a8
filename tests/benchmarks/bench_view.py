"""How long a frame takes while four views of a 24-megapixel photo are zoomed and panned.

    python tests/benchmarks/bench_view.py

Prints the 95th percentile in milliseconds of all four views together (they are painted in one frame): nearly
fitted, at 1:1 and zoomed in, with an importance map and an outline over each; with a loupe that moves over
all; and the first frame, which makes the smaller levels. Then the same for the one large view of two
pictures: wipe while its line moves, and difference while its gain changes; and how long it takes from the
choice of a mode until it stands on the screen. Times are of the window's thread (its processor time), and by
the clock, which counts what other programs take as well.
"""

import os
import time

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.pair_panel import PairPanel, PairPicture
from keepsight.app.ui.pane import PaneContent
from keepsight.app.ui.pyramid import Pyramid
from keepsight.app.ui.view_state import ViewState
from keepsight.app.ui.viewing import MODES

WIDTH, HEIGHT = 6000, 4000
FRAMES = 120
Times = tuple[float, float]
"""Processor time of this thread, and time by the clock."""
EXTENTS = {"near fit": 520.0, "1:1": float(WIDTH), "8:1": 8.0 * WIDTH}
"""Width of the whole picture, pixels of the screen."""


def main() -> None:
    """Print one line for each kind of frame."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme.apply(app)
    state = ViewState()
    window = QWidget()
    window.resize(1020, 560)
    grid = QGridLayout(window)
    views = [ImageView(state) for _ in range(4)]
    for place, view in enumerate(views):
        grid.addWidget(view, place // 2, place % 2)
    window.show()
    app.processEvents()

    random = np.random.default_rng(1)
    angles = np.linspace(0, 2 * np.pi, 400)
    outline = np.stack([0.5 + 0.3 * np.cos(angles), 0.5 + 0.3 * np.sin(angles)], axis=1)
    for view in views:
        view.set_image(random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))
        view.set_overlay(random.random((13, 13), np.float32), 1.0, 0.45)
        view.set_outline([outline])
    print(
        f"four views of {views[0].width()} x {views[0].height()}, {WIDTH * HEIGHT / 1e6:.0f} megapixels each"
    )
    _tell("first frame", [_frame(window)])

    for name, extent in EXTENTS.items():
        state.look(extent, QPointF(0.5, 0.5))
        _frame(window)
        times = []
        for step in range(FRAMES):
            angle = 2 * np.pi * step / FRAMES
            zoomed = extent * (1 + 0.2 * np.sin(3 * angle))
            state.look(zoomed, QPointF(0.5 + 0.1 * np.cos(angle), 0.5 + 0.1 * np.sin(angle)))
            times.append(_frame(window))
        _tell(name, times)
    state.edit(loupe=True)
    for name, extent in EXTENTS.items():
        state.look(extent, QPointF(0.5, 0.5))
        _frame(window)
        times = []
        for step in range(FRAMES):
            angle = 2 * np.pi * step / FRAMES
            reach = min(120 * WIDTH / extent, 0.4 * HEIGHT)
            x, y = WIDTH / 2 + reach * np.cos(angle), HEIGHT / 2 + reach * np.sin(angle)
            state.set_hover((int(x), int(y)))
            times.append(_frame(window))
        _tell(f"loupe, {name}", times)
    state.set_hover(None)
    state.edit(loupe=False)
    window.close()
    _pair(app, [Pyramid(random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)) for _ in range(2)])


def _pair(app: QApplication, pictures: list[Pyramid]) -> None:
    """Print the times of the view of two pictures."""
    state = ViewState()
    panel = PairPanel(state)
    panel.resize(1020, 640)
    panel.show()
    state.edit(blinking=False)
    panel.show_pair(*(PairPicture(PaneContent("Original"), picture) for picture in pictures))
    app.processEvents()
    _frame(panel)
    print(f"two pictures in a view of {panel.view.width()} x {panel.view.height()}")
    switches = []
    for turn in range(FRAMES):
        start = _now()
        state.edit(mode=MODES[1 + turn % 3])
        panel.repaint()
        app.processEvents()
        switches.append(_since(start))
    _tell("another mode", switches)
    ways = {
        "wipe": lambda share: {"split": share},
        "difference": lambda share: {"gain": 1 + 31 * share},
        "difference, luma, absolute": lambda share: {"gain": 1 + 31 * share},
    }
    for way, changes in ways.items():
        luma = way.endswith("absolute")
        state.edit(mode="wipe" if way == "wipe" else "difference", signed=not luma)
        state.edit(channel="luma" if luma else "all")
        for name, extent in EXTENTS.items():
            state.look(extent, QPointF(0.5, 0.5))
            _frame(panel)
            times = []
            for step in range(FRAMES):
                angle = 2 * np.pi * step / FRAMES
                start = _now()
                state.look(extent, QPointF(0.5 + 0.1 * np.cos(angle), 0.5))
                state.edit(**changes(0.5 + 0.4 * np.sin(angle)))
                panel.repaint()
                times.append(_since(start))
            _tell(f"{way}, {name}", times)


def _tell(name: str, times: list[Times]) -> None:
    (thread, clock), (half, clock_half) = (np.percentile(times, share, axis=0) for share in (95, 50))
    print(
        f"{name}: 95th percentile {thread:.1f} ms, median {half:.1f} ms; "
        f"by the clock {clock:.1f} ms, {clock_half:.1f} ms"
    )


def _frame(window: QWidget) -> Times:
    """Paint what has changed and return the milliseconds."""
    start = _now()
    window.repaint()
    return _since(start)


def _now() -> Times:
    return time.thread_time(), time.perf_counter()


def _since(start: Times) -> Times:
    thread, clock = _now()
    return 1e3 * (thread - start[0]), 1e3 * (clock - start[1])


if __name__ == "__main__":
    main()
