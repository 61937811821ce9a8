"""How many outlines a second the region of interest of a 12-megapixel photo makes while its sliders move.

    python tests/benchmarks/bench_region.py

Prints outlines a second: found alone, and found and painted over four views of the photo with a map over
each; for the threshold by value and by area, then with growth and islands, then with a joined map and ten
strokes of the brush on top.
"""

import os
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from keepsight.app.engine.outline import Preview
from keepsight.app.engine.region import Region, Stroke
from keepsight.app.ui import theme
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.overlay import Lines
from keepsight.app.ui.view_state import ViewState

HEIGHT, WIDTH = 3000, 4000
MOVES = 200
_RANDOM = np.random.default_rng(1)


def main() -> None:
    """Print one line for each kind of region."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme.apply(app)
    one, other = (
        cv2.resize(_RANDOM.random((7, 7), np.float32), (512, 384), interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    )
    window, views = _views(one)
    app.processEvents()
    strokes = tuple(_stroke() for _ in range(10))
    single, joined = Preview([one], (HEIGHT, WIDTH)), Preview([one, other], (HEIGHT, WIDTH))
    cases: dict[str, tuple[Preview, Region]] = {
        "by value": (single, Region()),
        "by area": (single, Region(mode="area")),
        "grown, without islands": (single, Region(grow=1, island=0.5)),
        "all of it, two maps, ten strokes": (
            joined,
            Region(mode="area", grow=1, island=0.5, strokes=strokes),
        ),
    }
    print(f"outlines a second of a photo of {HEIGHT * WIDTH / 1e6:.0f} megapixels")
    for name, (preview, region) in cases.items():
        found = _rate(preview, region, lambda lines: None)
        painted = _rate(preview, region, lambda lines: _paint(window, views, lines))
        print(f"{name}: {found:.0f} found, {painted:.0f} found and painted in four views")


def _views(values: np.ndarray) -> tuple[QWidget, list[ImageView]]:
    state = ViewState()
    window = QWidget()
    window.resize(1020, 560)
    grid = QGridLayout(window)
    views = [ImageView(state) for _ in range(4)]
    for place, view in enumerate(views):
        grid.addWidget(view, place // 2, place % 2)
        view.set_image(_RANDOM.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))
        view.set_overlay(values, 1.0, 0.45)
    window.show()
    return window, views


def _stroke() -> Stroke:
    """Return a line of the brush as a hand draws it."""
    start = _RANDOM.uniform(0.2, 0.8, 2)
    points = start + np.cumsum(_RANDOM.normal(0, 0.003, (100, 2)), axis=0)
    return Stroke(tool="brush", points=tuple(map(tuple, points.clip(0, 1).tolist())), radius=2)


def _levels() -> Iterator[float]:
    yield from np.linspace(0.05, 0.95, MOVES)


def _rate(preview: Preview, region: Region, show: Callable[[Lines], None]) -> float:
    begun = time.perf_counter()
    for level in _levels():
        lines, _ = preview.outline(region.model_copy(update={"level": level}))
        show(lines)
    return MOVES / (time.perf_counter() - begun)


def _paint(window: QWidget, views: list[ImageView], lines: Lines) -> None:
    for view in views:
        view.set_outline(lines)
    window.repaint()


if __name__ == "__main__":
    main()
