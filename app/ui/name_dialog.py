"""The question for a name."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget


def ask_name(
    parent: QWidget, title: str, label: str, take: Callable[[str], object], prefix: str = ""
) -> None:
    """Ask for a name that may begin with `prefix`; nothing waits for it, `take` is called with the answer."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(prefix)
    dialog.textValueSelected.connect(take)
    dialog.open()
    line = dialog.findChild(QLineEdit)
    assert line is not None
    line.end(False)  # what is typed follows the prefix; the dialog would select it
