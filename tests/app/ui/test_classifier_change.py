"""Another classifier in the whole window: bookmarks bring theirs along, curves come back. All is real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from keepsight.app.engine.samples import SAMPLES
from keepsight.app.engine.types import Curve
from keepsight.app.ui.window import MainWindow

WAIT_MS = 240_000
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def window(opened, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    folder = tmp_path_factory.mktemp("photos")
    for name in ("cat", "coffee"):
        sample = next(sample for sample in SAMPLES if sample.name == name)
        Image.open(sample.path).convert("RGB").resize((160, 120)).save(folder / f"{name}.png")
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keepsight.app.ui.sweep_control.user_data_path", lambda _: data)
        with opened("scenes", 1024, 640) as window:
            window.begin([folder], sweep_photos=None)
            yield window


@pytest.fixture
def idle(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with the cat, read by the scenes' classifier, and no bookmark."""
    settle(window, qtbot)
    window.library.show(0)
    use(window, qtbot, "scenes")
    window.bookmarks.take(())
    window.undo.forget()
    window.problems.clear()
    return window


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.busy and bool(window.library.shown_name()), timeout=WAIT_MS)


def use(window: MainWindow, qtbot: QtBot, classifier: str) -> None:
    window.classifiers.use(classifier)
    settle(window, qtbot)


def seen(window: MainWindow) -> tuple[str, str, object]:
    """Return who reads which photo, and the class of its map."""
    judge, target = window.bench.judge, window.side.saliency.target.target
    assert judge is not None
    return judge.card.id, Path(window.library.shown_name()).stem, target


def test_a_bookmark_brings_its_classifier_and_the_class_of_its_map(idle: MainWindow, qtbot: QtBot) -> None:
    idle.side.saliency.target.choose(3)
    idle.bookmarks.add()
    use(idle, qtbot, "imagenet")
    idle.library.show(1)
    settle(idle, qtbot)
    idle.side.saliency.target.choose(504)
    idle.bookmarks.add()
    states = [("scenes", "cat", 3), ("imagenet", "coffee", 504)]
    assert seen(idle) == states[1]
    for row in (0, 1):
        idle.bookmarks.go(row)
        assert idle.state.read().target == states[row][2]
        settle(idle, qtbot)
        assert seen(idle) == states[row]
    idle.undo.undo()
    settle(idle, qtbot)
    assert seen(idle) == states[0]
    assert not idle.problems


def test_a_classifier_that_cannot_be_loaded_is_said_and_the_rest_is_shown(
    idle: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    idle.library.show(1)
    settle(idle, qtbot)
    idle.view.edit(mode="wipe")
    idle.bookmarks.add()
    card = tmp_path / "gone.toml"
    lost = idle.bookmarks.bookmarks[0].model_copy(update={"classifier": str(card)})
    lost = lost.model_copy(update={"settings": lost.settings.model_copy(update={"target": 7})})
    idle.bookmarks.take([lost])
    idle.view.edit(mode="side by side")
    idle.library.show(0)
    settle(idle, qtbot)
    idle.bookmarks.go(0)
    settle(idle, qtbot)
    assert seen(idle) == ("scenes", "coffee", None)
    assert idle.view.viewing.mode == "wipe"
    assert idle.classifiers.wanted == "scenes"
    assert len(idle.problems) == 1
    assert str(card) in idle.problems[0]
    idle.view.edit(mode="side by side")


def test_curves_come_back_when_the_classifier_does(idle: MainWindow, qtbot: QtBot) -> None:
    idle.sweep.photos = 1
    idle.sweep.start()
    settle(idle, qtbot)

    def measured(curves: list[Curve]) -> dict[tuple[str, str], tuple[float, float]]:
        return {(p.codec, p.options): (p.mean_bytes, p.p_kept) for curve in curves for p in curve.points}

    before = measured(list(idle.curves.shown))
    assert len(before) > 10
    use(idle, qtbot, "imagenet")
    assert not idle.curves.has_curves, "this one has measured nothing"
    use(idle, qtbot, "scenes")
    after = measured(list(idle.curves.shown))
    assert {key: after[key] for key in before} == {key: pytest.approx(value) for key, value in before.items()}
    assert "all photos measured so far" in idle.curves.subject
    assert idle.sessions.read().swept
    assert not idle.problems


def test_what_panes_showed_another_classifier_is_no_limit_of_this_one(idle: MainWindow, qtbot: QtBot) -> None:
    idle.limit_panel.heading.click()
    for classifier in ("imagenet", "scenes"):  # an exception on the way fails as well
        use(idle, qtbot, classifier)
        shown = {setting.codec for setting in idle.bench.settings.values()}
        assert {found.setting.codec for found in idle.limits._found.values()} == shown
        assert idle.bench.judge is not None
        classes = len(idle.bench.judge.card.class_names)
        reads = [read for known in idle.limits._seen.values() for _, read in known.values()]
        assert reads
        assert all(len(read.probabilities) == classes for read in [*reads, idle.limits._original])
    idle.limit_panel.heading.click()
    assert not idle.problems
