"""A classifier that reads files, in the whole window: each pane's prediction comes from its file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from keepsight.app.engine.file_reading import packed
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry
from keepsight.models.scenes import SPLITS, render

WAIT_MS = 120_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes, and one that is larger than what the classifier reads."""
    folder = tmp_path_factory.mktemp("scenes")
    for seed in SPLITS["test"][:2]:
        Image.fromarray(render(seed).pixels).save(folder / f"a{seed}.png")
    Image.fromarray(render(SPLITS["test"][2]).pixels).resize((300, 240)).save(folder / "z.png")
    return folder


@pytest.fixture(scope="module")
def window(opened, folder: Path) -> Iterator[MainWindow]:
    with opened("scenes_jpeg", 1440, 900) as window:
        window.begin([folder], sweep_photos=None, keep=False)
        yield window


@pytest.fixture
def idle(window: MainWindow, qtbot) -> MainWindow:
    """The window with nothing running, its first photo in sight."""
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    window.library.show(0)
    qtbot.waitUntil(lambda: not window.busy, timeout=WAIT_MS)
    return window


def contents(window: MainWindow):
    return {pane.content.codec: pane.content for pane in window.grid.panes.values()}


def test_a_prediction_comes_from_the_file_of_the_pane(idle: MainWindow) -> None:
    shown = contents(idle)
    setting = next(one for one in idle._bench.settings.values() if one.codec == "jpeg")
    data = registry.get("jpeg").encode(shown[None].pixels, setting.options)
    judge = idle._bench.judge
    expected = judge.predict(packed(data, "jpeg")[None])[0]
    assert shown["jpeg"].options.startswith("reads the file · ")
    assert shown["jpeg"].verdict in {"kept", "flipped"}
    name, probability = shown["jpeg"].rows[0]
    assert name == judge.card.class_names[expected.argmax()]
    assert probability == pytest.approx(expected.max(), abs=1e-4)
    assert shown[None].options == "read as JPEG quality 100 · chroma 4:4:4"
    assert len(shown[None].rows) == 3
    assert idle.toolbar.classifier.currentText() == "Keepsight scenes, reads JPEG"
    assert "reads the compressed file itself" in idle.toolbar.classifier.toolTip()


def test_files_of_other_codecs_have_a_sentence_in_place_of_classes(idle: MainWindow) -> None:
    for codec in ("avif", "webp"):
        content = contents(idle)[codec]
        assert content.rows == ()
        assert content.verdict is None
        assert content.psnr > 15
        assert content.note.startswith("This is no JPEG file")


def test_a_photo_of_another_size_has_one_too(idle: MainWindow, qtbot) -> None:
    idle.library.show(2)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert "this one has 300 × 240" in contents(idle)["jpeg"].note
    assert len(contents(idle)[None].rows) == 3, "the original is cropped first, as in a sweep"


def test_maps_and_the_classes_of_a_region_say_that_they_need_pixels(idle: MainWindow, qtbot) -> None:
    assert "reads files has no map of its own" in idle.side.saliency._note.text()
    chosen = idle.side.saliency.map
    chosen.setCurrentIndex(chosen.findData("edges"))
    chosen.activated.emit(chosen.currentIndex())
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert idle.saliency.importance is not None
    figures = idle.side.region.figures
    assert figures.values["area"].text().endswith(" %")
    assert figures.values["inside"].text() == "–"
    assert figures.sentence.text().startswith("The classifier reads files.")


def test_a_sweep_reads_files_and_leaves_the_other_codecs_out(idle: MainWindow, qtbot) -> None:
    idle.problems.clear()
    idle.sweep.start()
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    assert [curve.codec for curve in idle.curves.shown] == ["jpeg"]
    assert all(point.photos == 3 and not point.failed for point in idle.curves.shown[0].points)
    assert idle.problems == []
    log = idle.curves.log.toPlainText()
    assert log.count("are left out: “Keepsight scenes, reads JPEG” reads files of JPEG alone.") == 1


def test_what_reading_the_file_saves_is_timed(idle: MainWindow, qtbot) -> None:
    panel = idle.latency.panel
    idle.curves.show_tab("Latency")
    assert panel.paths_button.isVisible()
    panel.paths_button.click()
    qtbot.waitUntil(lambda: "times as fast" in panel.finding.text(), timeout=WAIT_MS)
    said = panel.finding.text()
    assert said.startswith("From a file of JPEG quality ")
    assert "with Keepsight scenes)" in said
    idle.library.show(2)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    panel.paths_button.click()
    assert panel.finding.text().startswith("No pane shows a file that this classifier can read.")


def test_the_smallest_file_is_found_by_reading_files(idle: MainWindow, qtbot) -> None:
    idle.limit_panel.heading.setChecked(True)
    qtbot.waitUntil(lambda: not idle.busy, timeout=WAIT_MS)
    found = idle.limit_panel.row("jpeg")
    qtbot.waitUntil(found.isEnabled, timeout=WAIT_MS)
    assert found.accessibleName().endswith(" B")
    assert not idle.limit_panel.row("avif").isEnabled()
    assert "reads files of JPEG alone" in idle.limit_panel.row("avif").toolTip()
