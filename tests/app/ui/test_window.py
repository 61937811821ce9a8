"""The whole window with the real engine and the real classifier behind it."""

import gc
import re
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from keepsight.app.engine import photos
from keepsight.app.engine.data import Item
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Setting
from keepsight.app.ui.pane import Pane
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos."""
    folder = tmp_path_factory.mktemp("photos")
    for name in ("cat", "coffee"):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize((300, 240)).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def window(opened, folder: Path) -> Iterator[MainWindow]:
    with opened("imagenet", 1440, 900) as window:
        window.begin([folder], sweep_photos=None, keep=False)
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot) -> MainWindow:
    """The window with nothing running."""
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    window.problems.clear()
    return window


def compressed(window: MainWindow) -> list[Pane]:
    return [pane for number, pane in window.grid.panes.items() if number]


def contents(window: MainWindow):
    return [pane.content for pane in window.grid.panes.values()]


def test_nothing_keeps_the_picture_of_a_pane_that_was_closed(idle, qtbot):
    idle.add_pane(Setting("webp", registry.get("webp").ladder()[1]))
    number = list(idle.grid.panes)[-1]
    qtbot.waitUntil(lambda: not idle.busy and number in idle._shown, timeout=WAIT_MS)
    kept = weakref.ref(idle._shown[number].coded.pixels)
    idle._remove_pane(number)
    qtbot.waitUntil(lambda: not idle.busy and (gc.collect(), kept())[1] is None, timeout=10_000)


def test_photo_classes_and_map_are_there_after_the_start(idle):
    original, *others = contents(idle)
    assert original.rows[0][0] in {"tiger cat", "Egyptian cat", "tabby"}
    assert len(others) == 3
    for content in others:
        assert content.bytes > 100
        assert content.verdict in {"kept", "flipped"}
        assert content.psnr > 15
        assert 0 < content.ssim < 1
        assert len(content.rows) == 3
        assert content.pixels.shape == original.pixels.shape
    assert idle.side.region.figures.values["area"].text().endswith(" %")


def test_an_option_changes_only_the_selected_pane(idle, qtbot):
    number = list(idle.grid.panes)[2]
    before = contents(idle)
    idle.grid.select(number)
    slider = idle.side.form._inputs["quality"].slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    after = contents(idle)
    assert after[2].bytes > 2 * before[2].bytes
    assert "quality 100" in after[2].options
    assert [after[i].bytes for i in (0, 1, 3)] == [before[i].bytes for i in (0, 1, 3)]


def test_another_codec_in_a_pane(idle, qtbot):
    number = list(idle.grid.panes)[3]
    pane = idle.grid.panes[number]
    place = pane.codec.findData("png")
    pane.codec.setCurrentIndex(place)
    pane.codec.activated.emit(place)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert pane.content.codec == "png"
    assert pane.content.verdict == "kept"
    assert np.array_equal(pane.content.pixels, contents(idle)[0].pixels)


def test_panes_are_added_up_to_five_and_removed_again(idle, qtbot):
    for _ in range(2):
        assert idle.toolbar.add_pane_button.isEnabled()
        qtbot.mouseClick(idle.toolbar.add_pane_button, Qt.MouseButton.LeftButton)
    assert len(idle.grid.panes) == 6
    assert not idle.toolbar.add_pane_button.isEnabled()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert all(content.pixels is not None for content in contents(idle))
    for number in list(idle.grid.panes)[4:]:
        idle.grid.panes[number].close_requested.emit()
    assert len(idle.grid.panes) == 4
    assert idle.toolbar.add_pane_button.isEnabled()


def test_the_threshold_moves_the_region_at_once(idle, qtbot):
    shares = []
    for threshold in (10, 50, 90):
        idle.side.region.slider("level").setValue(10 * threshold)
        shares.append(float(idle.side.region.figures.values["area"].text().split()[0]))
    assert shares[0] > shares[1] > shares[2]
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)


def test_another_class_gives_another_map(idle, qtbot):
    combo = idle.side.saliency.target
    before = idle.saliency.importance.values
    combo.activated.emit(2)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    after = idle.saliency.importance
    assert after.target == combo.itemData(2)
    assert not np.array_equal(after.values, before)
    combo.activated.emit(0)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)


def test_another_photo_is_shown_in_every_pane(idle, qtbot):
    before = contents(idle)
    seen = []

    def look(shown):
        """Note what stands in the panes when the new photo has just come."""
        panes = [(pane.content, pane.view.place().isEmpty()) for pane in compressed(idle)]
        seen.append((idle.grid.panes[0].content, panes))

    idle.bench.photo_shown.connect(look)
    idle._library.show(1)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    idle.bench.photo_shown.disconnect(look)
    original, panes = seen[0]
    assert original.pixels is contents(idle)[0].pixels
    assert panes == [(None, True)] * len(panes)  # nothing of the photo before
    after = contents(idle)
    assert after[0].rows[0][0] == "espresso"
    assert all(a.bytes != b.bytes for a, b in zip(after[1:], before[1:], strict=True))


def test_while_another_photo_is_loaded_every_pane_is_marked_as_busy(idle, qtbot, folder):
    held = threading.Event()
    panes = list(idle.grid.panes.values())
    shown = contents(idle)
    other = "cat.png" if shown[0].rows[0][0] == "espresso" else "coffee.png"

    def load():
        held.wait(WAIT_MS / 1000)
        return photos.load(folder / other, None, "slow")

    idle.bench.show_photo(Item("slow", load))
    qtbot.waitUntil(lambda: all(pane.view._busy_shown for pane in panes), timeout=WAIT_MS)
    assert contents(idle) == shown
    held.set()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert not any(pane.view._busy_shown for pane in panes)
    assert all(one.pixels is not old.pixels for one, old in zip(contents(idle), shown, strict=True))

    def lose():
        held.wait(WAIT_MS / 1000)
        raise photos.PhotoError("It is gone.")

    held.clear()
    idle.bench.show_photo(Item("lost", lose))
    qtbot.waitUntil(lambda: panes[0].view._busy_shown, timeout=WAIT_MS)
    held.set()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert not any(pane.view._busy_shown for pane in panes)
    assert "It is gone." in idle.problems
    idle._library.show(0)


def test_a_quick_walk_through_photos_ends_on_the_last_one(idle, qtbot):
    for row in (0, 1, 0, 1, 0):
        idle._library.show(row)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    original, *others = contents(idle)
    assert original.rows[0][0] in {"tiger cat", "Egyptian cat", "tabby"}
    assert all(content.psnr > 10 for content in others)


def test_the_smallest_files_are_those_that_panes_would_show(idle, qtbot):
    idle._library.show(1)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    found = {one.setting.codec: one.limit for one in idle.limits._found.values()}
    assert list(found) == list(dict.fromkeys(s.codec for s in idle._bench.settings.values()))
    row = idle.limit_panel.row("jpeg" if "jpeg" in found else "avif")
    limit = found["jpeg" if "jpeg" in found else "avif"]
    assert f"{limit.outcome.bytes:,.0f} bytes" in row.toolTip()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    number = next(n for n, setting in idle._bench.settings.items() if setting == limit.setting)
    content = idle.grid.panes[number].content
    assert content.bytes == limit.outcome.bytes
    assert content.verdict == "kept"
    shown = {n: idle.grid.panes[n].content for n in idle._bench.settings}
    for kept in (content for content in shown.values() if content.verdict == "kept"):
        told = idle.limit_panel.row(kept.codec).toolTip().split(": ")[1].split(" bytes")[0]
        assert int(told.replace(",", "")) <= kept.bytes, "a pane in sight shows a smaller one"
    idle.limit_panel.goal_combo.setCurrentIndex(2)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert all(one.limit.outcome.bytes <= 2000 for one in idle.limits._found.values() if one.limit.setting)
    idle.limit_panel.goal_combo.setCurrentIndex(0)
    idle._library.show(0)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.problems == []


def test_sweep_shows_all_curves_and_a_click_loads_a_point(idle, qtbot):
    qtbot.mouseClick(idle.toolbar.sweep_button, Qt.MouseButton.LeftButton)
    assert idle.toolbar.sweep_button.text() == "Stop"
    qtbot.waitUntil(lambda: not idle.sweep.running, timeout=2 * WAIT_MS)
    assert idle.toolbar.sweep_button.text() == "Sweep"
    lines = idle.curves.table.as_tsv().splitlines()
    swept = [registry.get(codec_id) for codec_id in idle.sweep.codecs()]
    assert {codec.id for codec in registry.all_codecs().values() if codec.standard} <= {c.id for c in swept}
    assert len(lines) == 1 + sum(len(codec.ladder()) for codec in swept)
    point = registry.get("jpeg").ladder()[1]
    idle.curves.point_clicked.emit("jpeg", point.to_json())
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert Setting("jpeg", point) in idle._bench.settings.values()
    assert idle.problems == []


def test_latency_and_comparison_follow_the_sweep(idle, qtbot):
    panel = idle.latency.panel
    idle.curves.setCurrentWidget(panel)
    idle.sweep.start()
    qtbot.waitUntil(lambda: not idle.busy, timeout=2 * WAIT_MS)
    rows = {curve.codec for curve in idle.latency._curves}
    assert len(rows) > 5
    found = panel.bars._found
    assert {one.point.codec for one in found} | {one.codec for one in panel.bars._left_out} == rows
    assert [one.total for one in found] == sorted(one.total for one in found)
    assert panel.finding.text().startswith("At 1 Mbit/s, ")
    panel.bandwidth_clicked.emit(1e5)
    assert panel.finding.text().startswith("At 100 kbit/s, ")
    lossy = next(
        row for row, one in enumerate(panel.bars._found) if registry.get(one.point.codec).rate_option
    )
    point = panel.bars._found[lossy].point
    qtbot.mouseClick(panel.bars, Qt.MouseButton.LeftButton, pos=panel.bars.row_rect(lossy).center())
    settings = [(s.codec, s.options.to_json()) for s in idle._bench.settings.values()]
    assert (point.codec, point.options) in settings
    tables = idle.curves.tables
    tables.settings.selectAll()
    first, second = tables.settings.model().index(0, 0), tables.settings.model().index(12, 0)
    flags = QItemSelectionModel.SelectionFlag
    tables.settings.selectionModel().select(first, flags.ClearAndSelect | flags.Rows)
    tables.settings.selectionModel().select(second, flags.Select | flags.Rows)
    qtbot.waitUntil(lambda: "On the same 2 photos" in tables.finding.text(), timeout=WAIT_MS)
    tables.view_combo.setCurrentIndex(1)
    qtbot.waitUntil(lambda: tables.codecs.rowCount() > 4, timeout=WAIT_MS)
    assert "2 photos, agreement" in tables.finding.text()
    tables.view_combo.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    qtbot.wait(200)  # a new picture is drawn finely once the view rests
    flips = idle.curves.indexOf(idle.flips.panel)
    original, *coded = idle.grid.panes
    for pane, title in ((original, r"Flips"), (coded[0], r"Flips \(\d+\)")):
        idle.grid.select(pane)
        assert re.fullmatch(title, idle.curves.tabText(flips)), "only what was looked at is counted"
    idle.curves.setCurrentIndex(0)
    assert idle.problems == []


@pytest.mark.parametrize("name", ["toolbar", "status"])
def test_a_stopped_sweep_can_be_resumed(idle, qtbot, name):
    idle.sweep.start()
    button = {"toolbar": idle.toolbar.sweep_button, "status": idle.status.cancel_button}[name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not idle.sweep.running, timeout=WAIT_MS)
    assert idle.toolbar.sweep_button.text() == "Resume"
    qtbot.mouseClick(idle.toolbar.sweep_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not idle.sweep.running, timeout=2 * WAIT_MS)
    assert idle.toolbar.sweep_button.text() == "Sweep"


def test_a_sweep_is_paused_and_goes_on(idle, qtbot):
    idle.sweep.start()
    qtbot.mouseClick(idle.toolbar.pause_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: idle.status._text.text().startswith("Sweep paused: "), timeout=WAIT_MS)
    assert idle.toolbar.pause_button.text() == "Go on"
    assert idle.sweep.running
    qtbot.mouseClick(idle.toolbar.pause_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not idle.sweep.running, timeout=2 * WAIT_MS)
    qtbot.waitUntil(lambda: not idle.toolbar.pause_button.isVisible())


def test_a_bad_file_is_a_sentence_and_the_good_one_is_shown(idle, qtbot, tmp_path, folder):
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.png").write_text("no photo")
    paths = [tmp_path / "empty.jpg", tmp_path / "text.png", tmp_path / "gone.png", folder / "coffee.png"]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter, drop = QDragEnterEvent(QPoint(5, 5), *how), QDropEvent(QPointF(5, 5), *how)
    QApplication.sendEvent(idle, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(idle, drop)
    qtbot.waitUntil(lambda: "gone.png" in " ".join(idle.problems), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "“empty.jpg” is empty" in " ".join(idle.problems), timeout=WAIT_MS)
    # Nothing of the photo before stays beside the sentence.
    assert set(contents(idle)) == {None}
    assert idle._library.turn_to(str(folder / "coffee.png"))
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert contents(idle)[0].rows[0][0] == "espresso"


def test_a_pasted_picture_is_opened(idle, qtbot):
    image = QImage(64, 48, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    image.setPixelColor(1, 2, Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    idle.opening.paste()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    pixels = contents(idle)[0].pixels
    assert pixels.shape == (48, 64, 3)
    assert tuple(pixels[2, 1]) == (255, 0, 0)
    assert tuple(pixels[0, 0]) == (255, 255, 255)


def test_a_classifier_that_cannot_be_loaded_leaves_the_old_one_in_use(idle, qtbot, tmp_path):
    card = tmp_path / "broken.toml"
    card.write_text("name = 'x'")
    idle.classifiers.use(str(card))
    qtbot.waitUntil(lambda: bool(idle.problems) and not idle.busy, timeout=WAIT_MS)
    assert idle.toolbar.classifier.currentData() == "imagenet"
    assert idle._bench.judge.card.id == "imagenet"
    assert contents(idle)[1].rows


def test_another_classifier_reads_everything_again(idle, qtbot):
    idle.classifiers.use("scenes")
    qtbot.waitUntil(lambda: not idle.busy and idle._bench.judge.card.id == "scenes", timeout=WAIT_MS)
    names = set(idle._bench.judge.card.class_names)
    assert all(row[0] in names for content in contents(idle) for row in content.rows)
    assert idle.curves.table.as_tsv().count("\n") <= 1  # the curves were another classifier's
    place = idle.photos.group.findText("Scenes", Qt.MatchFlag.MatchStartsWith)
    idle.photos.group.setCurrentIndex(place)
    idle.photos.group.activated.emit(place)
    qtbot.waitUntil(lambda: not idle.busy and idle.photos.shown_group() == "Scenes", timeout=WAIT_MS)
    assert contents(idle)[0].width == 224
    assert idle.problems == []


def test_a_crash_of_the_classifiers_process_costs_a_sentence_only(idle, qtbot):
    idle._bench._process._process.kill()
    idle._library.show(0)
    qtbot.waitUntil(lambda: any("ended by itself" in problem for problem in idle.problems), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    idle._library.show(1)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert all(content.rows for content in contents(idle))


def test_keys_select_panes_and_zoom(idle, qtbot):
    idle.activateWindow()
    qtbot.waitUntil(idle.isActiveWindow)
    numbers = list(idle.grid.panes)
    for key, place in ((Qt.Key.Key_1, 0), (Qt.Key.Key_4, 3)):
        qtbot.keyClick(idle, key)
        assert idle.grid.selection == numbers[place]
    qtbot.keyClick(idle, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert idle._view.extent == contents(idle)[0].width / idle.devicePixelRatioF()
    qtbot.keyClick(idle, Qt.Key.Key_F)
    assert idle._view.extent is None
