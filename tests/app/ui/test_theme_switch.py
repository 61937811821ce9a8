"""Both themes: their colours read, and a window that changes looks as one that was made so."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import get_args, get_type_hints

import pytest
from PySide6.QtCore import QTime
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from keepsight.app.engine.contrast import SIGN, TEXT, contrast, readable
from keepsight.app.ui import log_panel, preferences, theme, theme_menu
from keepsight.app.ui.latency_plot import LatencyPlot
from keepsight.app.ui.log_panel import LogPanel
from keepsight.app.ui.palettes import PALETTES, Palette, Theme
from keepsight.app.ui.search_plot import SearchPlot
from keepsight.app.ui.theme_menu import ThemeMenu
from keepsight.app.ui.threshold_plot import ThresholdPlot
from keepsight.app.ui.training_plot import TrainingPlot
from keepsight.codecs import registry

THEMES: tuple[Theme, ...] = get_args(Theme)
GROUNDS = ("BACKGROUND", "PANEL", "RAISED")


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    yield
    preferences.set_theme("dark")
    if theme.look.theme != "dark":
        theme.wear(qapp, "dark")


@pytest.mark.parametrize("name", THEMES)
def test_text_reads_on_every_ground(name: Theme) -> None:
    look = PALETTES[name]
    pairs = [(ink, ground) for ink in ("TEXT", "MUTED", "KEPT", "FLIPPED") for ground in GROUNDS]
    pairs += [("TEXT", "HOVER"), ("MUTED", "SURROUND"), ("ON_ACCENT", "ACCENT")]
    poor = {
        pair: round(found, 2)
        for pair in pairs
        if (found := contrast(getattr(look, pair[0]), getattr(look, pair[1]))) < TEXT
    }
    assert poor == {}


@pytest.mark.parametrize("name", THEMES)
def test_focus_and_codecs_are_seen_on_every_ground(name: Theme) -> None:
    look = PALETTES[name]
    for ground in GROUNDS:
        assert contrast(look.HIGHLIGHT, getattr(look, ground)) >= SIGN
    assert contrast(look.TEXT, look.ACCENT) >= SIGN  # the focus of a button that is down
    for codec in registry.all_codecs().values():
        assert contrast(readable(codec.colour, look.PANEL), look.PANEL) >= SIGN, codec.id


@pytest.mark.parametrize("name", THEMES)
def test_pictures_lie_on_neutral_grey(name: Theme) -> None:
    red, green, blue = bytes.fromhex(PALETTES[name].SURROUND[1:])
    assert red == green == blue


def test_theme_has_the_colours_of_the_palette() -> None:
    assert {key for key in get_type_hints(theme) if key.isupper()} == set(Palette.__annotations__)


def test_no_colour_is_kept_at_import() -> None:
    """What a module, a class or a default value reads once stays when the theme changes."""
    found = []
    for path in sorted(Path(theme.__file__).parent.glob("*.py")):
        for node in at_import(ast.parse(path.read_text("utf-8"))):
            is_colour = isinstance(node, ast.Attribute) and node.attr in Palette.__annotations__
            if is_colour and isinstance(node.value, ast.Name) and node.value.id == "theme":
                found.append(f"{path.name}:{node.lineno} {node.attr}")
    assert found == []


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is evaluated when the module is imported: no bodies of functions."""
    yield node
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.FunctionDef | ast.Lambda) and name == "body":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from at_import(child)


def test_at_import_sees_defaults_and_no_bodies() -> None:
    code = "def f(a=theme.TEXT):\n    theme.MUTED\nclass A:\n    b = theme.KEPT\nc = lambda: theme.HOVER"
    seen = {node.attr for node in at_import(ast.parse(code)) if isinstance(node, ast.Attribute)}
    assert seen == {"TEXT", "KEPT"}


def settled(widget: QWidget) -> QImage:
    for _ in range(5):
        QApplication.processEvents()
    return widget.grab().toImage()


def test_plots_and_the_log_change(qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_panel, "QTime", SimpleNamespace(currentTime=lambda: QTime(12, 0)))
    found = []
    for first in THEMES:
        if theme.look.theme != first:
            theme.wear(qapp, first)
        window = QWidget()
        qtbot.addWidget(window)
        column = QVBoxLayout(window)
        log = LogPanel()
        for widget in (ThresholdPlot(), SearchPlot(), LatencyPlot(), TrainingPlot(), log):
            widget.setFixedHeight(230)
            column.addWidget(widget)
        log.add("It began.")
        log.add("It ended.", warning=True)
        window.resize(500, 1000)
        window.show()
        if first != "light":
            theme.wear(qapp, "light")
        found.append(settled(window))
        window.hide()
    assert found[0] == found[1]
    assert found[0].scaled(1, 1).pixelColor(0, 0).lightness() > 200


def choices(menu: ThemeMenu) -> dict[str, QAction]:
    return {action.text(): action for action in menu.actions()}


def test_the_choice_is_worn_at_once_and_remembered(qtbot: QtBot, qapp: QApplication) -> None:
    menu = ThemeMenu()
    qtbot.addWidget(menu)
    assert choices(menu)["Dark"].isChecked()
    choices(menu)["Light"].trigger()
    assert theme.look.theme == "light"
    assert qapp.palette().window().color().name() == PALETTES["light"].BACKGROUND == theme.BACKGROUND
    later = ThemeMenu()
    qtbot.addWidget(later)
    assert choices(later)["Light"].isChecked()
    assert not choices(later)["Dark"].isChecked()


def test_as_the_system_is_one_of_both(qtbot: QtBot) -> None:
    menu = ThemeMenu()
    qtbot.addWidget(menu)
    choices(menu)["As the system"].trigger()
    assert preferences.theme() == "system"
    assert theme.look.theme == theme_menu.resolved("system")


def test_damaged_preferences_are_the_first_ones() -> None:
    path = preferences._settings().fileName()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(b"\x00\xff[theme\ntheme=purple\n=")
    assert preferences.theme() == "dark"
    preferences.set_theme("light")
    assert preferences.theme() == "light"
