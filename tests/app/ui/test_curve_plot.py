import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from keepsight.app.engine.types import Curve, CurvePoint, Share
from keepsight.app.ui.curve_plot import HIT_RADIUS, CurvePlot
from keepsight.app.ui.curve_points import METRICS, TOP1
from keepsight.codecs import registry

Make = Callable[..., list[Curve]]


@pytest.fixture
def plot(qtbot: QtBot, curves: Make) -> CurvePlot:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(900, 300)
    plot.set_curves(curves(), 0.89)
    plot.show()
    QApplication.processEvents()
    return plot


def place(plot: CurvePlot, point: CurvePoint) -> QPoint:
    return plot.position_of(point.codec, point.options)


def pixels(plot: CurvePlot) -> np.ndarray:
    image = plot.grab().toImage()
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return values[:, : image.width(), 2::-1].astype(int)


def has_colour(plot: CurvePlot, at: QPoint, colour: str, reach: int = 3) -> bool:
    around = pixels(plot)[at.y() - reach : at.y() + reach + 1, at.x() - reach : at.x() + reach + 1]
    wanted = QColor(colour)
    difference = np.abs(around - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=2)
    return bool((difference < 12).any())


def range_of(plot: CurvePlot) -> list[list[float]]:
    return [list(axis) for axis in plot.getViewBox().viewRange()]


def wheel(plot: CurvePlot) -> None:
    at = QPointF(plot.rect().center())
    turn = QWheelEvent(
        at,
        QPointF(plot.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), turn)


def test_every_point_is_drawn_in_the_colour_of_its_codec(plot: CurvePlot, curves: Make) -> None:
    for curve in curves():
        colour = registry.get(curve.codec).colour
        # The first points lie apart from the other curves.
        assert has_colour(plot, place(plot, curve.points[0]), colour)
        assert not has_colour(plot, place(plot, curve.points[0]) + QPoint(0, 60), colour)


def test_a_click_on_a_point_tells_its_setting(plot: CurvePlot, curves: Make, qtbot: QtBot) -> None:
    point = curves("jpeg")[0].points[0]
    with qtbot.waitSignal(plot.point_clicked) as told:
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place(plot, point))
    assert told.args == [point.codec, point.options]


def test_a_click_near_a_point_counts_and_one_further_off_does_not(
    plot: CurvePlot, curves: Make, qtbot: QtBot
) -> None:
    at = place(plot, curves("avif")[0].points[0])
    with qtbot.waitSignal(plot.point_clicked):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(-HIT_RADIUS + 4, 0))
    with qtbot.assertNotEmitted(plot.point_clicked):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(-HIT_RADIUS - 4, 0))
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.RightButton, pos=at)


def test_the_nearest_of_two_points_is_hit(plot: CurvePlot, curves: Make) -> None:
    for curve in curves():
        for point in curve.points:
            assert plot.point_at(plot.mapToScene(place(plot, point))) == point


def test_the_pointer_over_a_point_says_what_it_is(plot: CurvePlot, curves: Make, qtbot: QtBot) -> None:
    point = curves("webp")[0].points[0]
    qtbot.mouseMove(plot.viewport(), place(plot, point) + QPoint(1, 1))
    qtbot.mouseMove(plot.viewport(), place(plot, point))

    assert "1,879 B a photo" in QToolTip.text()
    assert plot.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor

    qtbot.mouseMove(plot.viewport(), place(plot, point) + QPoint(0, 60))
    assert plot.viewport().cursor().shape() != Qt.CursorShape.PointingHandCursor
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_points_in_panes_are_ringed(plot: CurvePlot, curves: Make) -> None:
    point = curves("jpeg")[0].points[0]
    above = place(plot, point) - QPoint(0, 6)
    assert not has_colour(plot, above, "#e6e6e6", reach=2)

    plot.set_marked([(point.codec, point.options), ("jpeg", "no such setting")])
    assert has_colour(plot, above, "#e6e6e6", reach=2)

    plot.set_marked([])
    assert not has_colour(plot, above, "#e6e6e6", reach=2)


def test_updates_keep_the_items_and_the_range(plot: CurvePlot, curves: Make) -> None:
    before = plot.scene().items()
    old_range = range_of(plot)
    for photos in range(2, 60):
        plot.set_curves(curves(photos=photos), 0.88)
    QApplication.processEvents()

    assert set(map(id, plot.scene().items())) == set(map(id, before))
    assert range_of(plot) == old_range


def test_codecs_come_and_go_without_leaving_items(plot: CurvePlot, curves: Make) -> None:
    count = len(plot.scene().items())
    for _ in range(3):
        plot.set_curves(curves("avif"), 0.89)
        assert [label.text for _, label in plot.getPlotItem().legend.items] == ["AVIF"]
        plot.set_curves(curves(), 0.89)
    QApplication.processEvents()

    assert len(plot.scene().items()) == count


def test_an_update_leaves_the_window_responsive(plot: CurvePlot, curves: Make) -> None:
    states = [curves(photos=photos) for photos in range(2, 22)]
    spent = []
    for state in states:
        start = time.thread_time()
        plot.set_curves(state, 0.89)
        plot.viewport().repaint()
        spent.append(time.thread_time() - start)
    assert np.median(spent) < 0.05


def test_points_without_photos_or_without_the_metric_are_left_out(
    plot: CurvePlot, curves: Make, qtbot: QtBot
) -> None:
    plot.set_curves(curves(labelled=False), None)
    with pytest.raises(LookupError):
        place(plot, curves("jpeg")[0].points[0])

    plot.set_metric(next(metric for metric in METRICS if metric.id == "agreement"))
    with qtbot.waitSignal(plot.point_clicked):
        at = place(plot, curves("jpeg", labelled=False)[0].points[0])
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_curve_of_one_point_shows_its_interval(plot: CurvePlot, curves: Make) -> None:
    curve = curves("jpeg", photos=30)[0]
    plot.set_curves([Curve("jpeg", curve.points[:1])], None)
    QApplication.processEvents()

    at = place(plot, curve.points[0]) + QPoint(0, 14)
    band, ground = pixels(plot)[at.y(), at.x()], pixels(plot)[at.y(), at.x() + 30]
    assert np.abs(band - ground).sum() > 20


def test_the_reference_is_drawn_for_the_metric_it_belongs_to(plot: CurvePlot, curves: Make) -> None:
    def dashes() -> int:
        y = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(3.5, 0.89))).y()
        return int((pixels(plot)[y - 1 : y + 2].max(axis=0).min(axis=1) > 110).sum())

    assert dashes() > 200
    plot.set_metric(METRICS[-1])
    assert dashes() < 100
    plot.set_metric(TOP1)
    plot.set_curves(curves(), None)
    assert dashes() < 100


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_all_points_of_every_metric_lie_inside(plot: CurvePlot, curves: Make, metric: object) -> None:
    plot.set_metric(metric)
    QApplication.processEvents()
    inside = plot.mapFromScene(plot.getViewBox().sceneBoundingRect()).boundingRect().adjusted(-1, -1, 1, 1)
    for curve in curves():
        for point in curve.points:
            assert inside.contains(place(plot, point))


def test_zoom_stays_while_curves_grow_until_f_or_a_double_click(
    plot: CurvePlot, curves: Make, qtbot: QtBot
) -> None:
    whole = range_of(plot)
    wheel(plot)
    zoomed = range_of(plot)
    assert zoomed != whole
    plot.set_curves(curves(photos=300), 0.89)
    assert range_of(plot) == zoomed

    qtbot.keyClick(plot, Qt.Key.Key_F)
    assert range_of(plot) == whole

    wheel(plot)
    empty = QPoint(plot.width() // 2, plot.height() - 70)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=empty)
    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=empty)
    qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=empty)
    assert range_of(plot) == whole


def test_a_click_in_the_legend_hides_a_curve_whole(plot: CurvePlot, curves: Make, qtbot: QtBot) -> None:
    point = curves("jpeg")[0].points[0]
    at = place(plot, point)
    colour = registry.get("jpeg").colour
    sample, _ = plot.getPlotItem().legend.items[0]
    on_sample = plot.mapFromScene(sample.mapToScene(sample.boundingRect().center()))

    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=on_sample)
    assert not has_colour(plot, at, colour)
    ground = pixels(plot)[at.y() + 40, at.x()]
    assert np.abs(pixels(plot)[at.y() + 5, at.x()] - ground).max() < 12, "the band is still there"
    with qtbot.assertNotEmitted(plot.point_clicked):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)

    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=on_sample)
    assert has_colour(plot, at, colour)


def words_at_the_edge(plot: CurvePlot) -> list[str]:
    items = (item for item in plot.getViewBox().allChildren() if isinstance(item, pg.TextItem))
    shown = (item.toPlainText() for item in items if item.isVisible())
    return [text for text in shown if not text.startswith("uncompressed")]


@pytest.fixture
def lossless(curves: Make) -> Curve:
    """One large file that keeps everything."""
    top1 = Share(0.89, 0.86, 0.92)
    options = registry.get("png").ladder()[0].to_json()
    point = replace(curves("jpeg")[0].points[0], codec="png", options=options, mean_bytes=97_000.0, top1=top1)
    return Curve("png", [point])


def test_a_lossless_file_does_not_squeeze_the_other_curves(
    plot: CurvePlot, curves: Make, lossless: Curve, qtbot: QtBot
) -> None:
    (left, right), _ = range_of(plot)
    plot.set_curves([*curves(), lossless], 0.89)
    QApplication.processEvents()
    assert range_of(plot)[0][0] == left
    assert range_of(plot)[0][1] < left + 1.2 * (right - left)

    point = lossless.points[0]
    at = place(plot, point)
    edge = plot.mapFromScene(plot.getViewBox().sceneBoundingRect()).boundingRect().right()
    assert 0 < edge - at.x() < 16
    assert has_colour(plot, at, registry.get("png").colour)
    assert words_at_the_edge(plot) == ["PNG 97,000 B"]
    with qtbot.waitSignal(plot.point_clicked) as told:
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == ["png", point.options]


def test_a_plot_with_a_lossless_file_may_lose_its_height(
    plot: CurvePlot, curves: Make, lossless: Curve
) -> None:
    plot.set_curves([*curves(), lossless], 0.89)
    QApplication.processEvents()
    plot.resize(900, 0)
    QApplication.processEvents()
    assert words_at_the_edge(plot) == ["PNG 97,000 B"]


def test_a_lossless_file_is_a_point_like_others_where_the_range_holds_it(
    plot: CurvePlot, curves: Make, lossless: Curve
) -> None:
    plot.set_curves([*curves(), lossless], 0.89)
    plot.setXRange(3, 6, padding=0)
    QApplication.processEvents()
    box = plot.getViewBox()
    there = plot.mapFromScene(box.mapViewToScene(QPointF(np.log10(97_000), 0.89)))
    assert (place(plot, lossless.points[0]) - there).manhattanLength() <= 2
    assert words_at_the_edge(plot) == []


@pytest.mark.parametrize("size", [(1000, 100), (1000, 300)])
def test_the_legend_covers_no_point(plot: CurvePlot, curves: Make, lossless: Curve, size: tuple) -> None:
    plot.resize(*size)
    plot.set_curves([*curves(), lossless], 0.89)
    QApplication.processEvents()
    legend = plot.getPlotItem().legend
    assert not legend.sceneBoundingRect().intersects(
        plot.getViewBox().sceneBoundingRect().adjusted(0, 9, 0, 0)
    )
    assert len({label.pos().y() for _, label in legend.items}) == 1
    assert plot.getViewBox().height() > 0.4 * size[1]


def test_the_subject_stands_beside_the_legend(plot: CurvePlot) -> None:
    title = plot.getPlotItem().titleLabel
    plot.set_subject("EfficientNet-Lite0 · crop protocol")
    QApplication.processEvents()
    assert title.text == "EfficientNet-Lite0 · crop protocol"
    plot.resize(330, 300)
    QApplication.processEvents()
    assert title.text.startswith("Effic")
    assert title.text.endswith("…")


def test_the_label_of_the_reference_follows_its_line_out_of_sight(plot: CurvePlot, curves: Make) -> None:
    label = plot._reference_line.label
    assert label.toPlainText() == "uncompressed 0.890"
    plot.set_curves([], None)
    plot.set_curves(curves(), 0.412)
    assert label.toPlainText() == "uncompressed 0.412"
    plot.set_metric(METRICS[-1])
    plot.set_curves(curves(), 0.777)
    plot.set_metric(TOP1)
    assert label.toPlainText() == "uncompressed 0.777"


def test_no_curves_is_no_error(plot: CurvePlot) -> None:
    plot.set_curves([], None)
    plot.set_marked([("jpeg", "{}")])
    plot.fit()
    assert plot.point_at(QPointF(100, 100)) is None


@pytest.mark.parametrize("width", [900, 1400])
def test_long_names_are_cut_so_that_the_legend_fits(plot: CurvePlot, curves: Make, width: int) -> None:
    plot.resize(width, 300)
    ids = [f"downscale:factor={factor}+roi-background:strength=70+avif" for factor in (1.2, 2, 3, 4, 5)]
    pipelines = [
        Curve(codec_id, [replace(point, codec=codec_id) for point in curves("avif")[0].points])
        for codec_id in ids
    ]
    plot.set_curves([*curves(), *pipelines], 0.89)
    QApplication.processEvents()
    legend = plot.getPlotItem().legend
    labels = {label.toolTip(): label.text for _, label in legend.items}
    assert legend.boundingRect().right() + legend.pos().x() <= width
    assert labels["AVIF"] == "AVIF"
    for codec_id in ids:
        assert labels[registry.get(codec_id).label].startswith("Down")
    plot.set_curves(curves(), 0.89)
    assert {label.text for _, label in legend.items} == {"JPEG", "WebP", "AVIF"}
