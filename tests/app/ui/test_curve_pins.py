"""Curves that are hidden, pinned, and read at the crosshair."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from keepsight.app.engine.types import Curve
from keepsight.app.ui.curve_panel import CurvePanel
from keepsight.app.ui.curve_pins import MOST_PINS
from keepsight.app.ui.curve_plot import CurvePlot

Make = Callable[..., list[Curve]]


@pytest.fixture
def panel(qtbot: QtBot, curves: Make) -> CurvePanel:
    panel = CurvePanel()
    panel.pins_asked.connect(lambda _, pins: panel.set_pins(pins))
    qtbot.addWidget(panel)
    panel.resize(1100, 300)
    panel.set_subject("EfficientNet", "crop")
    panel.set_curves(curves(), 0.89)
    panel.show()
    QApplication.processEvents()
    return panel


def smaller(curves: list[Curve]) -> list[Curve]:
    return [
        Curve(curve.codec, [replace(point, mean_bytes=point.mean_bytes / 4) for point in curve.points])
        for curve in curves
    ]


def at(plot: CurvePlot, x: float, y: float) -> QPoint:
    return QPoint(plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y))))


def test_a_hidden_curve_stays_hidden_when_it_comes_again(panel: CurvePanel, curves: Make) -> None:
    plot = panel.plot
    plot.set_hidden("webp", hidden=True)
    assert not plot._series["webp"].line.isVisible()
    panel.set_curves(curves("jpeg"), None)
    panel.set_curves(curves(), 0.89)
    assert not plot._series["webp"].line.isVisible()
    plot._series["jpeg"].line.setVisible(False)  # as a click in the legend does
    assert plot.hidden == {"webp", "jpeg"}
    plot.set_hidden("webp", hidden=False)
    assert plot._series["webp"].line.isVisible()


def test_pinned_curves_stay_while_others_come(panel: CurvePanel, curves: Make) -> None:
    plot = panel.plot
    panel.pin()
    (pin,) = plot.pinned.read()
    assert pin.name == "EfficientNet, crop protocol, 500 photos"
    panel.set_curves(smaller(curves("jpeg")), 0.5)
    lines = plot.pinned.lines[0]._lines
    assert set(lines) == {"jpeg", "webp", "avif"}
    x, _ = lines["jpeg"].getData()
    assert 10**x == pytest.approx([point.mean_bytes for point in curves("jpeg")[0].points])
    assert plot.getViewBox().viewRange()[0][1] > np.log10(9600), "the range holds what is pinned"
    panel.set_curves([], None)
    assert plot.isVisible(), "pinned curves are seen without others"
    assert not plot.can_pin
    plot.set_hidden("jpeg", hidden=True)
    assert not lines["jpeg"].isVisible()
    panel.unpin(0)
    panel.set_curves([], None)
    assert not plot.isVisible()


def test_so_many_pins_have_dashes_of_their_own(panel: CurvePanel) -> None:
    for _ in range(MOST_PINS):
        assert panel.plot.can_pin
        panel.pin()
    assert not panel.plot.can_pin
    panel.unpin(1)
    panel.pin()
    assert sorted(lines.place for lines in panel.plot.pinned.lines) == list(range(MOST_PINS))


def test_the_menu_does_all_by_keys(panel: CurvePanel) -> None:
    button, plot = panel.lines_button, panel.plot
    button.fill(plot)
    actions = {action.text().split("\t")[0]: action for action in button.menu_.actions() if action.text()}
    assert list(actions) == ["JPEG", "WebP", "AVIF", "Pin these curves", "Crosshair"]
    actions["WebP"].trigger()
    assert plot.hidden == {"webp"}
    actions["Pin these curves"].trigger()
    assert len(plot.pinned.read()) == 1
    actions["Crosshair"].trigger()
    assert not plot.crosshair.on
    button.fill(plot)
    actions = {action.text(): action for action in button.menu_.actions()}
    assert not actions["WebP"].isChecked()
    actions["Unpin EfficientNet, crop protocol, 500 photos"].trigger()
    assert plot.pinned.read() == ()


def test_the_crosshair_reads_what_lies_between_points(panel: CurvePanel, curves: Make, qtbot: QtBot) -> None:
    plot = panel.plot
    first, second = curves("jpeg")[0].points[:2]
    x = (np.log10(first.mean_bytes) + np.log10(second.mean_bytes)) / 2
    qtbot.mouseMove(plot.viewport(), QPoint(500, 100))
    qtbot.mouseMove(plot.viewport(), at(plot, x, 0.3))
    qtbot.waitUntil(lambda: "JPEG" in plot.crosshair.text())
    lines = plot.crosshair.text().splitlines()
    assert [line.split()[1] for line in lines[1:4]] == ["AVIF", "WebP", "JPEG"], "the best first"
    middle = (first.top1.value + second.top1.value) / 2
    assert float(lines[3].split()[2]) == pytest.approx(middle, abs=0.005)
    assert lines[-1] == "between points: interpolated"
    plot.set_hidden("avif", hidden=True)
    qtbot.mouseMove(plot.viewport(), at(plot, x, 0.2))
    qtbot.waitUntil(lambda: "AVIF" not in plot.crosshair.text())


def test_keys_move_the_crosshair_and_take_it_away(panel: CurvePanel, qtbot: QtBot) -> None:
    plot = panel.plot
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    before = plot.crosshair.at
    assert before is not None
    assert plot.accessibleDescription() == plot.crosshair.text() != ""
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    step = plot.crosshair.at.x() - before.x()
    qtbot.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert plot.crosshair.at.x() == pytest.approx(before.x() - 4 * step)
    qtbot.keyClick(plot, Qt.Key.Key_H)
    assert plot.crosshair.at is None
    assert not plot.crosshair.on


def test_a_pin_that_a_click_hides_comes_back_hidden(panel: CurvePanel) -> None:
    panel.pin()
    panel.plot.pinned.lines[0].sign.setVisible(False)  # as a click in the legend does
    (pin,) = panel.pins()
    assert not pin.shown
    panel.set_pins(())
    panel.set_pins((pin,))
    lines = panel.plot.pinned.lines[0]
    assert not lines.sign.isVisible()
    assert not any(line.isVisible() for line in lines._lines.values())
    lines.sign.setVisible(True)
    assert all(line.isVisible() for line in lines._lines.values())


def test_what_is_chosen_is_read_and_put_back(panel: CurvePanel) -> None:
    first = panel.choices()
    assert (first.hidden, first.crosshair) == ((), True)
    told: list[None] = []
    panel.chosen.connect(lambda: told.append(None))
    panel.plot.set_hidden("webp", hidden=True)
    panel.plot.set_hidden("avif", hidden=True)
    panel.plot.set_crosshair(False)
    panel.front_button.click()
    assert len(told) == 4
    other = panel.choices()
    assert (other.hidden, other.crosshair, other.front) == (("avif", "webp"), False, True)
    panel.choose(first)
    assert panel.choices() == first
    assert panel.plot._series["webp"].line.isVisible()
    panel.choose(other)
    assert panel.choices() == other
    assert not panel.plot._series["webp"].line.isVisible()
    assert not panel.plot.crosshair.on
