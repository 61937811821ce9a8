import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock, QTextCursor
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme
from keepsight.app.ui.log_panel import MAX_LINES, LogPanel


@pytest.fixture
def log(qtbot: QtBot) -> LogPanel:
    log = LogPanel()
    qtbot.addWidget(log)
    log.resize(600, 120)
    log.show()
    return log


def colour(block: QTextBlock) -> str:
    """Return the colour of the last piece of a line: the sentence."""
    pieces = block.textFormats()
    return pieces[-1].format.foreground().color().name()


def test_sentences_have_the_time_and_stay_in_order(log: LogPanel) -> None:
    log.add("The sweep began.")
    log.add("The sweep is done.")

    first, second = log.toPlainText().splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d +The sweep began\.", first)
    assert second.endswith("The sweep is done.")


def test_sentences_begin_level(log: LogPanel) -> None:
    starts = []
    for place, time in enumerate(("11:11:11", "20:08:40")):
        log._write((time, "All is well.", False))
        cursor = QTextCursor(log.document().findBlockByNumber(place))
        cursor.movePosition(cursor.MoveOperation.Right, n=len(f"{time}   "))
        starts.append(log.cursorRect(cursor).left())
    assert starts[0] == starts[1] > 30


def test_warnings_are_coloured_and_others_are_not(log: LogPanel) -> None:
    log.add("All is well.")
    log.add("The file ends too early.", warning=True)
    log.add("All is well again.")

    blocks = [log.document().findBlockByNumber(i) for i in range(3)]
    assert [colour(block) for block in blocks] == [theme.TEXT, theme.FLIPPED, theme.TEXT]


def test_a_sentence_is_one_line_and_is_shown_as_it_is(log: LogPanel) -> None:
    log.add("The file <b>x</b>\nis broken.")
    assert log.toPlainText().endswith("The file <b>x</b> is broken.")
    assert log.blockCount() == 1


def test_the_newest_is_visible_unless_the_user_reads_above(log: LogPanel) -> None:
    for i in range(50):
        log.add(f"Sentence {i}.")
    bar = log.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0

    bar.setValue(3)
    log.add("One more.")
    assert bar.value() == 3


def test_the_oldest_go_when_there_are_too_many(log: LogPanel) -> None:
    for i in range(MAX_LINES + 5):
        log.add(f"Sentence {i}.")
    lines = log.toPlainText().splitlines()
    assert len(lines) == MAX_LINES
    assert lines[0].endswith("Sentence 5.")


def test_typing_changes_nothing(log: LogPanel, qtbot: QtBot) -> None:
    log.add("The sweep began.")
    before = log.toPlainText()
    qtbot.keyClicks(log, "abc")
    qtbot.keyClick(log, Qt.Key.Key_Delete)
    assert log.toPlainText() == before
