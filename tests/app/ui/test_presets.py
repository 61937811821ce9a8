"""Presets of a codec's options in the whole window, without a classifier."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from keepsight.app.engine.types import Setting
from keepsight.app.ui import preferences
from keepsight.app.ui.window import MainWindow
from keepsight.codecs import registry


@pytest.fixture
def window(opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("KEEPSIGHT_HOME", str(tmp_path / "home"))
    with opened("imagenet", 1280, 800) as window:
        show(window, "jpeg", quality=30)
        yield window


def show(window: MainWindow, codec: str, **values: object) -> None:
    window._set(window.grid.selection, Setting(codec, registry.get(codec).options.parse(values)))
    window.undo.forget()


def options(window: MainWindow) -> dict[str, object]:
    return window.bench.settings[window.grid.selection].options.model_dump()


def offered(window: MainWindow) -> dict[str, str]:
    """Return the names in the menu with their tooltips."""
    menu = window.side.form.presets.menu_
    menu.aboutToShow.emit()
    names = [action for action in menu.actions() if not action.menu() and not action.isSeparator()]
    return {action.text(): action.toolTip() for action in names}


def choose(window: MainWindow, name: str, *, remove: bool = False) -> None:
    menu = window.side.form.presets.menu_
    menu.aboutToShow.emit()
    menus = [action.menu() for action in menu.actions() if action.menu()]
    actions = menus[0].actions() if remove else menu.actions()
    next(action for action in actions if action.text() == name).trigger()


def test_a_preset_is_kept_chosen_and_removed(window: MainWindow) -> None:
    assert list(offered(window)) == ["Save these as…"]
    show(window, "jpeg", quality=12, chroma="4:4:4")
    wanted = options(window)
    window.presets.save(" tiny ")
    show(window, "jpeg", quality=80)
    assert list(offered(window)) == ["tiny", "Save these as…"]
    assert offered(window)["tiny"] == "quality 12 · chroma 4:4:4"
    choose(window, "tiny")
    assert options(window) == wanted
    assert window.side.form.values() == wanted, "the form shows them"
    window.undo.settle()
    assert window.undo.undo_action.text().startswith("Undo quality 80 → 12")
    window.undo.undo()
    assert options(window)["quality"] == 80

    show(window, "webp")
    assert list(offered(window)) == ["Save these as…"], "another codec has its own"
    show(window, "jpeg", quality=80)
    choose(window, "tiny", remove=True)
    assert list(offered(window)) == ["Save these as…"]
    window.undo.undo()
    assert list(offered(window)) == ["tiny", "Save these as…"]
    assert not window.problems


def test_presets_of_stages_stay_when_values_of_the_stages_change(window: MainWindow) -> None:
    show(window, "blur:sigma=2+jpeg", quality=20)
    window.presets.save("soft")
    form = window.side.form
    sigma = next(name for name in form.values() if name.endswith("sigma"))
    form.choose(form.values() | {sigma: 1.0, "quality": 50})
    assert window.bench.settings[window.grid.selection].codec != "blur:sigma=2+jpeg"
    choose(window, "soft")
    assert form.values()[sigma] == 2
    assert form.values()["quality"] == 20


def test_what_does_not_fit_any_more_is_said_and_left(window: MainWindow) -> None:
    preferences.set_presets("jpeg", {"old": {"quality": 30, "magic": 1}, "wide": {"quality": 4000}})
    before = options(window)
    for name, why in (("old", "There is no option “magic”"), ("wide", "Option “quality” takes")):
        assert why in offered(window)[name]
        choose(window, name)
        assert window.problems[-1].startswith(f"The preset “{name}” does not fit this compressor any more")
        assert why in window.problems[-1]
    assert options(window) == before
    assert list(preferences.presets("jpeg")) == ["old", "wide"]


def test_by_keys_alone_a_preset_is_named_and_chosen(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    button = window.side.form.presets
    button.setFocus()
    assert button.hasFocus()
    window.presets.save("first")
    form = window.side.form
    form.choose(form.values() | {"quality": 77})

    def press(*pressed: Qt.Key) -> None:
        for key in pressed:
            QTest.keyClick(button.menu_, key)

    button.menu_.popup(button.mapToGlobal(button.rect().bottomLeft()))
    press(Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert form.values()["quality"] == 30
    button.menu_.popup(button.mapToGlobal(button.rect().bottomLeft()))
    press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    dialog = button.findChild(QInputDialog)
    assert dialog is not None
    dialog.setTextValue("second & last")
    dialog.accept()
    QApplication.processEvents()
    assert list(preferences.presets("jpeg")) == ["first", "second & last"]
    assert list(offered(window))[1] == "second && last"


def test_presets_outlive_a_damaged_file(window: MainWindow) -> None:
    preferences._settings().setValue("presets", "{")
    assert preferences.presets("jpeg") == {}
    window.presets.save("again")
    assert list(preferences.presets("jpeg")) == ["again"]
