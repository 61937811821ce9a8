"""The label is looked at as it is drawn."""

from PySide6.QtCore import QSize

from keepsight.app.ui.elided_label import ElidedLabel


def ink(label: ElidedLabel) -> int:
    """Number of columns from the left in which anything is drawn."""
    image = label.grab().toImage()
    background = image.pixel(image.width() - 1, 0)
    columns = [
        x for x in range(image.width()) if any(image.pixel(x, y) != background for y in range(image.height()))
    ]
    return max(columns, default=0)


def test_a_text_that_fits_is_drawn_whole(qtbot):
    label = ElidedLabel("a few words")
    qtbot.addWidget(label)
    label.resize(300, 20)
    whole = label.fontMetrics().horizontalAdvance("a few words")
    assert abs(ink(label) - whole) <= 3


def test_a_text_that_does_not_fit_is_cut_but_not_forgotten(qtbot):
    label = ElidedLabel("rather more words than there is room for")
    qtbot.addWidget(label)
    label.resize(100, 20)
    assert 60 <= ink(label) < 100
    assert label.text() == "rather more words than there is room for"
    assert label.minimumSizeHint().width() < 20
    assert label.sizeHint().width() > 200
    label.resize(QSize(5, 20))
    label.grab()
