"""Two chosen pictures in one view: with a line between them, alternating, or their difference."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout

from keepsight.app.ui import theme
from keepsight.app.ui.blinker import Blinker
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.pair_foot import PairFoot
from keepsight.app.ui.pair_settings import PairSettings
from keepsight.app.ui.pane import PaneContent
from keepsight.app.ui.picture import Difference, Wipe
from keepsight.app.ui.prediction_bars import ROWS
from keepsight.app.ui.pyramid import Pyramid
from keepsight.app.ui.quiet_combo import QuietCombo
from keepsight.app.ui.view_state import ViewState
from keepsight.app.ui.wipe_line import WipeLine

_LOW = 340
"""In a panel lower than this, the picture gets the room of all classes but the first, pixels."""


@dataclass(frozen=True, eq=False)
class PairPicture:
    """One of the two pictures."""

    content: PaneContent
    """What is known of it."""
    picture: Pyramid
    """Its pixels."""

    @property
    def name(self) -> str:
        """What it is: "Original", "AVIF quality 14"."""
        return f"{self.content.title} {self.content.options}".strip()


class PairPanel(QFrame):
    """Follows the `Viewing` of a `ViewState`; which pictures there are it is told."""

    swap_asked = Signal()

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self._pair: tuple[PairPicture, PairPicture] | None = None
        self._wipe: Wipe | None = None
        self.plain = False
        """Whether the picture and its captions stand alone, without controls."""
        self.view = ImageView(state)
        self.line = WipeLine(self.view)
        self.settings = PairSettings(state)
        self.first = QuietCombo("First picture", "The picture on the left, shown first, or subtracted")
        self.second = QuietCombo("Second picture", "The picture on the right, shown next, or compared")
        self.swap = QToolButton()
        self.swap.setIcon(theme.icon("swap"))
        self.swap.setToolTip("Swap the two pictures (S)")
        self.swap.setAccessibleName("Swap the two pictures")
        self.feet = PairFoot(), PairFoot()
        """What is known of the first and of the second."""
        self._blinker = Blinker(self)
        theme.set_role(self, "panel")
        self._lay_out()
        self._connect()

    def offer(
        self, pictures: Sequence[tuple[int, str]], first: int, second: int | None, follows: str
    ) -> None:
        """Offer these pictures, (number, name), as first and second, and show which are chosen.

        `follows` is the name of what is second where none is chosen.
        """
        selected = (None, f"Selected: {follows}")
        choices: Sequence[tuple[int | None, str]]
        for combo, choices, chosen in (
            (self.first, pictures, first),
            (self.second, [selected, *pictures], second),
        ):
            combo.clear()
            for number, name in choices:
                combo.add_choice(name, number)
            combo.setCurrentIndex([number for number, _ in choices].index(chosen))

    def show_pair(self, first: PairPicture, second: PairPicture) -> None:
        """Compare these two, of one size."""
        self._pair = first, second
        self._draw()

    def show_figures(self, first: PairPicture, second: PairPicture) -> None:
        """Say more of the two that are compared now; their pictures and names are the same as before."""
        if self._pair is not None:
            self._pair = first, second
            self._describe()

    def show_message(self, sentence: str) -> None:
        """Say why there is nothing to compare."""
        self._pair = None
        self.view.set_message(sentence)
        self._draw()

    def set_plain(self, plain: bool, size: int = theme.FONT_SIZE) -> None:
        """Show the picture and its captions alone, in letters of this size, pixels; or the controls again."""
        self.plain = plain
        for control in (self.first, self.swap, self.second, self.settings):
            control.setHidden(plain)
        self.line.set_plain(plain)
        for foot in self.feet:
            foot.set_type_size(size)
        theme.set_type_size(self.view, size)

    def hold(self, held: bool) -> None:
        """Show the other of two pictures that blink, for as long as this lasts."""
        self._blinker.hold(held)

    def sizeHint(self) -> QSize:
        """Ask for no more than the panes do."""
        return QSize(400, 300)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to blink where that is the mode."""
        super().showEvent(event)
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the picture room in a low panel."""
        super().resizeEvent(event)
        for foot in self.feet:
            foot.bars.set_row_count(1 if self.height() < _LOW else ROWS)

    def hideEvent(self, event: QHideEvent) -> None:
        """Blink no more."""
        super().hideEvent(event)
        self._blinker.run(None)

    def _draw(self) -> None:
        """Show what the mode makes of the two."""
        viewing = self._state.viewing
        blinks = viewing.mode == "blink" and viewing.blinking and self.isVisible()
        self._blinker.run(viewing.blink_rate if blinks and self._pair is not None else None)
        self.line.setVisible(viewing.mode == "wipe" and self._pair is not None)
        proxy = self.line if viewing.mode == "wipe" else None
        self.view.setFocusProxy(proxy)  # type: ignore[arg-type]  # None takes it away
        self._wipe = None
        self._describe()
        if self._pair is None:
            self.view.set_names()
            self.view.set_picture(None)
            return
        first, second = self._pair
        if viewing.mode == "wipe":
            self._wipe = Wipe(first.picture, second.picture)
            self.line.set_split(viewing.split)
            self._place_split()
            self.view.set_names(first.name, second.name)
            self.view.set_picture(self._wipe)
        elif viewing.mode == "difference":
            signed, gain, channel = viewing.signed, viewing.gain, viewing.channel
            self.view.set_names(f"{second.name} minus {first.name}")
            self.view.set_picture(
                Difference(first.picture, second.picture, signed=signed, gain=gain, channel=channel)
            )
        else:
            self._blink()
        names = f"{first.name}, {second.name}"
        self.view.setAccessibleDescription(f"{viewing.mode.capitalize()}: {names}")

    def _describe(self) -> None:
        for foot, shown in zip(self.feet, self._pair or (None, None), strict=True):
            foot.show_content(shown.content if shown is not None else None)

    def _blink(self) -> None:
        if self._pair is None or self._state.viewing.mode != "blink":
            return
        shown = self._pair[self._blinker.second]
        self.view.set_names(*(("", shown.name) if self._blinker.second else (shown.name, "")))
        self.view.set_picture(shown.picture)

    def _place_split(self) -> None:
        """Cut the picture where the line stands, wherever the picture was moved to."""
        whole = self.view.place()
        if self._wipe is not None and not whole.isEmpty():
            at = self._state.viewing.split * self.view.width()
            self._wipe.split = (at - whole.left()) / whole.width()

    def _choose(self) -> None:
        self._state.edit(first=self.first.currentData(), second=self.second.currentData())

    def _connect(self) -> None:
        self._state.viewing_changed.connect(self._draw)
        self._state.changed.connect(self._place_split)
        self.line.placed.connect(self._place_split)
        self.line.moved.connect(lambda split: self._state.edit(split=split))
        self._blinker.turned.connect(self._blink)
        self.settings.held.connect(self.hold)
        self.first.activated.connect(lambda _: self._choose())
        self.second.activated.connect(lambda _: self._choose())
        self.swap.clicked.connect(self.swap_asked)

    def _lay_out(self) -> None:
        for combo in (self.first, self.second):
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        header = QHBoxLayout()
        header.setSpacing(6)
        header.addWidget(self.first, 1)
        header.addWidget(self.swap)
        header.addWidget(self.second, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addLayout(header)
        column.addWidget(self.view, 1)
        feet = QHBoxLayout()
        feet.setSpacing(20)
        for foot in self.feet:
            feet.addWidget(foot, 1)
        column.addLayout(feet)
        column.addWidget(self.settings)
