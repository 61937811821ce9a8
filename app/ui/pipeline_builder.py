"""What happens to a picture before its codec: a list of prefilters to add, remove, reorder and keep."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from keepsight.app.engine.stages import names
from keepsight.app.ui import theme
from keepsight.app.ui.name_dialog import ask_name
from keepsight.app.ui.stage_list import StageList
from keepsight.codecs import registry
from keepsight.codecs.pipeline import Stage


class PipelineBuilder(QWidget):
    """Only asks: the receiver shows the stages that hold from then on, or the reason why they do not."""

    stages_asked = Signal(object)
    """List of `Stage`, the codec last."""
    save_asked = Signal(str)
    """Name under which these stages shall be kept."""
    delete_asked = Signal()
    """The kept pipeline that is shown shall be forgotten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: list[Stage] = []
        self._wanted: int | None = None
        """Stage to be current once what was asked for is shown."""
        self.list = StageList()
        self.list.move_requested.connect(self._move)
        self.list.remove_requested.connect(self._remove)
        self.add_button = self._add_button()
        self.save_button = _button("Save as…", "Keep these stages and values under a name, for every pane")
        self.save_button.clicked.connect(self._ask_name)
        self.delete_button = _button("Delete", "Take this saved pipeline out of the menus; its panes stay")
        self.delete_button.clicked.connect(self.delete_asked)
        self._refusal = QLabel(wordWrap=True)
        self._refusal.setAccessibleName("Why this cannot be")
        theme.set_role(self._refusal, "warning")
        self._guide = QLabel(wordWrap=True)
        self._guide.setToolTip("What decides which parts of the photo matter to this compressor")
        theme.set_role(self._guide, "muted")
        buttons = QHBoxLayout()
        buttons.setSpacing(5)
        for button in (self.add_button, self.save_button, self.delete_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.list)
        column.addLayout(buttons)
        column.addWidget(self._refusal)
        column.addWidget(self._guide)
        self.set_guide("")

    def show_stages(self, stages: Sequence[Stage], *, saved: bool) -> None:
        """Show the stages of the selected pane, which may be a saved pipeline."""
        self._stages = list(stages)
        self.list.set_stages(names(stages), self.list.currentRow() if self._wanted is None else self._wanted)
        several = len(stages) > 1
        self.list.setVisible(several)
        self.add_button.setText("Add" if several else "Add a prefilter")
        self.save_button.setVisible(several)
        self.delete_button.setVisible(saved)
        self._refusal.hide()

    def refuse(self, sentence: str) -> None:
        """Say why what was asked for last cannot be; what is shown stays."""
        self._refusal.setText(sentence)
        self._refusal.show()

    def set_guide(self, sentence: str) -> None:
        """Say who guides the stages; "" where none of them asks."""
        self._guide.setText(sentence)
        self._guide.setVisible(bool(sentence))

    def _ask(self, stages: list[Stage], current: int) -> None:
        self._wanted = current
        self.stages_asked.emit(stages)
        self._wanted = None

    def _add(self, prefilter_id: str) -> None:
        prefilter = registry.all_prefilters()[prefilter_id]
        *before, last = self._stages
        self._ask([*before, Stage(prefilter, prefilter.options()), last], len(before))

    def _remove(self, place: int) -> None:
        self.list.setFocus()
        self._ask(self._stages[:place] + self._stages[place + 1 :], place)

    def _move(self, place: int, to: int) -> None:
        stages = list(self._stages)
        stages.insert(to, stages.pop(place))
        self._ask(stages, to)

    def _add_button(self) -> QToolButton:
        button = QToolButton()
        button.setToolTip("Change the picture before the codec, so that it takes fewer bytes")
        button.setAccessibleName("Add a prefilter")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(self._fill_menu)
        button.setMenu(menu)
        return button

    def _fill_menu(self) -> None:
        menu = self.add_button.menu()
        if menu.isEmpty():
            for prefilter in registry.all_prefilters().values():
                menu.addAction(prefilter.label, partial(self._add, prefilter.id))

    def _ask_name(self) -> None:
        ask_name(self, "Save pipeline", "Name in the menus of compressors", self.save_asked.emit)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
