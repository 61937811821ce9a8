"""A heading of a section that folds away what is below it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from keepsight.app.ui import theme


class FoldHeading(QToolButton):
    """Shows and hides a widget, so that a long column has room for what is needed now."""

    def __init__(self, text: str, body: QWidget, *, open_: bool = True) -> None:
        super().__init__()
        self.name = text
        """Stays when the text changes."""
        self.chosen = False
        """Whether the user has folded or unfolded it."""
        theme.set_role(self, "fold")
        self.setText(text)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the text first
        self.setIconSize(QSize(10, 10))
        self.setCheckable(True)
        self.setChecked(open_)
        self._body = body
        self.toggled.connect(self._fold)
        self.clicked.connect(self.choose)
        self._fold(open_)

    def choose(self, open_: bool) -> None:
        """Fold or unfold it as the user does."""
        self.chosen = True
        self.setChecked(open_)

    def _fold(self, open_: bool) -> None:
        self._body.setVisible(open_)
        self.setIcon(theme.icon("chevron-up" if open_ else "chevron-down"))
        self.setToolTip(f"{'Fold away' if open_ else 'Show'} the settings of this section")
