"""What is taken away from the real window: real photos, codecs and classifier, real files."""

import csv
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from keepsight.app.cli import app
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Curve, Setting
from keepsight.app.ui import snapshot, theme
from keepsight.app.ui.panes_picture import panes_picture
from keepsight.app.ui.viewing import MODES, Mode, Viewing
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry

WAIT_MS = 60_000
END = """
import sys
from pathlib import Path
from PySide6.QtGui import QGuiApplication
from keepsight.app.ui import launch
from keepsight.app.ui.window import MainWindow
from keepsight.app.worker.exporting import Exported

def main():
    app = launch.make_application()
    window = MainWindow("scenes")
    png = (Path(launch.__file__).parents[2] / "resources/pictures/window.png").read_bytes()
    window.exports._do(lambda: Exported("", {"image/png": png, "image/svg+xml": b"<svg/>"}))
    while window.busy:
        app.processEvents()
    clipboard = QGuiApplication.clipboard()
    before = clipboard.mimeData().hasFormat("image/svg+xml")
    window.shut_down()
    after = clipboard.mimeData().hasFormat("image/svg+xml")
    print(before, after, not clipboard.image().isNull())

main()
sys.exit(0)
"""
"""A program that ends while the figure that it copied is still on the clipboard."""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    photo = tmp_path_factory.mktemp("photos") / "my cat.png"
    sample = next(sample for sample in SAMPLES if sample.name == "cat")
    Image.open(sample.path).convert("RGB").resize((200, 160)).save(photo)
    with opened("scenes", 1280, 800) as window:
        window.begin([photo], sweep_photos=None, keep=False)
        yield window


@pytest.fixture
def idle(
    window: MainWindow,
    qtbot: QtBot,
    curves: Callable[..., list[Curve]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> MainWindow:
    """The window with all its work done and curves as they were measured once, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    settle(window, qtbot)
    window.curves.set_curves(curves(), 0.89)
    window.sweep.photos = 1
    window.view.set_viewing(Viewing())
    window.problems.clear()
    return window


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.busy and bool(window.library.shown_name()), timeout=WAIT_MS)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Answer the next question for a file or a folder: with a path, and the kind of file that is chosen."""

    def set_answer(path: Path, kind: str = "") -> None:
        dialog = "keepsight.app.ui.file_dialogs.QFileDialog"
        monkeypatch.setattr(f"{dialog}.getSaveFileName", lambda *_: (str(path), kind))
        monkeypatch.setattr(f"{dialog}.getExistingDirectory", lambda *_: str(path))

    return set_answer


def choose(window: MainWindow, qtbot: QtBot, text: str) -> None:
    """Choose what the menu offers under a text, as it is once the menu was opened, and wait for the end."""
    window.toolbar.export.opened.emit()
    found = [action for action in window.toolbar.export.findChildren(QAction) if action.text() == text]
    assert [action.isEnabled() for action in found] == [True]
    found[0].trigger()
    settle(window, qtbot)


def pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def table_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def drawn(image: QImage) -> NDArray[np.uint8]:
    """Return the pixels of a picture, copied: they go with it."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


@pytest.mark.parametrize("style", ["light", "dark"])
def test_the_curves_as_figures(idle: MainWindow, qtbot: QtBot, answer, tmp_path: Path, style: str) -> None:
    for name, kind in (("a.svg", ""), ("b.pdf", ""), ("c", "Picture (*.png)")):
        answer(tmp_path / name, kind)
        choose(idle, qtbot, f"Figure of the curves, {style}…")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert root.tag == f"{SVG}svg"
    codecs = {curve.codec for curve in idle.curves.shown if len(curve.points) > 1}
    assert len(list(root.iter(f"{SVG}path"))) > len(codecs) == 3
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
    corner = pixels(tmp_path / "c.png")[2, 2].mean()
    assert corner > 200 if style == "light" else corner < 60
    assert not idle.problems


def test_the_curves_as_a_table(idle: MainWindow, qtbot: QtBot, answer, tmp_path: Path) -> None:
    answer(tmp_path / "curves.csv")
    choose(idle, qtbot, "Curves as a table (CSV)…")
    rows = table_of(tmp_path / "curves.csv")
    points = [(curve.codec, point) for curve in idle.curves.shown for point in curve.points]
    assert len(rows) == len(points) > 10
    assert [row["codec"] for row in rows] == [codec for codec, _ in points]
    sizes = [float(row["mean_bytes"]) for row in rows]
    assert sizes == pytest.approx([point.mean_bytes for _, point in points], rel=1e-3)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_the_panes_as_a_picture(idle: MainWindow, qtbot: QtBot, answer, tmp_path: Path, scale: int) -> None:
    answer(tmp_path / "panes.png")
    choose(idle, qtbot, f"{scale}× the size on the screen…")
    written = pixels(tmp_path / "panes.png")
    assert written.shape == (idle.grid.height() * scale, idle.grid.width() * scale, 3)
    assert np.array_equal(written, drawn(panes_picture(idle.grid, scale)))


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "side by side"])
def test_the_two_that_are_compared_as_a_picture(
    idle: MainWindow, qtbot: QtBot, answer, tmp_path: Path, mode: Mode
) -> None:
    idle.view.edit(mode=mode, blinking=False)
    pair = idle.viewing.pair
    for foot, number in zip(pair.feet, (0, idle.grid.selection), strict=True):
        content = idle.grid.panes[number].content
        assert content is not None
        assert content.rows
        assert foot.bars.accessibleDescription().startswith(content.rows[0][0])
        assert foot.verdict.text() == idle.grid.panes[number]._verdict.text() != ""
    answer(tmp_path / "two.png")
    choose(idle, qtbot, "2× the size on the screen…")
    written = pixels(tmp_path / "two.png")
    assert written.shape == (pair.height() * 2, pair.width() * 2, 3)
    foot = pair.feet[1]
    edge = 2 * (foot.mapTo(pair, foot.rect().topLeft()).y())
    assert written[edge:].std() > 10  # there are captions
    choose(idle, qtbot, "Copy picture of the panes")
    assert QGuiApplication.clipboard().image().size() == pair.size()


def test_files_and_reconstructions(idle: MainWindow, qtbot: QtBot, answer, tmp_path: Path) -> None:
    answer(tmp_path)
    choose(idle, qtbot, "Files and reconstructions…")
    folder = tmp_path / "my_cat"
    table = table_of(folder / "my_cat.csv")
    original, *shown = [pane.content for pane in idle.grid.panes.values()]
    assert original is not None
    assert np.array_equal(pixels(folder / table[0]["file"]), original.pixels)
    assert len(table) == 1 + len(shown) == 4
    for row, content in zip(table[1:], shown, strict=True):
        assert content is not None
        data = (folder / row["file"]).read_bytes()
        assert len(data) == int(row["bytes"]) == content.bytes
        assert row["class_1"] == content.rows[0][0]
        assert np.array_equal(pixels(folder / row["decoded"]), content.pixels)
        assert np.array_equal(registry.get(row["codec"]).decode(data), content.pixels)
    choose(idle, qtbot, "Files and reconstructions…")  # once more: nothing is overwritten
    assert (tmp_path / "my_cat-2" / "my_cat.csv").is_file()


def test_the_figure_on_the_clipboard(idle: MainWindow, qtbot: QtBot) -> None:
    page = idle.curves.widget(0)
    assert page is not None
    idle.curves.setCurrentIndex(0)
    idle.activateWindow()
    qtbot.waitUntil(idle.isActiveWindow)
    idle.curves.plot.setFocus()
    qtbot.keyClick(idle.curves.plot, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    settle(idle, qtbot)
    data = QGuiApplication.clipboard().mimeData()
    assert ElementTree.fromstring(bytes(data.data("image/svg+xml").data())).tag == f"{SVG}svg"
    assert bytes(data.data("image/png").data()).startswith(b"\x89PNG")
    assert not QGuiApplication.clipboard().image().isNull()


def test_the_program_ends_well_with_a_figure_on_the_clipboard() -> None:
    done = subprocess.run([sys.executable, "-c", END], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True False True"


def test_copied_commands_do_what_the_window_shows(idle: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    words = {}
    for text in ("This pane: encode", "Smallest files: limit", "The window: snapshot", "Curves: sweep"):
        choose(idle, qtbot, text)
        program, *words[text] = shlex.split(QGuiApplication.clipboard().text())
        assert program == "keepsight"
        assert idle.library.shown_name() in words[text]
    result = CliRunner().invoke(app, words["This pane: encode"])
    assert result.exit_code == 0, result.output
    content = idle.grid.panes[idle.grid.selection].content
    assert content is not None
    written = next(path for path in tmp_path.iterdir() if path.stem == "my_cat")
    assert written.stat().st_size == content.bytes
    assert np.array_equal(registry.get(str(content.codec)).decode(written.read_bytes()), content.pixels)
    for command, option in (("Smallest files: limit", "--classifier"), ("Curves: sweep", "--photos")):
        assert words[command][words[command].index(option) + 1] in ("scenes", "1")
    assert not idle.problems


def test_the_copied_snapshot_shows_the_same_window(
    idle: MainWindow, qtbot: QtBot, opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, tab = idle.state.read(), idle.curves.open_tab()
    idle._set(idle.grid.selection, Setting("jpeg", registry.get("jpeg").options()))
    idle.add_pane(Setting("avif", registry.get("avif").options.parse({"quality": 7, "chroma": "4:4:4"})))
    idle.side.saliency.set_method("edges*2+texture")
    idle.view.edit(mode="difference")
    idle.curves.show_tab("Latency")
    shown = idle.state.read()
    with qtbot.waitSignal(idle.exports.said) as said:
        choose(idle, qtbot, "The window: snapshot")
    assert said.args[0].startswith("Its curves will be of this photo alone. Copied: keepsight snapshot")
    asked: list[object] = []
    monkeypatch.setattr(snapshot, "render", lambda *what: asked.extend(what) or 0)
    result = CliRunner().invoke(app, shlex.split(QGuiApplication.clipboard().text())[1:])
    assert result.exit_code == 0, result.output
    out, paths, classifier, size, scale, _, scene = asked
    assert (out, paths, classifier) == (Path("window.png"), [Path(idle.library.shown_name())], "scenes")
    assert (size, scale) == ((idle.width(), idle.height()), idle.devicePixelRatioF())
    assert isinstance(scene, snapshot.Scene)
    assert scene.theme == theme.look.theme
    with opened("scenes", 1280, 800) as other:
        snapshot._arrange(other, scene)
        there = other.state.read()
        assert [(pane.codec, pane.options) for pane in there.panes] == [
            (pane.codec, pane.options) for pane in shown.panes
        ]
        assert (there.map, there.map_shown, there.viewing["mode"]) == ("edges*2+texture", True, "difference")
        assert other.curves.open_tab() == "Latency"
    idle.state.put(before)
    idle.curves.show_tab(tab)
    settle(idle, qtbot)


def test_what_cannot_be_written_is_a_sentence_and_leaves_nothing(
    idle: MainWindow, qtbot: QtBot, answer, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    for name, text in (
        ("a.svg", "Figure of the curves, dark…"),
        ("a.csv", "Curves as a table (CSV)…"),
        ("a.png", "4× the size on the screen…"),
    ):
        idle.problems.clear()
        answer(gone / name)
        choose(idle, qtbot, text)
        assert len(idle.problems) == 1
        assert f"{gone / name}” cannot be written" in idle.problems[0]
    (tmp_path / "file").write_text("")
    answer(tmp_path / "file")
    choose(idle, qtbot, "Files and reconstructions…")
    assert "No folder can be made" in idle.problems[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    idle.problems.clear()


def test_a_question_that_is_cancelled_writes_nothing(
    idle: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialog = "keepsight.app.ui.file_dialogs.QFileDialog"
    monkeypatch.setattr(f"{dialog}.getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(f"{dialog}.getExistingDirectory", lambda *_: "")
    for text in (
        "Figure of the curves, light…",
        "Curves as a table (CSV)…",
        "1× the size on the screen…",
        "Files and reconstructions…",
    ):
        choose(idle, qtbot, text)
    assert not list(tmp_path.iterdir())
    assert not idle.problems
