"""The curves of a training: what is read is drawn, and whole."""

from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from keepsight.app.ui.training_plot import TrainingPlot
from keepsight.app.worker.training_run import TrainingPoint


def test_each_reading_of_what_is_held_out_has_a_dot(qtbot: QtBot) -> None:
    readings = [(None, None), (0.9, 0.5), (0.9, 0.5), (0.7, 1.0), (0.7, 1.0), (0.6, 1.0)]
    plot = TrainingPlot()
    qtbot.addWidget(plot)
    plot.resize(600, 160)
    plot.set_points(
        [TrainingPoint("", step, 6, 1.0, 0.4, loss, right) for step, (loss, right) in enumerate(readings)]
    )
    for picture, values in ((plot.loss, [0.9, 0.7, 0.6]), (plot.right, [0.5, 1.0, 1.0])):
        steps, drawn = picture._dots.getData()
        assert list(steps) == [1, 3, 5], "also where the share stays the same"
        assert list(drawn) == values


def test_dots_at_the_end_of_the_range_are_whole(qtbot: QtBot) -> None:
    plot = TrainingPlot()
    qtbot.addWidget(plot)
    plot.resize(600, 160)
    plot.show()
    plot.set_points([TrainingPoint("", 1, 1, 1.0, 0.4, 0.9, 1.0)])
    qtbot.wait(20)
    view = plot.right.getViewBox()
    radius = plot.right._dots.opts["size"] / 2
    assert view.mapViewToScene(QPointF(1, 1)).y() - view.sceneBoundingRect().top() >= radius
