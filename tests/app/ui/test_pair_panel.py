"""Two pictures in one view with what is known of them below, in a panel of its own."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme
from keepsight.app.ui.pair_panel import PairPanel, PairPicture
from keepsight.app.ui.pane import PaneContent
from keepsight.app.ui.panes_picture import panes_picture
from keepsight.app.ui.presenting import LARGE
from keepsight.app.ui.pyramid import Pyramid
from keepsight.app.ui.view_state import ViewState
from keepsight.app.ui.viewing import MODES

PIXELS = np.full((240, 320, 3), 200, np.uint8)
OTHER = np.full((240, 320, 3), 90, np.uint8)
PAIRED = [mode for mode in MODES if mode != "side by side"]
FIRST = PairPicture(
    PaneContent("Original", bytes=230_400, rows=(("lynx", 0.9),), verdict="reference", pixels=PIXELS),
    Pyramid(PIXELS),
)
SECOND = PairPicture(
    PaneContent(
        "JPEG",
        "jpeg",
        "quality 5",
        3173,
        0.33,
        (("cat", 0.6), ("dog", 0.3)),
        "flipped",
        72.6,
        26.0,
        0.72,
        OTHER,
    ),
    Pyramid(OTHER),
)


@pytest.fixture
def panel(qtbot: QtBot) -> PairPanel:
    panel = PairPanel(ViewState())
    qtbot.addWidget(panel)
    panel.resize(700, 460)
    panel.show()
    panel.show_pair(FIRST, SECOND)
    return panel


def controls(panel: PairPanel) -> list[QWidget]:
    return [panel.first, panel.swap, panel.second, panel.settings]


@pytest.mark.parametrize("mode", PAIRED)
def test_both_have_their_classes_verdict_and_size_in_every_mode(panel: PairPanel, mode: str) -> None:
    panel._state.edit(mode=mode)
    first, second = panel.feet
    assert first.bars.accessibleDescription() == "lynx 90 %"
    assert second.bars.accessibleDescription() == "cat 60 %, dog 30 %"
    assert (first.verdict.text(), second.verdict.text()) == ("reference", "✕ flipped")
    assert second._size.shown_text() == "3,173 B · 0.330 bpp"
    assert second._quality.shown_text() == "1 : 73   PSNR 26.0   SSIM 0.72"
    for foot in panel.feet:
        assert panel.rect().contains(foot.geometry())
        assert foot.geometry().top() > panel.view.geometry().bottom()


def test_figures_that_come_later_leave_the_picture_as_it_is(panel: PairPanel) -> None:
    panel._state.edit(mode="wipe")
    shown = panel.view._picture
    kept = replace(SECOND, content=replace(SECOND.content, verdict="kept", rows=(("lynx", 0.5),)))
    panel.show_figures(FIRST, kept)
    assert panel.view._picture is shown
    assert panel.feet[1].verdict.text() == "✓ class kept"
    panel.show_message("Nothing is there.")
    panel.show_figures(FIRST, kept)
    for foot in panel.feet:
        assert not foot.bars.accessibleDescription()
        assert not foot.verdict.text()


def test_a_low_panel_leaves_the_picture_its_room(panel: PairPanel) -> None:
    tall = panel.feet[0].bars.height()
    panel.resize(700, 300)
    assert panel.feet[0].bars.height() < tall / 2
    assert panel.view.height() >= 120


@pytest.mark.parametrize("mode", PAIRED)
@pytest.mark.parametrize("scale", [1, 3])
def test_as_a_picture_it_has_captions_and_no_controls(panel: PairPanel, mode: str, scale: int) -> None:
    panel._state.edit(mode=mode, blinking=False)
    room = panel.view.height()
    image = panes_picture(panel, scale)
    assert (image.width(), image.height()) == (700 * scale, 460 * scale)
    assert all(control.isVisible() for control in controls(panel))
    assert panel.view.height() == room
    assert panes_picture(panel, scale) == image
    without = panes_picture(panel, scale)
    panel.show_figures(FIRST, replace(SECOND, content=replace(SECOND.content, rows=())))
    assert panes_picture(panel, scale) != without


def test_an_audience_gets_large_letters(panel: PairPanel) -> None:
    panel._state.edit(mode="wipe")
    height = panel.feet[1].bars.height()
    panel.set_plain(True, LARGE)
    assert not any(control.isVisible() for control in controls(panel))
    assert panel.feet[1].bars.height() == pytest.approx(LARGE / theme.FONT_SIZE * height, abs=3)
    panel._state.edit(mode="difference")
    assert not any(control.isVisible() for control in controls(panel))
    panel.set_plain(False)
    assert all(control.isVisible() for control in controls(panel))
    assert panel.feet[1].bars.height() == height
