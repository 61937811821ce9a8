"""Chooses the class that a map explains: the predicted one, the true one, or any other by its name."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSignalBlocker, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QListView

from keepsight.app.ui import theme
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.models.cards import Card
from keepsight.models.class_names import find_class
from keepsight.models.types import ModelError

Target = int | Literal["true"] | None
"""Index of a class, the true class of whatever photo is shown, or None: the class that is predicted."""

_PREDICTED = "predicted"
_TIP = "The class whose evidence is shown: the predicted one,\nor any whose name or number you type"


class ClassMenu(QuietCombo):
    """Lists the likely classes of the photo, and finds any class while its name is typed."""

    chosen = Signal(object)
    """The `Target` that the user chose."""
    refused = Signal(str)
    """Why what was typed is no class, as a sentence."""

    def __init__(self) -> None:
        super().__init__("Class", _TIP)
        self.target: Target = None
        """What is chosen."""
        self._card: Card | None = None
        self._names: list[str] = []
        """What is shown: the names, with their number where two classes have the same."""
        self._likely: Sequence[int] = ()
        self._true: int | None = None
        self._line = _Line()
        self._line.setPlaceholderText("class name or number")
        self._line.returnPressed.connect(lambda: self._take(self._line.text()))
        self._line.editingFinished.connect(self._show)
        self.setLineEdit(self._line)  # this makes it one that can be typed into
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._all = QStringListModel(self)
        completer = QCompleter(self._all, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(12)
        popup = QListView()
        theme.set_role(popup, "popup")
        popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        completer.setPopup(popup)
        popup.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # after the completer has made it its own
        self.setCompleter(completer)
        completer.activated.connect(self._take)
        self.activated.connect(lambda place: self._choose(self.itemData(place)))
        self._fill()

    def set_card(self, card: Card) -> None:
        """Know the classes of another classifier, and go back to the predicted one. No signal."""
        names = card.class_names
        self._card = card
        twice = Counter(names)
        self._names = [f"{name} ({i})" if twice[name] > 1 else name for i, name in enumerate(names)]
        self._all.setStringList(self._names)
        self.target, self._likely, self._true = None, (), None
        self._fill()

    def offer(self, likely: Sequence[int], true: int | None) -> None:
        """List these classes, the most probable of the shown photo, and its true one where known. No signal.

        A class that the user chose stays chosen, also where it is not among these; the true one only where
        there is one.
        """
        self._likely, self._true = likely, true
        if true is None and self.target == "true":
            self.target = None
        self._fill()

    def index(self) -> int | None:
        """Return the index of the class to explain; None for the predicted one."""
        return self._true if self.target == "true" else self.target

    def knows(self, target: Target) -> bool:
        """Whether this class can be chosen now."""
        if isinstance(target, str):
            return self._true is not None
        return target is None or 0 <= target < len(self._names)

    def choose(self, target: Target) -> None:
        """Choose a class that `knows` allows, as the user would."""
        self._choose(target)

    def _fill(self) -> None:
        """List the choices anew."""
        with QSignalBlocker(self):
            self.clear()
            self.add_choice(_PREDICTED, None, "The most probable class of the original")
            if self._true is not None:
                self.add_choice(
                    f"true: {self._names[self._true]}", "true", "The class that the photo’s label names"
                )
            others = [*self._likely]
            if isinstance(self.target, int) and self.target not in others:
                others.append(self.target)
            for place in others:
                self.add_choice(self._names[place], place, f"Class {place}")
        self._show()

    def _show(self) -> None:
        """Show what is chosen, whatever was typed."""
        with QSignalBlocker(self):
            self.setCurrentIndex(max(0, self.findData(self.target) if self.target is not None else 0))
            self.setEditText(self.currentText())
        self._line.setCursorPosition(0)
        self.setToolTip(f"{self.currentText()}\n{_TIP}")

    def _take(self, text: str) -> None:
        """Choose the class of that name or number."""
        place = self.findText(text.strip(), Qt.MatchFlag.MatchFixedString)
        if place >= 0:
            self._choose(self.itemData(place))
            return
        try:
            self._choose(self._find(text.strip()))
        except ModelError as error:
            self._show()
            self.refused.emit(str(error))

    def _find(self, text: str) -> int:
        """Return the class of a name or a number. Raises `ModelError`."""
        if self._card is None:
            raise ModelError("There are no classes before a classifier is loaded.")
        return self._names.index(text) if text in self._names else find_class(self._card, text)

    def _choose(self, target: Target) -> None:
        changed = target != self.target or type(target) is not type(self.target)
        self.target = target
        self._fill()
        if changed:
            self.chosen.emit(target)


class _Line(QLineEdit):
    """Lets what is typed take the place of what stands there."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            QTimer.singleShot(0, self, self.selectAll)  # after the press that gave the focus
