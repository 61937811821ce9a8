"""The original and the compressed panes in a grid that fills the centre."""

import math
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from keepsight.app.ui import theme
from keepsight.app.ui.codec_menu import CodecGroup
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.pane import Pane
from keepsight.app.ui.view_state import ViewState
from keepsight.app.worker.jobs import ORIGINAL

MOST_PANES = 6


class PaneGrid(QWidget):
    """Panes by number; number 0 is the original and always there."""

    codec_chosen = Signal(int, str)
    selected = Signal(int)
    close_requested = Signal(int)
    added = Signal(int)
    """A pane of this number is there from now on."""

    def __init__(self, view: ViewState, codecs: Sequence[CodecGroup], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._codecs = codecs
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self.panes: dict[int, Pane] = {}
        self._further: list[ImageView] = []
        self.selection = ORIGINAL
        self.plain = False
        """Whether the panes stand without controls."""
        self._type_size = theme.FONT_SIZE
        self.add(ORIGINAL)

    @property
    def views(self) -> list[ImageView]:
        """All views of the photo: those of the panes, and further ones."""
        return [*(pane.view for pane in self.panes.values()), *self._further]

    def add_view(self, view: ImageView) -> None:
        """Let what lies over the pictures of all panes lie over this one too."""
        self._further.append(view)

    @property
    def full(self) -> bool:
        """Whether no further pane fits."""
        return len(self.panes) >= MOST_PANES

    def add(self, number: int) -> Pane:
        """Add a pane under this number."""
        pane = Pane(self._view, [] if number == ORIGINAL else self._codecs, self)
        pane.codec_chosen.connect(lambda codec: self.codec_chosen.emit(number, codec))
        pane.selected.connect(lambda: None if number == self.selection else self.select(number))
        pane.close_requested.connect(lambda: self.close_requested.emit(number))
        self.panes[number] = pane
        if self.plain:
            pane.set_plain(True, self._type_size)
        self._arrange()
        self.added.emit(number)
        return pane

    def set_codecs(self, codecs: Sequence[CodecGroup]) -> None:
        """Offer these codecs in every compressed pane."""
        self._codecs = codecs
        for number, pane in self.panes.items():
            if number != ORIGINAL:
                pane.codec.set_groups(codecs)

    def set_plain(self, plain: bool, size: int = theme.FONT_SIZE) -> None:
        """Show all panes without controls, in letters of this size, pixels; or the controls again."""
        self.plain, self._type_size = plain, size
        for pane in self.panes.values():
            pane.set_plain(plain, size)

    def remove(self, number: int) -> None:
        """Remove a compressed pane; the one before it is selected."""
        pane = self.panes.pop(number)
        pane.hide()
        pane.deleteLater()
        self._arrange()
        if self.selection == number:
            self.select(list(self.panes)[-1])

    def select(self, number: int) -> None:
        """Mark a pane as the one whose options are shown."""
        self.selection = number
        for other, pane in self.panes.items():
            pane.set_selected(other == number)
        self.selected.emit(number)

    def select_position(self, position: int) -> None:
        """Select the pane at this place, counted from 0; nothing where there is none."""
        if position < len(self.panes):
            self.select(list(self.panes)[position])

    def step_codec(self, by: int) -> None:
        """Choose the codec so many places after the selected pane's in its menu, round and round."""
        menu = self.panes[self.selection].codec
        codecs = [menu.itemData(place) for place in range(menu.count()) if menu.itemData(place)]
        if codecs:
            place = codecs.index(menu.currentData()) if menu.currentData() in codecs else 0
            self.codec_chosen.emit(self.selection, codecs[(place + by) % len(codecs)])

    def _arrange(self) -> None:
        columns = math.ceil(math.sqrt(len(self.panes)))
        for place, pane in enumerate(self.panes.values()):
            self._layout.addWidget(pane, place // columns, place % columns)
        for line in range(MOST_PANES):
            self._layout.setColumnStretch(line, 1 if line < columns else 0)
            self._layout.setRowStretch(line, 1 if line < math.ceil(len(self.panes) / columns) else 0)
