"""The original, or what one codec made of it: header, picture, most probable classes, footer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.codec_menu import CodecGroup, CodecMenu
from keepsight.app.ui.elided_label import ElidedLabel, PartsLabel
from keepsight.app.ui.image_view import ImageView
from keepsight.app.ui.prediction_bars import ROWS, PredictionBars
from keepsight.app.ui.pyramid import Pixels
from keepsight.app.ui.view_state import ViewState

Verdict = Literal["kept", "flipped", "reference"]

_VERDICTS: dict[Verdict, tuple[str, theme.Role, str]] = {
    "kept": ("✓ class kept", "kept", "The most probable class is the same as on the original."),
    "flipped": ("✕ flipped", "flipped", "The most probable class is another one than on the original."),
    "reference": ("reference", "muted", "All other panes are compared with this one."),
}

QUALITY_TIP = "Raw pixels : file; peak signal-to-noise ratio in dB; structural similarity"

_SIZE = " · "
"""Stands between the figures of a file's size."""
_SPACING = 5
_EDGE = 11
"""Margin, border, and what a label keeps free, pixels."""
_LOW = 225
"""In a pane lower than this, the picture gets the room of all classes but the first, pixels."""


@dataclass(frozen=True, eq=False)
class PaneContent:
    """All that a pane shows, of one and the same picture. What is None or empty is not known (yet)."""

    title: str
    """Name that people read: "Original", "JPEG"."""
    codec: str | None = None
    """Codec id; None for the original."""
    options: str = ""
    """Options in words."""
    bytes: int | None = None
    """Length of the whole file."""
    bpp: float | None = None
    """Bits per pixel of the original."""
    rows: tuple[tuple[str, float], ...] = ()
    """Most probable classes, best first."""
    verdict: Verdict | None = None
    ratio: float | None = None
    """Bytes of the raw pixels over bytes of the file."""
    psnr: float | None = None
    """dB; infinite where the pixels are the same."""
    ssim: float | None = None
    pixels: Pixels | None = None
    """(H, W, 3) uint8 sRGB; must not change afterwards."""
    levels: tuple[Pixels, ...] = ()
    """The same at full, half, quarter ... size, where they are made already."""
    width: int = 0
    height: int = 0
    colour: str = ""
    """Accent of the codec, "#rrggbb"; "" for the original."""
    note: str = ""
    """What has to be known of this picture, as a sentence; it lies over the picture's foot."""
    error: str = ""
    """Why there is no such picture, as a sentence. Then `pixels` is None and the last good picture stays."""


class Pane(QFrame):
    """Shows one `PaneContent`. A pane with codecs lets the user choose one; the original's has none."""

    codec_chosen = Signal(str)
    """Id of the codec that the user chose."""
    selected = Signal()
    """The user turned to this pane."""
    close_requested = Signal()

    def __init__(
        self, view: ViewState, codecs: Sequence[CodecGroup] = (), parent: QWidget | None = None
    ) -> None:
        """Make a pane; `codecs` are the groups to choose from, none for the original."""
        super().__init__(parent)
        self._state = view
        self._content: PaneContent | None = None
        self._map_figure = "", ""
        self._figures: Sequence[str] = ()
        """How large the file is."""
        self._entered = False
        self.plain = False
        """Whether pictures and captions stand alone, without controls."""
        self.view = ImageView(view)
        self.view.pressed.connect(self.selected)
        self.bars = PredictionBars()
        self.codec = CodecMenu(codecs)
        self.codec.activated.connect(self._choose)
        self.codec.setVisible(bool(codecs))
        self.close_button = self._make_close_button() if codecs else None
        theme.set_role(self, "panel")
        self.setMinimumSize(193, 150)
        self._lay_out()
        self.set_title("" if codecs else "Original")

    def _lay_out(self) -> None:
        self._dot = QLabel("●")
        self._title = QLabel()
        theme.set_role(self._title, "heading")
        self._options = ElidedLabel()
        theme.set_role(self._options, "muted")
        # The options have what the rest of the header leaves.
        self._options.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._size = PartsLabel(_SIZE)
        theme.set_role(self._size, "heading")
        header = _row(self._dot, self.codec, self._title, self._options, None, self._size)
        header.setStretch(3, 1)
        self._strip = QLabel(self, wordWrap=True)
        self._strip.hide()
        self._verdict = QLabel()
        self._quality = PartsLabel("   ")
        theme.set_role(self._quality, "muted")
        for figures in (self._size, self._quality):
            figures.setFont(theme.font(tabular=True))
            figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        footer = _row(self._verdict, self._quality)
        footer.setStretch(1, 1)
        footer.setSpacing(8)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(header)
        layout.addWidget(self.view, 1)
        layout.addSpacing(2)
        layout.addWidget(self.bars)
        layout.addLayout(footer)
        # The header is as high with a codec menu as without, so that the pictures of a row are level.
        self._dot.setMinimumHeight(self.codec.sizeHint().height())

    def _make_close_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setText("✕")
        button.hide()
        button.setFixedSize(QSize(24, 24))
        button.setStyleSheet("padding: 0; min-height: 0;")
        button.setToolTip("Remove this pane")
        button.setAccessibleName("Remove this pane")
        button.clicked.connect(self.close_requested)
        return button

    @property
    def content(self) -> PaneContent | None:
        """What is shown; None before the first picture."""
        return self._content

    def set_title(self, title: str) -> None:
        """Set the bold name of a pane without a codec menu."""
        self._title.setText(title)
        self._title.setVisible(bool(title))

    def set_codec(self, codec: str, label: str = "") -> None:
        """Show a codec id as chosen, without a signal; the label is for one that the menu does not have.

        The picture stays until that codec's own is there, but its figures go: they are another codec's.
        """
        self.codec.choose(codec, label)
        self._show_title()
        self._describe()

    def set_content(self, content: PaneContent) -> None:
        """Show a picture with all its figures, or its error beside the last good picture."""
        if content.error:
            self.show_error(content.error)
            return
        self._content = content
        self._strip.hide()
        if content.note:
            self._show_strip(content.note, "note")
        if content.pixels is not None and not self.codec.count():
            self._state.set_size(QSize(content.width, content.height))
        self.view.set_image(content.pixels, content.levels)
        self.view.setAccessibleDescription(f"{content.title} {content.options}".strip())
        self._describe()

    def set_map_figure(self, text: str, tip: str) -> None:
        """Show how alike the saliency map is to the original's, and what that means; "" for none."""
        if (text, tip) != self._map_figure:
            self._map_figure = text, tip
            self._describe()

    def set_busy(self, busy: bool) -> None:
        """Show that a newer picture is on its way."""
        self.view.set_busy(busy)

    def show_error(self, sentence: str) -> None:
        """Show a sentence in the picture's place, or below the last good picture, whose labels stay."""
        self.view.set_busy(False)
        if self._content is None or self._content.pixels is None:
            self.view.set_message(sentence)
        else:
            self._show_strip(sentence, "error")

    def _show_strip(self, sentence: str, role: theme.Role) -> None:
        theme.set_role(self._strip, role)
        self._strip.setText(sentence)
        self._strip.show()
        self._place_over_picture()

    def clear(self, sentence: str) -> None:
        """Show a sentence and no picture: the last one was of another photo."""
        self._content = None
        self._strip.hide()
        self.view.set_image(None)
        self.view.set_message(sentence)
        self.view.setAccessibleDescription(sentence)
        self._figures = ()
        for figures in (self._size, self._quality):
            figures.set_parts(())
            figures.setToolTip("")
        self._options.setText("")
        self._options.setToolTip("")
        show_verdict(self._verdict, None)
        self.bars.set_rows(())
        self._show_title()

    def set_selected(self, selected: bool) -> None:
        """Mark the pane as the one whose options are shown."""
        self.setProperty("selected", selected)
        self.style().unpolish(self)
        self.style().polish(self)
        self._show_close_button()

    def set_plain(self, plain: bool, size: int = theme.FONT_SIZE) -> None:
        """Show pictures and captions alone, in letters of this size, pixels; or the controls again."""
        self.plain = plain
        offers = self.codec.count() > 0
        self.codec.setVisible(offers and not plain)
        self._show_title()
        self.setFont(theme.font(size))
        for label in (self._dot, self._title, self._options, self._verdict, self._strip, self.view):
            theme.set_type_size(label, size)
        for figures in (self._size, self._quality):
            theme.set_type_size(figures, size)
        self.bars.set_type_size(size)
        self._fit_header()
        self._show_close_button()

    def _show_title(self) -> None:
        """Where the menu is hidden, name the codec of the picture, or the one that is asked for."""
        if self.codec.count():
            name = self._content.title if self._content is not None else self.codec.currentText()
            self.set_title(name if self.plain else "")

    def _describe(self) -> None:
        """Write all labels anew; of a picture of another codec than the menu's only what it is."""
        content, (figure, tip) = self._content, self._map_figure
        if content is None:
            return
        if self.codec.count() and self.codec.currentData() != content.codec:
            still = f"still {content.title} · {content.options}"
            content = PaneContent(content.title, content.codec, still, colour=content.colour)
            figure = tip = ""
        theme.set_ink(self._dot, content.colour)
        self._options.setText(content.options)
        self._options.setToolTip(content.options)
        if self.plain or self.codec.count() == 0:
            self.set_title(content.title)
        self._figures = size_words(content)
        size = _SIZE.join(self._figures)
        self._size.setToolTip(f"{size}\nLength of the whole file, and bits per pixel of the original")
        self._fit_header()
        self.bars.set_rows(content.rows)
        show_verdict(self._verdict, content.verdict)
        self._quality.set_parts([*filter(None, [figure]), *quality_words(content)])
        known = content.psnr is not None
        lines = filter(None, (self._quality.text(), QUALITY_TIP if known else "", tip))
        self._quality.setToolTip("\n".join(lines) if known or tip else "")

    def _fit_header(self) -> None:
        """Leave out the bits per pixel where the setting has no room beside them."""
        before = [part for part in (self._dot, self.codec, self._title) if not part.isHidden()]
        taken = sum(part.sizeHint().width() + _SPACING for part in before) + _SPACING
        setting = self._options.fontMetrics().horizontalAdvance(self._options.text())
        room = self.width() - 2 * _EDGE - taken - setting
        wide, narrow = (
            self._size.fontMetrics().horizontalAdvance(_SIZE.join(parts))
            for parts in (self._figures, self._figures[:1])
        )
        self._size.set_parts(self._figures[:1] if narrow <= room < wide else self._figures)

    def _choose(self, index: int) -> None:
        self.selected.emit()
        self.codec_chosen.emit(self.codec.itemData(index))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the pane."""
        self.selected.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Offer to close."""
        self._entered = True
        self._show_close_button()

    def leaveEvent(self, event: QEvent) -> None:
        """Offer no more to close, unless this is the selected pane."""
        self._entered = False
        self._show_close_button()

    def _show_close_button(self) -> None:
        if self.close_button is not None:
            wanted = self._entered or bool(self.property("selected"))
            self.close_button.setVisible(wanted and not self.plain)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep over the picture what lies over it, and leave the picture room in a low pane."""
        super().resizeEvent(event)
        self.bars.set_row_count(1 if self.height() < _LOW else ROWS)
        self._fit_header()
        self._layout.activate()
        self._place_over_picture()

    def event(self, event: QEvent) -> bool:
        """Place what lies over the picture anew where its size may be another one, as in another theme."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place_over_picture()
        return handled

    def _place_over_picture(self) -> None:
        """Put the error and the close button over the picture, where they move nothing else."""
        picture = self.view.geometry()
        height = self._strip.heightForWidth(picture.width())
        self._strip.setGeometry(picture.left(), picture.bottom() + 1 - height, picture.width(), height)
        self._strip.raise_()
        if self.close_button is not None:
            self.close_button.move(picture.right() - 28, picture.top() + 5)
            self.close_button.raise_()


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(_SPACING)
    for widget in widgets:
        if widget is not None:
            row.addWidget(widget)
    return row


def show_verdict(label: QLabel, verdict: Verdict | None) -> None:
    """Write whether the class is kept; nothing where that is not known (yet)."""
    text, role, tip = _VERDICTS[verdict] if verdict else ("", None, "")
    label.setText(text)
    label.setToolTip(tip)
    label.setObjectName("verdict")
    theme.set_role(label, role)


def size_words(content: PaneContent) -> list[str]:
    """Return how large the picture and its file are, as far as that is known."""
    parts = []
    if content.codec is None and content.width:
        parts.append(words.size(content.width, content.height))
    if content.bytes is not None:
        parts.append(words.file_size(content.bytes))
    if content.codec is not None and content.bpp is not None:
        parts.append(words.bpp(content.bpp))
    return parts


def quality_words(content: PaneContent) -> list[str]:
    """Return how much smaller the file is than the pixels and how alike the picture is to the original."""
    if content.codec is None:
        return [] if content.bpp is None else [words.bpp(content.bpp)]
    parts = []
    if content.ratio is not None:
        parts.append(words.ratio(content.ratio))
    if content.psnr is not None:
        parts.append(words.psnr(content.psnr))
    if content.ssim is not None:
        parts.append(words.ssim(content.ssim))
    return parts
