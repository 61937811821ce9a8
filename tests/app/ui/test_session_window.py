"""Sessions and undo in the real window, without a classifier: what one window leaves, the next one shows."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt

from keepsight.app.engine.region import Stroke
from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.session import Pin, Session
from keepsight.app.engine.types import Curve, Setting
from keepsight.app.ui.window import MainWindow
from keepsight.app.worker.session_jobs import SaveRequest
from keepsight.codecs import registry

WAIT_MS = 60_000


def idle(window: MainWindow) -> bool:
    """Whether all is there but the first sweep, which waits for a classifier that these tests do without."""
    return not (window.bench.busy or window.region.busy or window.undo.busy)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("keepsight.app.ui.sweep_control.user_data_path", lambda _: tmp_path / "data")
    monkeypatch.setattr("keepsight.app.ui.window.ClassifierControl.load", lambda _: None)
    monkeypatch.setattr("keepsight.app.worker.workbench.Workbench.warm_up", lambda _: None)
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for sample in SAMPLES[:2]:
        Image.open(sample.path).convert("RGB").resize((160, 120)).save(folder / f"{sample.name}.png")
    return folder


@pytest.fixture
def start(home: Path, qtbot) -> Iterator[Callable[..., MainWindow]]:
    """Start the program's window as `keepsight` does; the one before is closed."""
    windows: list[MainWindow] = []

    def make(*paths: Path, classifier: str | None = None) -> MainWindow:
        close()
        window = MainWindow(classifier or "scenes")
        windows.append(window)
        window.show()
        window.sessions.begin(paths, classifier)
        qtbot.waitUntil(lambda: idle(window), timeout=WAIT_MS)
        return window

    def close() -> None:
        if windows:
            window = windows.pop()
            window.close()
            window.shut_down()

    yield make
    close()


def settle(window: MainWindow, qtbot) -> None:
    qtbot.waitUntil(lambda: idle(window), timeout=WAIT_MS)


def comparable(window: MainWindow) -> Session:
    """Return the session without sizes: Qt fits a restored window into the screen, small off-screen."""
    return window.sessions.read().model_copy(update={"geometry": "", "columns": (), "rows": ()})


def test_the_next_window_shows_what_the_last_one_did(start, folder, qtbot):
    first = start(folder)
    assert first.library.turn_to(str(folder / f"{SAMPLES[1].name}.png"))
    first.add_pane(Setting("jpeg", registry.get("jpeg").options.parse({"quality": 33})))
    first.side.saliency.set_method("edges*2+texture")
    first.side.saliency.opacity.setValue(70)
    settle(first, qtbot)
    first.region._add_stroke(Stroke(tool="brush", points=((0.5, 0.5),), radius=5))
    first.view.look(900.0, QPointF(0.4, 0.6))
    first.curves.setCurrentIndex(1)
    settle(first, qtbot)
    left, region = comparable(first), first.region.region
    assert left.regions

    second = start()
    assert comparable(second) == left
    assert second.region.region == region
    assert second.library.shown_name().endswith(f"{SAMPLES[1].name}.png")
    assert second.view.extent == 900.0
    assert len(second.grid.panes) == 5
    assert not second.undo.undo_action.isEnabled()
    assert not second.problems


def test_closed_photos_do_not_come_back(start, folder, qtbot):
    first = start(folder)
    first.sessions.close_photos()
    settle(first, qtbot)
    second = start()
    assert second.sessions.read().photos == second.sessions.read().sources == ()
    assert second.photos.shown_group() == "Samples"
    assert second.library.shown_name() == SAMPLES[0].name
    assert not second.problems


def test_curves_pins_and_tabs_come_back(start, folder, curves, home, qtbot):
    first = start(folder)
    panel = first.curves
    panel.set_subject("Some classifier", "crop")
    panel.set_curves(curves(), 0.8)
    panel.pin()
    panel.plot.set_hidden("webp", hidden=True)
    panel.plot.set_crosshair(False)
    first.latency.panel.form.set_bandwidth(1e8)
    first.flips.panel.form.choose("panes", ("jpeg", curves("jpeg")[0].points[1].options))
    first.limit_panel.goal_combo.setCurrentIndex(1)
    first.limit_panel.value.setValue(70)
    panel.tables.settings.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    settle(first, qtbot)
    left = first.sessions.read()
    assert left.settings.hidden == ("webp",)
    assert left.settings.tabs.kept_by is not None

    second = start()
    assert second.sessions.read().settings == left.settings
    assert second.sessions.read().pins == left.pins
    assert [pin.name for pin in second.curves.pins()] == ["Some classifier, crop protocol, 500 photos"]
    assert second.curves.plot.isVisible(), "what is pinned is seen without other curves"
    assert not second.curves.plot.crosshair.on
    second.curves.set_curves(curves(), 0.8)
    assert not second.curves.plot._series["webp"].line.isVisible()
    assert second.latency.panel.form.link().bandwidth == pytest.approx(1e8, rel=0.1)
    assert not second.problems


def test_pins_of_a_codec_that_is_gone_are_said(start, curves):
    window = start()
    (jpeg,) = curves("jpeg")
    gone = Pin(name="last year", curves=(jpeg, Curve("my-old-codec", jpeg.points)))
    session = window.sessions.read()
    window.sessions.restore(session.model_copy(update={"pins": (gone, Pin(name="now", curves=(jpeg,)))}))
    assert [pin.name for pin in window.curves.pins()] == ["now"]
    assert window.problems[-1].startswith(
        "“last year” is no longer pinned. There is no codec “my-old-codec”."
    )


def test_pins_and_tabs_are_undone(start, curves, qtbot):
    window = start()
    panel = window.curves
    panel.set_curves(curves(), None)
    window.undo.forget()
    before = window.state.read()

    def step(words: str) -> None:
        window.undo.settle()
        assert window.undo.undo_action.text() == f"Undo {words}"

    panel.pin()
    step("pinning curves")
    panel.plot.set_hidden("jpeg", hidden=True)
    step("hidden curves none → jpeg")
    panel.plot.set_crosshair(False)
    step("crosshair on → off")
    window.latency.panel.form.set_bandwidth(1e7)
    step("link of the latency")
    window.limit_panel.goal_combo.setCurrentIndex(1)
    step("goal of the smallest file")
    window.limit_panel.value.setValue(90)
    step("value of the goal")
    panel.unpin(0)
    step("unpinning curves")
    after = window.state.read()
    window.undo.undo_action.trigger()
    assert len(panel.pins()) == 1
    for _ in range(6):
        window.undo.undo_action.trigger()
    assert window.state.read() == before
    assert panel.pins() == ()
    while window.undo.redo_action.isEnabled():
        window.undo.redo_action.trigger()
    assert window.state.read() == after
    settle(window, qtbot)


def test_named_photos_and_classifier_win_over_the_session(start, folder, home, qtbot):
    first = start(folder)
    first.side.saliency.opacity.setValue(70)
    first.curves.setTabText(2, "Flips (7)")
    first.curves.setCurrentIndex(2)
    settle(first, qtbot)
    named = folder / f"{SAMPLES[1].name}.png"

    second = start(named, classifier="imagenet")
    assert second.library.own_files() == [str(named)]
    assert second.classifiers.wanted == "imagenet"
    assert second.side.saliency.opacity.value() == 70
    assert second.curves.open_tab() == "Flips"
    qtbot.waitUntil((home / "session before.keepsight").exists, timeout=WAIT_MS)
    second.sessions.show_file(home / "session before.keepsight")
    settle(second, qtbot)
    assert len(second.library.own_files()) >= 2
    assert second.classifiers.wanted == "scenes"


def test_moved_photos_are_asked_for_and_found(start, folder, tmp_path, monkeypatch, qtbot):
    start(folder)
    shutil.move(folder, tmp_path / "moved")
    second = start()
    assert "2 photos are not where they were" in second.notice.sentence.text()
    assert len(second.sessions.read().photos) == 2  # they are not dropped
    monkeypatch.setattr(
        "keepsight.app.ui.file_dialogs.QFileDialog.getExistingDirectory",
        lambda *_: str(tmp_path / "moved"),
    )
    second.notice.buttons[0].click()
    settle(second, qtbot)
    assert second.notice.isHidden()
    assert second.sessions.read().sources == (str(tmp_path / "moved"),)
    assert second.library.shown_name().startswith(str(tmp_path / "moved"))


def test_bookmarks_come_back_and_follow_moved_photos(start, folder, tmp_path, monkeypatch, qtbot):
    first = start(folder)
    first.bookmarks.add()
    first.view.edit(mode="wipe")
    first.bookmarks.add()
    kept = first.bookmarks.bookmarks
    second = start()
    assert second.bookmarks.bookmarks == kept
    assert second.column.bookmarks.count() == 2
    shutil.move(folder, tmp_path / "moved")
    third = start()
    assert third.bookmarks.bookmarks == kept
    assert not third.bookmarks.go(0)
    monkeypatch.setattr(
        "keepsight.app.ui.file_dialogs.QFileDialog.getExistingDirectory",
        lambda *_: str(tmp_path / "moved"),
    )
    third.notice.buttons[0].click()
    settle(third, qtbot)
    assert third.bookmarks.go(0)
    settle(third, qtbot)
    assert third.library.shown_name().startswith(str(tmp_path / "moved"))
    assert third.view.viewing.mode == "side by side"


def test_after_a_crash_the_session_is_offered(start, folder, home, qtbot):
    start(folder)
    last = start()
    settle(last, qtbot)
    last.sessions.end()
    kept = home / "session.keepsight"
    before = kept.read_bytes()
    (home / "running").write_text("[999999999, 1.0]")
    window = MainWindow("scenes")
    try:
        window.sessions._running = None
        window.sessions.begin([])
        settle(window, qtbot)
        assert "did not end" in window.notice.sentence.text()
        aside = home / "session of the crash.keepsight"
        assert aside.read_bytes() == before
        window.side.saliency.opacity.setValue(31)  # what is done before the answer is kept too
        qtbot.waitUntil(lambda: b'"opacity": 31' in kept.read_bytes(), timeout=WAIT_MS)
        window.notice.buttons[0].click()
        settle(window, qtbot)
        assert window.sessions.read().sources == (str(folder),)
    finally:
        window.close()
        window.shut_down()


def test_a_session_file_is_dropped_or_named_on_the_command_line(start, folder, home, tmp_path, qtbot):
    first = start(folder)
    own = tmp_path / "mine.keepsight"
    first.sessions._saving.submit(SaveRequest(own, first.sessions.read()))
    settle(first, qtbot)
    second = start(own)
    assert second.sessions.read().sources == (str(folder),)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / f"{SAMPLES[0].name}.png", other / "further.png")
    third = start(other)
    assert third.sessions.read().sources == (str(other),)
    third.open([own, other])
    settle(third, qtbot)
    assert str(folder) in third.sessions.read().sources
    assert not third.problems


def test_a_damaged_session_file_on_the_command_line_is_said(start, tmp_path):
    bad = tmp_path / "bad.keepsight"
    bad.write_text("{")
    window = start(bad)
    assert "damaged" in window.problems[0]
    assert window.grid.panes[0].content is not None  # the samples are there
    assert window.notice.isVisible()
    assert window.notice.sentence.text() == window.problems[0]
    window.notice.buttons[0].click()
    assert window.notice.isHidden()


def test_who_turns_to_another_photo_is_not_taken_back(start, folder, qtbot):
    first = start(folder)
    settle(first, qtbot)
    session = first.sessions.read()
    first.sessions._to_show = session.model_copy(update={"shown": "/somewhere/else.png"})
    first.photos.step(1)
    settle(first, qtbot)
    assert first.sessions._to_show is None
    assert first.sessions.read().shown == first.library.shown_name()


def test_a_refused_session_is_put_aside_as_it_is(start, home):
    home.mkdir()
    newer = b'{"version": 9}'
    (home / "session.keepsight").write_bytes(newer)
    window = start()
    assert "newer Keepsight" in window.problems[0]
    assert (home / "session refused.keepsight").read_bytes() == newer
    assert not (home / "session.keepsight").exists()
    assert window.notice.isVisible(), "it stays when the photos are there"
    assert window.notice.sentence.text() == (
        "The last session is not restored. Its file was saved by a newer Keepsight; "
        f"it is kept as “{home / 'session refused.keepsight'}”."
    )


def test_a_damaged_file_is_refused_and_nothing_changes(start, tmp_path, qtbot):
    window = start()
    before = window.sessions.read()
    bad = tmp_path / "bad.keepsight"
    bad.write_text('{"version": 1, "settings": 3}')
    window.sessions.show_file(bad)
    settle(window, qtbot)
    assert "damaged" in window.problems[-1]
    assert window.sessions.read() == before
    assert bad.read_text() == '{"version": 1, "settings": 3}'


def test_every_setting_is_undone_and_redone_in_order(start, folder, qtbot):
    window = start(folder)
    states = [window.state.read()]
    region = window.region.region

    def step(words: str) -> None:
        window.undo.settle()
        assert window.undo.undo_action.text() == f"Undo {words}"
        states.append(window.state.read())

    for quality in (41, 43, 45):  # moves that follow each other are one step
        window._set_options({"quality": quality})
    old = states[0].panes[0].options["quality"]
    step(f"quality {old:g} → 45")
    window._set_codec(window.grid.selection, "jpegxl")
    step("AVIF → JPEG XL")
    window._add_next_pane()
    step(f"adding {registry.get(window.state.read().panes[-1].codec).label}")
    window.side.saliency.opacity.setValue(20)
    step("opacity 45 → 20")
    window.region.set_level(0.7)
    window.curves.front_button.click()
    step("Pareto front off → on")
    window._remove_pane(list(window.grid.panes)[1])
    step("removing JPEG XL")

    window.undo.undo_action.trigger()
    assert window.state.read() == states[-2]
    window.undo.undo_action.trigger()
    window.undo.undo_action.trigger()  # the region
    assert window.region.region == region
    for state in reversed(states[1:5]):
        assert window.state.read() == state
        window.undo.undo_action.trigger()
    assert window.state.read() == states[0]
    assert not window.undo.undo_action.isEnabled()
    while window.undo.redo_action.isEnabled():
        window.undo.redo_action.trigger()
    assert window.state.read() == states[-1]
    assert window.region.region.level == 0.7
    settle(window, qtbot)
