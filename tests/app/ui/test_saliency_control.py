"""Maps over the pictures, with the real workbench and classifier behind them."""

import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication, QLabel

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Setting
from keepsight.app.ui.colour_maps import COLOUR_MAPS, DIFFERENCE
from keepsight.app.ui.contents import compressed_content
from keepsight.app.ui.elided_label import PartsLabel
from keepsight.app.ui.pane_grid import PaneGrid
from keepsight.app.ui.saliency_control import SaliencyControl
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.app.ui.view_state import ViewState
from keepsight.app.worker.jobs import ORIGINAL, Opened
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

WAIT_MS = 150_000
"""The first map waits until its process has loaded what it needs: long where the machine is busy."""
TABBY = 281


class Bench:
    """The part of the window that has to do with maps."""

    def __init__(self) -> None:
        self.work = Workbench()
        self.grid = PaneGrid(ViewState(), [("Standard", [("jpeg", "JPEG")])])
        self.panel = SaliencyPanel()
        self.control = SaliencyControl(self.work, self.grid, self.panel, self.work)
        self.said: list[str] = []
        self.control.said.connect(lambda sentence, _: self.said.append(sentence))
        self.items: list[Opened] = []
        self.work.opened.connect(self.items.append)
        self.changes = 0
        self.control.importance_changed.connect(self._count)
        self.work.pane_shown.connect(self._show)
        self.panel.show()
        self.grid.show()

    def _count(self) -> None:
        self.changes += 1

    def _show(self, number: int, shown) -> None:
        self.grid.panes[number].set_content(compressed_content(shown, None))

    def add_jpeg(self, quality: int) -> int:
        codec = registry.get("jpeg")
        number = self.work.add_pane(Setting("jpeg", codec.options(quality=quality)))
        self.grid.add(number)
        return number

    def figures(self, number: int) -> str:
        return self.grid.panes[number].findChildren(PartsLabel)[1].text()

    def drawn(self, number: int):
        return self.grid.panes[number].view._overlay

    def note(self) -> str:
        return " ".join(
            label.text()
            for label in self.panel.findChildren(QLabel)
            if label.wordWrap() and not label.isHidden()
        )

    def choose(self, combo, data) -> None:
        combo.setCurrentIndex(combo.findData(data))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos with labels, and one that shows nothing."""
    folder = tmp_path_factory.mktemp("photos")
    for name in ("cat", "coffee"):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize((200, 160)).save(folder / f"{name}.png")
    Image.new("RGB", (1, 1), "grey").save(folder / "one.png")
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "class_index"])
        writer.writerows([("cat.png", TABBY), ("coffee.png", 967), ("one.png", 0)])
    return folder


@pytest.fixture(scope="module")
def loaded(qapp: QApplication, folder: Path) -> Iterator[Bench]:
    bench = Bench()
    barrier = threading.Barrier(5)  # all threads start now: no test is blamed for one that starts later
    for _ in range(4):
        bench.work._pool.submit(barrier.wait)
    barrier.wait()
    bench.work.use_judge("imagenet", "cpu")
    bench.work.open("Your photos", [folder])
    yield bench
    bench.work.close()
    bench.panel.close()
    bench.grid.close()


@pytest.fixture
def bench(loaded: Bench, qtbot) -> Bench:
    """The bench with the cat, three panes and the settings of the start."""
    wait(loaded, qtbot)
    qtbot.waitUntil(lambda: bool(loaded.items) and loaded.work.judge is not None, timeout=WAIT_MS)
    panel = loaded.panel
    panel.view.setCurrentIndex(0)
    panel.colours.setCurrentIndex(0)
    panel.show_overlay.setChecked(True)
    loaded.choose(panel.map, "grad-cam")
    panel.target._choose(None)
    while len(loaded.grid.panes) < 3:
        loaded.add_jpeg(5 if len(loaded.grid.panes) == 1 else 95)
    show(loaded, "cat.png", qtbot)
    loaded.said.clear()
    return loaded


def wait(bench: Bench, qtbot) -> None:
    qtbot.waitUntil(lambda: not bench.work.busy, timeout=WAIT_MS)
    QApplication.processEvents()


def show(bench: Bench, name: str, qtbot) -> None:
    bench.work.show_photo(next(item for item in bench.items[0].items if item.name == name))
    wait(bench, qtbot)


def test_the_originals_map_lies_over_every_picture(bench, qtbot):
    assert bench.control.method() == "grad-cam"
    assert bench.control.target() is None
    assert bench.control.importance.method == "grad-cam"
    pictures = [bench.drawn(number) for number in bench.grid.panes]
    assert all(picture == pictures[0] for picture in pictures)
    assert bench.panel.bar.texts()[2].startswith("high ")
    assert "map" not in bench.figures(1)


def test_each_pictures_own_map_and_how_alike_it_is(bench, qtbot):
    bench.choose(bench.panel.view, "own")
    assert bench.figures(1).startswith("map …")
    wait(bench, qtbot)
    poor, good = (float(bench.figures(number).split()[1]) for number in (1, 2))
    assert poor < good <= 1
    assert bench.drawn(1) != bench.drawn(ORIGINAL)
    own = bench.control.maps.own
    assert own[1].importance.target == own[2].importance.target == bench.control.importance.target
    maximum = float(bench.control.importance.values.max())
    expected = COLOUR_MAPS["viridis"].coloured(own[1].importance.values, maximum)
    assert bench.drawn(1) == expected
    tip = bench.grid.panes[1].findChildren(PartsLabel)[1].toolTip()
    assert "correlation" in tip
    assert "(SIM)" in tip


def test_the_difference_has_its_own_colours_on_one_scale(bench, qtbot):
    bench.choose(bench.panel.view, "difference")
    wait(bench, qtbot)
    original, own = bench.control.importance.values, bench.control.maps.own
    differences = {number: own[number].importance.values - original for number in (1, 2)}
    largest = max(float(np.abs(values).max()) for values in differences.values())
    for number, values in differences.items():
        assert bench.drawn(number) == DIFFERENCE.coloured(values, largest)
    assert bench.drawn(ORIGINAL) is None
    assert bench.panel.bar.texts()[1] == "0"
    bench.choose(bench.panel.view, "original")
    assert "map" not in bench.figures(1)
    assert bench.control.maps.own == {}


def test_a_pane_that_changes_gets_its_map_anew_and_the_others_keep_theirs(bench, qtbot):
    bench.choose(bench.panel.view, "own")
    wait(bench, qtbot)
    before = {number: bench.control.maps.own[number].importance for number in (1, 2)}
    changes = bench.changes
    codec = registry.get("jpeg")
    bench.work.set_setting(1, Setting("jpeg", codec.options(quality=20)))
    wait(bench, qtbot)
    own = bench.control.maps.own
    assert own[1].importance is not before[1]
    assert own[2].importance is before[2]
    assert bench.changes == changes
    bench.work.set_setting(1, Setting("jpeg", codec.options(quality=5)))
    wait(bench, qtbot)


def test_a_mix_follows_its_weights(bench, qtbot):
    bench.choose(bench.panel.map, "mix")
    wait(bench, qtbot)
    before = bench.control.importance.values
    for tenths in (12, 20, 30):
        bench.panel.mix.rows["edges"].slider.setValue(tenths)
    wait(bench, qtbot)
    assert bench.control.method() == "grad-cam+edges*3"
    assert not np.array_equal(bench.control.importance.values, before)
    assert bench.said == []


def test_the_true_class_follows_the_photo(bench, qtbot):
    bench.panel.target._choose("true")
    wait(bench, qtbot)
    assert bench.control.target() == bench.control.importance.target == TABBY
    show(bench, "coffee.png", qtbot)
    assert bench.panel.target.currentText().startswith("true: espresso")
    assert bench.control.target() == bench.control.importance.target == 967


def test_a_class_out_of_range_is_a_sentence_and_the_last_map_stays(bench, qtbot):
    before = bench.control.importance
    bench.work.attention.ask("grad-cam", 1000)
    wait(bench, qtbot)
    assert "There is no class 1000" in bench.note()
    assert bench.note().endswith("The map before stays.")
    assert bench.said
    assert bench.control.importance is before
    bench.choose(bench.panel.map, "edges")
    wait(bench, qtbot)
    assert bench.note() == ""
    assert bench.control.importance.method == "edges"


def test_no_map_of_another_photo_is_ever_shown(bench, qtbot):
    seen = []

    def note() -> None:
        importance = bench.control.importance
        photo = bench.work.photo.pixels.shape[:2]
        seen.append(importance is None or importance.values.shape == photo)

    bench.control.importance_changed.connect(note)
    for name in ("one.png", "coffee.png", "one.png"):
        show(bench, name, qtbot)
    bench.control.importance_changed.disconnect(note)
    assert len(seen) >= 6
    assert all(seen)
    assert bench.control.importance.values.shape == (1, 1)


def test_a_map_of_nothing_says_so(bench, qtbot):
    bench.choose(bench.panel.map, "edges")
    show(bench, "one.png", qtbot)
    assert "zero everywhere" in bench.note()
    assert bench.panel.bar.texts()[2] == "high 0"
    show(bench, "cat.png", qtbot)
    assert bench.note() == ""


def test_a_hidden_overlay_costs_no_maps_of_panes(bench, qtbot):
    bench.panel.show_overlay.setChecked(False)
    bench.choose(bench.panel.view, "own")
    wait(bench, qtbot)
    assert bench.control.maps.own == {}
    assert all(bench.drawn(number) is None for number in bench.grid.panes)
    bench.panel.show_overlay.setChecked(True)
    wait(bench, qtbot)
    assert set(bench.control.maps.own) == {1, 2}
