"""The region of interest in the whole window, drawn with the mouse, read by the real classifier."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Setting
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 60_000
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("regions")
    for name in ("cat", "coffee"):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize((300, 240)).save(folder / f"{name}.png")
    Image.new("RGB", (300, 240), (90, 90, 90)).save(folder / "grey.png")
    Image.new("RGB", (1, 1)).save(folder / "one.png")
    return folder


@pytest.fixture(scope="module")
def window(opened, folder: Path) -> Iterator[MainWindow]:
    with opened("imagenet", 1440, 900) as window:
        window.begin([folder], sweep_photos=None, keep=False)
        window._sweep_at_start = False
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot) -> Iterator[MainWindow]:
    """The window with the cat, nothing running and nothing drawn."""
    show(window, qtbot, "cat.png")
    window.region._commit()
    while window.region._history.can_undo:
        window.region.undo()
    window.region.tool.take(None)
    window._view.fit()
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    window.problems.clear()
    yield window
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)


def show(window: MainWindow, qtbot, name: str) -> None:
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    window._library.show(next(i for i, item in enumerate(window._library._items) if item.name == name))
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)


def at(view: ImageView, x: float, y: float) -> QPoint:
    whole = view.place()
    return QPoint(round(whole.left() + x * whole.width()), round(whole.top() + y * whole.height()))


def drag(view: ImageView, *points: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(view, button, pos=at(view, *points[0]))
    for point in points[1:]:
        QTest.mouseMove(view, at(view, *point))
    QTest.mouseRelease(view, button, pos=at(view, *points[-1]))


def view_of(window: MainWindow, place: int) -> ImageView:
    return list(window.grid.panes.values())[place].view


def area(window: MainWindow) -> float:
    return float(window.side.region.figures.values["area"].text().split()[0].strip("<"))


def said(window: MainWindow, key: str) -> str:
    return window.side.region.figures.values[key].text()


def test_what_the_region_keeps_is_told(idle: MainWindow) -> None:
    assert said(idle, "whole").split(" %")[0][-2:].isdigit()
    assert said(idle, "inside") != "–"
    assert said(idle, "outside") != "–"
    assert "region alone" in idle.side.region.figures.sentence.text()


def test_without_its_map_nothing_is_said_of_the_region(idle: MainWindow, qtbot, monkeypatch) -> None:
    job, ready = idle.bench.attention._job, threading.Event()
    explain = job._work

    def slow(request):
        ready.wait(WAIT_MS / 1000)
        yield from explain(request)

    monkeypatch.setattr(job, "_work", slow)
    figures = idle.side.region.figures
    idle._library.show(next(i for i, item in enumerate(idle._library._items) if item.name == "coffee.png"))
    try:
        qtbot.waitUntil(lambda: idle.bench.attention.busy and not idle.bench._photo.busy, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: not (idle.bench.panes_busy or idle.region.busy), timeout=WAIT_MS)
        qtbot.waitUntil(lambda: not idle.region._measuring._job.busy, timeout=WAIT_MS)
        assert {value.text() for value in figures.values.values()} == {"–"}
        assert figures.sentence.text() == "Waiting for the map."
    finally:
        ready.set()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert area(idle) > 0
    assert said(idle, "inside") != "–"
    assert "map" not in figures.sentence.text()


def test_without_any_map_a_painted_region_is_measured(idle: MainWindow, qtbot) -> None:
    idle.saliency.show(None)
    assert said(idle, "area") == "–"
    assert "no map" in idle.side.region.figures.sentence.text()
    idle.region.tool.take("add rectangle")
    drag(view_of(idle, 0), (0.2, 0.2), (0.5, 0.6))
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert area(idle) > 5
    assert said(idle, "inside") != "–"
    idle.bench.attention.look_at(idle.bench.photo, idle.bench.judge)


def test_bytes_are_counted_in_a_jpeg_and_estimated_elsewhere(idle: MainWindow, qtbot) -> None:
    for place, codec in ((1, "AVIF"), (3, "JPEG")):
        idle.grid.select(list(idle.grid.panes)[place])
        qtbot.waitUntil(lambda codec=codec: codec in said(idle, "bytes"), timeout=WAIT_MS)
        assert said(idle, "bytes").startswith("≈") == (codec == "AVIF")
    idle.grid.select(0)
    qtbot.waitUntil(lambda: said(idle, "bytes") == "–", timeout=WAIT_MS)


def test_brush_and_eraser_on_any_pane_and_undo(idle: MainWindow, qtbot) -> None:
    before = area(idle)
    idle.side.region._tools["brush"].click()
    drag(view_of(idle, 2), (0.05, 0.05), (0.3, 0.05), (0.6, 0.08))
    brushed = area(idle)
    assert brushed > before
    assert len(idle.region.region.strokes) == 1
    idle.side.region._tools["eraser"].click()
    idle.region.tool.set_radius(10)
    drag(view_of(idle, 0), (0.5, 0.5), (0.5, 0.6))
    assert area(idle) < brushed
    qtbot.keyClick(idle, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    idle.side.region.undo_button.click()
    if idle.region.region.strokes:  # without a window manager the key may not arrive
        idle.side.region.undo_button.click()
    assert area(idle) == before
    idle.side.region.redo_button.click()
    assert area(idle) == brushed


def test_rectangles_add_and_remove(idle: MainWindow) -> None:
    idle.side.region.slider("level").setValue(1000)
    idle.region._commit()
    idle.side.region._tools["add rectangle"].click()
    drag(view_of(idle, 1), (0.5, 1.0), (0.0, 0.5))
    assert area(idle) == pytest.approx(25, abs=1.5)
    idle.side.region._tools["remove rectangle"].click()
    drag(view_of(idle, 1), (0.25, 0.5), (0.5, 1.0))
    assert area(idle) == pytest.approx(12.5, abs=1.5)
    count = len(idle.region.region.strokes)
    drag(view_of(idle, 1), (0.5, 0.5))  # a click is no rectangle
    assert len(idle.region.region.strokes) == count
    idle.side.region.clear_button.click()
    assert idle.region.region.strokes == ()


def test_the_middle_button_moves_the_picture_while_a_tool_is_chosen(idle: MainWindow) -> None:
    idle.region.tool.take("brush")
    view = view_of(idle, 0)
    view.zoom_at(view.rect().center().toPointF(), 4)
    centre = idle._view.centre
    drag(view, (0.5, 0.5), (0.52, 0.5), button=MIDDLE)
    assert idle._view.centre != centre
    assert idle.region.region.strokes == ()
    idle._view.fit()


def test_a_drag_of_a_slider_is_one_step(idle: MainWindow) -> None:
    slider = idle.side.region.slider("grow")
    before = idle.region.region
    slider.setSliderDown(True)
    for place in range(1, 20):
        slider.setValue(place)
    slider.setSliderDown(False)
    assert idle.region.region.grow == 19 / 4
    idle.side.region.undo_button.click()
    assert idle.region.region == before
    assert slider.value() == 0


def test_classes_are_joined(idle: MainWindow, qtbot) -> None:
    idle.side.region.slider("level").setValue(500)
    one = area(idle)
    idle.side.region.join_button.click()
    assert len(idle.region.region.joined) == 1
    assert area(idle) == one
    assert not idle.side.region.join_button.isEnabled()
    attention = idle._bench.attention
    attention.ask(attention.method, 967)
    qtbot.waitUntil(lambda: idle.saliency.importance.target == 967, timeout=WAIT_MS)
    assert area(idle) > one
    idle.side.region.shown.setChecked(False)
    assert area(idle) == one
    attention.ask(attention.method, None)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)


def test_guided_codecs_follow_the_region(idle: MainWindow, qtbot) -> None:
    number = list(idle.grid.panes)[2]
    idle._set(number, Setting("roi-jpeg", registry.get("roi-jpeg").options(mode="remove", quality=90)))
    idle.grid.select(number)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    own = idle.grid.panes[number].content.bytes
    idle.side.region.slider("level").setValue(1000)
    idle.side.region.follow.setCurrentIndex(1)
    qtbot.waitUntil(lambda: not idle.busy and idle._bench.region is not None, timeout=WAIT_MS)
    few = idle.grid.panes[number].content.bytes
    assert few < own
    idle.region.tool.take("add rectangle")
    drag(view_of(idle, 2), (0.0, 0.0), (1.0, 1.0))
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.grid.panes[number].content.bytes > own
    assert said(idle, "bytes") == "100 % of ROI JPEG"
    with qtbot.waitSignal(idle.exports.said) as copied:
        idle.exports.copy_encode()
    assert copied.args[0].startswith("Save the region if it has changed: the command reads “")
    idle.side.region.follow.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.grid.panes[number].content.bytes == own


def test_a_region_is_kept_beside_the_photo_and_comes_back(idle: MainWindow, qtbot, folder: Path) -> None:
    idle.region.tool.take("brush")
    drag(view_of(idle, 0), (0.1, 0.9), (0.9, 0.9))
    idle.side.region.slider("island").setValue(10)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    region, share = idle.region.region, area(idle)
    idle.side.region.save_button.click()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert {"cat.roi.png", "cat.roi.json"} <= {file.name for file in folder.iterdir()}
    with Image.open(folder / "cat.roi.png") as image:
        assert 100 * np.mean(np.array(image) > 0) == pytest.approx(share, abs=1)
    show(idle, qtbot, "coffee.png")
    assert idle.region.region.strokes == ()
    idle.region._kept.clear()  # as in a session that has not seen the photo yet
    show(idle, qtbot, "cat.png")
    assert idle.region.region == region
    assert "“cat.roi.png” is loaded" in idle.curves.log.toPlainText()
    for file in folder.glob("cat.roi.*"):
        file.unlink()
    assert idle.problems == []


def test_a_mask_of_another_size_is_a_sentence_and_the_last_one_stays(
    idle: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, share = idle.region.region, area(idle)
    Image.new("L", (30, 24), 255).save(tmp_path / "small.png")
    half = Image.new("L", (300, 240), 0)
    half.paste(255, (0, 0, 150, 240))
    half.save(tmp_path / "half.png")
    for name, told in (("small.png", "30 × 24 pixels"), ("gone.png", "There is no file")):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, name=name: (str(tmp_path / name), ""))
        idle.side.region.load_button.click()
        qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
        assert told in idle.problems[-1]
        assert (idle.region.region, area(idle)) == (before, share)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "half.png"), ""))
    idle.side.region.load_button.click()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert area(idle) == 50
    idle.side.region.clear_button.click()
    idle.side.region.undo_button.click()
    assert area(idle) == 50


def test_a_constant_photo_and_one_of_one_pixel(idle: MainWindow, qtbot) -> None:
    for name in ("grey.png", "one.png"):
        show(idle, qtbot, name)
        for mode in (1, 0):
            idle.side.region.mode.setCurrentIndex(mode)
        idle.region.tool.take("add rectangle")
        drag(view_of(idle, 0), (0.0, 0.0), (1.0, 1.0))
        qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
        assert area(idle) == 100
        assert idle.side.region.figures.sentence.text().endswith("all that the classifier sees.")
    assert idle.problems == []
