from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from keepsight.app.engine.types import Curve
from keepsight.app.ui.curve_panel import EMPTY, STARTING, CurvePanel
from keepsight.app.ui.curve_points import METRICS, front

Make = Callable[..., list[Curve]]


@pytest.fixture
def panel(qtbot: QtBot) -> CurvePanel:
    panel = CurvePanel()
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    return panel


def choose(combo: QComboBox, text: str, qtbot: QtBot) -> None:
    """Choose with the keyboard, as a user does."""
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    while combo.currentText() != text:
        before = combo.currentIndex()
        qtbot.keyClick(combo, Qt.Key.Key_Down)
        assert combo.currentIndex() != before, f"{text} cannot be reached"


def axis(panel: CurvePanel) -> str:
    return panel.plot.getPlotItem().getAxis("left").labelText


def hints(panel: CurvePanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_the_tabs(panel: CurvePanel, qtbot: QtBot) -> None:
    assert [panel.tabText(i) for i in range(panel.count())] == ["Rate–accuracy", "Table", "Log"]
    assert all(panel.tabToolTip(i) for i in range(panel.count()))

    for i in range(panel.count()):
        bar = panel.tabBar()
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(i).center())
        assert panel.currentIndex() == i
        assert panel.metric_combo.isVisible() == (i == 0)


def test_before_the_first_sweep_a_sentence_says_what_to_do(panel: CurvePanel, curves: Make) -> None:
    assert EMPTY in hints(panel)
    assert not panel.plot.isVisible()

    panel.set_curves(curves(), 0.89)
    assert EMPTY not in hints(panel)
    assert panel.plot.isVisible()

    panel.set_curves([], None)
    assert EMPTY in hints(panel)


def test_while_the_first_sweep_starts_nothing_has_to_be_pressed(panel: CurvePanel) -> None:
    panel.set_sweeping(True)
    assert hints(panel) == [STARTING]
    panel.set_sweeping(False)
    assert hints(panel) == [EMPTY]


def test_the_metric_is_chosen_by_keyboard(panel: CurvePanel, curves: Make, qtbot: QtBot) -> None:
    panel.set_curves(curves(), 0.89)
    for metric in METRICS:
        choose(panel.metric_combo, metric.label, qtbot)
        assert axis(panel) == metric.axis
        panel.set_curves(curves(photos=501), 0.89)
        assert axis(panel) == metric.axis


def test_without_labels_agreement_stands_in_for_accuracy(
    panel: CurvePanel, curves: Make, qtbot: QtBot
) -> None:
    panel.set_curves(curves(labelled=False), None)
    assert panel.metric_combo.currentText() == "Agreement"
    assert axis(panel) == "agreement with the original"
    with pytest.raises(AssertionError, match="cannot be reached"):
        choose(panel.metric_combo, "Top-1 accuracy", qtbot)

    choose(panel.metric_combo, "PSNR", qtbot)
    panel.set_curves(curves(), 0.89)
    assert axis(panel) == "PSNR (dB)", "a choice of the user stays"


def test_accuracy_comes_back_with_the_labels(panel: CurvePanel, curves: Make) -> None:
    panel.set_curves(curves(labelled=False), None)
    panel.set_curves(curves(), 0.89)
    assert panel.metric_combo.currentText() == "Top-1 accuracy"
    assert axis(panel) == "top-1 accuracy"


def test_clicks_in_plot_and_table_are_told(panel: CurvePanel, curves: Make, qtbot: QtBot) -> None:
    panel.set_curves(curves(), 0.89)
    QApplication.processEvents()
    point = curves("jpeg")[0].points[0]
    with qtbot.waitSignal(panel.point_clicked) as told:
        at = panel.plot.position_of("jpeg", point.options)
        qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == ["jpeg", point.options]

    panel.setCurrentIndex(1)
    with qtbot.waitSignal(panel.point_clicked) as told:
        first = panel.table.visualRect(panel.table.model().index(0, 0)).center()
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=first)
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert told.args == ["jpeg", point.options]


def test_the_fit_button_undoes_a_drag(panel: CurvePanel, curves: Make, qtbot: QtBot) -> None:
    panel.set_curves(curves(), 0.89)
    QApplication.processEvents()
    options = curves("jpeg")[0].points[0].options
    place = panel.plot.position_of("jpeg", options)
    viewport = panel.plot.viewport()
    start = QPoint(viewport.width() // 2, viewport.height() - 80)

    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(viewport, start + QPoint(20 * step, 0))
        qtbot.wait(20)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(100, 0))
    assert panel.plot.position_of("jpeg", options) != place

    qtbot.mouseClick(panel.fit_button, Qt.MouseButton.LeftButton)
    assert panel.plot.position_of("jpeg", options) == place


def test_the_rate_is_chosen_and_the_front_is_drawn(panel: CurvePanel, curves: Make, qtbot: QtBot) -> None:
    shown = curves()
    panel.set_curves(shown, 0.89)
    QApplication.processEvents()
    bottom = panel.plot.getPlotItem().getAxis("bottom")
    qtbot.mouseClick(panel.front_button, Qt.MouseButton.LeftButton)
    for i in range(panel.rate_combo.count()):
        rate, log = panel.rate_combo.itemData(i)
        choose(panel.rate_combo, panel.rate_combo.itemText(i), qtbot)
        panel.rate_combo.activated.emit(i)
        assert bottom.labelText == rate.axis + (" (logarithmic)" if log else "")
        values = [rate.read(point) for point in front(shown, METRICS[0])]
        assert panel.plot._front.xData == pytest.approx(np.log10(values) if log else values)
        QApplication.processEvents()
        inside = panel.plot.getViewBox().viewRange()[0]
        x = [np.log10(rate.read(p)) if log else rate.read(p) for curve in shown for p in curve.points]
        assert inside[0] <= min(x)
        assert max(x) <= inside[1]
        assert bottom.tickStrings([x[0]], 1, 1) == [rate.text(rate.read(shown[0].points[0]))]


def test_the_front_is_what_no_smaller_file_comes_up_to(curves: Make) -> None:
    shown = curves()
    best = front(shown, METRICS[0])
    points = [point for curve in shown for point in curve.points]
    for point in points:
        beaten = any(
            p.mean_bytes <= point.mean_bytes and p.top1.value >= point.top1.value
            for p in points
            if p != point
        )
        assert (point in best) != beaten
    divergence = next(metric for metric in METRICS if metric.less_is_better)
    assert front(shown, divergence) == best, "in these curves KL is 1 less the accuracy"
