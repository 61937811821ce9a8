"""Settings of the tabs: read, put back, and kept for what is not measured yet."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from keepsight.app.engine.session import Lesson, Tabs
from keepsight.app.engine.types import Curve
from keepsight.app.ui.flips_panel import FlipsPanel
from keepsight.app.ui.latency_panel import LatencyPanel
from keepsight.app.ui.limit_panel import LimitPanel
from keepsight.app.ui.tab_state import TabState
from keepsight.app.ui.table_page import TablePage
from keepsight.app.ui.training_panel import TrainingPanel

Make = Callable[..., list[Curve]]


class Widgets:
    """What the settings are shown by."""

    def __init__(self, qtbot: QtBot) -> None:
        latency, self.flips, self.table, self.limits = (
            LatencyPanel(),
            FlipsPanel(),
            TablePage(),
            LimitPanel(),
        )
        trainings = TrainingPanel()
        self.latency, self.training = latency.form, trainings.form
        self.offer_codecs()
        self.shown = latency, self.flips, self.table, self.limits, trainings
        for widget in self.shown:
            qtbot.addWidget(widget)
        self.state = TabState(*self.shown, latency)

    def offer_codecs(self, *more: tuple[str, str]) -> None:
        self.training.set_codecs("JPEG", [("webp", "WebP"), *more])

    def set_curves(self, curves: list[Curve]) -> None:
        self.flips.form.set_points({curve.codec: curve.points for curve in curves})
        self.table.set_curves(curves)


@pytest.fixture
def widgets(qtbot: QtBot) -> Widgets:
    return Widgets(qtbot)


def change(widgets: Widgets, curves: list[Curve]) -> Tabs:
    """Change every setting as the user does; return them."""
    told: list[None] = []
    widgets.state.changed.connect(lambda: told.append(None))
    form, table, limits = widgets.flips.form, widgets.table, widgets.limits
    webp, jpeg = curves[1], curves[0]
    for change in (
        lambda: widgets.latency.sliders["round_trip_ms"].setValue(0),
        lambda: form.codec.setCurrentIndex(form.codec.findData("webp")),
        lambda: form.rate.setCurrentIndex(2),
        lambda: form.other.setCurrentIndex(form.other.findData("jpeg")),
        lambda: form.other_rate.setCurrentIndex(0),
        lambda: widgets.flips.table.sortByColumn(3, Qt.SortOrder.AscendingOrder),
        lambda: table.settings.sortByColumn(4, Qt.SortOrder.DescendingOrder),
        lambda: table.view_combo.setCurrentIndex(1),
        lambda: (
            table.anchor_combo.setCurrentIndex(table.anchor_combo.findData("avif")),
            table.anchor_combo.activated.emit(table.anchor_combo.currentIndex()),
        ),
        lambda: limits.goal_combo.setCurrentIndex(limits.goal_combo.findData("bytes")),
        lambda: limits.value.setValue(4321),
        lambda: widgets.training.name.setText("mine"),
        lambda: widgets.training.count.setValue(300),
        lambda: (
            widgets.training.codec_combo.setCurrentIndex(1),
            widgets.training.codec_combo.activated.emit(1),
        ),
        lambda: widgets.training.set_folder("/photos"),
        lambda: widgets.training.rates.setEditText("5,10"),
    ):
        told.clear()
        change()
        assert told, "a session must hear of it"
    tabs = widgets.state.read()
    assert tabs.link["round_trip_ms"] == 0
    assert tabs.flipped_by == ("webp", webp.points[2].options)
    assert tabs.kept_by == ("jpeg", jpeg.points[0].options)
    assert (tabs.flips_order, tabs.table_order) == (("Before", False), ("bpp", True))
    assert (tabs.table, tabs.anchor) == ("codecs", "avif")
    assert (tabs.goal, tabs.goal_values["bytes"]) == ("bytes", 4321)
    assert tabs.lesson == Lesson(source="/photos", codec="webp", rates="5,10", photos=300, name="mine")
    return tabs


def test_a_codec_to_train_with_waits_until_it_is_offered(widgets: Widgets) -> None:
    lesson = Lesson(kind="distill", source="scenes", codec="avif", epochs=3)
    widgets.state.put(Tabs(lesson=lesson))
    assert widgets.training.codec() == ""
    assert widgets.state.read().lesson == lesson
    widgets.offer_codecs(("avif", "AVIF"))
    assert widgets.training.codec() == "avif"
    assert widgets.state.read().lesson == lesson


@pytest.mark.parametrize("wrong", [{"photos": 10**12}, {"epochs": 0}, {"kind": "nonsense"}])
def test_what_cannot_be_trained_is_no_session(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Tabs.model_validate({"lesson": wrong})


def test_what_is_set_is_read_and_put_back(widgets: Widgets, curves: Make) -> None:
    first = widgets.state.read()
    assert first.model_copy(update={"link": {}, "goal_values": {}}) == Tabs()
    widgets.set_curves(curves())
    assert widgets.state.read() == first
    tabs = change(widgets, curves())
    widgets.state.put(Tabs())
    assert widgets.state.read() == first
    assert widgets.flips.form.by() == "selected"
    assert widgets.limits.goal().kind == "agreement"
    widgets.state.put(tabs)
    assert widgets.state.read() == tabs
    assert widgets.flips.form.by() == tabs.flipped_by
    assert widgets.table.anchor == "avif"
    assert widgets.limits.goal().value == 4321
    assert widgets.latency.link().round_trip_ms == 0


def test_what_is_not_measured_yet_is_shown_once_it_is(widgets: Widgets, curves: Make, qtbot: QtBot) -> None:
    widgets.set_curves(curves())
    tabs = change(widgets, curves())
    other = Widgets(qtbot)
    other.state.put(Tabs.model_validate_json(tabs.model_dump_json()))
    assert other.state.read() == tabs, "it is kept before there is any curve"
    assert other.flips.form.by() == "selected"
    other.set_curves(curves("jpeg"))
    other.set_curves(curves())
    assert other.flips.form.by() == tabs.flipped_by
    assert other.flips.form.kept_by() == tabs.kept_by
    assert other.table.anchor == "avif"
    other.flips.form.set_points({})  # another classifier has none yet
    assert other.state.read() == tabs


def test_what_no_control_can_show_is_left_out(widgets: Widgets) -> None:
    widgets.state.put(
        Tabs(
            link={"bandwidth": 3.0, "further": 1.0},
            flipped_by=("gone", "{}"),
            table_order=("Gone", True),
            goal="accuracy",
            goal_values={"bytes": 10**12},
        )
    )
    assert widgets.latency.link().bandwidth == pytest.approx(1e4)
    assert widgets.flips.form.by() == "selected"
    assert widgets.state.read().table_order == ("", False)
    assert widgets.limits.goal().kind == "agreement"
    assert widgets.state.read().goal_values["bytes"] == 99_000_000
