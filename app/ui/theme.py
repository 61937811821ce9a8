"""How the window looks: colours, the font that comes with the program, one style sheet.

Widgets ask for a look by role, `theme.set_role(label, "muted")`, and the style sheet knows the roles:
"panel" (a raised frame with a border), "line" (a thin one), "hint" and "frame" (what points at a control),
"muted", "strong", "heading", "plain", "kept", "flipped" and "warning" (text), "note" and "error" (a strip
over a picture), "value" (a number field that looks like text until it is used), "chosen" (a button that
looks checked), "segment" (one of several buttons in a row; its property "end" tells the "first" and the
"last"), "row" (a button that is a line of a list), "fold" (a heading that is a button), "popup" (a list that
opens below a field), "stages" (a list of which the chosen line stands out only where keys go there).

The user may change the theme at any time, so a colour, `theme.TEXT`, is read when something is drawn and
never kept. What cannot help keeping it listens to `theme.look.changed`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from keepsight.app.engine import contrast
from keepsight.app.ui.palettes import PALETTES, Palette, Theme
from keepsight.app.ui.style_sheet import style_sheet

# Those of the theme in use; `Palette` says what each is for.
BACKGROUND: str
PANEL: str
SURROUND: str
RAISED: str
HOVER: str
BORDER: str
TRACK: str
TEXT: str
MUTED: str
DISABLED: str
ACCENT: str
ON_ACCENT: str
HIGHLIGHT: str
KEPT: str
FLIPPED: str
SHADOW: str

FONT_FAMILY = "Inter"
FONT_SIZE = 12
"""Pixels, device-independent."""

GAP = "&nbsp;&nbsp;&nbsp; "
"""Between the entries of a legend in a label."""

Role = (
    Literal["panel", "line", "muted", "strong", "heading", "plain", "kept", "flipped", "warning", "note"]
    | Literal["error", "value", "chosen", "segment", "row", "hint", "frame", "fold", "popup", "stages"]
)


class Look(QObject):
    """Which theme is in use."""

    changed = Signal()
    """All colours are others now."""
    theme: Theme = "dark"

    @property
    def palette(self) -> Palette:
        """All colours."""
        return PALETTES[self.theme]


look = Look()


def apply(app: QApplication, theme: Theme = "dark") -> None:
    """Give the application its style, font and colours. To be called before the first widget is made."""
    app.setStyle("Fusion")
    for path in sorted(_resource("fonts").glob("Inter-*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    app.setFont(font())
    wear(app, theme)


def wear(app: QApplication, theme: Theme) -> None:
    """Give the application, and all that it shows, the colours of a theme."""
    look.theme = theme
    globals().update(asdict(look.palette))
    with _nothing_collected():
        sizes = [(widget, widget.font().pixelSize()) for widget in app.allWidgets()]
        app.setStyleSheet("")  # Qt takes three times as long to put one in the place of another
        app.setPalette(_palette(look.palette))
        app.setStyleSheet(style_sheet(look.palette, _resource("icons").as_posix()))
    for widget, size in sizes:
        if widget.font().pixelSize() != size:
            set_type_size(widget, size)  # Qt forgets it
        if isinstance(widget, QLabel) and widget.property("ink"):
            _write_in_ink(widget)
        widget.update()
    look.changed.emit()


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Qt and PySide go through lists of all widgets; a collector that deletes one meanwhile is a crash."""
    gc.collect()
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def readable(colour: str, least: float = contrast.SIGN) -> str:
    """Return a codec's colour "#rrggbb" as it can be seen on panels of the theme in use."""
    return contrast.readable(colour, look.palette.PANEL, least)


def set_ink(label: QLabel, colour: str) -> None:
    """Write a label in a codec's colour "#rrggbb", or in that of text where it is "", in every theme."""
    if label.property("ink") != colour:
        label.setProperty("ink", colour)
        _write_in_ink(label)


def _write_in_ink(label: QLabel) -> None:
    ink: str = label.property("ink")
    label.setStyleSheet(f"color: {readable(ink)};" if ink else "")


def icon(name: str) -> QIcon:
    """Return one of the program's icons, which has the colour of text in every theme."""
    return QIcon(_Icon(name))


class _Icon(QIconEngine):
    """Draws a file of the icons when it is needed, as sharp as the screen and in the colours of then."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._drawing = (_resource("icons") / f"{name}.svg").read_text("utf-8")

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        colours = look.palette
        ink = colours.ON_ACCENT if state == QIcon.State.On else colours.TEXT
        ink = colours.DISABLED if mode == QIcon.Mode.Disabled else ink
        drawing = self._drawing.replace("currentColor", ink)
        QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            self.paint(painter, QRect(QPoint(), size), mode, state)
        return pixmap

    def clone(self) -> QIconEngine:
        return _Icon(self._name)


def _resource(folder: str) -> Path:
    return Path(str(files("keepsight.resources"))) / folder


def font(size: int = FONT_SIZE, *, tabular: bool = False) -> QFont:
    """Return the program's font; with tabular numerals all digits are equally wide, so nothing jumps.

    Only for numbers: this font widens the hyphen with the digits.
    """
    result = QFont(FONT_FAMILY)
    result.setPixelSize(size)
    result.setWeight(QFont.Weight.Medium)
    result.setFeature(QFont.Tag("tnum"), int(tabular))
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result


def set_type_size(widget: QWidget, size: int) -> None:
    """Let a widget write in letters of this size, pixels; their weight and numerals stay as they are."""
    widget.ensurePolished()  # the weight may be one of the style sheet
    font = widget.font()
    font.setPixelSize(size)
    widget.setFont(font)


def set_role(widget: QWidget, role: Role | None) -> None:
    """Give a widget one of the style sheet's looks, or take it away."""
    if widget.property("role") != role:
        size = widget.font().pixelSize()
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        if widget.font().pixelSize() != size:
            set_type_size(widget, size)  # Qt forgets it
        QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))  # the look may have other margins


def _palette(colours: Palette) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    parts = {
        role.Window: colours.BACKGROUND,
        role.WindowText: colours.TEXT,
        role.Base: colours.PANEL,
        role.AlternateBase: colours.RAISED,
        role.Text: colours.TEXT,
        role.Button: colours.RAISED,
        role.ButtonText: colours.TEXT,
        role.BrightText: colours.ON_ACCENT,
        role.ToolTipBase: colours.RAISED,
        role.ToolTipText: colours.TEXT,
        role.PlaceholderText: colours.MUTED,
        role.Highlight: colours.ACCENT,
        role.HighlightedText: colours.ON_ACCENT,
        role.Accent: colours.HIGHLIGHT,
        role.Link: colours.HIGHLIGHT,
        role.Light: colours.HOVER,
        role.Midlight: colours.RAISED,
        role.Mid: colours.BORDER,
        role.Dark: colours.BACKGROUND,
        role.Shadow: colours.SHADOW,
    }
    for name, colour in parts.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, name, QColor(colours.DISABLED))
    return palette
