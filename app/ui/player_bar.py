"""The bar of the rate player: play, scrub, speed, what follows the last step, and which panes move."""

from typing import Literal, get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.quiet_combo import QuietCombo

Ending = Literal["bounce", "loop", "stop"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)
_ENDING_WORDS: dict[Ending, tuple[str, str]] = {
    "bounce": ("To and fro", "Turn round at either end"),
    "loop": ("In a loop", "Begin again with the smallest file"),
    "stop": ("Once", "Stop at the largest file"),
}
SPEEDS = (0.5, 1.0, 2.0, 4.0)
"""Steps a second, at most."""
KEY = "Ctrl+R"


class PlayerBar(QFrame):
    """Only asks; what is played it is told by the `show_` methods."""

    play_asked = Signal(bool)
    """Whether the film shall run."""
    scrubbed = Signal(int)
    """The step that the user chose, counted from 0."""
    subject_changed = Signal()
    """Other panes shall move."""
    close_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, "panel")
        self.setAccessibleName("Rate player")
        self.play = QToolButton()
        self.play.setCheckable(True)
        self.play.toggled.connect(self.play_asked)
        self.step = QSlider(Qt.Orientation.Horizontal)
        self.step.setAccessibleName("Step of the rate ladder")
        self.step.setToolTip("From the smallest file to the largest: drag it, or press ← and →")
        self.step.setPageStep(1)
        self.step.valueChanged.connect(self.scrubbed)
        self.place = QLabel()
        self.place.setFont(theme.font(tabular=True))
        self.place.setFixedWidth(self.place.fontMetrics().horizontalAdvance("88 of 88") + 4)
        self.subject = QuietCombo("Panes that move", "Which panes go through their rates")
        self.subject.add_choice(
            "Selected pane",
            False,
            "The others stay; where the original is selected, the first pane beside it moves",
        )
        self.subject.add_choice(
            "All panes", True, "Each through its own rates, smallest and largest together"
        )
        self.subject.activated.connect(lambda _: self.subject_changed.emit())
        self.speed = QuietCombo(
            "Speed", "Steps a second at most: each stays until its pictures and classes are there"
        )
        for speed in SPEEDS:
            self.speed.add_choice(f"{speed:g} a second", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.ending = QuietCombo("After the last step", "What follows the last step")
        for ending in ENDINGS:
            text, tip = _ENDING_WORDS[ending]
            self.ending.add_choice(text, ending, tip)
        self.close_button = QToolButton()
        self.close_button.setText("✕")
        self.close_button.setToolTip("Put the rate player away; the panes stay at this step")
        self.close_button.setAccessibleName("Put the rate player away")
        self.close_button.clicked.connect(self.close_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        for widget in (self.play, self.step, self.place, self.subject, self.speed, self.ending):
            row.addWidget(widget, 1 if widget is self.step else 0)
        row.addWidget(self.close_button)
        self.show_playing(False)

    def show_playing(self, playing: bool) -> None:
        """Show whether the film runs. No signal."""
        with QSignalBlocker(self.play):
            self.play.setChecked(playing)
        self.play.setIcon(theme.icon("pause" if playing else "play"))
        name = "Pause" if playing else "Play the rates"
        self.play.setAccessibleName(name)
        self.play.setToolTip(f"{name} ({KEY})")

    def show_step(self, step: int, count: int) -> None:
        """Show a step of so many, counted from 0; a count of 1 or less cannot be played. No signal."""
        with QSignalBlocker(self.step):
            self.step.setRange(0, max(0, count - 1))
            self.step.setValue(step)
        for control in (self.step, self.play):
            control.setEnabled(count > 1)

    def show_place(self, text: str) -> None:
        """Write which step the pictures are at, as "3 of 10"."""
        self.place.setText(text)
