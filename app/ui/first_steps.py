"""Three hints over the real controls, for those who see the window for the first time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.worker.jobs import ORIGINAL

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow

_WIDTH = 300
_GAP = 10
"""Between a control and its hint, pixels."""


@dataclass(frozen=True)
class Step:
    """One hint."""

    target: Callable[[], QWidget | None]
    """What it explains; it is left out while that is not in sight."""
    title: str
    text: str
    below: int = 0
    """Pixels below it that belong to it."""


def show(window: "MainWindow") -> "FirstSteps | None":
    """Show the hints in the window, from the first; None where none of their controls is in sight."""

    def first_pane() -> QWidget | None:
        return next((pane.codec for number, pane in window.grid.panes.items() if number != ORIGINAL), None)

    def classes() -> QWidget | None:
        return next((pane.bars for number, pane in window.grid.panes.items() if number != ORIGINAL), None)

    steps = (
        Step(
            first_pane,
            "Choose a compressor",
            "Each pane shows what one compressor makes of the photo, with the bytes that it takes. Choose "
            "another one here, and how strongly it compresses at the right.",
        ),
        Step(
            classes,
            "See what the classifier still recognises",
            "Its most probable classes, and below whether the first one is kept. The curves at the bottom "
            "show the same over all file sizes and photos.",
            below=26,
        ),
        Step(
            lambda: window.photos,
            "Bring your own photos",
            "Drop photos or a folder anywhere on the window, or press Ctrl+O. Until then there are samples.",
        ),
    )
    for old in window.findChildren(FirstSteps):
        old.end()
    seen = [step for step in steps if _in_sight(step)]
    return FirstSteps(seen, window) if seen else None


def _in_sight(step: Step) -> bool:
    target = step.target()
    return target is not None and target.isVisible()


class FirstSteps(QFrame):
    """Lies beside the control that it explains. Enter or a click goes on, Esc ends; nothing waits for it."""

    def __init__(self, steps: Sequence[Step], window: QWidget) -> None:
        super().__init__(window)
        self._steps, self._at = steps, -1
        theme.set_role(self, "hint")
        self._frame = QFrame(window)
        self._frame.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.set_role(self._frame, "frame")
        self._title, self._text, self._place = QLabel(wordWrap=True), QLabel(wordWrap=True), QLabel()
        theme.set_role(self._title, "heading")
        theme.set_role(self._place, "muted")
        self.skip = QPushButton("Skip")
        self.skip.setToolTip("Show no more hints (Esc); the menu ? has them again")
        self.skip.clicked.connect(self.end)
        self.next = QPushButton()
        self.next.clicked.connect(self.step)
        buttons = QHBoxLayout()
        buttons.addWidget(self._place, 1)
        buttons.addWidget(self.skip)
        buttons.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        for label in (self._title, self._text):
            column.addWidget(label)
        column.addLayout(buttons)
        window.installEventFilter(self)
        self.step()

    @property
    def target(self) -> QWidget | None:
        """What is explained now."""
        return self._steps[self._at].target()

    def step(self) -> None:
        """Show the next hint; after the last one, end."""
        self._at += 1
        if self._at == len(self._steps):
            self.end()
            return
        now, last = self._steps[self._at], self._at == len(self._steps) - 1
        self._title.setText(now.title)
        self._text.setText(now.text)
        self._place.setText(f"{self._at + 1} of {len(self._steps)}")
        self.skip.setVisible(not last)
        self.next.setText("Done" if last else "Next")
        self.next.setToolTip("End the hints" if last else "Show the next hint (Enter)")
        self.next.setAccessibleDescription(f"{now.title}. {now.text}")  # read aloud with the focus
        self.setAccessibleName(now.title)
        self.setAccessibleDescription(now.text)
        self._lie()
        for part in (self._frame, self):
            part.show()
            part.raise_()
        self.next.setFocus()

    def end(self) -> None:
        """Take the hints away."""
        self.window().removeEventFilter(self)
        for part in (self._frame, self):
            part.hide()
            part.setParent(None)
            part.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, Esc ends."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Claim Esc before it is anybody's shortcut."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return bool(super().event(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go on."""
        self.step()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay beside the control when the window changes its size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._lie()
        return super().eventFilter(watched, event)

    def _lie(self) -> None:
        target, window = self.target, self.parentWidget()
        if target is None or window is None:
            return
        below = self._steps[self._at].below
        explained = QRect(target.mapTo(window, QPoint()), target.size()).adjusted(0, 0, 0, below)
        self._frame.setGeometry(explained.adjusted(-3, -3, 3, 3))
        size = QSize(_WIDTH, self.heightForWidth(_WIDTH))
        self.setGeometry(beside(explained, size, window.rect()))


def beside(explained: QRect, size: QSize, room: QRect) -> QRect:
    """Return where a hint lies: below what it explains, above, right or left of it, where there is room."""
    left = min(max(explained.left(), room.left() + _GAP), room.right() - size.width() - _GAP)
    top = min(max(explained.top(), room.top() + _GAP), room.bottom() - size.height() - _GAP)
    places = (
        QPoint(left, explained.bottom() + _GAP),
        QPoint(left, explained.top() - size.height() - _GAP),
        QPoint(explained.right() + _GAP, top),
        QPoint(explained.left() - size.width() - _GAP, top),
    )
    fitting = [place for place in places if room.contains(QRect(place, size))]
    return QRect(fitting[0] if fitting else places[0], size)
