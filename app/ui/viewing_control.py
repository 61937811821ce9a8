"""How the pictures are looked at: modes of comparing, magnification, other photos, a peek at the original."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget

from keepsight.app.ui import keys
from keepsight.app.ui.contents import compressed_content, original_content
from keepsight.app.ui.held_keys import HeldKeys
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.mode_buttons import TIPS, mode_key
from keepsight.app.ui.pair_panel import PairPanel, PairPicture
from keepsight.app.ui.pane import PaneContent
from keepsight.app.ui.pane_grid import MOST_PANES, PaneGrid
from keepsight.app.ui.photo_list import PhotoList
from keepsight.app.ui.pyramid import Pyramid
from keepsight.app.ui.toolbar import Toolbar
from keepsight.app.ui.view_state import ViewState
from keepsight.app.ui.viewing import MODES, Mode
from keepsight.app.worker.jobs import ORIGINAL, PaneShown, PhotoShown
from keepsight.app.worker.workbench import Workbench
from keepsight.codecs import registry

_COMING = "The picture of this photo is on its way."


class ViewingControl(QObject):
    """Connects toolbar, menu and keys with the way of looking, and fills the panel of two pictures."""

    def __init__(
        self,
        bench: Workbench,
        grid: PaneGrid,
        state: ViewState,
        toolbar: Toolbar,
        photos: PhotoList,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._bench = bench
        self._grid = grid
        self._state = state
        self._toolbar = toolbar
        self._photos = photos
        self._pictures: dict[int, PairPicture] = {}
        """What the panes show of this photo."""
        self._original: PhotoShown | None = None
        self._shown: dict[int, PaneShown] = {}
        self._busy: set[int] = set()
        self._paired: tuple[Mode, int, int | None] | None = None
        self.page_keys: list[QShortcut] = []
        """Those that turn the photos as pages; where something else is turned, they are switched off."""
        self.pair = PairPanel(state)
        grid.add_view(self.pair.view)
        self.centre = QStackedWidget()
        """Either the grid or the panel of two pictures."""
        self.centre.addWidget(grid)
        self.centre.addWidget(self.pair)
        self._held = HeldKeys(window, tuple(keys.HELD))
        self._connect()
        self._bind(window)
        self._show_viewing()

    @property
    def shown(self) -> PaneGrid | PairPanel:
        """What the way of comparing shows."""
        return self._grid if self._state.viewing.mode == "side by side" else self.pair

    @property
    def view(self) -> ImageView:
        """The view that the steps of magnification start from."""
        if self.shown is self.pair:
            return self.pair.view
        return self._grid.panes[self._grid.selection].view

    def swap(self) -> None:
        """Exchange the two pictures that are compared."""
        first, second = self.compared()
        if second is not None:
            self._state.edit(first=second, second=first)

    # pictures ------------------------------------------------------------------------------------

    def _take_photo(self, shown: PhotoShown) -> None:
        if self._original is None or shown.photo.key != self._original.photo.key:
            self._forget_pictures([number for number in self._grid.panes if number != ORIGINAL], _COMING)
        self._original = shown
        self._take(ORIGINAL, original_content(shown))
        if shown.prediction is not None:  # now it is known which classes are kept
            for number, pane in self._shown.items():
                self._take(number, compressed_content(pane, shown))
        if self._state.peek is not None:
            self._peek(True)

    def _take_pane(self, number: int, shown: PaneShown) -> None:
        self._shown[number] = shown
        self._take(number, compressed_content(shown, self._original))

    def _take(self, number: int, content: PaneContent) -> None:
        known = self._pictures.get(number)
        assert content.pixels is not None
        if known is not None and known.picture.shows(content.pixels):
            picture = replace(known, content=content)
        else:
            picture = PairPicture(content, Pyramid(content.pixels, content.levels))
        self._pictures[number] = picture
        if known is not None and (known.picture, known.name) == (picture.picture, picture.name):
            self._fill_figures()
        else:
            self._fill_pair()

    def _lose_photo(self, sentence: str) -> None:
        if not self._bench.photo_is_current:
            self._original = None
            self._forget_pictures(list(self._grid.panes), sentence)
            self._fill_pair()

    def _forget_pictures(self, numbers: Sequence[int], sentence: str) -> None:
        """Show a sentence in these panes: what they showed was of another photo."""
        self._pictures.clear()
        self._shown.clear()
        for number in numbers:
            self._grid.panes[number].clear(sentence)

    def _remove(self, number: int) -> None:
        self._pictures.pop(number, None)
        self._shown.pop(number, None)
        self._busy.discard(number)
        self._fill_pair()

    def _set_busy(self, number: int, busy: bool) -> None:
        (self._busy.add if busy else self._busy.discard)(number)
        self.pair.view.set_busy(bool(self._busy.intersection(self.compared())))

    # two of them ---------------------------------------------------------------------------------

    def compared(self) -> tuple[int, int | None]:
        """Return the numbers of the two panes that are compared; None where there is only one."""
        viewing, panes = self._state.viewing, self._grid.panes
        first = viewing.first if viewing.first in panes else ORIGINAL
        if viewing.second in panes:
            return first, viewing.second
        others = [number for number in panes if number != first]
        selected = self._grid.selection
        return first, selected if selected in others else (others[-1] if others else None)

    def _fill_pair(self) -> None:
        """Show the two chosen pictures, or why they cannot be compared now."""
        if self._state.viewing.mode == "side by side":
            return
        first, second = self.compared()
        chosen = self._state.viewing.second
        choices = [(number, self._name(number)) for number in self._grid.panes]
        follows = "" if second is None else self._name(second)
        self.pair.offer(choices, first, chosen if chosen in self._grid.panes else None, follows)
        self.pair.view.set_busy(bool(self._busy.intersection((first, second))))
        if second is None:
            self.pair.show_message("There is one picture only. Add a pane to compare it with.")
        elif first not in self._pictures or second not in self._pictures:
            self.pair.show_message("These two pictures are compared as soon as both are there.")
        else:
            self.pair.show_pair(self._pictures[first], self._pictures[second])

    def _fill_figures(self) -> None:
        """Say what has become known of the two pictures that are shown already."""
        found = [self._pictures.get(number) for number in self.compared() if number is not None]
        match found:
            case [PairPicture() as first, PairPicture() as second]:
                self.pair.show_figures(first, second)

    def _name(self, number: int) -> str:
        if number in self._pictures:
            return self._pictures[number].name
        if number == ORIGINAL:
            return "Original"
        setting = self._bench.settings.get(number)
        return registry.get(setting.codec).label if setting is not None else f"Pane {number}"

    # keys ----------------------------------------------------------------------------------------

    def _hold(self, key: int, down: bool) -> None:
        if key == keys.PEEK:
            self._peek(down)
        else:
            self.pair.hold(down)

    def _peek(self, down: bool) -> None:
        original = self._pictures.get(ORIGINAL)
        self._state.set_peek(original.picture if down and original is not None else None)

    def _show_viewing(self) -> None:
        """Let buttons, menu and centre follow what is set."""
        viewing, menu = self._state.viewing, self._toolbar.view_menu
        self._toolbar.modes.show_mode(viewing.mode)
        menu.smooth.setChecked(viewing.smooth)
        menu.loupe.setChecked(viewing.loupe)
        paired = viewing.mode != "side by side"
        menu.swap.setEnabled(paired)
        pair = viewing.mode, viewing.first, viewing.second
        if pair != self._paired:  # the settings of a mode change at screen rate while a slider moves
            self._paired = pair
            self._fill_pair()
        self.centre.setCurrentWidget(self.pair if paired else self._grid)

    def _set_mode(self, mode: Mode) -> None:
        _, second = self.compared()
        if mode != "side by side" and self._grid.selection == ORIGINAL and second is not None:
            self._grid.select(second)  # its options are those to play with
        self._state.edit(mode=mode)
        # Who goes through the buttons with the arrow keys stays there; else keys work on the picture.
        if QApplication.focusWidget() not in self._toolbar.modes.buttons.values():
            (self.pair.line if mode == "wipe" else self.view).setFocus()

    def _connect(self) -> None:
        bench, grid, menu = self._bench, self._grid, self._toolbar.view_menu
        bench.photo_shown.connect(self._take_photo)
        bench.photo_failed.connect(self._lose_photo)
        bench.pane_shown.connect(self._take_pane)
        bench.pane_busy.connect(self._set_busy)
        bench.pane_closed.connect(self._remove)
        grid.selected.connect(lambda _: self._fill_pair())
        grid.added.connect(lambda _: self._fill_pair())
        self.pair.swap_asked.connect(self.swap)
        self._held.held.connect(self._hold)
        self._toolbar.modes.chosen.connect(self._set_mode)
        self._state.viewing_changed.connect(self._show_viewing)
        menu.fit.triggered.connect(self._state.fit)
        menu.actual.triggered.connect(lambda: self._state.actual_pixels(self.view.devicePixelRatioF()))
        menu.larger.triggered.connect(lambda: self.view.zoom_to_next(1))
        menu.smaller.triggered.connect(lambda: self.view.zoom_to_next(-1))
        menu.smooth.toggled.connect(lambda on: self._state.edit(smooth=on))
        menu.loupe.toggled.connect(lambda on: self._state.edit(loupe=on))
        menu.next_photo.triggered.connect(lambda: self._photos.step(1))
        menu.previous_photo.triggered.connect(lambda: self._photos.step(-1))
        menu.next_codec.triggered.connect(lambda: grid.step_codec(1))
        menu.previous_codec.triggered.connect(lambda: grid.step_codec(-1))
        menu.swap.triggered.connect(self.swap)

    def _bind(self, window: QMainWindow) -> None:
        window.addActions(self._toolbar.view_menu.actions_of_menu())
        for mode in MODES:
            keys.bind(mode_key(mode), window, partial(self._set_mode, mode), TIPS[mode], "Comparing")
        for position in range(MOST_PANES):
            select = partial(self._grid.select_position, position)
            keys.bind(f"{position + 1}", window, select, f"Select pane {position + 1}", "Photos and panes")
        # Elsewhere, these keys turn the pages of a list or move a slider.
        for key, step, which in (("PgDown", 1, "Next"), ("PgUp", -1, "Previous")):
            turn, words = partial(self._photos.step, step), f"{which} photo, where a picture has the focus"
            bound = keys.bind(key, self.centre, turn, words, "Photos and panes", inside=True)
            self.page_keys.append(bound)
