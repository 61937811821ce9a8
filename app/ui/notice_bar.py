"""A sentence with its answers at the top of the window; nothing waits for it."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from keepsight.app.ui import theme


class NoticeBar(QFrame):
    """Asks one thing at a time; the rest of the window goes on."""

    def __init__(self) -> None:
        super().__init__()
        theme.set_role(self, "panel")
        self.sentence = QLabel(wordWrap=True)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 5, 8, 5)
        self._row.addWidget(self.sentence, 1)
        self.hide()

    def tell(self, sentence: str) -> None:
        """Show a sentence until the user puts it away."""
        self.ask(sentence, ("Close", "Put this sentence away; the log keeps it", self.hide))

    def ask(self, sentence: str, *answers: tuple[str, str, Callable[[], object]]) -> None:
        """Show a sentence and a button for each answer: text, tooltip, and what is done then."""
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.sentence.setText(sentence)
        for text, tip, act in answers:
            button = QPushButton(text)
            button.setToolTip(tip)
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _, act=act: act())
            self._row.addWidget(button)
            self.buttons.append(button)
        self.show()
