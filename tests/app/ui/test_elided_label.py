"""The label is looked at as it is drawn."""

from PySide6.QtCore import QSize

from keepsight.app.ui.elided_label import ElidedLabel, PartsLabel


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


def test_a_sign_or_two_are_not_shown(qtbot):
    label = ElidedLabel("quality 14")
    qtbot.addWidget(label)
    label.resize(label.fontMetrics().horizontalAdvance("qu…") + 1, 20)
    assert label.shown_text() == ""
    assert ink(label) == 0
    label.resize(label.fontMetrics().horizontalAdvance("quality…") + 1, 20)
    assert label.shown_text() == "quality…"


def test_figures_are_left_out_whole(qtbot):
    parts = ["1 : 249", "PSNR 24.1", "SSIM 0.71"]
    label = PartsLabel("   ")
    qtbot.addWidget(label)
    label.set_parts(parts)
    assert label.text() == "1 : 249   PSNR 24.1   SSIM 0.71"
    for count in (3, 2, 1):
        text = "   ".join(parts[:count])
        label.resize(label.fontMetrics().horizontalAdvance(text) + 2, 20)
        assert label.shown_text() == text
        assert abs(ink(label) - label.width()) < 6
    assert label.minimumSizeHint().width() >= label.fontMetrics().horizontalAdvance(parts[0])
    label.set_parts(())
    assert (label.text(), label.shown_text()) == ("", "")
