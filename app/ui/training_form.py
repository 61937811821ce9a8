"""What is to be trained, as a form of a few rows."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from keepsight.app.engine.session import Lesson
from keepsight.app.engine.training_plan import EPOCHS, MOST_EPOCHS, MOST_PHOTOS, Kind, takes_photos
from keepsight.app.ui import theme
from keepsight.app.ui import training_words as words
from keepsight.app.ui.quiet_combo import QuietCombo

LIST, SCENES, FOLDER = "list", "scenes", "folder"
"""Where photos come from: the list, rendered scenes, or a folder to be chosen."""
PANE = ""
"""In place of a codec: the setting of the selected pane."""
_AS_SET, _ALL = "as set", "all"
_LABEL_WIDTH = 52


class TrainingForm(QWidget):
    """Two columns of controls; tells when another choice was made."""

    changed = Signal()
    folder_requested = Signal()
    """The user wants to choose a folder of photos."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind_combo = QuietCombo("What is trained", "What is trained")
        for kind, look in words.KINDS.items():
            self.kind_combo.add_choice(look.label, kind, look.help)
        self.photos_combo = QuietCombo("Photos", "What it learns from; of the photos some are held out")
        self.photos_combo.add_choice("photos in the list", LIST, "All photos of the group in sight")
        self.photos_combo.add_choice("labelled scenes", SCENES, "Scenes that no figure is measured on")
        self.photos_combo.add_choice("a folder…", FOLDER, "Photos of a folder; one sub-folder a class")
        self.count = _spin("At most so many photos", 0, MOST_PHOTOS, 100)
        self.codec_combo = QuietCombo("Codec", "Which codec the photos go through")
        self.rates = QuietCombo(
            "Rates", "Which rates are drawn at random for each photo; type some, as in 5,10,20"
        )
        self.rates.setEditable(True)
        self.rates.addItems([_AS_SET, _ALL])
        self.epochs = _spin("How often all photos are gone through, at most", 1, MOST_EPOCHS, 1)
        self.name = QLineEdit(Lesson().name)
        self.name.setAccessibleName("Name")
        self.name.setToolTip("Name of the folder that the trained classifier is kept in")
        self.anew = QCheckBox("anew")
        self.anew.setToolTip(
            "Begin from the start, even where a training of this name was stopped or is done"
        )
        self._folder = self._codec = ""
        self._lay_out()
        self._show_kind()
        self.kind_combo.activated.connect(lambda _: self._show_kind())
        self.photos_combo.activated.connect(self._choose_photos)
        for combo in (self.kind_combo, self.photos_combo):
            combo.activated.connect(lambda _: self.changed.emit())
        self.codec_combo.activated.connect(lambda _: self._take_codec())
        self.rates.editTextChanged.connect(lambda _: self.changed.emit())
        self.name.textChanged.connect(lambda _: self.changed.emit())
        for spin in (self.count, self.epochs):
            spin.valueChanged.connect(lambda _: self.changed.emit())
        self.anew.toggled.connect(lambda _: self.changed.emit())

    def kind(self) -> Kind:
        """Return what is trained."""
        kind: Kind = self.kind_combo.currentData()
        return kind

    def source(self) -> str:
        """Return where photos come from: `LIST`, `SCENES` or the path of a folder."""
        chosen: str = self.photos_combo.currentData()
        return self._folder if chosen == FOLDER else chosen

    def codec(self) -> str:
        """Return the id of the chosen codec, `PANE` for the selected pane's setting."""
        chosen: str = self.codec_combo.currentData()
        return chosen

    def lesson(self) -> Lesson:
        """Return all choices but whether to begin anew, which is asked for each time."""
        return Lesson(
            kind=self.kind(),
            source=self.source(),
            codec=self._codec,
            rates=self.rates.currentText(),
            epochs=self.epochs.value(),
            photos=self.count.value(),
            name=self.name.text(),
        )

    def set_lesson(self, lesson: Lesson) -> None:
        """Choose all that; a codec that is not offered yet is chosen once it is."""
        self.kind_combo.setCurrentIndex(self.kind_combo.findData(lesson.kind))
        self._show_kind()
        self.set_folder("" if lesson.source in (LIST, SCENES) else lesson.source)
        if lesson.source == SCENES:
            self.photos_combo.setCurrentIndex(self.photos_combo.findData(SCENES))
        self._codec = lesson.codec
        self.codec_combo.setCurrentIndex(max(0, self.codec_combo.findData(lesson.codec)))
        self.rates.setEditText(lesson.rates)
        self.epochs.setValue(lesson.epochs)
        self.count.setValue(lesson.photos)
        self.name.setText(lesson.name)
        self.changed.emit()

    def chosen_rates(self) -> str | None:
        """Return rates for the command line; None for the one that the codec is set to."""
        text = self.rates.currentText().strip()
        return None if text in ("", _AS_SET) else text

    def set_codecs(self, pane: str, codecs: Sequence[tuple[str, str]]) -> None:
        """Offer the selected pane's setting, in words, and these codecs, (id, label). No signal."""
        self.codec_combo.clear()
        self.codec_combo.add_choice(f"pane: {pane}", PANE, "What the selected pane shows")
        for codec, label in codecs:
            self.codec_combo.add_choice(label, codec)
        self.codec_combo.setCurrentIndex(max(0, self.codec_combo.findData(self._codec)))

    def set_folder(self, path: str) -> None:
        """Take this folder's photos; "" where none was chosen, which goes back to the list."""
        self._folder = path
        place = self.photos_combo.findData(FOLDER)
        self.photos_combo.setItemText(place, f"{path}" if path else "a folder…")
        self.photos_combo.setCurrentIndex(place if path else 0)
        self.photos_combo.setToolTip(path or "What it learns from; of the photos some are held out")
        self.changed.emit()

    def set_running(self, running: bool) -> None:
        """Keep the choices as they are while they are trained with."""
        for child in (self.kind_combo, self.name, self.anew, self.epochs):
            child.setEnabled(not running)
        taken = takes_photos(self.kind()) and not running
        for child in (self.photos_combo, self.codec_combo, self.rates):
            child.setEnabled(taken)
        self.count.setEnabled(not running)

    def _show_kind(self) -> None:
        kind = self.kind()
        self.kind_combo.setToolTip(words.KINDS[kind].help)
        self.epochs.setValue(EPOCHS[kind])
        what = "photos" if takes_photos(kind) else "scenes"
        self.count.setSpecialValueText(f"all {what}" if takes_photos(kind) else f"usual {what}")
        self.count.setSuffix(f" {what}")
        self.set_running(False)

    def _take_codec(self) -> None:
        self._codec = self.codec()
        self.changed.emit()

    def _choose_photos(self, _: int) -> None:
        if self.photos_combo.currentData() == FOLDER:
            self.folder_requested.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 4, 4, 2)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        rows: tuple[tuple[str, QWidget, QWidget | None], ...] = (
            ("Train", self.kind_combo, None),
            ("Photos", self.photos_combo, None),
            ("Codec", self.codec_combo, None),
            ("Rates", self.rates, None),
            ("Epochs", self.epochs, self.count),
            ("Name", self.name, self.anew),
        )
        for place, (text, control, more) in enumerate(rows):
            label = QLabel(text)
            label.setFixedWidth(_LABEL_WIDTH)
            label.setBuddy(control)
            label.setToolTip(control.toolTip())
            theme.set_role(label, "muted")
            row, column = place % 3, 2 * (place // 3)
            grid.addWidget(label, row, column)
            held = QHBoxLayout()
            held.setSpacing(4)
            held.addWidget(control, 1)
            if more is not None:
                held.addWidget(more)
            grid.addLayout(held, row, column + 1)
        grid.setColumnStretch(1, 5)
        grid.setColumnStretch(3, 4)
        grid.setRowStretch(3, 1)


def _spin(name: str, low: int, high: int, step: int) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setSingleStep(step)
    spin.setGroupSeparatorShown(True)
    spin.setAlignment(Qt.AlignmentFlag.AlignRight)
    spin.setKeyboardTracking(False)
    spin.setAccessibleName(name)
    spin.setToolTip(name)
    return spin
