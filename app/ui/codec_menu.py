"""The menu of compressors: grouped, and with an entry for a pipeline that is not saved."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QSizePolicy, QWidget

from keepsight.app.ui import keys
from keepsight.app.ui.elided_combo import EDGE, ElidedCombo

CodecGroup = tuple[str, Sequence[tuple[str, str]]]
"""Heading, and (id, label) of each codec."""

_WIDEST, _NARROWEST = 190, 110
"""Width that a long name gets, and with how little it does, pixels; the tooltip has the whole name."""
_TIP = "Compressor of this pane"


class CodecMenu(ElidedCombo):
    """Chooses a codec by id; as narrow as the chosen name, so that what is beside it has room."""

    def __init__(self, groups: Sequence[CodecGroup], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._saved: set[str] = set()
        self.setAccessibleName("Compressor")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        keys.type_ahead(self)
        self.currentTextChanged.connect(self._describe)
        self.set_groups(groups)

    def set_groups(self, groups: Sequence[CodecGroup]) -> None:
        """Offer these codecs, each group under its heading; the chosen one stays. No signal."""
        chosen, label = self.currentData(), self.currentText()
        self.blockSignals(True)
        self.clear()
        for heading, codecs in groups:
            if len(groups) > 1:
                self._add_heading(heading)
            for codec_id, name in codecs:
                self.addItem(name, codec_id)
        self._saved = {codec_id for _, codecs in groups for codec_id, _ in codecs}
        self.blockSignals(False)
        if chosen is not None:
            self.choose(chosen, label)
        else:
            self.setCurrentIndex(next((i for i in range(self.count()) if self.itemData(i)), -1))
        self._describe(self.currentText())

    def choose(self, codec_id: str, label: str = "") -> None:
        """Show a codec as chosen, without a signal; one that is not in the menu gets the last place."""
        while self.count() and self.itemData(self.count() - 1) not in self._saved:
            self.removeItem(self.count() - 1)
        if codec_id not in self._saved:
            self._add_heading("Not saved")
            self.addItem(label or codec_id, codec_id)
            self.setItemData(self.count() - 1, label, Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(self.findData(codec_id))

    def sizeHint(self) -> QSize:
        """Ask for the room of the chosen name, up to a limit."""
        width = self.fontMetrics().horizontalAdvance(self.currentText()) + EDGE
        return QSize(min(width, _WIDEST), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Do with less than a long name needs."""
        hint = self.sizeHint()
        return QSize(min(hint.width(), _NARROWEST), hint.height())

    def _add_heading(self, text: str) -> None:
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item = QStandardItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        model.appendRow(item)

    def _describe(self, text: str) -> None:
        self.setToolTip(f"{text}\n{_TIP}" if text else _TIP)
        self.updateGeometry()
