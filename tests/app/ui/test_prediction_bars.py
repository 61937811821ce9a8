import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme
from keepsight.app.ui.prediction_bars import PredictionBars

ROWS = [("Egyptian cat", 0.71), ("tabby", 0.15), ("tiger cat", 0.08)]


@pytest.fixture
def bars(qtbot: QtBot) -> PredictionBars:
    bars = PredictionBars()
    bars.resize(400, bars.height())
    qtbot.addWidget(bars)
    bars.show()
    return bars


def lengths(bars: PredictionBars) -> list[int]:
    """Return how many coloured pixels the middle of each row has."""
    image = bars.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    wanted = QColor(theme.KEPT).rgb()
    middles = [row * image.height() // 3 + image.height() // 6 for row in range(3)]
    return [sum(image.pixel(x, y) == wanted for x in range(image.width())) for y in middles]


def test_bars_are_as_long_as_the_probabilities(bars: PredictionBars) -> None:
    bars.set_rows([("a", 1.0), ("b", 0.5), ("c", 0.25)])
    full, half, quarter = lengths(bars)
    assert full > 200
    assert half == pytest.approx(full / 2, abs=2)
    assert quarter == pytest.approx(full / 4, abs=2)


def test_columns_do_not_move_with_names_and_numbers(bars: PredictionBars) -> None:
    def first_bar() -> int:
        image = bars.grab().toImage()
        row = np.array([image.pixelColor(x, 8).name() == theme.KEPT for x in range(image.width())])
        return int(row.argmax())

    bars.set_rows(ROWS)
    short = first_bar()
    bars.set_rows([("German short-haired pointer, a very long name", 1.0), *ROWS[1:]])
    assert first_bar() == short


def test_none_has_no_bar_and_a_little_has_one(bars: PredictionBars) -> None:
    bars.set_rows([("a", 1.0), ("b", 0.001), ("c", 0.0)])
    _, little, none = lengths(bars)
    assert 0 < little <= 6
    assert none == 0


def test_fewer_rows_leave_room(bars: PredictionBars) -> None:
    height = bars.height()
    bars.set_rows(ROWS[:1])
    assert lengths(bars)[1:] == [0, 0]
    bars.set_rows([])
    assert lengths(bars) == [0, 0, 0]
    assert bars.height() == height


def test_whole_name_is_in_the_tip_and_spoken(bars: PredictionBars) -> None:
    name = "German short-haired pointer, a very long name"
    bars.set_rows([ROWS[0], (name, 0.12345)])
    assert bars.tip_at(QPoint(10, 25)) == f"{name}: 12.35 %"
    assert bars.tip_at(QPoint(10, 45)) == ""
    assert bars.accessibleDescription() == f"Egyptian cat 71 %, {name} 12 %"
    where = QPoint(10, 25)
    QApplication.sendEvent(bars, QHelpEvent(QHelpEvent.Type.ToolTip, where, bars.mapToGlobal(where)))
    assert name in QToolTip.text()
    QToolTip.hideText()
