from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from keepsight.app.ui.elided_combo import ElidedCombo

NAME = "EfficientNet-Lite0 (ImageNet-1k)"


def combo(qtbot: QtBot, text: str, width: int) -> ElidedCombo:
    box = ElidedCombo()
    box.addItem(text)
    qtbot.addWidget(box)
    box.resize(width, 25)
    return box


def drawn(box: ElidedCombo) -> QImage:
    return box.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)


def test_a_name_without_room_ends_with_an_ellipsis(qtbot: QtBot) -> None:
    box = combo(qtbot, NAME, 120)
    cut = box.fontMetrics().elidedText(NAME, Qt.TextElideMode.ElideRight, 120 - 32)
    assert cut.endswith("…")
    assert drawn(box) == drawn(combo(qtbot, cut, 120))
    assert drawn(box) != drawn(combo(qtbot, cut[:-1], 120))


def test_the_open_list_has_the_whole_name(qtbot: QtBot) -> None:
    box = combo(qtbot, NAME, 120)
    box.show()
    box.showPopup()
    assert box.view().width() > box.fontMetrics().horizontalAdvance(NAME)
    box.hidePopup()
