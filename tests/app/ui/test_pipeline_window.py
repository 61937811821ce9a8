"""Pipelines and guides in the whole window, with the real codecs and the real classifier."""

from collections.abc import Iterator

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Setting
from keepsight.app.ui.pane import Pane
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """The window with a photo and without a classifier."""
    photo = tmp_path_factory.mktemp("photos") / "cat.png"
    sample = next(sample for sample in SAMPLES if sample.name == "cat")
    Image.open(sample.path).convert("RGB").resize((300, 240)).save(photo)
    with opened("imagenet", 1024, 640) as window:
        window.sweep.keep = False
        window.open([photo])
        yield window


@pytest.fixture
def first(window: MainWindow, qtbot) -> Pane:
    """The first compressed pane, selected, with plain AVIF, and nothing running."""
    number = list(window.grid.panes)[1]
    window._set_codec(number, "avif")
    window.grid.select(number)
    wait(window, qtbot)
    window.problems.clear()
    return window.grid.panes[number]


def wait(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(lambda: window._bench.photo is not None and not window.busy, timeout=WAIT_MS)


def setting(window: MainWindow) -> Setting:
    return window._bench.settings[window.grid.selection]


def add(window: MainWindow, label: str) -> None:
    menu = window.side.builder.add_button.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == label).trigger()


def said(window: MainWindow) -> list[str]:
    return [label.text() for label in window.side.findChildren(QLabel) if label.isVisible()]


def test_a_guided_pane_is_encoded_anew_when_the_classifier_arrives(window, first, qtbot):
    add(window, "ROI background")
    wait(window, qtbot)
    assert window._bench.judge is None
    assert "No classifier yet: guided by the photo’s own edges" in said(window)
    before = first.content.bytes
    window.classifiers.load()
    qtbot.waitUntil(lambda: window._bench.judge is not None, timeout=WAIT_MS)
    wait(window, qtbot)
    guide = f"Guided by {window._bench.judge.card.name}’s map"
    assert guide in said(window)
    assert first.content.bytes != before
    others = [pane.content.codec for pane in window.grid.panes.values()][2:]
    assert others == ["webp", "jpeg"]
    window.grid.select_position(2)
    assert guide not in said(window)


def test_stages_are_added_and_keep_their_values(window, first, qtbot):
    form = window.side.form
    form._inputs["quality"].spin.setValue(33)
    add(window, "Downscale")
    form._inputs["downscale.factor"].spin.setValue(2)
    add(window, "Blur")
    wait(window, qtbot)
    assert setting(window).codec == "downscale:factor=2+blur+avif"
    assert setting(window).options.model_dump()["quality"] == 33
    assert form.values()["downscale.factor"] == 2
    assert first.content.codec == "downscale:factor=2+blur+avif"
    assert first.codec.currentText() == "Downscale 2 + Blur + AVIF"
    assert {"Downscale", "Blur", "AVIF"} <= set(said(window))
    window.side.builder.list.setFocus()
    window.side.builder.list.setCurrentRow(0)
    qtbot.keyClick(window.side.builder.list, Qt.Key.Key_Delete)
    wait(window, qtbot)
    assert first.content.codec == "blur+avif"
    assert form.values()["quality"] == 33


def test_a_slider_of_a_prefilter_keeps_its_form_and_names_the_pipeline(window, first, qtbot):
    add(window, "Downscale")
    slider = window.side.form._inputs["downscale.factor"].slider
    for position in range(10, 40):
        slider.setValue(position)
    assert window.side.form._inputs["downscale.factor"].slider is slider
    wait(window, qtbot)
    factor = window.side.form.values()["downscale.factor"]
    assert setting(window).codec == f"downscale:factor={factor:g}+avif"
    assert first.codec.currentData() == setting(window).codec == first.content.codec
    marked = window.curves._marked
    assert (setting(window).codec, setting(window).options.to_json()) in marked
    assert setting(window).codec in window.sweep.codecs()


def test_a_refused_pipeline_leaves_the_old_one(window, first, qtbot):
    add(window, "Pixelate")
    before = setting(window)
    add(window, "Pixelate")
    assert setting(window) == before
    assert any("keep one of the two" in text for text in said(window))
    add(window, "Blur")
    assert not any("keep one of the two" in text for text in said(window))
    wait(window, qtbot)


def test_a_pipeline_is_saved_for_every_pane_and_deleted_again(window, first, qtbot):
    add(window, "Colour")
    window.side.form._inputs["quality"].spin.setValue(33)
    window.side.save_asked.emit("Pale")
    wait(window, qtbot)
    assert first.codec.currentText() == first.content.title == "Pale"
    assert setting(window).options.model_dump()["quality"] == 33
    menus = [pane.codec for number, pane in window.grid.panes.items() if number]
    assert all(menu.findText("Pale") > menu.findText("Yours") > 0 for menu in menus)
    assert window.side.builder.delete_button.isVisible()

    number = list(window.grid.panes)[2]
    window._set_codec(number, menus[0].currentData())
    window.grid.select(number)
    window.side.delete_asked.emit()
    wait(window, qtbot)
    assert all(menu.findText("Pale") == menu.findText("Yours") == -1 for menu in menus)
    assert window.grid.panes[number].content.title.startswith("Colour + AVIF")
    assert not any(path.stem == "pale" for path in registry.saved.saved())
    assert window.problems == []


@pytest.mark.parametrize("name", ["", "!", "x" * 61])
def test_a_bad_name_is_a_sentence(window, first, qtbot, name):
    add(window, "Blur")
    window.side.save_asked.emit(name)
    assert any("Choose such a name" in text for text in said(window))
    wait(window, qtbot)


def test_block_averages_show_their_planes_beside_the_options(window, first, qtbot):
    number = window.grid.selection
    codec = registry.get("block-average")
    window._set(number, Setting(codec.id, codec.options(dispersion=3)))
    wait(window, qtbot)
    qtbot.waitUntil(lambda: {"In the file", "Means", "Dispersion"} <= set(said(window)))
    assert len(window.side.parts.pictures) == 2
    window.side.form._inputs["dispersion"].spin.setValue(0)
    wait(window, qtbot)
    assert len(window.side.parts.pictures) == 1
    window.grid.select_position(0)
    assert not window.side.parts.isVisible()


def test_the_pane_fits_with_a_long_pipeline(window, first, qtbot):
    for label in ("Downscale", "ROI background", "Colour"):
        add(window, label)
    wait(window, qtbot)
    assert window.width() == 1024
    assert first.codec.geometry().right() < first._size.geometry().left()
    assert first.minimumSizeHint().width() <= first.width()
    assert first._size.shown_text()
    assert window.side.widget().width() <= window.side.viewport().width()
