"""The rate player in the whole window, with real codecs and no classifier."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Setting
from keepsight.app.ui.player_bar import ENDINGS, SPEEDS
from keepsight.app.ui.rate_player import at_step, ladder, nearest, next_step
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("photos")
    for name in ("cat", "coffee"):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize((150, 120)).save(folder / f"{name}.png")
    with opened("imagenet", 1280, 800) as window:
        window.open([Path(folder)])
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window with the JPEG pane selected, the fastest speed and a film that runs once."""
    qtbot.waitUntil(lambda: not window.busy and bool(window._library._items), timeout=WAIT_MS)
    window.grid.select(list(window.grid.panes)[3])
    window.player.bar.subject.setCurrentIndex(0)
    window.player.bar.speed.setCurrentIndex(len(SPEEDS) - 1)
    window.player.bar.ending.setCurrentIndex(ENDINGS.index("stop"))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    window.player.close()
    window.presenting.leave()
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)


def press(window: MainWindow) -> None:
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)


def test_the_film_shows_every_step_in_turn_and_stops_at_the_end(idle: MainWindow, qtbot: QtBot) -> None:
    player, number = idle.player, idle.grid.selection
    rungs = ladder(idle._bench.settings[number])
    player.open()
    player.go(len(rungs) - 4)
    qtbot.waitUntil(lambda: player.there, timeout=WAIT_MS)
    shown: list[tuple[str, Setting]] = []

    def note(pane: int, result) -> None:
        if pane == number and result.psnr is not None:
            shown.append((player.bar.place.text(), result.request.setting))

    idle._bench.pane_shown.connect(note)
    press(idle)
    assert player.playing
    qtbot.waitUntil(lambda: not player.playing, timeout=WAIT_MS)
    idle._bench.pane_shown.disconnect(note)
    assert [setting for _, setting in shown] == rungs[-3:]
    count = len(rungs)
    assert [text for text, _ in shown] == [f"{place} of {count}" for place in (count - 2, count - 1, count)]
    assert idle.grid.panes[number].content.options == rungs[-1].options.in_words()
    assert player.bar.step.value() == count - 1


def test_it_waits_for_a_picture_that_takes_long(idle: MainWindow, qtbot: QtBot) -> None:
    player = idle.player
    player.open()
    player.go(0)
    held = threading.Event()
    for _ in range(4):  # nothing is compressed while every thread of the pool waits
        idle._bench._pool.submit(held.wait)
    player.play(True)
    qtbot.waitUntil(lambda: player.step == 0 or player.step == 1)
    asked: list[int] = []
    for _ in range(12):
        QTest.qWait(50)
        asked.append(player.step)
    held.set()
    assert max(asked) <= 1  # the first picture was there already at most
    qtbot.waitUntil(lambda: player.step >= 2, timeout=WAIT_MS)
    player.play(False)


def test_it_follows_another_photo(idle: MainWindow, qtbot: QtBot) -> None:
    player = idle.player
    player.open()
    player.go(3)
    idle.photos.step(1 if idle.photos.current() == 0 else -1)
    player.go(4)
    qtbot.waitUntil(lambda: not idle.busy and player.there, timeout=WAIT_MS)
    assert idle.grid.panes[idle.grid.selection].content.width == idle.grid.panes[0].content.width


def test_a_scrubbed_slider_asks_for_the_newest_step_alone(idle: MainWindow, qtbot: QtBot) -> None:
    player, number = idle.player, idle.grid.selection
    player.open()
    for step in (1, 6, 2, 7, 4):
        player.bar.step.setValue(step)
    qtbot.waitUntil(lambda: player.there, timeout=WAIT_MS)
    rungs = ladder(idle._bench.settings[number])
    assert idle._bench.settings[number] == rungs[4]
    assert player.bar.place.text() == f"5 of {len(rungs)}"


def test_all_panes_move_together_smallest_to_largest(idle: MainWindow, qtbot: QtBot) -> None:
    player = idle.player
    player.bar.subject.setCurrentIndex(1)
    player.open()
    for step, place in ((0, 0), (player.count - 1, -1)):
        player.go(step)
        qtbot.waitUntil(lambda: player.there, timeout=WAIT_MS)
        for setting in idle._bench.settings.values():
            assert setting == ladder(setting)[place]


def test_beside_a_selected_original_the_first_pane_moves_and_is_selected(idle: MainWindow) -> None:
    original, first = list(idle.grid.panes)[:2]
    others = {number: one for number, one in idle._bench.settings.items() if number != first}
    idle.grid.select(original)
    idle.player.open()
    assert idle.grid.selection == first
    idle.grid.select(original)
    idle.player.go(1)
    settings = idle._bench.settings
    assert settings[first] == ladder(settings[first])[1]
    assert {number: settings[number] for number in others} == others


def test_it_plays_on_in_full_screen_and_with_another_photo(idle: MainWindow, qtbot: QtBot) -> None:
    player = idle.player
    player.bar.ending.setCurrentIndex(ENDINGS.index("loop"))
    idle.presenting.begin()
    press(idle)
    assert player.playing
    assert player.bar.isVisible()
    idle._library.show(1)
    step = player.step
    qtbot.waitUntil(lambda: player.step != step and player.there, timeout=WAIT_MS)
    assert player._shown[idle.grid.selection].request.photo is idle._bench.photo
    press(idle)
    assert not player.playing
    idle._library.show(0)


def test_a_codec_of_one_size_is_not_played_but_explained(idle: MainWindow, qtbot: QtBot) -> None:
    number, before = idle.grid.selection, idle._bench.settings[idle.grid.selection]
    idle._set(number, Setting("png", registry.get("png").options()))
    idle.player.play(True)
    assert not idle.player.playing
    assert not idle.player.bar.play.isEnabled()
    assert "one size" in idle.problems[-1]
    idle._set(number, before)
    assert idle.player.bar.play.isEnabled()


def test_a_setting_that_others_change_moves_the_slider(idle: MainWindow) -> None:
    idle.player.open()
    number = idle.grid.selection
    rungs = ladder(idle._bench.settings[number])
    idle._set(number, rungs[3])
    assert idle.player.bar.step.value() == 3


def test_a_codec_with_fewer_rates_is_followed_from_the_last_step(idle: MainWindow) -> None:
    number, player = idle.grid.selection, idle.player
    player.open()
    player.go(player.count - 1)
    shorter = registry.get("block-average")
    assert len(shorter.ladder_values) < player.count
    idle._set_codec(number, shorter.id)
    assert player.bar.step.maximum() == len(shorter.ladder_values) - 1
    idle._set_codec(number, "jpeg")


def test_what_follows_a_step() -> None:
    assert next_step(1, 1, 3, "stop") == (2, 1)
    assert next_step(2, 1, 3, "stop") is None
    assert next_step(2, -1, 3, "loop") == (0, 1)
    assert next_step(2, 1, 3, "bounce") == (1, -1)
    assert next_step(0, -1, 2, "bounce") == (1, 1)


def test_a_short_ladder_is_spread_over_the_steps_of_a_long_one() -> None:
    codec = registry.get("block-average")
    setting = Setting(codec.id, codec.options())
    rungs = ladder(setting)
    places = [rungs.index(at_step(setting, step, 20)) for step in range(20)]
    assert places[0] == 0
    assert places[-1] == len(rungs) - 1
    assert places == sorted(places)
    assert all(nearest(rung) == place for place, rung in enumerate(rungs))
