"""A training in the whole window: started, stopped, gone on with, and what it made in use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from keepsight.app.ui import training_words as words
from keepsight.app.ui.training_form import FOLDER
from keepsight.app.ui.window import MainWindow
from keepsight.models.scenes import SPLITS, render

WAIT_MS = 180_000


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder: Path = tmp_path_factory.mktemp("photos")
    for number, seed in enumerate(SPLITS["tune"][:6]):
        Image.fromarray(render(seed, 64).pixels).save(folder / f"{number}.png")
    with opened("scenes", 1440, 900) as window:
        window.begin([folder], sweep_photos=None, keep=False)
        window.training.folder = tmp_path_factory.mktemp("trained")
        window.curves.show_tab("Training")
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot) -> MainWindow:
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    form = window.training.panel.form
    form.kind_combo.setCurrentIndex(form.kind_combo.findData("distill"))
    form.kind_combo.activated.emit(form.kind_combo.currentIndex())
    return window


def ended(window: MainWindow) -> bool:
    return not window._bench.training.running


def test_a_training_of_the_photos_in_the_list_is_stopped_and_gone_on_with(idle: MainWindow, qtbot) -> None:
    panel = idle.training.panel
    assert panel.form.codec_combo.currentText().startswith("pane: avif:quality=")
    panel.form.epochs.setValue(40)
    panel.start_button.click()
    assert not panel.form.name.isEnabled()
    qtbot.waitUntil(lambda: panel.finding.text().startswith("Training: step "), timeout=WAIT_MS)
    panel.stop_button.click()
    assert panel.finding.text() == words.STOPPING
    qtbot.waitUntil(lambda: ended(idle), timeout=WAIT_MS)
    assert panel.finding.text() == "The training is stopped. Start goes on where it was."
    assert not panel.use_button.isEnabled()
    panel.start_button.click()
    qtbot.waitUntil(lambda: ended(idle), timeout=WAIT_MS)
    assert "Use it loads it." in panel.finding.text(), panel.finding.text()
    first, last = idle.training._points[0], idle.training._points[-1]
    assert first.step > 1
    assert last.held_out_loss is not None
    trained = panel.plot.loss._line.getData()[1]
    assert len(trained) == len(idle.training._points)


def test_what_was_trained_reads_the_pictures(idle: MainWindow, qtbot) -> None:
    panel = idle.training.panel
    assert panel.use_button.isEnabled()
    panel.use_button.click()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    judge = idle._bench.judge
    assert judge is not None
    assert judge.card.name.startswith("my-classifier: Keepsight scenes, AVIF")
    panel.form.name.setText("other")
    assert not panel.use_button.isEnabled()
    panel.form.name.setText("my-classifier")
    assert panel.use_button.isEnabled()


def test_the_command_does_the_same_elsewhere(idle: MainWindow) -> None:
    panel = idle.training.panel
    panel.form.codec_combo.setCurrentIndex(panel.form.codec_combo.findData("jpeg"))
    panel.form.rates.setEditText("5, 10")
    panel.form.anew.setChecked(True)
    panel.copy_button.click()
    told = QApplication.clipboard().text()
    assert told.startswith("keepsight train distill /")
    assert "--codec jpeg --rates '5, 10'" in told
    assert told.endswith("--no-resume")
    panel.form.anew.setChecked(False)
    panel.form.rates.setEditText("as set")


def test_what_is_missing_or_wrong_is_a_sentence(idle: MainWindow, qtbot, tmp_path: Path) -> None:
    panel = idle.training.panel
    panel.form.name.setText(" ")
    panel.start_button.click()
    assert panel.finding.text() == words.NO_NAME
    panel.form.name.setText("empty")
    panel.form.photos_combo.setCurrentIndex(panel.form.photos_combo.findData(FOLDER))
    panel.form.set_folder(str(tmp_path))
    panel.start_button.click()
    qtbot.waitUntil(lambda: ended(idle), timeout=WAIT_MS)
    assert panel.finding.text().startswith("There are no photos in")
    assert idle.problems[-1] == panel.finding.text()
    panel.form.set_folder("")
    assert panel.form.source() == "list"


def test_scenes_are_rendered_and_take_no_photos(idle: MainWindow) -> None:
    form = idle.training.panel.form
    form.kind_combo.setCurrentIndex(form.kind_combo.findData("reader jpeg"))
    form.kind_combo.activated.emit(form.kind_combo.currentIndex())
    assert not form.photos_combo.isEnabled()
    plan = idle.training.plan()
    assert not isinstance(plan, str)
    assert plan.words()[:4] == ["train", "reader", "jpeg", "--epochs"]


def test_the_end_of_the_window_ends_a_training(idle: MainWindow, qtbot) -> None:
    panel = idle.training.panel
    panel.form.name.setText("long")
    panel.form.epochs.setValue(900)
    panel.start_button.click()
    qtbot.waitUntil(lambda: panel.finding.text().startswith("Training: step "), timeout=WAIT_MS)
    idle._bench.training.close()
    assert ended(idle)
    assert "stopped" in panel.finding.text()
