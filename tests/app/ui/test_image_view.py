import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.pyramid import Pyramid
from keepsight.app.ui.view_state import ViewState

Pixels = NDArray[np.uint8]
Make = Callable[..., ImageView]


@pytest.fixture
def state() -> ViewState:
    return ViewState()


@pytest.fixture
def make(qtbot: QtBot, state: ViewState) -> Make:
    def make(pixels: Pixels | None, width: int = 400, height: int = 300) -> ImageView:
        view = ImageView(state)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.set_image(pixels)
        view.show()
        QApplication.processEvents()
        return view

    return make


def grid(width: int = 400, height: int = 300) -> Pixels:
    """Return pixels whose red and green tell their place."""
    rows, columns = np.mgrid[0:height, 0:width]
    red, green = columns * 255 // width, rows * 255 // height
    return np.stack([red, green, np.full_like(red, 90)], axis=2).astype(np.uint8)


def grabbed(view: ImageView) -> Pixels:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def wheel(view: ImageView, at: QPointF, steps: float) -> None:
    event = QWheelEvent(
        at,
        view.mapToGlobal(at),
        QPoint(),
        QPoint(0, round(120 * steps)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def hover(view: ImageView, at: QPointF) -> None:
    none = Qt.MouseButton.NoButton
    modifier = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        view, QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), none, none, modifier)
    )


def drag(view: ImageView, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)


def test_one_to_one_shows_the_very_pixels(make: Make, state: ViewState) -> None:
    view = make(None)
    ratio = view.devicePixelRatioF()
    pixels = grid(round(400 * ratio), round(300 * ratio))
    view.set_image(pixels)
    state.actual_pixels(ratio)
    assert state.extent == 400
    assert np.array_equal(grabbed(view), pixels)


def test_one_to_one_means_device_pixels_on_a_fine_screen() -> None:
    """The scale of the screen is fixed when Qt starts, hence another process."""
    test = f"{__file__}::{test_one_to_one_shows_the_very_pixels.__name__}"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test]
    done = subprocess.run(
        command, env=os.environ | {"QT_SCALE_FACTOR": "2"}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


class Failing(Pyramid):
    """A picture that cannot be drawn once, and what it raised."""

    def __init__(self) -> None:
        super().__init__(grid())
        self.raised: list[ValueError] = []

    def draw(self, painter: QPainter, whole: QRectF, visible: QRectF, *, ratio: float, smooth: bool) -> None:
        if not self.raised:
            self.raised.append(ValueError("no picture"))
            raise self.raised[0]
        super().draw(painter, whole, visible, ratio=ratio, smooth=smooth)


def test_a_failed_drawing_ends_and_the_next_one_draws(make: Make) -> None:
    view, failing = make(None), Failing()
    view.set_picture(failing)
    with pytest.raises(ValueError, match="no picture"):
        view.repaint()
    # The exception, which `failing` keeps, keeps all that the failed call had in hand.
    assert failing.raised[0].__traceback__ is not None
    assert not view.paintingActive()
    assert (grabbed(view)[150, 200] == grid()[150, 200]).all()


def test_fit_shows_the_whole_picture_in_the_middle(make: Make) -> None:
    view = make(np.full((100, 100, 3), 200, np.uint8), 400, 300)
    shown = grabbed(view)
    assert (shown[150, 55] == 200).all()
    assert (shown[5, 200] == 200).all()
    assert not (shown[150, 45] == 200).any()
    assert not (shown[150, 355] == 200).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (333, 517), (1200, 1600)])
def test_any_shape_is_drawn(make: Make, shape: tuple[int, int]) -> None:
    view = make(np.full((*shape, 3), (10, 200, 30), np.uint8))
    shown = grabbed(view)
    assert np.abs(shown[150, 200].astype(int) - (10, 200, 30)).max() <= 1


def test_wheel_keeps_what_is_under_the_pointer(make: Make, state: ViewState) -> None:
    view = make(grid())
    at = QPointF(100, 220)
    hover(view, at)
    before = state.hover
    wheel(view, at, 3)
    state.set_hover(None)
    hover(view, at)
    assert state.extent == pytest.approx(400 * 1.25**3)
    assert before is not None
    assert state.hover is not None
    assert np.abs(np.subtract(state.hover, before)).max() <= 1


def test_wheel_back_fits_again_and_goes_no_further(make: Make, state: ViewState) -> None:
    view = make(grid())
    wheel(view, QPointF(10, 10), 2)
    wheel(view, QPointF(300, 200), -2)
    assert state.extent is None
    wheel(view, QPointF(300, 200), -2)
    assert state.extent is None


def test_zoom_ends_at_large_squares(make: Make, state: ViewState) -> None:
    view = make(grid(20, 15))
    wheel(view, QPointF(200, 150), 40)
    assert state.extent == 20 * 64


def test_drag_pans_and_stops_at_the_rim(make: Make, state: ViewState) -> None:
    view = make(grid())
    state.look(800, QPointF(0.5, 0.5))
    drag(view, QPoint(200, 150), QPoint(240, 120))
    assert state.centre.x() == pytest.approx(0.5 - 40 / 800)
    assert state.centre.y() == pytest.approx(0.5 + 30 / 600)
    drag(view, QPoint(10, 10), QPoint(390, 10))
    assert state.centre.x() == pytest.approx(0.25)
    assert grabbed(view)[10, 0, 0] == 0


def test_drag_does_nothing_while_the_whole_picture_shows(make: Make, state: ViewState, qtbot: QtBot) -> None:
    view = make(grid())
    with qtbot.assertNotEmitted(state.changed), qtbot.waitSignal(view.pressed, timeout=100):
        drag(view, QPoint(200, 150), QPoint(240, 120))


def test_views_of_other_pixel_sizes_show_the_same_part(make: Make, state: ViewState) -> None:
    first, half = make(grid()), make(grid(200, 150))
    wheel(first, QPointF(50, 40), 6)
    drag(first, QPoint(200, 150), QPoint(150, 100))
    difference = grabbed(first).astype(int) - grabbed(half).astype(int)
    assert np.abs(difference).max() <= 4
    state.fit()
    assert np.abs(grabbed(first).astype(int) - grabbed(half)).max() <= 4


def test_pointer_reads_and_marks_the_same_pixel_in_all(make: Make, state: ViewState, qtbot: QtBot) -> None:
    first, half = make(np.zeros((300, 400, 3), np.uint8)), make(np.zeros((150, 200, 3), np.uint8))
    with qtbot.waitSignal(state.hovered, timeout=100) as told:
        hover(half, QPointF(123.2, 45.9))
    assert told.args == [(123, 45)]
    for view in (first, half):
        shown = grabbed(view)
        assert shown[45, 115:120].max() > 200
        assert shown[45, 121:125].max() < 60
        assert shown[60:270].max() == 0
        assert shown[270:, :200].max() > 200
    QApplication.sendEvent(half, QEvent(QEvent.Type.Leave))
    assert state.hover is None
    assert grabbed(first).max() == 0


def test_no_pixel_beside_the_picture(make: Make, state: ViewState) -> None:
    view = make(grid(100, 100))
    hover(view, QPointF(200, 150))
    assert state.hover is not None
    hover(view, QPointF(5, 150))
    assert state.hover is None


def test_squares_or_blended(make: Make, state: ViewState) -> None:
    checks = np.zeros((3, 4, 3), np.uint8)
    checks[::2, ::2] = checks[1::2, 1::2] = 255
    view = make(checks)
    blended = grabbed(view)
    assert len(np.unique(blended)) > 20
    state.edit(smooth=False)
    assert set(np.unique(grabbed(view))) == {0, 255}


def test_reduced_picture_does_not_alias(make: Make) -> None:
    """Fine stripes become their mean: 1 pixel in 8 of a stripe pattern would not."""
    stripes = np.zeros((2400, 3200, 3), np.uint8)
    stripes[:, ::2] = 255
    shown = grabbed(make(stripes))
    assert np.abs(shown.astype(int) - 127).max() <= 2


def test_overlay_colours_only_where_it_is_important(make: Make) -> None:
    grey = np.full((300, 400, 3), 128, np.uint8)
    view = make(grey)
    values = np.zeros((30, 40), np.float32)
    values[10:20, 15:25] = 2.5
    view.set_overlay(values, 2.5, 1.0)
    shown = grabbed(view).astype(int)
    assert np.abs(shown[150, 200] - (253, 231, 37)).max() <= 3
    assert np.abs(shown[20, 20] - 128).max() <= 1

    view.set_overlay_opacity(0.5)
    half = grabbed(view).astype(int)
    assert np.abs(half[150, 200] - (190, 179, 82)).max() <= 3
    view.set_overlay_opacity(0.0)
    assert np.array_equal(grabbed(view), grey)


def test_overlays_share_one_scale(make: Make) -> None:
    strong, weak = make(np.zeros((30, 40, 3), np.uint8)), make(np.zeros((30, 40, 3), np.uint8))
    strong.set_overlay(np.full((7, 7), 4.0, np.float32), 4.0, 1.0)
    weak.set_overlay(np.full((7, 7), 2.0, np.float32), 4.0, 1.0)
    assert np.abs(grabbed(strong)[150, 200].astype(int) - (253, 231, 37)).max() <= 2
    assert np.abs(grabbed(weak)[150, 200].astype(int) - (33, 145, 140)).max() <= 3


@pytest.mark.parametrize("maximum", [0.0, 1.0])
def test_overlay_of_nothing_is_nothing(make: Make, maximum: float) -> None:
    pixels = grid()
    view = make(pixels)
    view.set_overlay(np.zeros((9, 9), np.float32), maximum, 1.0)
    assert np.array_equal(grabbed(view), pixels)
    view.set_overlay(None, maximum, 1.0)
    assert np.array_equal(grabbed(view), pixels)


@pytest.mark.parametrize("extent", [400, 1600])
def test_outline_is_white_dark_edged_and_as_thin_at_any_zoom(
    make: Make, state: ViewState, extent: float
) -> None:
    view = make(np.full((300, 400, 3), 128, np.uint8))
    view.set_outline([np.array([[0.5, 0.1], [0.9, 0.1], [0.9, 0.9], [0.5, 0.9]])])
    state.look(extent, QPointF(0.5, 0.5))
    line = grabbed(view)[150, 180:220, 0]
    assert line.max() >= 250
    assert line.min() < 110
    assert 3 <= np.count_nonzero(line != 128) <= 7
    view.set_outline([])
    assert (grabbed(view) == 128).all()


def test_keyboard_zooms_pans_and_fits(make: Make, state: ViewState) -> None:
    view = make(grid())
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Equal)
    assert state.extent == pytest.approx(400 * 1.25**2)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert state.centre.x() == pytest.approx(0.5 + 40 / state.extent, abs=1 / state.extent)
    assert state.centre.y() > 0.5
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert state.extent == pytest.approx(500)
    QTest.keyClick(view, Qt.Key.Key_F)
    assert state.extent is None


def test_double_click_fits(make: Make, state: ViewState) -> None:
    view = make(grid())
    state.look(2000, QPointF(0.1, 0.1))
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton)
    assert state.extent is None


def test_nothing_moves_where_no_picture_is(make: Make, state: ViewState) -> None:
    view = make(grid())
    state.look(5000.0, QPointF(0.5, 0.5))
    view.set_image(None)
    drag(view, QPoint(20, 20), QPoint(90, 90))
    assert (state.extent, state.centre) == (5000.0, QPointF(0.5, 0.5))


def test_message_stands_where_no_picture_is(make: Make, state: ViewState) -> None:
    view = make(None)
    empty = grabbed(view)
    view.set_message("Open a photo.")
    assert np.abs(grabbed(view).astype(int) - empty).max() > 60
    wheel(view, QPointF(5, 5), 1)
    drag(view, QPoint(2, 2), QPoint(9, 9))
    hover(view, QPointF(3, 3))
    assert state.extent is None
    assert state.hover is None


def test_busy_mark_comes_late_and_goes_at_once(make: Make, qtbot: QtBot) -> None:
    pixels = grid()
    view = make(pixels)
    view.set_busy(True)
    assert np.array_equal(grabbed(view), pixels)
    bar = QColor(theme.HIGHLIGHT)
    qtbot.waitUntil(
        lambda: tuple(grabbed(view)[0, 200]) == (bar.red(), bar.green(), bar.blue()), timeout=2000
    )
    assert np.array_equal(grabbed(view)[150, 200], pixels[150, 200])  # the picture dims later than the bar
    qtbot.waitUntil(lambda: grabbed(view)[150, 200].sum() < pixels[150, 200].sum() * 0.8, timeout=2000)
    view.set_busy(False)
    assert np.array_equal(grabbed(view), pixels)


def test_after_a_long_wait_the_next_is_marked_at_once(make: Make, qtbot: QtBot) -> None:
    pixels = grid()
    view = make(pixels)
    bar = QColor(theme.HIGHLIGHT)
    for waited_ms, marked in ((150, False), (0, True), (0, False)):  # how long it took decides about the next
        view.set_busy(True)
        assert (tuple(grabbed(view)[0, 200]) == (bar.red(), bar.green(), bar.blue())) == marked
        qtbot.wait(waited_ms)
        view.set_busy(False)
        view.set_busy(False)  # told twice is no wait of its own


def test_busy_shorter_than_a_blink_is_never_shown(make: Make, qtbot: QtBot) -> None:
    pixels = grid()
    view = make(pixels)
    view.set_busy(True)
    view.set_busy(False)
    qtbot.wait(200)
    assert np.array_equal(grabbed(view), pixels)


def test_first_picture_gives_the_size(make: Make, state: ViewState) -> None:
    make(grid(37, 21))
    assert state.size == QSize(37, 21)


def test_levels_that_are_there_are_drawn_and_not_made_again(qtbot: QtBot) -> None:
    pixels = np.zeros((1200, 1600, 3), np.uint8)
    half, quarter = np.full((600, 800, 3), 90, np.uint8), np.full((300, 400, 3), 180, np.uint8)
    view = ImageView(ViewState())
    qtbot.addWidget(view)
    view.resize(400, 300)
    for levels, shown in (((pixels, half, quarter), 180), ((pixels, half), 90), ((), 0)):
        view.set_image(pixels, levels)
        assert view.grab().toImage().pixelColor(200, 150).red() == shown
