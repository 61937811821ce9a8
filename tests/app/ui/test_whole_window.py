"""The whole window in a fixed state beside a stored picture of it.

Compared are means of blocks, not pixels: letters are drawn a little differently on every machine. That moves
light within a word but gives no colour, so hue is compared closely and light over the width of a word.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication, QWidget

from keepsight.app.engine.types import Curve, Share
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import PartsLabel
from keepsight.app.ui.palettes import Theme
from keepsight.app.ui.pane import PaneContent
from keepsight.app.ui.photo_list import PhotoEntry
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry
from keepsight.models.types import Importance

GOLDEN = Path(__file__).parent / "golden"
SIZES = [(1440, 900), (1024, 640)]
SQUARE, WORD = (16, 16), (16, 64)
"""Height and width of blocks, pixels."""
MOST_HUE, MOST_LIGHT = 17, 8
"""Differences, of 255, up to which two pictures look alike: of a square's hue, and of a word's light.
The edge of a coloured button moves by a pixel with the width of the words before it: a hue of 16."""

Picture = NDArray[np.uint8]


def as_array(image: QImage) -> Picture:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def blocks(picture: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the mean of every block, of which the last row and column may be smaller: (rows, columns, 3)."""
    sums, counts = picture, np.ones_like(picture)
    for axis, side in enumerate(size):
        starts = np.arange(0, picture.shape[axis], side)
        sums, counts = (np.add.reduceat(values, starts, axis) for values in (sums, counts))
    return sums / counts


def differences(one: Picture, other: Picture) -> list[str]:
    """Say where two pictures look different."""
    by = one.astype(float) - other
    light = np.abs(blocks(by, WORD).mean(axis=2))
    squares = blocks(by, SQUARE)
    hue = np.abs(squares - squares.mean(axis=2, keepdims=True)).max(axis=2)
    return [
        f"{what} by {off[y, x]:.0f} at ({x * size[1]}, {y * size[0]})"
        for what, off, size, most in (("light", light, WORD, MOST_LIGHT), ("hue", hue, SQUARE, MOST_HUE))
        for y, x in np.argwhere(off > most)
    ]


def check(picture: Picture, golden: Path, new: Path) -> None:
    """Fail where a picture does not look like the stored one, or none is stored."""
    height, width = picture.shape[:2]
    QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).save(str(new))
    advice = f"The new picture is “{new}”: look at it, and copy it over “{golden}” if it is meant to be so."
    assert golden.exists(), f"There is no stored picture. {advice}"
    stored = as_array(QImage(str(golden)))
    assert stored.shape == picture.shape, f"The sizes differ. {advice}"
    found = differences(stored, picture)
    assert not found, f"{len(found)} blocks differ: {', '.join(found[:8])}. {advice}"


def photo() -> Picture:
    """Return a smooth picture of its own, (300, 451, 3)."""
    y, x = np.mgrid[:300, :451] / 300
    waves = [np.sin(6 * x + phase) * np.cos(5 * y - phase) for phase in (0.0, 1.0, 2.5)]
    return np.round(127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)


def fill(window: MainWindow, curves: Callable[..., list[Curve]]) -> None:
    """Show what no codec, classifier or clock decides."""
    pixels = photo()
    names = ("cat", "coffee", "photo_of_a_long_walk_0001.jpeg", "photo_of_a_long_walk_0002.jpeg")
    window.photos.set_entries([PhotoEntry(name, name, "Samples") for name in names])
    window.photos.set_current(0)
    for row in range(len(names)):
        window.photos.set_thumbnail(row, np.roll(pixels, 40 * row, axis=2)[::4, ::4])
    window.photos.set_flipped(1, True)
    rows = (("Egyptian cat", 0.71), ("tabby", 0.15), ("American Staffordshire terrier", 0.08))
    original = PaneContent(
        "Original",
        bytes=pixels.nbytes,
        bpp=24.0,
        rows=rows,
        verdict="reference",
        pixels=pixels,
        width=451,
        height=300,
    )
    first, *panes = window.grid.panes.values()
    first.set_content(original)
    for i, (pane, codec_id) in enumerate(zip(panes, ("avif", "webp", "jpeg"), strict=True)):
        codec = registry.get(codec_id)
        pane.set_codec(codec_id)
        pane.set_content(
            replace(
                original,
                title=codec.label,
                codec=codec_id,
                options=f"quality {14 - i}",
                bytes=1630 + 1543 * i,
                bpp=0.096 + 0.09 * i,
                verdict="flipped" if i == 2 else "kept",
                ratio=249.0 - 60 * i,
                psnr=24.1,
                ssim=0.71,
                colour=codec.colour,
            )
        )
    y, x = np.mgrid[:75, :113]
    hill = np.exp(-((x - 56) ** 2 + (y - 37) ** 2) / 400).astype(np.float32)
    window.saliency.show(Importance(hill, "grad-cam", 0))
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    for pane in window.grid.panes.values():
        pane.view.set_outline([0.5 + np.stack([0.18 * np.cos(turn), 0.27 * np.sin(turn)], axis=1)])
    window.grid.select(0)
    window.classifiers._labels = {"imagenet": "Classifier of this test"}
    window.classifiers._show()
    shown = curves()
    lossless = replace(
        shown[0].points[0], codec="png", options="{}", mean_bytes=97e3, top1=Share(0.89, 0.86, 0.92)
    )
    window.curves.set_subject("Classifier of this test", "crop")
    window.curves.set_curves([*shown, Curve("png", [lossless])], 0.89)
    window.curves.set_marked([(curve.codec, curve.points[1].options) for curve in shown])
    window.status.set_machine("CPU · 2 cores · 1.9 GB")
    window.status.set_progress(312, 500, "Sweep: 312 / 500 photos · 4 codecs · 41 images/s · 2 min left")
    window.setFocus()


@pytest.fixture
def window(qapp: QApplication, curves: Callable[..., list[Curve]]) -> Iterator[MainWindow]:
    window = MainWindow("imagenet")
    window.resize(*SIZES[0])
    window.show()
    fill(window, curves)
    yield window
    end(window)


def end(window: MainWindow) -> None:
    window.close()
    window.shut_down()
    shiboken6.delete(window)  # it would be given each later theme


def look(window: MainWindow) -> Picture:
    for _ in range(5):
        QApplication.processEvents()
    assert window.devicePixelRatioF() == 1
    return as_array(window.grab().toImage())


def golden(window: MainWindow) -> Path:
    return GOLDEN / f"window_{window.width()}x{window.height()}.png"


@pytest.mark.parametrize("size", SIZES)
def test_the_window_looks_as_it_did(window: MainWindow, tmp_path: Path, size: tuple[int, int]) -> None:
    window.resize(*size)
    assert window.size() == QSize(*size)
    check(look(window), golden(window), tmp_path / "new.png")


def test_six_panes_fit_into_a_small_window(window: MainWindow) -> None:
    for _ in range(2):
        window._add_next_pane()
    window.resize(1024, 640)
    look(window)
    assert window.size() == QSize(1024, 640)
    assert len(window.grid.panes) == 6
    for pane in window.grid.panes.values():
        assert pane.width() >= pane.minimumSizeHint().width()
        assert window.grid.rect().contains(pane.geometry())
        assert pane.view.height() >= 80
    assert window.curves.plot.getViewBox().height() > 60


def test_all_tabs_are_in_sight_in_a_small_window(window: MainWindow) -> None:
    window.curves.setTabText(window.curves.tab_names().index("Flips"), "Flips (1,234)")
    for size in SIZES:
        window.resize(*size)
        look(window)
        bar = window.curves.tabBar()
        assert all(bar.rect().contains(bar.tabRect(place)) for place in range(bar.count()))


def test_another_hinting_of_the_font_is_no_change(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = look(window)
    for widget in window.findChildren(QWidget):
        font = widget.font()
        font.setHintingPreference(QFont.HintingPreference.PreferFullHinting)
        widget.setFont(font)
    after = look(window)
    assert (before != after).any()
    check(after, golden(window), tmp_path / "new.png")


CHANGES: dict[str, Callable[[MainWindow], object]] = {
    "a hidden pane": lambda w: w.grid.panes[2].hide(),
    "a codec in another's colour": lambda w: w.grid.panes[3].set_content(
        replace(w.grid.panes[3].content, colour=registry.get("avif").colour)
    ),
    "kept for flipped": lambda w: w.grid.panes[3].set_content(
        replace(w.grid.panes[3].content, verdict="kept")
    ),
    "figures left out": lambda w: w.grid.panes[1].findChildren(PartsLabel)[1].hide(),
    "no outline": lambda w: w.grid.panes[0].view.set_outline([]),
    "another photo's mark": lambda w: w.photos.set_flipped(2, True),
    "one curve less": lambda w: w.curves.set_curves(w.curves.plot._curves[1:], 0.89),
    "no progress": lambda w: w.status.clear_progress(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_small_change_is_seen(
    window: MainWindow, tmp_path: Path, change: Callable[[MainWindow], object]
) -> None:
    change(window)
    with pytest.raises(AssertionError, match="blocks differ"):
        check(look(window), golden(window), tmp_path / "new.png")


def test_a_missing_picture_is_no_match(window: MainWindow, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no stored picture"):
        check(look(window), tmp_path / "gone.png", tmp_path / "new.png")
    assert (tmp_path / "new.png").exists()


def test_a_window_that_changes_its_theme_looks_as_one_made_so(
    qapp: QApplication, curves: Callable[..., list[Curve]]
) -> None:
    """No colour is kept anywhere: every tab, pixel by pixel."""
    pictures: dict[str, list[Picture]] = {}
    try:
        for first in get_args(Theme):
            if theme.look.theme != first:
                theme.wear(qapp, first)
            window = MainWindow("imagenet")
            window.resize(*SIZES[0])
            window.show()
            fill(window, curves)
            window.status.set_message("A warning.", warning=True)
            window.grid.panes[2].show_error("This cannot be read.")
            if first != "light":
                theme.wear(qapp, "light")
            for place in range(window.curves.count()):
                window.curves.setCurrentIndex(place)
                pictures.setdefault(window.curves.tabText(place), []).append(look(window))
            end(window)
    finally:
        theme.wear(qapp, "dark")
    for tab, (changed, made) in pictures.items():
        off = np.argwhere((changed != made).any(axis=2))
        assert len(off) == 0, f"{tab}: {len(off)} pixels, from {off.min(axis=0)} to {off.max(axis=0)} (y, x)"
    assert all(changed.mean() > 150 for changed, _ in pictures.values())
