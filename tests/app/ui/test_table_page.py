from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from keepsight.app.engine.bd import Delta
from keepsight.app.engine.comparison import Compared, Comparison
from keepsight.app.engine.equal_accuracy import Rate
from keepsight.app.engine.types import Curve
from keepsight.app.ui.table_page import TablePage


@pytest.fixture
def page(qtbot: QtBot, curves: Callable[..., list[Curve]]) -> TablePage:
    page = TablePage()
    qtbot.addWidget(page)
    qtbot.addWidget(page.controls)
    page.resize(1000, 200)
    page.set_curves(curves())
    page.show()
    page.controls.show()
    return page


def test_jpeg_is_the_anchor_wherever_it_comes(page: TablePage, curves, qtbot: QtBot) -> None:
    assert page.anchor == "jpeg"
    page.set_curves(curves("avif"))
    assert page.anchor == "avif"
    page.set_curves(curves("avif", "webp", "jpeg"))
    assert page.anchor == "jpeg"
    page.anchor_combo.setCurrentIndex(1)
    with qtbot.waitSignal(page.wanted):
        page.anchor_combo.activated.emit(1)
    page.set_curves(curves("avif"))
    page.set_curves(curves("avif", "webp"))
    assert page.anchor == "webp", "a choice of the user stays"


def test_the_codecs_with_their_intervals_and_reasons(page: TablePage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.wanted):
        page.view_combo.setCurrentIndex(1)
    assert page.codecs.isVisible()
    assert page.anchor_combo.isVisible()
    delta = Delta("avif", -0.316, -0.446, -0.138, 0.021, 0.01, 0.032)
    rate = Rate("avif", 3476, 2900, 4100, 0.316, 0.138, 0.446)
    lines = [Compared("avif", delta, "", {0.02: rate}), Compared("png", None, "It has 1 settings.", {})]
    page.show_comparison(Comparison("jpeg", "top1", 250, lines))
    texts = [[page.codecs.item(row, column).text() for column in range(7)] for row in range(2)]
    assert texts[0] == [
        "AVIF",
        "−31.6 % (−44.6 % to −13.8 %)",
        "+2.1 points (+1.0 to +3.2)",
        "–",
        "3,476 (2,900–4,100)",
        "–",
        "",
    ]
    assert texts[1] == ["PNG", "–", "–", "–", "–", "–", "It has 1 settings."]
    assert page.codecs.item(0, 4).toolTip() == "31.6 % saved (13.8 % to 44.6 %)"
    page.resize(2000, 200)
    assert page.codecs.horizontalHeader().length() == page.codecs.viewport().width()


def test_two_chosen_rows_are_told(page: TablePage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.wanted):
        page.settings.selectRow(2)
    assert [point.codec for point in page.settings.chosen_points()] == ["jpeg"]
    page.say("found")
    assert page.finding.isVisible()
    page.say("")
    assert not page.finding.isVisible()
