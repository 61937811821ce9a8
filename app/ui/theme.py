"""How the window looks: colours, the font that comes with the program, one style sheet.

Widgets ask for a look by role, `theme.set_role(label, "muted")`, and the style sheet below knows the roles:
"panel" (a raised frame with a border), "muted", "strong" and "heading" (text), "value" (a number field that
looks like text until it is used), "chosen" (a button that looks checked), "segment" (one of several buttons
in a row; its property "end" tells the "first" and the "last"), "fold" (a heading that is a button), "popup"
(a list that opens below a field).
"""

from importlib.resources import files
from pathlib import Path
from typing import Literal

from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget

BACKGROUND = "#1e1f22"
"""Behind everything."""
PANEL = "#26282c"
"""Panels and panes."""
RAISED = "#303338"
"""Buttons, fields, and the empty part of a bar."""
HOVER = "#3a3e45"
BORDER = "#3a3d43"
TRACK = "#44484f"
"""The empty part of a slider."""
TEXT = "#e6e6e6"
MUTED = "#9aa0a8"
DISABLED = "#666b73"
ACCENT = "#3d6fa8"
"""Behind what is chosen."""
HIGHLIGHT = "#5b9bd5"
"""Thin lines: a slider's filled part, the current tab, the keyboard focus, the chosen pane."""
KEPT = "#009e73"
"""The class is kept (Okabe-Ito bluish green)."""
FLIPPED = "#d55e00"
"""The class is flipped (Okabe-Ito vermillion)."""

FONT_FAMILY = "Inter"
FONT_SIZE = 12
"""Pixels, device-independent."""

Role = Literal["panel", "muted", "strong", "heading", "value", "chosen", "segment", "fold", "popup"]


def apply(app: QApplication) -> None:
    """Give the application its style, colours and font. To be called before the first widget is made."""
    app.setStyle("Fusion")
    app.setPalette(_palette())
    for path in sorted(_resource("fonts").glob("Inter-*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    app.setFont(font())
    app.setStyleSheet(_style_sheet(_resource("icons").as_posix()))


def icon(name: str) -> QIcon:
    """Return one of the program's icons."""
    return QIcon(str(_resource("icons") / f"{name}.svg"))


def _resource(folder: str) -> Path:
    return Path(str(files("keepsight.resources"))) / folder


def font(size: int = FONT_SIZE, *, tabular: bool = False) -> QFont:
    """Return the program's font; with tabular numerals all digits are equally wide, so nothing jumps.

    Only for numbers: this font widens the hyphen with the digits.
    """
    result = QFont(FONT_FAMILY)
    result.setPixelSize(size)
    result.setWeight(QFont.Weight.Medium)
    result.setFeature(QFont.Tag("tnum"), int(tabular))
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result


def set_type_size(widget: QWidget, size: int) -> None:
    """Let a widget write in letters of this size, pixels; their weight and numerals stay as they are."""
    widget.ensurePolished()  # the weight may be one of the style sheet
    font = widget.font()
    font.setPixelSize(size)
    widget.setFont(font)


def set_role(widget: QWidget, role: Role | None) -> None:
    """Give a widget one of the style sheet's looks, or take it away."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _palette() -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    colours = {
        role.Window: BACKGROUND,
        role.WindowText: TEXT,
        role.Base: PANEL,
        role.AlternateBase: RAISED,
        role.Text: TEXT,
        role.Button: RAISED,
        role.ButtonText: TEXT,
        role.BrightText: "#ffffff",
        role.ToolTipBase: RAISED,
        role.ToolTipText: TEXT,
        role.PlaceholderText: MUTED,
        role.Highlight: ACCENT,
        role.HighlightedText: "#ffffff",
        role.Accent: HIGHLIGHT,
        role.Link: HIGHLIGHT,
        role.Light: HOVER,
        role.Midlight: RAISED,
        role.Mid: BORDER,
        role.Dark: BACKGROUND,
        role.Shadow: "#121315",
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, name, QColor(DISABLED))
    return palette


def _style_sheet(icons: str) -> str:
    return f"""
    QMainWindow, QDialog {{ background: {BACKGROUND}; }}
    QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {TRACK}; padding: 3px 5px; }}

    QFrame[role="panel"] {{ background: {PANEL}; border: 1px solid {BORDER}; border-radius: 4px; }}
    QFrame[role="panel"][selected="true"] {{ border-color: {HIGHLIGHT}; }}
    QLabel[role="muted"] {{ color: {MUTED}; }}
    QLabel[role="strong"] {{ font-weight: 600; }}
    QLabel[role="heading"] {{ font-weight: 700; }}

    QPushButton, QToolButton {{
        background: {RAISED}; border: 1px solid {BORDER}; border-radius: 4px;
        padding: 3px 9px; min-height: 17px;
    }}
    QPushButton:hover, QToolButton:hover {{ background: {HOVER}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {BORDER}; }}
    QPushButton:checked, QToolButton:checked, QPushButton[role="chosen"], QToolButton[role="chosen"] {{
        background: {ACCENT}; color: #ffffff;
    }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus, QAbstractSpinBox:focus {{
        border-color: {HIGHLIGHT};
    }}
    QPushButton:disabled, QToolButton:disabled, QComboBox:disabled {{ color: {DISABLED}; }}
    QToolButton[role="fold"] {{
        background: transparent; border: none; padding: 0; color: {TEXT}; font-weight: 700;
    }}
    QToolButton[role="fold"]:hover, QToolButton[role="fold"]:focus {{ color: {HIGHLIGHT}; }}
    QToolButton[popupMode="2"] {{ padding-right: 18px; }}
    QToolButton::menu-indicator, QPushButton::menu-indicator {{
        image: url({icons}/chevron-down.svg); width: 10px; height: 10px;
        subcontrol-origin: padding; subcontrol-position: right center; right: 5px;
    }}
    QToolButton[role="segment"] {{ border-radius: 0; border-right-width: 0; padding: 3px 8px; }}
    QToolButton[role="segment"][end="first"] {{
        border-top-left-radius: 4px; border-bottom-left-radius: 4px;
    }}
    QToolButton[role="segment"][end="last"] {{
        border-right-width: 1px; border-top-right-radius: 4px; border-bottom-right-radius: 4px;
    }}
    QToolBar {{ background: {BACKGROUND}; border: none; spacing: 6px; padding: 8px 10px; }}

    QComboBox, QLineEdit, QAbstractSpinBox {{
        background: {RAISED}; border: 1px solid {BORDER}; border-radius: 4px;
        padding: 2px 7px; min-height: 19px; selection-background-color: {ACCENT};
    }}
    QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{
        background: transparent; border: none; padding: 0; min-height: 0;
    }}
    QAbstractSpinBox[role="value"] {{ background: transparent; border-color: transparent; padding: 0 2px; }}
    QAbstractSpinBox[role="value"]:hover, QAbstractSpinBox[role="value"]:focus {{
        background: {RAISED}; border-color: {HIGHLIGHT};
    }}
    QComboBox:hover, QLineEdit:hover, QAbstractSpinBox:hover {{ background: {HOVER}; }}
    QComboBox::drop-down {{ border: none; width: 18px; }}
    QComboBox::down-arrow {{ image: url({icons}/chevron-down.svg); width: 10px; height: 10px; }}
    QComboBox QAbstractItemView, QAbstractItemView[role="popup"] {{
        background: {RAISED}; border: 1px solid {TRACK}; padding: 2px; outline: none;
    }}
    QComboBox QAbstractItemView::item, QAbstractItemView[role="popup"]::item {{
        min-height: 22px; padding: 0 6px;
    }}
    QComboBox QAbstractItemView::item:selected, QAbstractItemView[role="popup"]::item:selected {{
        background: {ACCENT}; color: #ffffff;
    }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 14px; }}
    QAbstractSpinBox::up-arrow {{ image: url({icons}/chevron-up.svg); width: 8px; height: 8px; }}
    QAbstractSpinBox::down-arrow {{ image: url({icons}/chevron-down.svg); width: 8px; height: 8px; }}
    QAbstractSpinBox[role="value"]::up-button, QAbstractSpinBox[role="value"]::down-button {{ width: 0; }}
    QAbstractSpinBox[role="value"]::up-arrow, QAbstractSpinBox[role="value"]::down-arrow {{
        image: none; width: 0; height: 0;
    }}

    QCheckBox {{ spacing: 7px; }}
    QCheckBox::indicator {{
        width: 14px; height: 14px; border: 1px solid {TRACK}; border-radius: 3px; background: {RAISED};
    }}
    QCheckBox::indicator:checked {{
        background: {ACCENT}; border-color: {ACCENT}; image: url({icons}/check.svg);
    }}
    QCheckBox::indicator:focus, QCheckBox::indicator:hover {{ border-color: {HIGHLIGHT}; }}

    QSlider {{ background: transparent; min-height: 16px; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {TRACK}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {HIGHLIGHT}; }}
    QSlider::handle:horizontal {{
        width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {TEXT};
    }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{
        background: #ffffff; border: 2px solid {HIGHLIGHT}; width: 10px; height: 10px;
    }}
    QSlider::sub-page:horizontal:disabled {{ background: {DISABLED}; }}
    QSlider::handle:horizontal:disabled {{ background: {DISABLED}; }}

    QFileDialog QToolButton {{ padding: 2px; min-width: 20px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}

    QProgressBar {{
        background: {RAISED}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    }}
    QProgressBar::chunk {{ background: {KEPT}; border-radius: 3px; }}

    QTabWidget::pane {{ border: none; border-top: 1px solid {BORDER}; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{
        background: transparent; color: {MUTED}; padding: 5px 12px; border: none;
        border-bottom: 2px solid transparent;
    }}
    QTabBar::tab:hover {{ color: {TEXT}; }}
    QTabBar::tab:selected {{ color: {TEXT}; border-bottom-color: {HIGHLIGHT}; }}
    QTabBar::tab:focus {{ background: {RAISED}; }}

    QListView, QTreeView, QTableView, QPlainTextEdit, QTextEdit {{
        background: {PANEL}; border: none; outline: none; selection-background-color: {ACCENT};
    }}
    QListView::item:selected, QTableView::item:selected {{ background: {ACCENT}; color: #ffffff; }}
    QListView::item:hover:!selected {{ background: {RAISED}; }}
    QTableView {{ gridline-color: {BORDER}; }}
    QHeaderView::section {{
        background: {PANEL}; color: {MUTED}; padding: 4px 8px;
        border: none; border-bottom: 1px solid {BORDER};
    }}
    QTableCornerButton::section {{ background: {PANEL}; border: none; }}

    QScrollArea {{ background: transparent; border: none; }}
    QScrollBar {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ width: 10px; }}
    QScrollBar:horizontal {{ height: 10px; }}
    QScrollBar::handle {{
        background: {TRACK}; border-radius: 3px; margin: 2px; min-width: 24px; min-height: 24px;
    }}
    QScrollBar::handle:hover {{ background: {DISABLED}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; width: 0; height: 0;
    }}

    QMenu {{ background: {RAISED}; border: 1px solid {TRACK}; padding: 4px; }}
    QMenu::item {{ padding: 4px 22px 4px 12px; border-radius: 3px; }}
    QMenu::item:selected {{ background: {ACCENT}; color: #ffffff; }}
    QMenu::item:disabled {{ color: {DISABLED}; }}
    QMenu::separator {{ height: 1px; background: {TRACK}; margin: 4px 6px; }}

    QSplitter::handle {{ background: {BACKGROUND}; }}
    QStatusBar {{ background: {BACKGROUND}; color: {MUTED}; }}
    QStatusBar::item {{ border: none; }}
    """
