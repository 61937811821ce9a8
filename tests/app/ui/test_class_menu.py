import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from keepsight.app.ui.class_menu import ClassMenu
from keepsight.models.catalog import find_card

CARD = find_card("imagenet")


@pytest.fixture
def menu(qtbot: QtBot) -> ClassMenu:
    menu = ClassMenu()
    qtbot.addWidget(menu)
    menu.set_card(CARD)
    menu.offer([285, 281, 282], None)
    menu.show()
    return menu


def choices(menu: ClassMenu) -> list[str]:
    return [menu.itemText(i) for i in range(menu.count())]


def write(menu: ClassMenu, text: str) -> None:
    line = menu.lineEdit()
    assert line is not None
    menu.setFocus()
    QApplication.processEvents()
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_the_predicted_class_is_chosen_and_likely_ones_are_offered(menu: ClassMenu) -> None:
    assert choices(menu) == ["predicted", *(CARD.class_names[i] for i in (285, 281, 282))]
    assert (menu.target, menu.index(), menu.currentText()) == (None, None, "predicted")


def test_a_likely_class_is_chosen_and_the_predicted_one_again(menu: ClassMenu, qtbot: QtBot) -> None:
    with qtbot.waitSignal(menu.chosen) as told:
        qtbot.keyClick(menu, Qt.Key.Key_Down)
    assert told.args == [285]
    with qtbot.waitSignal(menu.chosen) as told:
        qtbot.keyClick(menu, Qt.Key.Key_Up)
    assert told.args == [None]


@pytest.mark.parametrize("text", ["espresso", "ESPRESSO", "967"])
def test_any_class_is_found_by_name_or_number(menu: ClassMenu, qtbot: QtBot, text: str) -> None:
    with qtbot.waitSignal(menu.chosen) as told:
        write(menu, text)
    assert told.args == [967]
    assert choices(menu)[-1] == menu.currentText() == "espresso"
    menu.offer([1, 2], None)
    assert menu.index() == 967
    assert len(choices(menu)) == 4


def test_names_are_found_while_they_are_typed(menu: ClassMenu) -> None:
    completer = menu.completer()
    assert completer is not None
    completer.setCompletionPrefix("terrier")
    assert completer.completionCount() == 19
    completer.setCompletionPrefix("")
    assert completer.completionCount() == 1000


def test_two_classes_of_one_name_are_told_apart(menu: ClassMenu, qtbot: QtBot) -> None:
    menu.set_card(CARD.model_copy(update={"class_names": ("crane", "dog", "crane")}))
    for place in (0, 2):
        with qtbot.waitSignal(menu.chosen) as told:
            write(menu, f"crane ({place})")
        assert told.args == [place]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1000", "There is no class 1000: this classifier has classes 0 to 999."),
        ("-1", "There is no class -1: this classifier has classes 0 to 999."),
        ("unicorn of the sea", "knows no class “unicorn of the sea”"),
        ("terrier", "“terrier” may be"),
    ],
)
def test_what_is_no_class_is_a_sentence_and_changes_nothing(
    menu: ClassMenu, qtbot: QtBot, text: str, sentence: str
) -> None:
    with qtbot.assertNotEmitted(menu.chosen), qtbot.waitSignal(menu.refused) as told:
        write(menu, text)
    assert sentence in told.args[0]
    assert (menu.target, menu.currentText()) == (None, "predicted")


def test_the_true_class_follows_the_photo(menu: ClassMenu, qtbot: QtBot) -> None:
    menu.offer([285, 281], 281)
    assert choices(menu)[1] == "true: tabby"
    with qtbot.waitSignal(menu.chosen) as told:
        qtbot.keyClick(menu, Qt.Key.Key_Down)
    assert told.args == ["true"]
    assert menu.index() == 281
    with qtbot.assertNotEmitted(menu.chosen):
        menu.offer([967], 968)
        assert (menu.index(), menu.currentText()) == (968, "true: cup")
        menu.offer([967], None)
    assert (menu.target, menu.currentText()) == (None, "predicted")


def test_another_classifier_goes_back_to_the_predicted_class(menu: ClassMenu) -> None:
    write(menu, "tabby")
    menu.set_card(find_card("scenes"))
    assert choices(menu) == ["predicted"]
    assert menu.index() is None


def test_before_a_classifier_is_loaded_there_is_none(qtbot: QtBot) -> None:
    menu = ClassMenu()
    qtbot.addWidget(menu)
    menu.show()
    with qtbot.waitSignal(menu.refused) as told:
        write(menu, "tabby")
    assert "before a classifier is loaded" in told.args[0]
