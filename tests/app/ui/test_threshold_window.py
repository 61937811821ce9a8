"""The threshold sweep in the whole window, with the real engine and the real classifier behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.threshold import THRESHOLDS, threshold_of
from keepsight.app.ui import threshold_words
from keepsight.app.ui.classifier_control import NO_JUDGE
from keepsight.app.ui.window import MainWindow

WAIT_MS = 120_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for sample in SAMPLES[:4]:
        Image.open(sample.path).convert("RGB").resize((240, 200)).save(folder / f"{sample.name}.png")
    return folder


@pytest.fixture(scope="module")
def window(opened, folder: Path) -> Iterator[MainWindow]:
    with opened("imagenet") as window:
        window.threshold.start_photo()
        assert window.threshold.panel.hint.text() == threshold_words.NO_PHOTO
        window.threshold.start_all()
        assert window.threshold.panel.hint.text() == NO_JUDGE
        window.begin([folder], sweep_photos=None, keep=False)
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot) -> MainWindow:
    """The window with nothing running, the first compressed pane selected and the tab open."""
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    window.problems.clear()
    window.grid.select(list(window.grid.panes)[1])
    window.curves.setCurrentWidget(window.threshold.panel)
    return window


def finding(window: MainWindow) -> str:
    return window.threshold.panel.finding.text()


def click(window: MainWindow, qtbot, threshold: float) -> None:
    plot = window.threshold.panel.plot
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(threshold))


def test_a_click_sets_the_panes_own_threshold_and_the_regions(idle: MainWindow, qtbot) -> None:
    number = idle.grid.selection
    idle._set_codec(number, "roi-jpeg")
    idle.threshold.panel.photo_button.click()
    assert idle.threshold.panel.stop_button.isEnabled()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert not idle.threshold.panel.stop_button.isEnabled()
    assert "threshold" in finding(idle)
    points = idle.threshold.panel.plot._view.points
    assert [point.threshold for point in points] == list(THRESHOLDS)
    assert points[0].figures.mean_bytes > points[-1].figures.mean_bytes
    click(idle, qtbot, 0.6)
    assert threshold_of(idle._bench.settings[number]) == 0.6
    assert idle.side.form.values()["threshold"] == 0.6
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    # What the pane shows now is what the curve said.
    assert len(idle._shown[number].coded.data) == points[12].figures.mean_bytes
    assert idle.threshold.panel.plot._now.value() == 0.6
    assert idle.problems == []


def test_a_plain_codec_has_its_background_removed_and_keeps_its_setting(idle: MainWindow, qtbot) -> None:
    number = idle.grid.selection
    idle._set_codec(number, "jpeg")
    before = idle._bench.settings[number]
    chosen: list[float] = []
    idle.threshold.threshold_chosen.connect(chosen.append)
    idle.threshold.start_photo()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    points = idle.threshold.panel.plot._view.points
    assert points[0].figures.mean_bytes == len(idle._shown[number].coded.data)
    assert points[0].setting.codec.startswith("roi-background:mode=remove")
    click(idle, qtbot, 0.25)
    assert chosen == [0.25]
    assert idle._bench.settings[number] == before
    assert idle.threshold.threshold() == 0.25, "the region's own slider has not moved"
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)


def test_all_photos_while_the_other_sweep_runs(idle: MainWindow, qtbot) -> None:
    idle._set_codec(idle.grid.selection, "jpeg")
    idle.sweep.start()
    idle.curves.setCurrentWidget(idle.threshold.panel)
    idle.threshold.panel.all_button.click()
    qtbot.waitUntil(lambda: not idle.threshold.running, timeout=WAIT_MS)
    idle.sweep.stop()
    assert finding(idle).startswith("At ")
    assert "keep their class" in finding(idle)
    assert all(point.figures.photos == 4 for point in idle.threshold.panel.plot._view.points)
    first = finding(idle)
    idle._set_codec(idle.grid.selection, "roi-jpeg")  # has a threshold of its own
    assert finding(idle) != first
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.problems == []


def test_a_later_start_goes_on_where_it_was_stopped(idle: MainWindow, qtbot, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(type(idle.sweep), "store", property(lambda _: tmp_path / "rows.sqlite"))
    idle._set_codec(idle.grid.selection, "layered-roi")
    idle.threshold.start_all()
    qtbot.waitUntil(lambda: "Layered" in idle.threshold.panel.plot._subject, timeout=WAIT_MS)
    idle.threshold.panel.stop_button.click()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.threshold._state.photos_done < 4
    assert "stopped" in idle.threshold.panel.plot._subject
    idle.threshold.start_all()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.threshold._state.photos_done == 4
    idle.threshold.start_all()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.threshold._state.images_per_s > 100, "stored rows were measured again"


def test_the_original_has_no_threshold_and_another_photo_no_curve(idle: MainWindow, qtbot) -> None:
    idle.threshold.start_photo()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert finding(idle)
    idle._library.show(2)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert finding(idle) == ""
    idle.grid.select(0)
    idle.threshold.start_photo()
    assert idle.threshold.panel.hint.text() == threshold_words.NO_PANE
    assert idle.problems == [threshold_words.NO_PANE]
