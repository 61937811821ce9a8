"""How long a frame takes while four views of a 24-megapixel photo are zoomed and panned.

    python tests/benchmarks/bench_view.py

Prints the 95th percentile in milliseconds of all four views together (they are painted in one frame): nearly
fitted, at 1:1 and zoomed in, with an importance map and an outline over each; and the first frame, which
makes the smaller levels.
"""

import os
import time

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.view_state import ViewState

WIDTH, HEIGHT = 6000, 4000
FRAMES = 120


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
    print(f"first frame: {_frame(window):.1f} ms")

    for name, extent in {"near fit": 520.0, "1:1": float(WIDTH), "8:1": 8.0 * WIDTH}.items():
        state.look(extent, QPointF(0.5, 0.5))
        _frame(window)
        times = []
        for step in range(FRAMES):
            angle = 2 * np.pi * step / FRAMES
            zoomed = extent * (1 + 0.2 * np.sin(3 * angle))
            state.look(zoomed, QPointF(0.5 + 0.1 * np.cos(angle), 0.5 + 0.1 * np.sin(angle)))
            times.append(_frame(window))
        print(f"{name}: 95th percentile {np.percentile(times, 95):.1f} ms, median {np.median(times):.1f} ms")


def _frame(window: QWidget) -> float:
    """Paint what has changed and return the milliseconds."""
    start = time.perf_counter()
    window.repaint()
    return 1e3 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()
