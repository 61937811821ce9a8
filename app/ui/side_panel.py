"""The right column: saliency and region of interest above, the selected pane's options below."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from keepsight.app.engine.types import Setting
from keepsight.app.ui import theme
from keepsight.app.ui.options_form import OptionsForm
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.codecs import registry

_WIDTH = 236


class SidePanel(QScrollArea):
    """Controls of what is shown over the pictures and of the selected codec."""

    options_changed = Signal(dict)
    """Values of the selected pane's options by name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.saliency = SaliencyPanel()
        self._heading = QLabel()
        theme.set_role(self._heading, "heading")
        self._hint = QLabel("Click a compressed picture to set its options.", wordWrap=True)
        theme.set_role(self._hint, "muted")
        self.form = OptionsForm()
        self.form.changed.connect(self.options_changed)
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        for widget in (self.saliency, _line(), self._heading, self._hint, self.form):
            layout.addWidget(widget)
        layout.addStretch(1)
        theme.set_role(self, "panel")
        self.setWidget(column)
        for part in (column, self.viewport()):
            part.setAutoFillBackground(False)  # the panel's own colour shows
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(_WIDTH)
        self.show_setting(None)

    def show_setting(self, setting: Setting | None) -> None:
        """Show the options of a setting; None where the original is selected."""
        self._hint.setVisible(setting is None)
        self.form.setVisible(setting is not None)
        self._heading.setText("Options" if setting is None else registry.get(setting.codec).label)
        if setting is not None:
            self.form.set_options(setting.options.fields(), setting.options.model_dump())


def _line() -> QFrame:
    line = QFrame()
    line.setFixedHeight(1)
    line.setStyleSheet(f"background: {theme.BORDER}; border: none;")
    return line
