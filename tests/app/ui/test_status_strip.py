import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme
from keepsight.app.ui.status_strip import StatusStrip

SWEEP = "Sweep: 312 / 500 photos · 41 images/s · 2 min left"


@pytest.fixture
def strip(qtbot: QtBot) -> StatusStrip:
    strip = StatusStrip()
    qtbot.addWidget(strip)
    strip.resize(1200, 28)
    strip.show()
    return strip


def text(strip: StatusStrip) -> str:
    return next(label for label in strip.findChildren(QLabel) if label.accessibleName() == "Status").text()


def green_pixels(strip: StatusStrip) -> int:
    image = strip.grab().toImage()
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[..., 2::-1].astype(int)
    kept = QColor(theme.KEPT)
    near = np.abs(values - [kept.red(), kept.green(), kept.blue()]).max(axis=2) < 4
    return int(near.any(axis=0).sum())


def test_progress_is_drawn_in_proportion(strip: StatusStrip) -> None:
    assert green_pixels(strip) == 0
    strip.set_progress(500, 500, SWEEP)
    whole = green_pixels(strip)
    strip.set_progress(125, 500, SWEEP)

    assert text(strip) == SWEEP
    assert whole > 300
    assert green_pixels(strip) == pytest.approx(whole / 4, abs=6)


def test_cancel_is_there_only_while_something_runs(strip: StatusStrip, qtbot: QtBot) -> None:
    assert not strip.cancel_button.isVisible()
    strip.set_progress(1, 500, SWEEP)
    with qtbot.waitSignal(strip.cancel_requested):
        qtbot.mouseClick(strip.cancel_button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(strip.cancel_requested):
        qtbot.keyClick(strip.cancel_button, Qt.Key.Key_Space)

    strip.clear_progress()
    assert not strip.cancel_button.isVisible()
    assert green_pixels(strip) == 0


def test_nothing_moves_when_progress_comes_and_goes(strip: StatusStrip) -> None:
    strip.set_machine("CPU · 2 cores · 1.9 GB")
    bar = strip.findChild(QProgressBar)
    strip.set_progress(1, 500, SWEEP)
    places = bar.geometry(), strip.cancel_button.geometry()
    strip.set_progress(499, 500, SWEEP + " and some more words that make the text much longer than it was")
    assert (bar.geometry(), strip.cancel_button.geometry()) == places
    strip.clear_progress()
    strip.set_progress(2, 500, "Short")
    assert (bar.geometry(), strip.cancel_button.geometry()) == places


def test_work_of_unknown_length_has_no_share(strip: StatusStrip) -> None:
    strip.set_progress(0, 0, "Loading the classifier")
    bar = strip.findChild(QProgressBar)
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    strip.clear_progress()
    strip.set_progress(7, 5, SWEEP)
    assert bar.value() == bar.maximum() > 0


def test_a_warning_is_not_swept_away_by_progress(strip: StatusStrip) -> None:
    strip.set_progress(1, 500, SWEEP)
    strip.set_message("The file ends too early.", warning=True)
    strip.set_progress(2, 500, SWEEP)
    assert text(strip) == "The file ends too early."
    assert strip.cancel_button.isVisible()

    strip.set_message("Ready.")
    strip.set_progress(3, 500, SWEEP)
    assert text(strip) == SWEEP


def test_a_message_has_all_the_room_while_nothing_runs(strip: StatusStrip) -> None:
    strip.set_machine("CPU · 2 cores · 1.9 GB")
    label = next(label for label in strip.findChildren(QLabel) if label.accessibleName() == "Status")
    strip.set_progress(1, 500, SWEEP)
    QApplication.processEvents()
    assert label.fontMetrics().horizontalAdvance(SWEEP) < label.width() < 800
    height = strip.sizeHint().height()
    strip.clear_progress()
    QApplication.processEvents()
    assert label.width() > 1000
    assert strip.minimumHeight() == height


def test_a_long_message_is_told_whole_in_the_tooltip(strip: StatusStrip) -> None:
    sentence = "The file " + "x" * 400 + " ends too early."
    strip.set_message(sentence)
    label = next(label for label in strip.findChildren(QLabel) if label.accessibleName() == "Status")
    assert label.toolTip() == sentence
    assert strip.minimumSizeHint().width() < 600
