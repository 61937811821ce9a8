"""Random things that a user could do with the window, and how dialogs for files are answered."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QTabBar,
    QWidget,
)

from keepsight.app.ui import keys
from keepsight.app.ui.window import MainWindow

_WORDS = ("cat", "0.3", "17", "edges*2+texture", "", "torchvision:none", "<b>&amp;", "ä" * 60, "-1", "zebra")


class Monkey:
    """Does one random thing at a time, as a user could: only with what is in sight and can be used."""

    def __init__(self, window: MainWindow, folder: Path, seed: int) -> None:
        self._window, self._folder = window, folder
        self.random = random.Random(seed)
        self._pasted = 0
        self._acts: dict[Callable[[], str], int] = {
            self._use_control: 30,
            self._gesture: 14,
            self._press_key: 16,
            self._codec: 6,
            self._option: 8,
            self._step_photo: 5,
            self._click_pane: 4,
            self._pane: 4,
            self._undo: 6,
            self._open: 3,
            self._session: 1,
            self._resize: 1,
            self._menu: 10,
        }

    def act(self) -> str:
        """Do something; return what, in words."""
        if (popup := QApplication.activePopupWidget()) is not None:
            return self._answer_popup(popup)
        if (dialog := QApplication.activeModalWidget()) is not None:
            return self._answer_dialog(dialog)
        for other in QApplication.topLevelWidgets():  # such as the page of shortcuts
            if other.isVisible() and other.isWindow() and other is not self._window and self._chance(0.3):
                other.close()
                return f"close {type(other).__name__}"
        act = self.random.choices(list(self._acts), list(self._acts.values()))[0]
        return act()

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _answer_popup(self, popup: QWidget) -> str:

        if isinstance(popup, QMenu) and self._chance(0.7):
            actions = [one for one in popup.actions() if one.isEnabled() and not one.isSeparator()]
            if actions:
                action = self.random.choice(actions)
                QTest.mouseClick(
                    popup,
                    Qt.MouseButton.LeftButton,
                    Qt.KeyboardModifier.NoModifier,
                    popup.actionGeometry(action).center(),
                )
                return f"menu: {action.text()}"
        key = self.random.choice([Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Escape])
        QTest.keyClick(popup, key)
        if self._chance(0.5):
            popup.close()
        return f"{key.name} in a {type(popup).__name__}"

    def _answer_dialog(self, dialog: QWidget) -> str:

        for line in dialog.findChildren(QLineEdit):
            line.setText(self.random.choice(_WORDS))
        buttons = [button for button in dialog.findChildren(QPushButton) if button.isEnabled()]
        if buttons and self._chance(0.8):
            button = self.random.choice(buttons)
            button.click()
            return f"{button.text()} in “{dialog.windowTitle()}”"
        dialog.close()
        return f"close “{dialog.windowTitle()}”"

    # controls ------------------------------------------------------------------------------------

    def _use_control(self) -> str:
        """Use any control that is in sight, whichever it is."""
        kinds = (
            *(QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox),
            *(QComboBox, QLineEdit, QTabBar),
        )
        found = [
            one
            for one in self._window.findChildren(QWidget)
            if isinstance(one, kinds) and one.isVisible() and one.isEnabled()
        ]
        if not found:  # the panes alone are in sight
            return "no control"
        control = self.random.choice(found)
        name = f"{type(control).__name__} “{_name(control)}”"
        if isinstance(control, QAbstractButton):
            self._click(control)
        elif isinstance(control, QComboBox):
            name += f": {self._choose(control)}"
        elif isinstance(control, QAbstractSpinBox):
            self.random.choice([control.stepUp, control.stepDown, control.clear, control.selectAll])()
        elif isinstance(control, QAbstractSlider):
            control.setValue(self.random.randint(control.minimum(), control.maximum()))
        elif isinstance(control, QTabBar):
            control.setCurrentIndex(self.random.randrange(control.count()))
        elif isinstance(control, QLineEdit):
            control.setFocus()
            control.setText(self.random.choice(_WORDS))
            control.returnPressed.emit()
            control.editingFinished.emit()
        elif isinstance(control, QAbstractItemView):
            self._click(control.viewport(), double=self._chance(0.3))
        return name

    def _choose(self, combo: Any) -> str:
        """Choose an entry of a list as a click on it does."""
        model = combo.model()
        places = [
            place
            for place in range(combo.count())
            if model.flags(model.index(place, 0)).value & 32  # enabled
        ]
        if not places:
            return "nothing"
        place = self.random.choice(places)
        combo.setCurrentIndex(place)
        combo.activated.emit(place)
        return str(combo.itemText(place))

    def _click(self, widget: QWidget, double: bool = False) -> None:

        at = QPoint(
            self.random.randrange(max(1, widget.width())), self.random.randrange(max(1, widget.height()))
        )
        click = QTest.mouseDClick if double else QTest.mouseClick
        modifier = self.random.choice(
            [Qt.KeyboardModifier.NoModifier] * 4 + [Qt.KeyboardModifier.ShiftModifier]
        )
        click(widget, Qt.MouseButton.LeftButton, modifier, at)

    def _menu(self) -> str:
        """Choose from a menu without opening it: those that open by themselves stand still until closed."""
        window = self._window
        lines, add = window.curves.lines_button, window.side.builder.add_button
        menus = window.toolbar.findChildren(QMenu) if window.toolbar.isVisible() else []
        menus += [lines.menu_] if lines.isVisible() else []
        menus += [add.menu()] if add.isVisible() else []
        if not menus:
            return "no menu"
        menu = self.random.choice(menus)
        menu.aboutToShow.emit()
        actions = [
            one for one in menu.actions() if one.isEnabled() and not one.isSeparator() and one.menu() is None
        ]
        if not actions:
            return "an empty menu"
        action = self.random.choice(actions)
        action.trigger()
        return f"menu: {action.text()}"

    def _press_key(self) -> str:
        """Press a key of the page of shortcuts, or one that goes to whatever has the focus."""
        target = QApplication.focusWidget() or self._window
        if self._chance(0.5):
            texts = [
                text for key in keys.bound(self._window) if not key.widget for text in key.keys.split(", ")
            ]
            text = self.random.choice(texts)
            if not (sequence := QKeySequence(text)).isEmpty():
                QTest.keySequence(target, sequence)
                return f"key {text}"
        key = self.random.choice(_PLAIN_KEYS)
        modifier = self.random.choice(
            [Qt.KeyboardModifier.NoModifier] * 3
            + [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier]
        )
        QTest.keyPress(target, Qt.Key[key], modifier)
        if self._chance(0.95):  # now and then a key stays down while the window loses the focus
            QTest.keyRelease(target, Qt.Key[key], modifier)
        return f"key {key} in {type(target).__name__}"

    # pictures ------------------------------------------------------------------------------------

    def _gesture(self) -> str:
        """Turn the wheel, drag, or double click on a picture or a plot."""
        views = [view for view in self._window.grid.views if view.isVisible()]
        plots = [
            one.viewport()
            for one in self._window.curves.findChildren(QWidget)
            if one.isVisible() and type(one).__name__.endswith("Plot") and hasattr(one, "viewport")
        ]
        where: QWidget = self.random.choice([*views, *views, *plots] or [self._window])
        name = type(where).__name__
        points = [
            QPoint(
                self.random.randrange(max(1, where.width())), self.random.randrange(max(1, where.height()))
            )
            for _ in range(6)
        ]
        kind = self.random.choice(["wheel", "drag", "drag", "move", "double"])
        if kind == "wheel":
            for _ in range(self.random.randint(1, 8)):
                turn = QPoint(0, self.random.choice([-120, 120, 360]))
                at = QPointF(points[0])
                event = QWheelEvent(
                    *(at, QPointF(where.mapToGlobal(points[0])), QPoint(), turn),
                    *(Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier),
                    *(Qt.ScrollPhase.NoScrollPhase, False),
                )
                QApplication.sendEvent(where, event)
            return f"wheel on {name}"
        if kind == "double":
            self._click(where, double=True)
            return f"double click on {name}"
        if kind == "drag":
            button = self.random.choice([Qt.MouseButton.LeftButton] * 3 + [Qt.MouseButton.MiddleButton])
            QTest.mousePress(where, button, Qt.KeyboardModifier.NoModifier, points[0])
            for point in points[1:]:
                QTest.mouseMove(where, point)
            QTest.mouseRelease(where, button, Qt.KeyboardModifier.NoModifier, points[-1])
            return f"drag on {name}"
        for point in points:
            QTest.mouseMove(where, point)
        return f"move over {name}"

    def _click_pane(self) -> str:
        pane = self.random.choice(list(self._window.grid.panes.values()))
        self._click(pane)
        return "click a pane"

    # what the window is for ----------------------------------------------------------------------

    def _codec(self) -> str:
        panes = [pane for number, pane in self._window.grid.panes.items() if number and pane.isVisible()]
        if not panes:
            return "no pane"
        return f"codec {self._choose(self.random.choice(panes).codec)}"

    def _option(self) -> str:

        form = self._window.side.form
        inputs = [one for one in form.findChildren(QAbstractSlider) if one.isVisibleTo(form)]
        others = [
            one for kind in (QCheckBox, QComboBox) for one in form.findChildren(kind) if one.isVisibleTo(form)
        ]
        if (not inputs and not others) or not form.isVisible():
            return "no options"
        control = self.random.choice([*inputs, *others])
        if isinstance(control, QAbstractSlider):
            for _ in range(self.random.choice([1, 1, 5])):
                control.setValue(self.random.randint(control.minimum(), control.maximum()))
        elif isinstance(control, QComboBox):
            control.setCurrentIndex(self.random.randrange(control.count()))
        else:
            control.click()
        return f"option {_name(control)}"

    def _step_photo(self) -> str:
        by = self.random.choice([-3, -1, 1, 1, 1, 2, 50])
        self._window.photos.step(by)
        return f"photo {by:+}"

    def _pane(self) -> str:
        numbers = [number for number in self._window.grid.panes if number]
        if numbers and (self._window.grid.full or self._chance(0.5)):
            button = self._window.grid.panes[self.random.choice(numbers)].close_button
            assert button is not None
            button.click()
            return "close a pane"
        self._window.toolbar.add_pane_button.click()
        return "add a pane"

    def _undo(self) -> str:
        undo = self._window.undo
        action = self.random.choice([undo.undo_action, undo.undo_action, undo.redo_action])
        words = action.text()
        action.trigger()
        return words

    def _open(self) -> str:
        """Drop, paste, or open photos: good ones, damaged ones, none at all."""
        if self._chance(0.3):
            self._pasted += 1
            image = QImage(
                self.random.randint(1, 400), self.random.randint(1, 400), QImage.Format.Format_RGB32
            )
            image.fill(self.random.randrange(2**24))
            QGuiApplication.clipboard().setImage(image)
            self._window.opening.paste()
            return "paste a picture"
        files = sorted((self._folder / "photos").iterdir())
        chosen = self.random.choice(
            [self.random.sample(files, 2), [self._folder / "photos"], [Path("/no/such")]]
        )
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in chosen])
        drop = QDropEvent(
            *(QPointF(400, 300), Qt.DropAction.CopyAction, data),
            *(Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier),
        )
        QApplication.sendEvent(self._window, drop)
        return f"drop {[path.name for path in chosen]}"

    def _session(self) -> str:
        sessions = self._window.sessions
        if self._chance(0.5):
            sessions.save_file()
            return "save the session"
        sessions.open_file()
        return "open a session"

    def _resize(self) -> str:
        size = self.random.choice([(1024, 640), (1280, 800), (1440, 900), (1900, 1100)])
        self._window.resize(*size)
        return f"window of {size}"


_PLAIN_KEYS = (
    *("Key_Tab", "Key_Backtab", "Key_Space", "Key_Return", "Key_Escape", "Key_Delete", "Key_Home", "Key_End"),
    *("Key_Left", "Key_Right", "Key_Up", "Key_Down", "Key_PageUp", "Key_PageDown", "Key_X", "Key_F4"),
)


def _name(widget: Any) -> str:
    text = widget.text() if hasattr(widget, "text") and not hasattr(widget, "textChanged") else ""
    return str(text or widget.accessibleName() or widget.toolTip().partition("\n")[0])[:60]


def answer_dialogs(folder: Path, chooser: random.Random) -> None:
    """Let dialogs for files answer at once with a name in the folder, or with none."""

    photos = sorted((folder / "photos").iterdir())
    made = Counter[str]()

    def existing(*_: object, **__: object) -> tuple[str, str]:
        here = [*(folder / "made").iterdir(), *photos]
        return str(chooser.choice(here)) if chooser.random() < 0.8 else "", ""

    def saved(_: object, title: str, name: str, kinds: str, *__: object) -> tuple[str, str]:
        made[title] += 1
        suffix = Path(name).suffix
        path = folder / "made" / f"{title.replace(' ', '-')}-{made[title] % 5}{suffix}"
        return str(path) if chooser.random() < 0.8 else "", kinds.partition(";;")[0]

    def directory(*_: object, **__: object) -> str:
        return str(folder / chooser.choice(["made", "photos"])) if chooser.random() < 0.8 else ""

    QFileDialog.getOpenFileName = staticmethod(existing)  # type: ignore[method-assign]
    QFileDialog.getOpenFileNames = staticmethod(  # type: ignore[method-assign]
        lambda *_, **__: ([str(chooser.choice(photos))], "")
    )
    QFileDialog.getSaveFileName = staticmethod(saved)  # type: ignore[method-assign, assignment]
    QFileDialog.getExistingDirectory = staticmethod(directory)  # type: ignore[method-assign]
