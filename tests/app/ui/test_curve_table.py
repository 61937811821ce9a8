import dataclasses
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from keepsight.app.engine.types import Curve
from keepsight.app.ui.curve_table import COLUMNS, CurveTable

Make = Callable[..., list[Curve]]
TITLES = [column.title for column in COLUMNS]


@pytest.fixture
def table(qtbot: QtBot, curves: Make) -> CurveTable:
    table = CurveTable()
    qtbot.addWidget(table)
    table.resize(1100, 320)
    table.set_curves(curves())
    table.show()
    return table


def column(table: CurveTable, title: str) -> list[str]:
    model = table.model()
    return [model.index(row, TITLES.index(title)).data() for row in range(model.rowCount())]


def cell(table: CurveTable, row: int, title: str) -> QPoint:
    return table.visualRect(table.model().index(row, TITLES.index(title))).center()


def click_header(table: CurveTable, title: str, qtbot: QtBot) -> None:
    header = table.horizontalHeader()
    section = TITLES.index(title)
    at = QPoint(
        header.sectionViewportPosition(section) + header.sectionSize(section) // 2, header.height() // 2
    )
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_row_reads_like_its_point(table: CurveTable) -> None:
    model = table.model()
    row = [model.index(1, i).data() for i in range(len(COLUMNS))]

    assert row[0] == "JPEG"
    assert row[1].startswith("quality ")
    assert row[2:] == ["500", "3,613", "0.576", "0.628", "0.583–0.673", "0.628", "4.2", "1.5", "23.0"]


def test_the_header_sorts_by_number_not_by_text(table: CurveTable, qtbot: QtBot) -> None:
    click_header(table, "Mean bytes", qtbot)
    sizes = [int(text.replace(",", "")) for text in column(table, "Mean bytes")]
    assert sizes in (sorted(sizes), sorted(sizes, reverse=True))

    click_header(table, "Mean bytes", qtbot)
    assert [int(text.replace(",", "")) for text in column(table, "Mean bytes")] == sizes[::-1]


def test_nothing_is_sorted_until_asked(table: CurveTable) -> None:
    assert column(table, "Codec") == ["JPEG"] * 4 + ["WebP"] * 3 + ["AVIF"] * 4


def test_points_without_labels_show_a_dash_and_sort_last(
    table: CurveTable, curves: Make, qtbot: QtBot
) -> None:
    table.set_curves([*curves("jpeg"), *curves("avif", labelled=False)])
    assert column(table, "Top-1")[4:] == ["–"] * 4
    assert column(table, "Top-1, 95 %")[4:] == ["–"] * 4

    table.sortByColumn(TITLES.index("Top-1"), Qt.SortOrder.DescendingOrder)
    assert column(table, "Top-1") == ["0.834", "0.778", "0.628", "0.356", "–", "–", "–", "–"]


def test_ctrl_c_copies_the_chosen_rows_for_a_spreadsheet(table: CurveTable, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, 1, "Options"))
    qtbot.mouseClick(
        table.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ControlModifier,
        cell(table, 8, "Options"),
    )
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0] == TITLES
    assert [(line[0], line[3], line[5]) for line in lines[1:]] == [
        ("JPEG", "3613", "0.628"),
        ("AVIF", "2564", "0.698"),
    ]


def test_copying_without_a_choice_takes_all_in_the_order_shown(table: CurveTable, qtbot: QtBot) -> None:
    table.sortByColumn(TITLES.index("Mean bytes"), Qt.SortOrder.AscendingOrder)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    sizes = [float(line.split("\t")[3]) for line in QApplication.clipboard().text().splitlines()[1:]]
    assert len(sizes) == 11
    assert sizes == sorted(sizes)


def test_enter_and_double_click_open_the_point(table: CurveTable, curves: Make, qtbot: QtBot) -> None:
    table.sortByColumn(TITLES.index("Mean bytes"), Qt.SortOrder.AscendingOrder)
    smallest = curves("avif")[0].points[0]
    at = cell(table, 0, "Codec")
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)

    with qtbot.waitSignal(table.point_clicked) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert told.args == ["avif", smallest.options]

    with qtbot.waitSignal(table.point_clicked) as told:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == ["avif", smallest.options]


def test_enter_without_a_row_does_nothing(table: CurveTable, qtbot: QtBot) -> None:
    table.set_curves([])
    with qtbot.assertNotEmitted(table.point_clicked):
        qtbot.keyClick(table, Qt.Key.Key_Return)


def test_the_choice_stays_while_figures_change(table: CurveTable, curves: Make, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, 2, "Codec"))
    # Another order of sizes must not move the rows either.
    grown = [dataclasses.replace(curve, points=curve.points[::-1]) for curve in curves(photos=501)]
    table.set_curves(grown)

    assert [index.row() for index in table.selectionModel().selectedRows()] == [2]
    assert column(table, "Mean bytes")[:4] == ["2,230", "3,613", "6,510", "9,695"]
    assert set(column(table, "Photos")) == {"501"}


def test_columns_explain_themselves(table: CurveTable) -> None:
    model = table.model()
    for i in range(len(COLUMNS)):
        assert model.headerData(i, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
