from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.pane import Pane, PaneContent
from keepsight.app.ui.view_state import ViewState

PIXELS = np.full((300, 451, 3), (180, 140, 100), np.uint8)
ORIGINAL = PaneContent(
    title="Original",
    bytes=235_000,
    bpp=24.0,
    rows=(("Egyptian cat", 0.71), ("tabby", 0.15), ("tiger cat", 0.08)),
    verdict="reference",
    pixels=PIXELS,
    width=451,
    height=300,
)
JPEG = PaneContent(
    title="JPEG",
    codec="jpeg",
    options="quality 8",
    bytes=3173,
    bpp=0.1876,
    rows=(("lynx", 0.32), ("Egyptian cat", 0.22), ("tabby", 0.14)),
    verdict="flipped",
    ratio=127.9,
    psnr=26.0,
    ssim=0.72,
    pixels=PIXELS,
    width=451,
    height=300,
    colour="#e69f00",
)
CODECS = [("Standard", [("avif", "AVIF"), ("jpeg", "JPEG"), ("webp", "WebP")])]


@pytest.fixture
def state() -> ViewState:
    return ViewState()


@pytest.fixture
def pane(qtbot: QtBot, state: ViewState) -> Pane:
    pane = Pane(state, CODECS)
    pane.resize(500, 330)
    qtbot.addWidget(pane)
    pane.show()
    pane.set_codec("jpeg")
    pane.set_content(JPEG)
    return pane


@pytest.fixture
def original(qtbot: QtBot, state: ViewState) -> Pane:
    pane = Pane(state)
    pane.resize(500, 330)
    qtbot.addWidget(pane)
    pane.show()
    return pane


def texts(pane: Pane) -> list[str]:
    """Return what the labels of the pane say, the shown ones, without cuts."""
    labels = [label for label in pane.findChildren(QLabel) if label.isVisible()]
    return [label.text() for label in labels if label.text()]


def has_colour(pane: Pane, colour: str) -> bool:
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    return bool((pixels == QColor(colour).rgb()).any())


def test_compressed_pane_says_all(pane: Pane) -> None:
    said = texts(pane)
    for text in (
        "quality 8",
        "3,173 B · 0.188 bpp",
        "✕ flipped",
        "1 : 128   PSNR 26.0   SSIM 0.72",
    ):
        assert text in said
    assert pane.codec.currentText() == "JPEG"
    assert pane.bars.accessibleDescription() == "lynx 32 %, Egyptian cat 22 %, tabby 14 %"
    assert has_colour(pane, theme.FLIPPED)
    assert has_colour(pane, "#e69f00")


def test_original_says_all_and_gives_the_size(original: Pane, state: ViewState) -> None:
    original.set_content(ORIGINAL)
    assert texts(original) == ["●", "Original", "451×300 · 235 kB", "reference", "24.0 bpp"]
    assert state.size == QSize(451, 300)
    assert not original.codec.isVisible()
    assert original.close_button is None


def test_kept_is_green_and_flipped_is_not(pane: Pane) -> None:
    pane.set_content(replace(JPEG, verdict="kept", rows=()))
    assert "✓ class kept" in texts(pane)
    assert has_colour(pane, theme.KEPT)
    assert not has_colour(pane, theme.FLIPPED)


def test_unknown_figures_are_left_out(pane: Pane) -> None:
    pane.set_content(PaneContent(title="JPEG", codec="jpeg", options="quality 8", bytes=3173))
    assert texts(pane) == ["●", "quality 8", "3,173 B"]


def test_choosing_a_codec_tells_and_selects(pane: Pane, qtbot: QtBot) -> None:
    told: list[str] = []
    pane.codec_chosen.connect(told.append)
    pane.codec_chosen.connect(pane.set_codec)  # as the window does
    with qtbot.waitSignal(pane.selected, timeout=500):
        QTest.keyClick(pane.codec, Qt.Key.Key_Down)
    assert told == ["webp"]
    assert "still JPEG · quality 8" in texts(pane)


def test_setting_a_codec_tells_nothing(pane: Pane, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(pane.codec_chosen):
        pane.set_codec("avif")
    assert pane.codec.currentData() == "avif"


def test_labels_describe_the_picture_and_not_the_menu(pane: Pane) -> None:
    before, place = texts(pane), pane.view.geometry()
    pane.set_map_figure("map 0.93", "How alike the maps are")
    pane.set_codec("avif")
    QApplication.processEvents()
    assert texts(pane) == ["●", "still JPEG · quality 8"]  # no figure of JPEG stands there as AVIF's
    assert pane.bars.accessibleDescription() == ""
    assert pane.view.geometry() == place
    pane.set_map_figure("", "")
    pane.set_codec("jpeg")
    assert texts(pane) == before
    assert pane.bars.accessibleDescription().startswith("lynx")


def test_of_another_photo_nothing_stays(pane: Pane) -> None:
    place = pane.view.geometry()
    pane.show_error("The encoder failed.")
    pane.clear("The picture of this photo is on its way.")
    QApplication.processEvents()
    assert pane.content is None
    assert texts(pane) == ["●"]
    assert pane.bars.accessibleDescription() == ""
    assert pane.view.place().isEmpty()
    assert pane.view.geometry() == place
    pane.set_plain(True)
    assert texts(pane) == ["●", "JPEG"]  # what is asked for
    pane.set_codec("avif")
    assert texts(pane) == ["●", "AVIF"]


def test_error_lies_over_the_last_good_picture_and_moves_nothing(pane: Pane) -> None:
    sentence = "AVIF takes at most 65536 pixels a side. Choose a smaller photo."
    before = pane.view.geometry()
    pane.set_content(PaneContent(title="AVIF", codec="avif", error=sentence))
    assert {sentence, "quality 8", "3,173 B · 0.188 bpp"} <= set(texts(pane))
    assert pane.view.geometry() == before
    strip = next(label for label in pane.findChildren(QLabel) if label.text() == sentence)
    assert before.contains(strip.geometry())
    assert strip.height() >= strip.heightForWidth(strip.width())
    pane.set_content(JPEG)
    assert sentence not in texts(pane)


def test_error_stands_where_no_picture_ever_was(original: Pane) -> None:
    empty = original.view.grab().toImage()
    original.show_error("The photo cannot be read. Choose another one.")
    assert original.view.grab().toImage() != empty
    assert texts(original) == ["●", "Original"]


def test_busy_marks_the_picture_and_ends_with_an_error(pane: Pane, qtbot: QtBot) -> None:
    calm = pane.view.grab().toImage()
    pane.set_busy(True)
    qtbot.waitUntil(lambda: pane.view.grab().toImage() != calm, timeout=2000)
    pane.show_error("AVIF has failed. Choose another quality.")
    assert pane.view.grab().toImage() == calm
    assert "quality 8" in texts(pane)


def test_click_anywhere_selects(pane: Pane, qtbot: QtBot) -> None:
    for widget in (pane, pane.view, pane.bars):
        with qtbot.waitSignal(pane.selected, timeout=500):
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))


def test_selected_pane_has_the_border(pane: Pane) -> None:
    def border() -> str:
        return pane.grab().toImage().pixelColor(250, 0).name()

    assert border() == theme.BORDER
    pane.set_selected(True)
    assert border() == theme.HIGHLIGHT
    pane.set_selected(False)
    assert border() == theme.BORDER


def test_close_button_shows_under_the_pointer(pane: Pane) -> None:
    assert pane.close_button is not None
    QApplication.sendEvent(pane, QEvent(QEvent.Type.Leave))
    assert not pane.close_button.isVisible()
    at = QPointF(5, 5)
    QApplication.sendEvent(pane, QEnterEvent(at, at, at))
    assert pane.close_button.isVisible()
    QApplication.sendEvent(pane, QEvent(QEvent.Type.Leave))
    assert not pane.close_button.isVisible()


def test_close_button_shows_on_the_selected_pane_and_closes(pane: Pane, qtbot: QtBot) -> None:
    assert pane.close_button is not None
    pane.set_selected(True)
    assert pane.view.geometry().contains(pane.close_button.geometry())
    with qtbot.waitSignal(pane.close_requested, timeout=500):
        QTest.mouseClick(pane.close_button, Qt.MouseButton.LeftButton)


def test_pictures_of_a_row_are_level(original: Pane, pane: Pane) -> None:
    original.set_content(ORIGINAL)
    QApplication.processEvents()
    assert original.view.geometry() == pane.view.geometry()


def test_narrow_pane_cuts_words_and_not_numbers(pane: Pane) -> None:
    pane.set_content(replace(JPEG, options="quality 8 · chroma 4:4:4 · progressive off"))
    pane.resize(250, 300)
    QApplication.processEvents()
    options, size, _ = pane.findChildren(ElidedLabel)
    assert size.shown_text() == "3,173 B · 0.188 bpp"
    assert size.geometry().right() < pane.width()
    assert options.toolTip() == "quality 8 · chroma 4:4:4 · progressive off"


def test_a_setting_goes_before_bits_per_pixel(pane: Pane) -> None:
    pane.set_content(JPEG)
    shown = {}
    for width in (250, 400):
        pane.resize(width, 300)
        QApplication.processEvents()
        options, size, _ = pane.findChildren(ElidedLabel)
        shown[width] = options.shown_text(), size.shown_text()
        assert size.toolTip().startswith("3,173 B · 0.188 bpp")
    assert shown == {250: (JPEG.options, "3,173 B"), 400: (JPEG.options, "3,173 B · 0.188 bpp")}


@pytest.mark.parametrize("codec", ["jpeg", "jpeg2000"])
def test_smallest_pane_leaves_out_whole_figures(qtbot: QtBot, state: ViewState, codec: str) -> None:
    pane = Pane(state, [("Standard", [("jpeg", "JPEG"), ("jpeg2000", "JPEG 2000")])])
    qtbot.addWidget(pane)
    pane.show()
    pane.set_codec(codec)
    pane.set_content(replace(JPEG, codec=codec, bytes=12_345_678, bpp=730.0, verdict="kept"))
    pane.resize(pane.minimumSize())
    QApplication.processEvents()
    assert pane.size() == pane.minimumSize()
    assert pane.minimumSizeHint().width() <= pane.width()
    _, size, quality = pane.findChildren(ElidedLabel)
    assert size.shown_text().startswith("12.3 MB")
    assert size.toolTip().startswith("12.3 MB · 730.0 bpp")
    assert quality.shown_text() == "1 : 128"
    assert quality.toolTip().startswith("1 : 128   PSNR 26.0   SSIM 0.72")
    for label in (size, quality):
        assert label.geometry().right() < pane.width()
    assert pane.view.height() >= 60


def test_low_pane_gives_the_room_of_further_classes_to_the_picture(pane: Pane) -> None:
    heights = {}
    for height in (224, 225):
        pane.resize(500, height)
        QApplication.processEvents()
        heights[height] = pane.bars.height(), pane.view.height()
    assert heights[224][0] < heights[225][0]
    assert heights[224][1] > heights[225][1]


def test_all_controls_are_named_and_reached(pane: Pane) -> None:
    assert pane.close_button is not None
    for control in (pane.codec, pane.view, pane.close_button):
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    for control in (pane.codec, pane.close_button):
        assert control.toolTip()


def test_the_likeness_of_maps_stands_first_and_is_explained(pane: Pane) -> None:
    pane.set_map_figure("map 0.87", "How alike the maps are")
    assert texts(pane)[-1] == "map 0.87   1 : 128   PSNR 26.0   SSIM 0.72"
    _, _, quality = pane.findChildren(ElidedLabel)
    assert quality.toolTip().splitlines()[0] == "map 0.87   1 : 128   PSNR 26.0   SSIM 0.72"
    assert quality.toolTip().splitlines()[-1] == "How alike the maps are"
    pane.set_content(replace(JPEG, psnr=30.0))
    assert texts(pane)[-1].startswith("map 0.87   1 : 128   PSNR 30.0")
    pane.set_map_figure("", "")
    assert texts(pane)[-1] == "1 : 128   PSNR 30.0   SSIM 0.72"
