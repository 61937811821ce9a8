from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontMetricsF, QRawFont
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from keepsight.app.ui import theme

FONTS = Path(str(files("keepsight.resources"))) / "fonts"
WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")


@pytest.mark.parametrize("weight", WEIGHTS)
def test_font_has_every_sign_that_the_window_uses(weight: str) -> None:
    """Without system fonts there is nothing to fall back on."""
    font = QRawFont(str(FONTS / f"Inter-{weight}.ttf"), theme.FONT_SIZE)
    sources = Path(theme.__file__).parent.glob("*.py")
    used = {sign for source in sources for sign in source.read_text("utf-8") if sign.isprintable()}
    used |= set("× · σ λ ✓ ✕ – “ ” ▶ ≥ Δ ∞ ²")
    missing = sorted(sign for sign in used if not font.supportsCharacter(ord(sign)))
    assert font.isValid()
    assert missing == []


def test_fonts_are_small_and_carry_their_licence() -> None:
    assert all((FONTS / f"Inter-{weight}.ttf").stat().st_size < 150_000 for weight in WEIGHTS)
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text("utf-8")


@pytest.mark.parametrize("role", [None, "muted", "strong", "heading"])
def test_digits_are_equally_wide_under_the_style_sheet(qtbot: QtBot, role: theme.Role | None) -> None:
    widths = []
    for text in ("1,111.11", "8,888.88"):
        label = QLabel(text)
        qtbot.addWidget(label)
        label.setFont(theme.font(tabular=True))
        theme.set_role(label, role)
        widths.append(label.sizeHint().width())
    assert widths[0] == widths[1]


def test_digits_jump_without_tabular_numerals() -> None:
    assert _width(theme.font(), "111111") < _width(theme.font(), "888888")
    assert _width(theme.font(tabular=True), "111111") == _width(theme.font(tabular=True), "888888")


def test_hyphens_are_narrower_than_digits_in_words(qapp: QApplication) -> None:
    assert _width(qapp.font(), "----") < 0.8 * _width(theme.font(tabular=True), "0000")
    assert qapp.font().featureValue(QFont.Tag("tnum")) == 0


def test_role_changes_the_look_and_back(qtbot: QtBot) -> None:
    button = QPushButton("Wipe")
    qtbot.addWidget(button)
    plain = _middle(button)
    theme.set_role(button, "chosen")
    assert _middle(button) == theme.ACCENT
    theme.set_role(button, None)
    assert _middle(button) == plain == theme.RAISED


def test_application_wears_the_theme(qapp: QApplication) -> None:
    assert qapp.font().family() == theme.FONT_FAMILY
    assert qapp.palette().window().color().name() == theme.BACKGROUND


def _width(font: QFont, text: str) -> float:
    return QFontMetricsF(font).horizontalAdvance(text)


def _middle(button: QPushButton) -> str:
    """Return the colour left of the text."""
    image = button.grab().toImage()
    return image.pixelColor(5, image.height() // 2).name()
