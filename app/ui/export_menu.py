"""The button Export: what can be taken away from what the window shows."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from keepsight.app.engine.printing import Style

SCALES = (1, 2, 3, 4)


class ExportMenu(QToolButton):
    """Only asks; what is not there yet cannot be chosen, see `offer`."""

    figure_requested = Signal(str)
    """The curves as a file, in this `Style`."""
    csv_requested = Signal()
    picture_requested = Signal(int)
    """The panes as a picture, so many pixels for each of the window's."""
    film_requested = Signal(str)
    """Of the "bookmarks", or of the "rates", as `FilmControl.record` takes it."""
    results_requested = Signal()
    """Compressed files and what they decode to, in a folder."""
    figure_copied = Signal(str)
    picture_copied = Signal()
    encode_copied = Signal()
    sweep_copied = Signal()
    limit_copied = Signal()
    snapshot_copied = Signal()
    opened = Signal()
    """The menu is about to be seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("Export…")
        self.setToolTip("Take figures, tables, pictures and compressed files with you")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._of_curves: list[QAction] = []
        self._of_panes: list[QAction] = []
        self._of_films: list[QAction] = []
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.opened)
        self._fill(menu)
        self.setMenu(menu)

    def offer(self, *, curves: bool, panes: bool) -> None:
        """Let be chosen what is there: measured curves, compressed panes of a photo."""
        for action in self._of_curves:
            action.setEnabled(curves)
        for action in self._of_panes:
            action.setEnabled(panes)

    def offer_films(self, *, bookmarks: bool, rates: bool) -> None:
        """Let be chosen what a film can be made of."""
        for action, there in zip(self._of_films, (bookmarks, rates), strict=True):
            action.setEnabled(there)

    def _fill(self, menu: QMenu) -> None:
        curves, panes = self._of_curves, self._of_panes
        for style, ground in _STYLES.items():
            tip = f"The curves with the chosen quantity as SVG, PDF or PNG, on {ground}"
            _add(
                menu,
                curves,
                f"Figure of the curves, {style}…",
                tip,
                partial(self.figure_requested.emit, style),
            )
        _add(menu, curves, "Curves as a table (CSV)…", "One line a setting", self.csv_requested.emit)
        menu.addSeparator()
        pictures = menu.addMenu("Picture of the panes")
        pictures.setToolTipsVisible(True)
        for scale in SCALES:
            tip = "The panes, or the two in one view, with captions and without controls, as PNG"
            ask = partial(self.picture_requested.emit, scale)
            _add(pictures, panes, f"{scale}× the size on the screen…", tip, ask)
        for what, text, tip in _FILMS:
            _add(menu, self._of_films, text, tip, partial(self.film_requested.emit, what))
        tip = "A new folder, within one that you choose: each pane’s file, what it decodes to, a table"
        _add(menu, panes, "Files and reconstructions…", tip, self.results_requested.emit)
        menu.addSeparator()
        for style, ground in _STYLES.items():
            key = "Ctrl+C while the curves have the focus: " if style == "dark" else ""
            tip = f"{key}to the clipboard as PNG and SVG, on {ground}"
            ask = partial(self.figure_copied.emit, style)
            _add(menu, curves, f"Copy figure of the curves, {style}", tip, ask)
        tip = "To the clipboard: the panes, or the two in one view, without controls"
        _add(menu, panes, "Copy picture of the panes", tip, self.picture_copied.emit)
        commands = menu.addMenu("Copy as command line")
        commands.setToolTipsVisible(True)
        for text, tip, copied in (
            (
                "This pane: encode",
                "What compresses this photo with the selected pane’s settings",
                self.encode_copied,
            ),
            (
                "Smallest files: limit",
                "What searches for the smallest files of this photo",
                self.limit_copied,
            ),
            (
                "The window: snapshot",
                "What draws the window with this photo into a picture",
                self.snapshot_copied,
            ),
        ):
            _add(commands, panes, text, tip, copied.emit)
        _add(
            commands,
            [],
            "Curves: sweep",
            "What measures the curves of the group in the list",
            self.sweep_copied.emit,
        )


_FILMS = (
    (
        "bookmarks",
        "Film of the bookmarks…",
        "Each bookmark as long as you say, as GIF or MP4, without controls",
    ),
    ("rates", "Film of the rates…", "What the rate player plays, smallest file to largest, as GIF or MP4"),
)
_STYLES: dict[Style, str] = {"light": "white paper", "dark": "a dark slide"}


def _add(menu: QMenu, kind: list[QAction], text: str, tip: str, ask: Callable[[], object]) -> None:
    action = menu.addAction(text, ask)
    action.setToolTip(tip)
    kind.append(action)
