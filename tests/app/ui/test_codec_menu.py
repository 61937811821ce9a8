import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from keepsight.app.ui.codec_menu import CodecMenu
from keepsight.app.ui.pipeline_control import codec_groups
from keepsight.codecs import registry

LONG = "downscale:factor=2+roi-background+avif"


@pytest.fixture
def menu(qtbot: QtBot) -> CodecMenu:
    menu = CodecMenu(codec_groups())
    qtbot.addWidget(menu)
    menu.show()
    return menu


def headings(menu: CodecMenu) -> list[str]:
    return [menu.itemText(i) for i in range(menu.count()) if menu.itemData(i) is None]


def test_every_codec_stands_under_a_heading_standard_ones_first(menu: CodecMenu) -> None:
    assert headings(menu) == ["Standard", "Keepsight’s own"]
    ids = [menu.itemData(i) for i in range(menu.count()) if menu.itemData(i)]
    assert sorted(ids) == sorted(registry.all_codecs())
    own = menu.findText("Keepsight’s own")
    assert menu.findData("png") < own < menu.findData("block-average")


def test_headings_are_no_choice(menu: CodecMenu) -> None:
    assert menu.currentData() == "avif"
    own = menu.findText("Keepsight’s own")
    menu.choose(menu.itemData(own - 1))
    QTest.keyClick(menu, Qt.Key.Key_Down)
    assert menu.currentData() == menu.itemData(own + 1)
    QTest.keyClick(menu, Qt.Key.Key_Home)
    assert menu.currentData() == "avif"


def test_an_unsaved_pipeline_has_the_last_place_while_it_is_chosen(menu: CodecMenu) -> None:
    before = menu.count()
    menu.choose(LONG, "Downscale 2 + ROI background + AVIF")
    assert menu.currentData() == LONG
    assert headings(menu)[-1] == "Not saved"
    assert menu.toolTip().startswith("Downscale 2 + ROI background + AVIF\n")
    menu.choose("downscale+avif", "Downscale + AVIF")
    assert menu.findData(LONG) == -1
    assert menu.count() == before + 2
    menu.choose("webp")
    assert menu.count() == before


def test_other_groups_keep_the_choice(menu: CodecMenu) -> None:
    menu.choose(LONG, "A pipeline")
    menu.set_groups([*codec_groups(), ("Yours", [(LONG, "Kept")])])
    assert (menu.currentData(), menu.currentText()) == (LONG, "Kept")
    assert headings(menu) == ["Standard", "Keepsight’s own", "Yours"]
    menu.set_groups(codec_groups())
    assert (menu.currentData(), headings(menu)[-1]) == (LONG, "Not saved")


def test_a_long_name_is_cut_and_a_short_one_is_not(menu: CodecMenu) -> None:
    menu.choose("jpeg")
    assert menu.sizeHint() == menu.minimumSizeHint()
    short = menu.sizeHint().width()
    menu.choose(LONG, "Downscale 2 + ROI background 70 0.25 + Blur 1.5 + AVIF 4:4:4")
    assert short < menu.minimumSizeHint().width() < menu.sizeHint().width() < 200
    menu.resize(menu.minimumSizeHint())
    QApplication.processEvents()
    cut = menu.grab().toImage()
    menu.setItemText(menu.currentIndex(), "Downscale 2 + ROI of the same beginning")
    menu.resize(menu.minimumSizeHint())
    assert menu.grab().toImage() == cut
