"""Ways of comparing in the whole window, with real codecs and no classifier."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.ui.viewing import MODES, Viewing
from keepsight.app.ui.window import MainWindow

WAIT_MS = 60_000
Key = Qt.Key


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("photos")
    for name, size in (("cat", (300, 240)), ("coffee", (200, 260))):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize(size).save(folder / f"{name}.png")
    with opened("imagenet", 1200, 800) as window:
        window.open([Path(folder)])
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window with the cat, side by side, the first compressed pane selected."""
    settle(window, qtbot)
    window._library.show(0)
    settle(window, qtbot)
    window._view.set_viewing(Viewing())
    window._view.fit()
    window.grid.select(list(window.grid.panes)[1])
    window.photos.view.setFocus()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window._view.set_viewing(Viewing())
    settle(window, qtbot)


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.busy and bool(window._library._items), timeout=WAIT_MS)
    QApplication.processEvents()


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier):
    """Press a key as the system tells it: to the window first."""
    QTest.keyClick(window.windowHandle(), key, modifier)
    QApplication.processEvents()


def picture(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(widget.grab().toImage().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_is_chosen_by_button_and_key(idle: MainWindow, qtbot: QtBot, mode: str) -> None:
    other = "wipe" if mode == "side by side" else "side by side"
    for choose in (
        lambda: qtbot.mouseClick(idle.toolbar.modes.buttons[mode], Qt.MouseButton.LeftButton),
        lambda: press(idle, Key(Key.Key_1 + MODES.index(mode)), Qt.KeyboardModifier.ControlModifier),
    ):
        idle._view.edit(mode=other)
        assert not idle.toolbar.modes.buttons[mode].isChecked()
        choose()
        assert idle._view.viewing.mode == mode
        assert idle.toolbar.modes.buttons[mode].isChecked()
        assert idle.viewing.pair.isVisible() == (mode != "side by side")
        assert idle.grid.isVisible() == (mode == "side by side")


def test_wipe_shows_the_original_and_the_selected_pane(idle: MainWindow) -> None:
    idle._view.edit(mode="wipe")
    pair = idle.viewing.pair
    assert pair.view._names[0].startswith("Original")
    assert pair.view._names[1].startswith("AVIF quality")
    idle.grid.select(list(idle.grid.panes)[3])
    assert pair.view._names[1].startswith("JPEG quality")
    assert pair.second.currentText().startswith("Selected: JPEG")
    idle._view.edit(second=list(idle.grid.panes)[2])
    idle.grid.select(list(idle.grid.panes)[1])
    assert pair.view._names[1].startswith("WebP quality")
    press(idle, Key.Key_S)
    assert [name.split()[0] for name in pair.view._names] == ["WebP", "Original"]


def test_two_are_compared_with_one_selected_whose_options_are_there(idle: MainWindow) -> None:
    idle.grid.select(0)
    press(idle, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    last = list(idle.grid.panes)[-1]
    assert idle.grid.selection == last
    assert idle.viewing.pair.second.currentText().startswith("Selected: JPEG")
    assert idle.side._heading.text() == "JPEG"
    assert idle.side.form.isVisible()


def test_the_line_cuts_where_it_stands_however_far_the_picture_is_enlarged(idle: MainWindow) -> None:
    idle._view.edit(mode="wipe", split=0.3)
    pair = idle.viewing.pair
    for extent in (None, 2400.0):
        idle._view.look(extent, QPointF(0.4, 0.5))
        pair.line.hide()
        both = picture(pair.view)
        at = round(0.3 * pair.view.width())
        middle = pair.view.height() // 2
        for mode_share, columns in ((1.0, slice(20, at)), (0.0, slice(at, None))):
            idle._view.edit(split=mode_share)
            pair.line.hide()
            off = np.abs(picture(pair.view)[middle, columns] - both[middle, columns])
            assert np.quantile(off, 0.95) <= 2
        idle._view.edit(split=0.3)


def test_arrow_keys_move_the_line_as_soon_as_wipe_is_chosen(idle: MainWindow) -> None:
    press(idle, Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    press(idle, Key.Key_Right)
    press(idle, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert idle._view.viewing.split == pytest.approx(0.522)
    QTest.mouseClick(idle.viewing.pair.view, Qt.MouseButton.LeftButton, pos=QPoint(30, 90))
    press(idle, Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert idle._view.viewing.split == pytest.approx(0.422)


def test_keys_work_on_the_picture_after_a_change_of_mode(idle: MainWindow) -> None:
    pair = idle.viewing.pair
    pane = idle.grid.panes[idle.grid.selection]
    for key, widget in ((Key.Key_2, pair.line), (Key.Key_4, pair.view), (Key.Key_1, pane.view)):
        press(idle, key, Qt.KeyboardModifier.ControlModifier)
        assert QApplication.focusWidget() is widget
    buttons = idle.toolbar.modes.buttons
    buttons["side by side"].setFocus()
    press(idle, Key.Key_Right)
    assert idle._view.viewing.mode == "wipe"
    assert QApplication.focusWidget() is buttons["wipe"]


def test_blinking_alternates_names_and_pictures_and_ends_with_the_mode(
    idle: MainWindow, qtbot: QtBot
) -> None:
    idle._view.edit(mode="blink", blink_rate=6.0)
    view = idle.viewing.pair.view
    seen: list[tuple[str, ...]] = []
    qtbot.waitUntil(lambda: seen.append(view._names) or len(set(seen)) == 2, timeout=5000)
    assert {bool(first) for first, _ in seen} == {True, False}
    idle._view.edit(blinking=False)
    assert not idle.viewing.pair._blinker._clock.isActive()
    idle._view.edit(blinking=True)
    idle._view.edit(mode="side by side")
    assert not idle.viewing.pair._blinker._clock.isActive()


def test_the_other_picture_shows_while_its_key_is_held(idle: MainWindow) -> None:
    idle._view.edit(mode="blink", blinking=False)
    view = idle.viewing.pair.view
    before = view._names
    QTest.keyPress(idle.windowHandle(), Key.Key_X)
    assert view._names != before
    QTest.keyRelease(idle.windowHandle(), Key.Key_X)
    assert view._names == before


def test_difference_follows_its_controls(idle: MainWindow) -> None:
    idle._view.edit(mode="difference", gain=1.0)
    pair, settings = idle.viewing.pair, idle.viewing.pair.settings
    centre = (pair.view.height() // 2 - 60, slice(250, 400))
    assert np.abs(picture(pair.view)[centre] - 128).mean() < 60
    settings.sign.setCurrentIndex(1)
    settings.sign.activated.emit(1)
    dark = picture(pair.view)[centre].mean()
    assert dark < 60
    settings.gain.setValue(settings.gain.maximum())
    assert idle._view.viewing.gain == pytest.approx(32)
    assert picture(pair.view)[centre].mean() > 2 * dark
    settings.channel.setCurrentIndex(4)
    settings.channel.activated.emit(4)
    assert idle._view.viewing.channel == "luma"
    row = picture(pair.view)[centre]
    assert np.array_equal(row[:, 0], row[:, 1])
    assert np.array_equal(row[:, 0], row[:, 2])


def test_lossless_has_no_difference(idle: MainWindow, qtbot: QtBot) -> None:
    number = list(idle.grid.panes)[1]
    idle._set_codec(number, "png")
    settle(idle, qtbot)
    idle._view.edit(mode="difference", gain=32.0)
    view = idle.viewing.pair.view
    inside = view.place().toRect().adjusted(2, 30, -2, -2)  # below the names
    shown = picture(view)[inside.top() : inside.bottom(), inside.left() : inside.right()]
    assert shown.size > 10_000
    assert (shown == 128).all()
    idle._set_codec(number, "avif")
    assert view._names[0].startswith("PNG")  # until the other one is there
    settle(idle, qtbot)
    assert view._names[0].startswith("AVIF")


def test_the_original_stands_everywhere_while_space_is_held(idle: MainWindow) -> None:
    panes = list(idle.grid.panes.values())
    view, below_name = panes[3].view, slice(30, None)
    lossy = picture(view)
    QTest.keyPress(idle.windowHandle(), Key.Key_Space)
    peeked = picture(view)
    QTest.keyRelease(idle.windowHandle(), Key.Key_Space)
    assert np.array_equal(picture(view), lossy)
    view.set_image(panes[0].content.pixels)
    assert np.array_equal(picture(view)[below_name], peeked[below_name])
    assert not np.array_equal(lossy[below_name], peeked[below_name])
    view.set_image(panes[3].content.pixels, panes[3].content.levels)


def test_space_presses_a_button_only_for_who_came_by_tab(idle: MainWindow, qtbot: QtBot) -> None:
    wipe = idle.toolbar.modes.buttons["wipe"]
    box = idle.side.saliency.show_overlay
    qtbot.mouseClick(wipe, Qt.MouseButton.LeftButton)
    QTest.mouseClick(idle.windowHandle(), Qt.MouseButton.LeftButton, pos=box.mapTo(idle, QPoint(4, 8)))
    checked = box.isChecked()
    box.setFocus()
    QTest.keyPress(idle.windowHandle(), Key.Key_Space)
    assert idle._view.peek is not None
    QTest.keyRelease(idle.windowHandle(), Key.Key_Space)
    assert box.isChecked() == checked
    press(idle, Key.Key_Tab)
    box.setFocus()
    press(idle, Key.Key_Space)
    assert idle._view.peek is None
    assert box.isChecked() != checked
    press(idle, Key.Key_Space)


def test_typing_is_typing(idle: MainWindow) -> None:
    line = QLineEdit(idle)
    line.show()
    line.setFocus()
    for key in (Key.Key_N, Key.Key_Space, Key.Key_X, Key.Key_L):
        press(idle, key)
    assert line.text() == "n xl"
    assert idle._view.peek is None
    assert not idle._view.viewing.loupe
    line.deleteLater()


def test_the_peek_ends_when_another_window_takes_the_keyboard(idle: MainWindow, qtbot: QtBot) -> None:
    QTest.keyPress(idle.windowHandle(), Key.Key_Space)
    assert idle._view.peek is not None
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: idle._view.peek is None)
    other.close()


def test_photos_are_turned_in_all_panes(idle: MainWindow, qtbot: QtBot) -> None:
    idle._view.edit(mode="difference")
    press(idle, Key.Key_N)
    assert idle._bench.item.name == "coffee.png"
    settle(idle, qtbot)
    assert idle.viewing.pair.view._picture.width == 200
    press(idle, Key.Key_N)  # the last one stays
    assert idle._bench.item.name == "coffee.png"
    idle.viewing.pair.view.setFocus()
    press(idle, Key.Key_PageUp)
    assert idle._bench.item.name == "cat.png"
    settle(idle, qtbot)
    assert idle.viewing.pair.view._picture.width == 300


def test_pictures_of_two_photos_are_never_compared(idle: MainWindow, qtbot: QtBot) -> None:
    idle._view.edit(mode="difference")
    assert turned(idle, qtbot, Key.Key_N) is None
    _, first, second, *_ = idle.grid.panes
    idle._view.edit(mode="wipe", first=first, second=second)  # both of the photo before
    assert turned(idle, qtbot, Key.Key_P) is None
    assert idle.viewing.pair.view._picture is not None


def turned(window: MainWindow, qtbot: QtBot, key: Qt.Key) -> object:
    """Return which picture of two stands there when another photo has just come, before its panes have."""
    seen: list[object] = []

    def look(_: object) -> None:
        seen.append(window.viewing.pair.view._picture)

    window._bench.photo_shown.connect(look)
    press(window, key)
    settle(window, qtbot)
    window._bench.photo_shown.disconnect(look)
    return seen[0]


def test_magnification_goes_in_powers_of_two(idle: MainWindow) -> None:
    ratio = idle.devicePixelRatioF()
    press(idle, Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    for key, factor in ((Key.Key_Plus, 2), (Key.Key_Plus, 4), (Key.Key_Minus, 2), (Key.Key_Minus, 1)):
        press(idle, key, Qt.KeyboardModifier.ControlModifier)
        extent = idle._view.extent or idle.viewing.view.place().width()
        assert extent * ratio == pytest.approx(300 * factor, rel=0.01)
    press(idle, Key.Key_F)
    assert idle._view.extent is None


def test_smooth_and_loupe_are_toggled_and_remembered(idle: MainWindow) -> None:
    press(idle, Key.Key_Q)
    press(idle, Key.Key_L)
    assert (idle._view.viewing.smooth, idle._view.viewing.loupe) == (False, True)
    assert idle.toolbar.view_menu.loupe.isChecked()
    views = [pane.view for pane in idle.grid.panes.values()]
    before = [picture(view) for view in views]
    idle._view.set_hover((150, 120))
    for view, without in zip(views, before, strict=True):
        assert (picture(view) != without).any(axis=2).sum() > 2500
    idle._view.set_hover(None)


def test_the_next_codec_and_back(idle: MainWindow, qtbot: QtBot) -> None:
    number = idle.grid.selection
    first = idle._bench.settings[number].codec
    press(idle, Key.Key_C)
    assert idle._bench.settings[number].codec != first
    press(idle, Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    assert idle._bench.settings[number].codec == first
    settle(idle, qtbot)


def test_a_removed_pane_is_no_longer_compared(idle: MainWindow, qtbot: QtBot) -> None:
    idle._add_next_pane()
    settle(idle, qtbot)
    number = list(idle.grid.panes)[-1]
    idle._view.edit(mode="wipe", second=number)
    idle._remove_pane(number)
    pair = idle.viewing.pair
    assert number not in [pair.second.itemData(place) for place in range(pair.second.count())]
    assert pair.view._picture is not None


def test_every_control_explains_itself(idle: MainWindow) -> None:
    pair, settings = idle.viewing.pair, idle.viewing.pair.settings
    controls = [
        pair.first,
        pair.second,
        pair.swap,
        pair.line,
        settings.blinking,
        settings.rate,
        settings.other,
    ]
    controls += [settings.sign, settings.gain, settings.channel, idle.toolbar.modes.buttons["side by side"]]
    for control in [*controls, idle.toolbar.view_menu]:
        assert control.toolTip(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
        assert control.accessibleName() or control.text(), control
    for button in idle.toolbar.modes.buttons.values():
        assert button.toolTip() != button.text()
    for action in idle.toolbar.view_menu.actions_of_menu():
        assert action.toolTip() != action.text()
        assert action.shortcut().toString()
