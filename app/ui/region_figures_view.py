"""What a region keeps: a small table and a sentence, whose places never change."""

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from keepsight.app.ui import format as words
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.region_words import bytes_of, finding, seen
from keepsight.app.worker.region_figures import RegionFigures
from keepsight.codecs import registry

_LABEL_WIDTH = 72
_ROWS = {
    "area": ("Area", "Share of the photo's area that the region takes"),
    "bytes": ("Bytes", "Share of the selected file's bytes that the region takes"),
    "whole": ("Photo", "What the classifier says of the whole photo"),
    "inside": ("Region", "What it says with only the region shown, the rest in one colour"),
    "outside": ("Rest", "What it says with only the background shown"),
}
_LOOKS: dict[str, theme.Role] = {"kept": "kept", "lost": "flipped", "open": "muted"}


class RegionFiguresView(QWidget):
    """Figures that are not those of the present region are greyed until the new ones are there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values: dict[str, ElidedLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for row, (key, (text, tip)) in enumerate(_ROWS.items()):
            label = QLabel(text)
            label.setFixedWidth(_LABEL_WIDTH)
            label.setToolTip(tip)
            theme.set_role(label, "muted")
            value = self.values[key] = ElidedLabel("–")
            value.setFont(theme.font(tabular=True))
            value.setToolTip(tip)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
        self.sentence = QLabel(wordWrap=True)
        self.sentence.setMinimumHeight(2 * self.sentence.fontMetrics().lineSpacing())
        grid.addWidget(self.sentence, len(_ROWS), 0, 1, 2)
        self.clear()

    def clear(self, why: str = "") -> None:
        """Show no figures: there is no photo, or no region yet, as the sentence `why` says."""
        for key, (_, tip) in _ROWS.items():
            self._set(key, "–", tip)
        self.sentence.setText(why)
        theme.set_role(self.sentence, "muted")

    def set_area(self, share: float) -> None:
        """Show the present region's share of the area, in [0, 1], while the other figures are awaited."""
        self.values["area"].setText(words.percent(share))
        for key in ("bytes", "whole", "inside", "outside"):
            theme.set_role(self.values[key], "muted")
        theme.set_role(self.sentence, "muted")

    def show_figures(self, figures: RegionFigures) -> None:
        """Show what is known of the present region so far."""
        self.values["area"].setText(words.percent(figures.area))
        if figures.whole is not None:
            best = figures.whole.best
            for key, prediction in (
                ("whole", figures.whole),
                ("inside", figures.inside),
                ("outside", figures.outside),
            ):
                said = seen(prediction, best, _ROWS[key][1])
                self._set(key, said.text, said.help)
        found, sentence = finding(figures)
        if sentence:
            self.sentence.setText(sentence)
            theme.set_role(self.sentence, _LOOKS[found])
        if figures.complete:
            if figures.whole is None:
                for key in ("whole", "inside", "outside"):
                    self._set(key, "–", _ROWS[key][1])
            pane = figures.request.pane
            label = "" if pane is None else registry.get(pane.request.setting.codec).label
            self._set("bytes", *bytes_of(figures.bytes, label))

    def _set(self, key: str, text: str, tip: str) -> None:
        self.values[key].setText(text)
        self.values[key].setToolTip(tip)
        theme.set_role(self.values[key], None)
