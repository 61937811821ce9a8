"""The flips' tab: what is chosen, listed and drawn, and that clicks and keys are heard."""

from collections.abc import Callable, Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from keepsight.app.engine.flips import Flip, Step
from keepsight.app.engine.readings import PhotoId
from keepsight.app.engine.types import Curve
from keepsight.app.ui import theme
from keepsight.app.ui.flip_history import FlipHistory
from keepsight.app.ui.flips_form import FlipsForm
from keepsight.app.ui.flips_panel import FlipsPanel
from keepsight.app.ui.flips_table import FlipsTable
from keepsight.codecs import registry

CLASSES = ("cat", "lynx", "espresso")
Make = Callable[..., list[Curve]]


def flips() -> list[Flip]:
    setting = ("jpeg", registry.get("jpeg").ladder()[0].to_json())
    return [
        Flip(PhotoId("b", "beta", None), setting, 0, 1, 0.9, 0.2, 2000),
        Flip(PhotoId("a", "alpha", 2), setting, 2, 1, 0.5, 0.4, 900),
        Flip(PhotoId("c", "gamma", 0), setting, 0, 2, 0.8, 0.7, 1500),
    ]


def names(table: FlipsTable) -> list[str]:
    return [table.model().index(row, 0).data() for row in range(table.model().rowCount())]


@pytest.fixture
def table(qtbot: QtBot) -> FlipsTable:
    table = FlipsTable()
    qtbot.addWidget(table)
    table.resize(700, 150)
    table.set_flips(flips(), CLASSES, several=False)
    table.show()
    return table


def test_the_list_sorts_by_what_was_lost_and_by_any_column(table: FlipsTable) -> None:
    assert names(table) == ["beta", "alpha", "gamma"] or names(table) == ["beta", "gamma", "alpha"]
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert names(table) == ["alpha", "beta", "gamma"]
    table.sortByColumn(6, Qt.SortOrder.DescendingOrder)
    assert names(table) == ["beta", "gamma", "alpha"]
    texts = [table.model().index(0, column).data() for column in range(7)]
    assert texts == ["beta", "cat", "lynx", "90.0", "20.0", "70.0", "2,000"]
    assert table.model().index(0, 2).data(Qt.ItemDataRole.ForegroundRole) == QColor(theme.FLIPPED)
    fonts = [table.model().index(0, column).data(Qt.ItemDataRole.FontRole) for column in (2, 6)]
    assert fonts == [theme.font(), theme.font(tabular=True)]
    assert fonts[0] != fonts[1]
    assert "True class: espresso" in table.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_turning_to_a_row_tells_and_new_rows_do_not(table: FlipsTable, qtbot: QtBot) -> None:
    told: list[str] = []
    table.chosen.connect(lambda flip: told.append(flip.photo.name))
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    table.selectRow(1)
    assert told == ["beta"]
    table.set_flips(flips()[:2], CLASSES, several=False)
    assert told == ["beta"]
    assert table.current() is not None
    assert table.current().photo.name == "beta", "the row that was turned to stays so"
    qtbot.keyClick(table, Qt.Key.Key_Up)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert told == ["beta", "alpha", "alpha"]
    assert table.as_tsv().splitlines()[1].startswith("alpha\tespresso\tlynx\t50\t40\t10\t900")


def test_the_other_setting_has_a_column_of_its_own(table: FlipsTable) -> None:
    assert table.model().columnCount() == 8
    assert table.isColumnHidden(7)
    kept = [Flip(**{**vars(flip), "p_other": 0.8, "bytes_other": 700}) for flip in flips()]
    table.set_flips(kept, CLASSES, several=True)
    assert table.model().index(0, 8).data() == "700"
    assert not table.isColumnHidden(7)


def test_the_room_of_a_hidden_column_goes_to_the_classes(table: FlipsTable) -> None:
    table.resize(750, 200)
    table.show()
    QApplication.processEvents()
    alone = table.columnWidth(2)
    assert alone > 200
    table.set_flips(flips(), CLASSES, several=True)
    QApplication.processEvents()
    together = table.columnWidth(2)
    assert 100 <= together < 120
    table.set_flips(flips(), CLASSES, several=False)
    QApplication.processEvents()
    assert table.columnWidth(2) == alone


def test_the_form_follows_the_panes_until_a_setting_is_chosen(curves: Make, qtbot: QtBot) -> None:
    form = FlipsForm()
    qtbot.addWidget(form)
    form.show()
    assert form.by() == "selected"
    assert form.kept_by() is None
    points = {curve.codec: curve.points for curve in curves()}
    with qtbot.assertNotEmitted(form.changed):
        form.set_points(points)
    assert form.rate.isHidden()
    with qtbot.waitSignal(form.changed):
        form.codec.setCurrentIndex(form.codec.findData("jpeg"))
    middle = points["jpeg"][1]
    assert form.by() == ("jpeg", middle.options)
    assert form.rate.currentText().endswith("3.613 kB")
    with qtbot.waitSignal(form.changed):
        form.rate.setCurrentIndex(0)
    assert form.by() == ("jpeg", points["jpeg"][0].options)
    form.set_points({"webp": points["webp"], **points})
    assert form.by() == ("jpeg", points["jpeg"][0].options), "a choice of the user stays"
    form.other.setCurrentIndex(form.other.findData("avif"))
    assert form.kept_by() == ("avif", points["avif"][1].options)
    form.choose(("webp", points["webp"][2].options))
    assert form.by() == ("webp", points["webp"][2].options)


def steps(codec: str, *classes: int) -> Sequence[Step]:
    ladder = registry.get(codec).ladder()
    return [
        Step((codec, ladder[n].to_json()), 500 * 2**n, top1, 0.1 + 0.1 * n, top1 == 0)
        for n, top1 in enumerate(classes)
    ]


@pytest.fixture
def strips(qtbot: QtBot) -> FlipHistory:
    strips = FlipHistory()
    qtbot.addWidget(strips)
    strips.resize(500, 100)
    strips.set_history({"jpeg": steps("jpeg", 1, 1, 0, 0), "avif": steps("avif", 0, 2, 0)}, CLASSES, ())
    strips.show()
    return strips


def test_marks_have_the_colour_of_what_became_of_the_class(strips: FlipHistory) -> None:
    image = strips.grab().toImage()
    for line, kept in ((0, (False, False, True, True)), (1, (True, False, True))):
        for step, one in enumerate(kept):
            at = strips.place_of(line, step).toPoint()
            colour = QColor(theme.KEPT if one else theme.FLIPPED)
            assert image.pixelColor(at) == colour, (line, step)
    x = [strips.place_of(0, step).x() for step in range(4)]
    assert x[1] - x[0] == pytest.approx(x[3] - x[2]), "twice the bytes are as far everywhere"
    assert strips.place_of(1, 1).x() == pytest.approx(x[1]), "one axis for all"


def test_a_click_and_the_keys_ask_for_a_setting(strips: FlipHistory, qtbot: QtBot) -> None:
    asked: list[tuple[str, str]] = []
    strips.setting_chosen.connect(lambda codec, options: asked.append((codec, options)))
    qtbot.mouseClick(strips, Qt.MouseButton.LeftButton, pos=strips.place_of(0, 2).toPoint())
    assert asked == [steps("jpeg", 1, 1, 0, 0)[2].setting]
    qtbot.mouseClick(strips, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert len(asked) == 1
    strips._mark(None)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(strips, key)
    assert asked[1] == steps("avif", 0, 2, 0)[1].setting
    at = strips.place_of(1, 1).toPoint()
    QApplication.sendEvent(strips, QHelpEvent(QEvent.Type.ToolTip, at, strips.mapToGlobal(at)))
    assert "read as espresso: class flipped" in QToolTip.text()
    assert "1,000 B" in QToolTip.text()


@pytest.mark.parametrize("size", [(1008, 130), (1424, 230)])
def test_the_panel_shows_all_in_any_room(qtbot: QtBot, size: tuple[int, int]) -> None:
    panel = FlipsPanel()
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.seen):
        panel.show()
    panel.resize(*size)
    panel.show_flips(flips(), CLASSES, "found", several=False)
    panel.show_history("beta", {"jpeg": steps("jpeg", 1, 0)}, CLASSES, ())
    QApplication.processEvents()
    assert panel.table.isVisible()
    assert panel.history.isVisible()
    assert panel.finding.text() == "found"
    assert panel.table.viewport().height() > 20
    panel.show_history("beta", {}, CLASSES, ())
    assert panel.subject.text() == "beta is not in this sweep"
    panel.clear()
    assert not panel.table.isVisible()
