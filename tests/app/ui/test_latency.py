"""The latency's tab: what is drawn, what is said, and that clicks are heard."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from keepsight.app.engine.latency import Link, Stretch, fastest, totals, winners
from keepsight.app.engine.rows import ORIGINAL
from keepsight.app.engine.types import Curve, Share
from keepsight.app.ui import latency_words as words
from keepsight.app.ui import theme
from keepsight.app.ui.latency_bars import LatencyBars, LeftOut
from keepsight.app.ui.latency_form import BANDWIDTHS, LatencyForm
from keepsight.app.ui.latency_panel import LatencyPanel
from keepsight.app.ui.latency_plot import LatencyPlot, LatencyView

Make = Callable[..., list[Curve]]


@pytest.fixture
def with_raw(curves: Make) -> list[Curve]:
    """Three codecs, and the uncompressed photos as one more."""
    found = curves()
    raw = replace(
        found[0].points[0], codec=ORIGINAL, options="{}", mean_bytes=150_528, top1=Share(0.89, 0.86, 0.92)
    )
    return [*found, Curve(ORIGINAL, [replace(raw, encode_ms=0.0, decode_ms=0.0)])]


def view_of(curves: list[Curve], link: Link, floor: float) -> LatencyView:
    taken = {curve.codec: totals(curve, link, floor, BANDWIDTHS) for curve in curves}
    told = {codec: one for codec, one in taken.items() if one is not None}
    return LatencyView(BANDWIDTHS, told, winners(curves, link, floor, BANDWIDTHS))


def test_numbers_in_words() -> None:
    assert [words.bandwidth(bits) for bits in (1e4, 1.122e6, 9.99e8, 1e9)] == [
        "10 kbit/s",
        "1.1 Mbit/s",
        "1 Gbit/s",
        "1 Gbit/s",
    ]
    assert [words.duration(ms) for ms in (8.46, 85.4, 1234, 65_000, 150_000, 900_000)] == [
        "8.5 ms",
        "85 ms",
        "1.2 s",
        "65 s",
        "2.5 min",
        "15 min",
    ]
    assert words.speed(0.25) == "× 0.25"


def test_the_finding_names_the_fastest_and_where_it_is_another(with_raw: list[Curve]) -> None:
    found = fastest(with_raw, Link(1e6, 40), 0.8)
    stretches = [Stretch("webp", 1e4, 5e5), Stretch("avif", 6e5, 4e6), Stretch(ORIGINAL, 5e6, 1e9)]
    first, second = found[:2]
    sentence = words.finding(found, stretches, 1e6, 0.8)
    assert sentence.startswith(f"At 1 Mbit/s, {words.name(first.point.codec)}, {words.setting(first.point)},")
    assert f"{words.duration(first.total)} a photo" in sentence
    assert words.duration(second.total - first.total) in sentence
    assert sentence.endswith("Below 600 kbit/s it is WebP, above 5 Mbit/s it is sending raw pixels.")
    alone = words.finding(found, [Stretch("avif", 1e4, 1e9)], 1e6, 0.8)
    assert alone.endswith("; so it is at every bandwidth.")
    assert "No setting keeps 99 %" in words.finding([], [], 1e6, 0.99)


def test_who_is_left_out_is_told_why(curves: Make) -> None:
    jpeg = curves("jpeg")[0]
    assert words.too_low(jpeg, 0.8455) == "at best top-1 0.834; 0.846 is needed"
    assert words.too_low(curves("jpeg", labelled=False)[0], 0.95).startswith("at best agreement 0.834")


def test_the_sliders_give_a_link(qtbot: QtBot) -> None:
    form = LatencyForm()
    qtbot.addWidget(form)
    assert form.link() == Link(1e6, 40, 1, 1)
    assert form.kept() == 0.8
    with qtbot.waitSignal(form.changed):
        form.set_bandwidth(1.05e7)
    assert form.link().bandwidth == pytest.approx(1e7)
    assert form._texts["bandwidth"].text() == "10 Mbit/s"
    for slider in form.sliders.values():
        assert slider.toolTip()
        slider.setValue(slider.minimum())
    assert form.link() == Link(1e4, 0, 0.02, 0.02)
    assert form._texts["round_trip_ms"].text() == "0 ms"


def test_a_click_and_the_keys_ask_for_a_setting(with_raw: list[Curve], qtbot: QtBot) -> None:
    bars = LatencyBars()
    qtbot.addWidget(bars)
    found = fastest(with_raw, Link(1e6, 40), 0.8)
    bars.set_bars(found, [LeftOut("jpegxl", "at best 0.7")])
    bars.resize(500, bars.sizeHint().height())
    bars.show()
    asked: list[tuple[str, str]] = []
    bars.chosen.connect(lambda codec, options: asked.append((codec, options)))
    for row in (0, 1, len(found)):
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(row).center())
    assert asked == [(one.point.codec, one.point.options) for one in found[:2]]
    raw = next(row for row, one in enumerate(found) if one.point.codec == ORIGINAL)
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(raw).center())
    assert len(asked) == 2, "the raw photo is no setting of a pane"
    bars._mark(None)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(bars, key)
    assert asked[2] == asked[1]
    for row, text in ((0, "in all"), (len(found), "at best 0.7")):
        at = bars.row_rect(row).center()
        QApplication.sendEvent(bars, QHelpEvent(QEvent.Type.ToolTip, at, bars.mapToGlobal(at)))
        assert text in QToolTip.text()


def test_bars_are_as_long_as_the_times(with_raw: list[Curve], qtbot: QtBot) -> None:
    bars = LatencyBars()
    qtbot.addWidget(bars)
    found = fastest(with_raw, Link(1e6, 0), 0.6)
    bars.set_bars(found, [])
    bars.resize(600, bars.sizeHint().height())
    image = bars.grab().toImage()

    def length(row: int) -> int:
        y = bars.row_rect(row).center().y()
        line = [image.pixelColor(x, y).name() for x in range(250, 538)]
        return sum(colour in {theme.readable(look) for look, _ in words.STAGES.values()} for colour in line)

    assert found[-1].total > 5 * found[0].total, "the last one is cut"
    assert length(0) == pytest.approx(288 / 5, abs=6)
    assert length(1) == pytest.approx(288 / 5 * found[1].total / found[0].total, abs=6)
    assert 270 < length(len(found) - 1) < 288, "the cut has a gap"


def test_a_click_and_a_drag_choose_a_bandwidth(with_raw: list[Curve], qtbot: QtBot) -> None:
    plot = LatencyPlot()
    qtbot.addWidget(plot)
    plot.resize(500, 200)
    plot.show()
    with qtbot.assertNotEmitted(plot.bandwidth_clicked):
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(250, 100))
    view = view_of(with_raw, Link(1, 40), 0.8)
    plot.set_view(view)
    QApplication.processEvents()
    chosen: list[float] = []
    plot.bandwidth_clicked.connect(chosen.append)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(1e7, 100))
    assert chosen == [pytest.approx(1e7, rel=0.1)]
    qtbot.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(1e5, 100))
    qtbot.mouseMove(plot.viewport(), plot.position_of(1e6, 100))
    qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.position_of(1e6, 100))
    assert chosen[1] == pytest.approx(1e5, rel=0.1)
    for bits in (1e6, 1e5):
        qtbot.mouseMove(plot.viewport(), plot.position_of(bits, 100))
    qtbot.waitUntil(lambda: "At 100 kbit/s:" in QToolTip.text())
    place = BANDWIDTHS.index(min(BANDWIDTHS, key=lambda bits: abs(bits - 1e5)))
    best = min(view.totals, key=lambda codec: view.totals[codec][place])
    assert QToolTip.text().splitlines()[1].endswith(words.name(best))


def test_the_strip_has_the_colour_of_the_fastest(with_raw: list[Curve], qtbot: QtBot) -> None:
    plot = LatencyPlot()
    qtbot.addWidget(plot)
    plot.resize(700, 220)
    plot.show()
    view = view_of(with_raw, Link(1, 40), 0.8)
    plot.set_view(view)
    QApplication.processEvents()
    image = plot.grab().toImage()
    assert {stretch.codec for stretch in view.stretches} > {ORIGINAL}
    for stretch in view.stretches:
        at = plot.position_of((stretch.low * stretch.high) ** 0.5, 100)
        column = [image.pixelColor(at.x(), y).name() for y in range(plot.height())]
        assert column.count(words.colour(stretch.codec).lower()) >= 6, stretch.codec


@pytest.mark.parametrize("size", [(700, 90), (1000, 150), (1400, 300)])
def test_the_panel_shows_all_in_any_room(with_raw: list[Curve], qtbot: QtBot, size: tuple[int, int]) -> None:
    panel = LatencyPanel()
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.seen):
        panel.show()
    panel.resize(*size)
    view = view_of(with_raw, Link(1, 40), 0.8)
    panel.show_view(fastest(with_raw, Link(1e6, 40), 0.8), [], view, "found")
    QApplication.processEvents()
    assert panel.bars.isVisible()
    assert panel.plot.isVisible()
    assert panel.bars.row_rect(0).height() < panel.bars.visibleRegion().boundingRect().height() + 1
    assert panel.finding.text() == "found"
    panel.clear()
    assert not panel.bars.isVisible()
