"""The threshold's tab: what is drawn, what is said, and that a click is heard."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from keepsight.app.engine.curves import wilson
from keepsight.app.engine.threshold import THRESHOLDS, ThresholdPoint, threshold_settings
from keepsight.app.engine.types import CurvePoint, Setting
from keepsight.app.ui import theme
from keepsight.app.ui.threshold_panel import ThresholdPanel
from keepsight.app.ui.threshold_plot import ThresholdPlot, ThresholdView
from keepsight.app.ui.threshold_words import EMPTY, describe, of_photo, of_photos, subject
from keepsight.codecs import registry

ROI_JPEG = Setting("roi-jpeg", registry.get("roi-jpeg").options.parse({"quality": 20}))
COLOUR = registry.get("roi-jpeg").colour


def make(kept: list[int], *, photos: int = 1, labelled: bool = False, sizes: list[int] | None = None):
    """Points from threshold 0 on; `kept` are the photos that keep their class at each."""
    sizes = sizes or [4120 - 130 * place for place in range(len(kept))]
    found = []
    for (threshold, setting), right, size in zip(threshold_settings(ROI_JPEG), kept, sizes, strict=False):
        figures = CurvePoint(
            codec=setting.codec,
            options=setting.options.to_json(),
            photos=photos,
            failed=0,
            mean_bytes=size,
            bpp=1.0,
            top1=wilson(right - 1, photos) if labelled else None,
            top5=None,
            agreement=wilson(right, photos),
            p_true=None,
            p_kept=0.8 * right / photos,
            kl=0.1,
            psnr=30.0,
            ssim=0.9,
            ms_ssim=0.95,
            encode_ms=1.0,
            decode_ms=1.0,
            classify_ms=1.0,
        )
        found.append(ThresholdPoint(threshold, setting, figures))
    return found


ONE_PHOTO = make([1] * 10 + [0] * 11)
MANY = make(list(range(100, 58, -2)), photos=100)


@pytest.fixture
def plot(qtbot: QtBot) -> ThresholdPlot:
    plot = ThresholdPlot()
    qtbot.addWidget(plot)
    plot.resize(900, 260)
    plot.show()
    QApplication.processEvents()
    return plot


def has_colour(plot: ThresholdPlot, at: QPoint, colour: str) -> bool:
    image = plot.grab().toImage()
    wanted = QColor(colour).toTuple()[:3]
    around = [
        image.pixelColor(at.x() + x, at.y() + y).toTuple()[:3] for x in range(-3, 4) for y in range(-3, 4)
    ]
    return any(np.abs(np.subtract(seen, wanted)).max() < 12 for seen in around)


def test_one_photo_is_a_probability_with_its_flips(plot: ThresholdPlot) -> None:
    plot.set_view(ThresholdView(ONE_PHOTO, one_photo=True, reference=0.9, colour=COLOUR))
    assert plot.getPlotItem().getAxis("left").labelText == "probability of the class"
    assert has_colour(plot, plot.position_of(0.25, 0.8), COLOUR)
    assert has_colour(plot, plot.position_of(0.75, 0.0), theme.FLIPPED)
    assert not has_colour(plot, plot.position_of(0.25, 0.0), theme.FLIPPED)


def test_many_photos_are_a_share_with_its_band(plot: ThresholdPlot) -> None:
    view = ThresholdView(MANY, one_photo=False, reference=None, colour=COLOUR)
    plot.set_view(view)
    y, low, high = view.heights()
    assert (low < y).all()
    assert (y <= high).all()
    assert has_colour(plot, plot.position_of(THRESHOLDS[10], y[10]), COLOUR)
    labelled = make([90] * 21, photos=100, labelled=True)
    assert ThresholdView(labelled, False, 0.9, COLOUR).quantity == "top-1 accuracy"
    assert ThresholdView(labelled, False, 0.9, COLOUR).heights()[0, 0] == 0.89


def test_a_click_and_a_drag_choose_the_nearest_threshold(plot: ThresholdPlot, qtbot: QtBot) -> None:
    plot.set_view(ThresholdView(ONE_PHOTO, True, 0.9, COLOUR))
    chosen: list[float] = []
    plot.threshold_clicked.connect(chosen.append)
    plot.threshold_clicked.connect(plot.set_threshold)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(0.462))
    assert chosen == [0.45]
    qtbot.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(0.46))
    assert chosen == [0.45]  # is there already
    qtbot.mouseMove(plot.viewport(), plot.position_of(0.69))
    qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(0.69))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.RightButton, pos=plot.position_of(0.2))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert chosen[0] == 0.45
    assert 0.2 not in chosen
    assert len(chosen) <= 2


def test_a_click_on_an_empty_plot_is_nothing(plot: ThresholdPlot, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(plot.threshold_clicked):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(0.5))


def test_hovering_reads_the_values(plot: ThresholdPlot, qtbot: QtBot) -> None:
    plot.set_view(ThresholdView(ONE_PHOTO, True, 0.9, COLOUR))
    qtbot.mouseMove(plot.viewport(), plot.position_of(0.1))
    qtbot.mouseMove(plot.viewport(), plot.position_of(0.45))
    qtbot.waitUntil(lambda: "Threshold 0.45" in QToolTip.text())
    assert "2,950 bytes, 72 % of the whole" in QToolTip.text()
    assert "class kept, probability 80 %" in QToolTip.text()
    at = plot.position_of(0.45)
    QApplication.sendEvent(plot.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, plot.mapToGlobal(at)))
    qtbot.wait(400)  # longer than a tooltip that is to go still stands
    assert QToolTip.isVisible(), "it has gone now that the pointer rests"


@pytest.mark.parametrize("height", [90, 130, 200, 400])
def test_nothing_is_cut_off_in_a_low_plot(plot: ThresholdPlot, height: int) -> None:
    plot.set_view(ThresholdView(MANY, False, None, COLOUR))
    plot.set_subject("ROI JPEG · quality 20 · 500 photos · guided by a classifier with a long name’s map")
    plot.resize(1000, height)
    QApplication.processEvents()
    left = plot.getPlotItem().getAxis("left")
    shares = [share for share, _ in left._tickLevels[0]]
    distance = plot.position_of(0, shares[0]).y() - plot.position_of(0, shares[1]).y()
    assert distance >= 11, "the ticks run into each other"
    inside = plot.mapFromScene(left.sceneBoundingRect()).boundingRect()
    for share in (0, 1):
        assert inside.top() + 6 < plot.position_of(0, share).y() < inside.bottom() - 6
    legend = plot.getPlotItem().legend
    assert legend.sceneBoundingRect().right() < plot.width() / 2


def test_the_sentence_about_one_photo() -> None:
    assert of_photo(ONE_PHOTO, "tabby") == (
        "“tabby” survives up to a threshold of 0.45: 2,950 bytes instead of 4,120."
    )
    assert of_photo(make([1] * 21), "tabby") == (
        "“tabby” survives every threshold, even 1.00: 1,520 bytes instead of 4,120."
    )
    assert "lost at threshold 0.00 already" in of_photo(make([0] * 21), "tabby")
    back = of_photo(make([1, 1, 0, 1, 1, 0]), "tabby")
    assert back.endswith("It is back at 0.15. The last to keep it is 0.20, at 3,600 bytes.")
    assert of_photo(make([1, 0, 1]), "tabby").endswith("4,120 bytes. It is back at 0.10.")
    alike = make([1] * 21, sizes=[700] * 21)
    assert "Every threshold gives the same file" in of_photo(alike, "tabby")


def test_the_sentence_about_many_photos() -> None:
    assert of_photos(MANY, 0.31, None) == (
        "At 0.30, 88 % (80–93) keep their class at 3,340 bytes a photo instead of 4,120."
    )
    assert of_photos(MANY, 0, None) == "At 0.00, 100 % (96–100) keep their class at 4,120 bytes a photo."
    labelled = make([90] * 21, photos=100, labelled=True)
    assert of_photos(labelled, 1, wilson(95, 100)) == (
        "At 1.00, 89 % (81–94) are classified rightly (95 % without compression) "
        "at 1,520 bytes a photo instead of 4,120."
    )
    assert "89 % (81–94) are classified rightly" in describe(labelled, labelled[3], one_photo=False)


def test_the_subject_names_all_but_the_threshold() -> None:
    assert subject(ROI_JPEG) == "ROI JPEG · quality 20"
    assert subject(threshold_settings(ROI_JPEG)[9][1]) == "ROI JPEG · quality 20"
    plain = Setting("jpeg", registry.get("jpeg").options())
    assert subject(plain) == "JPEG · quality 75, the background removed before it"
    front = registry.get("roi-background:mode=flatten,threshold=0.6+webp")
    assert "0.6" not in subject(Setting(front.id, front.options()))


def test_the_panel_says_what_to_do_until_there_is_a_curve(qtbot: QtBot) -> None:
    panel = ThresholdPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert panel.hint.isVisible()
    assert panel.hint.text() == EMPTY
    assert not panel.stop_button.isEnabled()
    panel.set_threshold(0.3)
    panel.show_view(ThresholdView(ONE_PHOTO, True, 0.9, COLOUR), "what", "found")
    assert panel.plot.isVisible()
    assert panel.finding.text() == "found"
    chosen: list[float] = []
    panel.threshold_clicked.connect(chosen.append)
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=panel.plot.position_of(0.6))
    assert chosen == [0.6]
    panel.clear("Open a photo.")
    assert panel.hint.text() == "Open a photo."
    assert panel.finding.text() == ""
