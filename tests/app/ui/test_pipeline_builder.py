from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from keepsight.app.engine.stages import stages_of
from keepsight.app.engine.types import Setting
from keepsight.app.ui.pipeline_builder import PipelineBuilder
from keepsight.codecs import registry
from keepsight.codecs.pipeline import Stage

SPEC = "downscale:factor=2+blur:sigma=3+colour:chroma=20+avif"


def stages(spec: str) -> list[Stage]:
    codec = registry.get(spec)
    return stages_of(Setting(codec.id, codec.options()))


@pytest.fixture
def builder(qtbot: QtBot) -> Iterator[PipelineBuilder]:
    builder = PipelineBuilder()
    qtbot.addWidget(builder)
    builder.resize(216, 240)
    builder.show_stages(stages(SPEC), saved=False)
    builder.show()
    # As the window does, which also may refuse.
    builder.stages_asked.connect(lambda asked: builder.show_stages(asked, saved=False))
    builder.list.setFocus()
    yield builder
    builder.stages_asked.disconnect()


@pytest.fixture
def asked(builder: PipelineBuilder) -> list[str]:
    told: list[str] = []
    builder.stages_asked.connect(lambda asked: told.append("+".join(stage.spec for stage in asked)))
    return told


def shown(builder: PipelineBuilder) -> list[str]:
    rows = [builder.list.itemWidget(builder.list.item(i)) for i in range(builder.list.count())]
    return [row.findChildren(QLabel)[1].text() for row in rows]


def buttons(builder: PipelineBuilder) -> list[QToolButton]:
    return builder.list.findChildren(QToolButton)


def drop(builder: PipelineBuilder, row: int, y: int) -> None:
    builder.list.setCurrentRow(row)
    how: Any = (Qt.DropAction.MoveAction, QMimeData(), Qt.MouseButton.LeftButton)
    event = QDropEvent(QPointF(40, y), *how, Qt.KeyboardModifier.NoModifier)
    builder.list.dropEvent(event)


def test_the_stages_stand_in_order_with_the_codec_last(builder: PipelineBuilder) -> None:
    assert shown(builder) == ["Downscale", "Blur", "Colour", "AVIF"]
    assert [button.accessibleName() for button in buttons(builder)] == [
        "Remove Downscale",
        "Remove Blur",
        "Remove Colour",
    ]


def test_alt_and_arrows_move_a_stage_with_its_values(builder: PipelineBuilder, asked: list[str]) -> None:
    builder.list.setCurrentRow(0)
    QTest.keyClick(builder.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert asked == ["blur:sigma=3+downscale:factor=2+colour:chroma=20+avif"]
    assert builder.list.currentRow() == 1
    QTest.keyClick(builder.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert asked[-1] == SPEC
    assert builder.list.currentRow() == 0


@pytest.mark.parametrize(
    ("row", "key"), [(0, Qt.Key.Key_Up), (2, Qt.Key.Key_Down), (3, Qt.Key.Key_Up), (3, Qt.Key.Key_Down)]
)
def test_nothing_moves_past_the_ends(
    builder: PipelineBuilder, asked: list[str], row: int, key: Qt.Key
) -> None:
    builder.list.setCurrentRow(row)
    QTest.keyClick(builder.list, key, Qt.KeyboardModifier.AltModifier)
    assert asked == []


@pytest.mark.parametrize(
    ("row", "y", "order"),
    [
        (0, 50, ["Blur", "Downscale", "Colour", "AVIF"]),
        (0, 500, ["Blur", "Colour", "Downscale", "AVIF"]),
        (2, 2, ["Colour", "Downscale", "Blur", "AVIF"]),
        (1, 30, ["Downscale", "Blur", "Colour", "AVIF"]),
    ],
)
def test_a_drop_moves_a_stage_between_two_rows(
    builder: PipelineBuilder, row: int, y: int, order: list[str]
) -> None:
    drop(builder, row, y)
    assert shown(builder) == order


def test_only_prefilters_can_be_dragged(builder: PipelineBuilder) -> None:
    flags = [builder.list.item(i).flags() for i in range(4)]
    draggable = [bool(flag & Qt.ItemFlag.ItemIsDragEnabled) for flag in flags]
    assert draggable == [True, True, True, False]


def test_delete_and_the_cross_remove_a_prefilter(builder: PipelineBuilder, asked: list[str]) -> None:
    builder.list.setCurrentRow(3)
    QTest.keyClick(builder.list, Qt.Key.Key_Delete)
    assert asked == []
    builder.list.setCurrentRow(1)
    QTest.keyClick(builder.list, Qt.Key.Key_Delete)
    assert asked == ["downscale:factor=2+colour:chroma=20+avif"]
    QTest.mouseClick(buttons(builder)[0], Qt.MouseButton.LeftButton)
    assert asked[-1] == "colour:chroma=20+avif"
    QApplication.processEvents()
    assert shown(builder) == ["Colour", "AVIF"]
    assert builder.list.hasFocus()


def test_the_menu_adds_every_prefilter_before_the_codec(builder: PipelineBuilder, asked: list[str]) -> None:
    menu = builder.add_button.menu()
    menu.aboutToShow.emit()
    labels = [action.text() for action in menu.actions()]
    assert labels == [prefilter.label for prefilter in registry.all_prefilters().values()]
    menu.actions()[labels.index("Blur")].trigger()
    assert asked == ["downscale:factor=2+blur:sigma=3+colour:chroma=20+blur+avif"]
    assert shown(builder) == ["Downscale", "Blur", "Colour", "Blur 2", "AVIF"]
    assert builder.list.currentRow() == 3


def test_a_refusal_is_a_sentence_and_the_stages_stay(qtbot: QtBot) -> None:
    builder = PipelineBuilder()
    qtbot.addWidget(builder)
    builder.show_stages(stages("downscale+avif"), saved=False)
    builder.show()
    builder.stages_asked.connect(lambda _: builder.refuse("That cannot be."))
    builder.add_button.menu().aboutToShow.emit()
    builder.add_button.menu().actions()[0].trigger()
    said = [label.text() for label in builder.findChildren(QLabel) if label.isVisible()]
    assert "That cannot be." in said
    assert shown(builder) == ["Downscale", "AVIF"]
    builder.show_stages(stages("blur+avif"), saved=False)
    assert not builder._refusal.isVisible()


def test_only_pipelines_can_be_saved_and_only_saved_ones_deleted(builder: PipelineBuilder) -> None:
    seen = []
    for spec, saved in (("avif", False), ("blur+avif", False), ("blur+avif", True)):
        builder.show_stages(stages(spec), saved=saved)
        seen.append((builder.save_button.isVisible(), builder.delete_button.isVisible()))
    assert seen == [(False, False), (True, False), (True, True)]


def test_saving_asks_for_a_name(builder: PipelineBuilder, qtbot: QtBot) -> None:
    QTest.mouseClick(builder.save_button, Qt.MouseButton.LeftButton)
    dialog = builder.findChild(QInputDialog)
    dialog.setTextValue("Small and soft")
    with qtbot.waitSignal(builder.save_asked, timeout=500) as told:
        dialog.accept()
    assert told.args == ["Small and soft"]


def test_all_controls_are_named_and_reached(builder: PipelineBuilder) -> None:
    for control in (
        builder.list,
        builder.add_button,
        builder.save_button,
        builder.delete_button,
        *buttons(builder),
    ):
        assert control.accessibleName() or control.text()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_all_fits_into_the_side_panel(builder: PipelineBuilder) -> None:
    builder.show_stages(stages(SPEC), saved=True)
    builder.set_guide("Guided by EfficientNet-Lite0 (ImageNet-1k)’s map")
    QApplication.processEvents()
    assert builder.minimumSizeHint().width() <= 216
    for width in (240, 210):
        builder.resize(width, 260)
        QApplication.processEvents()
        for button in buttons(builder):
            assert button.mapTo(builder, button.rect().topRight()).x() < width == builder.width()


def test_a_codec_alone_needs_no_list(builder: PipelineBuilder) -> None:
    builder.show_stages(stages("avif"), saved=False)
    assert builder.list.isHidden()
    assert builder.add_button.text() == "Add a prefilter"
    builder.show_stages(stages(SPEC), saved=False)
    assert not builder.list.isHidden()
    assert builder.add_button.text() == "Add"
