"""The right column: saliency and region of interest above, the selected pane's options below."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from keepsight.app.engine.stages import form_fields, stages_of
from keepsight.app.engine.types import Setting
from keepsight.app.ui import theme
from keepsight.app.ui.elided_label import ElidedLabel
from keepsight.app.ui.options_form import OptionsForm
from keepsight.app.ui.parts_panel import PartsPanel
from keepsight.app.ui.pipeline_builder import PipelineBuilder
from keepsight.app.ui.region_panel import RegionPanel
from keepsight.app.ui.saliency_panel import SaliencyPanel
from keepsight.codecs import registry
from keepsight.codecs.pipeline import Pipeline

_WIDTH = 236


class SidePanel(QScrollArea):
    """Controls of what is shown over the pictures and of the selected codec."""

    options_changed = Signal(dict)
    """Values of the selected pane's options by name."""
    stages_asked = Signal(object)
    """List of `Stage` that the selected pane shall have, the codec last."""
    save_asked = Signal(str)
    """Name under which the selected pane's stages shall be kept."""
    delete_asked = Signal()
    """The selected pane's saved pipeline shall be forgotten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has the focus
        self.saliency = SaliencyPanel()
        self.region = RegionPanel()
        self._heading = ElidedLabel()
        theme.set_role(self._heading, "heading")
        self._hint = QLabel("Click a compressed picture to set its options.", wordWrap=True)
        theme.set_role(self._hint, "muted")
        self._builder: PipelineBuilder | None = None
        self.form = OptionsForm()
        self.form.changed.connect(self.options_changed)
        column = QWidget()
        layout = self._layout = QVBoxLayout(column)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        self.parts = PartsPanel()
        for widget in (
            self.saliency,
            _line(),
            self.region,
            _line(),
            self._heading,
            self._hint,
            self.form,
            self.parts,
        ):
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

    @property
    def builder(self) -> PipelineBuilder:
        """The stages of the selected pane, made when a compressed one is selected first."""
        if self._builder is None:
            self._builder = PipelineBuilder()
            self._builder.stages_asked.connect(self.stages_asked)
            self._builder.save_asked.connect(self.save_asked)
            self._builder.delete_asked.connect(self.delete_asked)
            self._layout.insertWidget(self._layout.indexOf(self.form), self._builder)
        return self._builder

    def show_setting(self, setting: Setting | None) -> None:
        """Show the options of a setting; None where the original is selected."""
        self._hint.setVisible(setting is None)
        self.form.setVisible(setting is not None)
        if setting is None:
            self._heading.setText("Options")
            if self._builder is not None:
                self._builder.hide()
            self.parts.show_parts(())
            return
        self.follow(setting)
        self.builder.show()
        fields, headings = form_fields(setting)
        self.form.set_options(fields, setting.options.model_dump(), headings)

    def follow(self, setting: Setting) -> None:
        """Take a setting that the form itself has made: only what names it changes."""
        codec = registry.get(setting.codec)
        self._heading.setText(codec.label)
        self._heading.setToolTip(codec.label)
        yours = codec.id in registry.all_codecs()
        self.builder.show_stages(stages_of(setting), saved=yours and isinstance(codec, Pipeline))

    def refuse(self, sentence: str) -> None:
        """Say why the stages that were asked for cannot be."""
        self.builder.refuse(sentence)

    def set_guide(self, sentence: str) -> None:
        """Say who guides the selected codec; "" where it asks no one."""
        if self._builder is not None:
            self._builder.set_guide(sentence)


def _line() -> QFrame:
    line = QFrame()
    line.setFixedHeight(1)
    theme.set_role(line, "line")
    return line
