"""The one style sheet of the program. `theme` says which roles it knows."""

from keepsight.app.ui.palettes import Palette


def style_sheet(look: Palette, icons: str) -> str:
    """Return the style sheet in these colours; `icons` is the folder of the icons, with slashes."""
    return f"""
    QMainWindow, QDialog {{ background: {look.BACKGROUND}; }}
    QToolTip {{
        background: {look.RAISED}; color: {look.TEXT}; border: 1px solid {look.TRACK}; padding: 3px 5px;
    }}

    QFrame[role="panel"] {{ background: {look.PANEL}; border: 1px solid {look.BORDER}; border-radius: 4px; }}
    QFrame[role="panel"][selected="true"] {{ border-color: {look.HIGHLIGHT}; }}
    QLabel[role="muted"] {{ color: {look.MUTED}; }}
    QLabel[role="strong"] {{ font-weight: 600; }}
    QLabel[role="heading"] {{ font-weight: 700; }}
    QLabel[role="plain"] {{ color: {look.TEXT}; }}
    QLabel[role="kept"] {{ color: {look.KEPT}; }}
    QLabel[role="flipped"] {{ color: {look.FLIPPED}; }}
    QLabel[role="warning"] {{ color: {look.FLIPPED}; font-weight: 600; }}
    QLabel#verdict {{ font-weight: 700; }}
    QLabel[role="note"], QLabel[role="error"] {{
        background: {look.RAISED}; border-left: 3px solid {look.HIGHLIGHT}; padding: 5px 8px;
    }}
    QLabel[role="error"] {{ border-left-color: {look.FLIPPED}; }}
    QFrame[role="hint"], QFrame[role="frame"] {{ border: 2px solid {look.HIGHLIGHT}; border-radius: 6px; }}
    QFrame[role="hint"] {{ background: {look.RAISED}; }}
    QFrame[role="frame"] {{ background: transparent; }}
    QHeaderView::up-arrow, QHeaderView::down-arrow {{
        width: 8px; height: 8px; subcontrol-origin: border; subcontrol-position: top center;
    }}
    QHeaderView::up-arrow {{ image: url({icons}/chevron-up.svg); }}
    QHeaderView::down-arrow {{ image: url({icons}/chevron-down.svg); }}
    QFrame[role="line"] {{ background: {look.BORDER}; border: none; }}

    QPushButton, QToolButton {{
        background: {look.RAISED}; border: 1px solid {look.BORDER}; border-radius: 4px;
        padding: 3px 9px; min-height: 17px;
    }}
    QToolButton {{ padding: 2px 6px 1px; }}
    QPushButton:hover, QToolButton:hover {{ background: {look.HOVER}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {look.BORDER}; }}
    QPushButton:checked, QToolButton:checked, QPushButton[role="chosen"], QToolButton[role="chosen"] {{
        background: {look.ACCENT}; color: {look.ON_ACCENT};
    }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus, QAbstractSpinBox:focus {{
        border-color: {look.HIGHLIGHT};
    }}
    QPushButton:checked:focus, QToolButton:checked:focus {{ border-color: {look.TEXT}; }}
    QPushButton:disabled, QToolButton:disabled, QComboBox:disabled {{ color: {look.DISABLED}; }}
    QToolButton[role="fold"] {{
        background: transparent; border: none; padding: 0; color: {look.TEXT}; font-weight: 700;
    }}
    QToolButton[role="fold"]:hover, QToolButton[role="fold"]:focus {{ color: {look.HIGHLIGHT}; }}
    QPushButton[role="row"] {{ background: transparent; border: none; padding: 0; min-height: 0; }}
    QPushButton[role="row"]:hover:enabled, QPushButton[role="row"]:focus {{ background: {look.RAISED}; }}
    QToolButton[popupMode="2"] {{ padding-right: 18px; }}
    QToolButton::menu-indicator, QPushButton::menu-indicator {{
        image: url({icons}/chevron-down.svg); width: 10px; height: 10px;
        subcontrol-origin: padding; subcontrol-position: right center; right: 5px;
    }}
    QToolButton[role="segment"] {{ border-radius: 0; border-right-width: 0; }}
    QToolButton[role="segment"][end="first"] {{
        border-top-left-radius: 4px; border-bottom-left-radius: 4px;
    }}
    QToolButton[role="segment"][end="last"] {{
        border-right-width: 1px; border-top-right-radius: 4px; border-bottom-right-radius: 4px;
    }}
    QToolBar {{ background: {look.BACKGROUND}; border: none; spacing: 6px; padding: 8px 10px; }}

    QComboBox, QLineEdit, QAbstractSpinBox {{
        background: {look.RAISED}; border: 1px solid {look.BORDER}; border-radius: 4px;
        padding: 2px 7px; min-height: 19px; selection-background-color: {look.ACCENT};
    }}
    QLineEdit, QComboBox:editable {{ padding-left: 5px; }}
    QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{
        background: transparent; border: none; padding: 0; min-height: 0;
    }}
    QAbstractSpinBox {{ padding: 0 7px 1px; }}
    QAbstractSpinBox[role="value"] {{ background: transparent; border-color: transparent; padding: 0 2px; }}
    QAbstractSpinBox[role="value"]:hover, QAbstractSpinBox[role="value"]:focus {{
        background: {look.RAISED}; border-color: {look.HIGHLIGHT};
    }}
    QComboBox:hover, QLineEdit:hover, QAbstractSpinBox:hover {{ background: {look.HOVER}; }}
    QComboBox::drop-down {{ border: none; width: 18px; }}
    QComboBox::down-arrow {{ image: url({icons}/chevron-down.svg); width: 10px; height: 10px; }}
    QComboBox QAbstractItemView, QAbstractItemView[role="popup"] {{
        background: {look.RAISED}; border: 1px solid {look.TRACK}; padding: 2px; outline: none;
    }}
    QComboBox QAbstractItemView::item, QAbstractItemView[role="popup"]::item {{
        min-height: 22px; padding: 0 6px;
    }}
    QComboBox QAbstractItemView::item:selected, QAbstractItemView[role="popup"]::item:selected {{
        background: {look.ACCENT}; color: {look.ON_ACCENT};
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
        width: 14px; height: 14px; border: 1px solid {look.TRACK}; border-radius: 3px;
        background: {look.RAISED};
    }}
    QCheckBox::indicator:checked {{
        background: {look.ACCENT}; border-color: {look.ACCENT}; image: url({icons}/check.svg);
    }}
    QCheckBox::indicator:focus, QCheckBox::indicator:hover {{ border-color: {look.HIGHLIGHT}; }}

    QSlider {{ background: transparent; min-height: 16px; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {look.TRACK}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {look.HIGHLIGHT}; }}
    QSlider::handle:horizontal {{
        width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {look.TEXT};
    }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{
        background: {look.PANEL}; border: 2px solid {look.HIGHLIGHT}; width: 10px; height: 10px;
    }}
    QSlider::sub-page:horizontal:disabled {{ background: {look.DISABLED}; }}
    QSlider::handle:horizontal:disabled {{ background: {look.DISABLED}; }}

    QFileDialog QToolButton {{ padding: 2px; min-width: 20px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}

    QProgressBar {{
        background: {look.RAISED}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    }}
    QProgressBar::chunk {{ background: {look.KEPT}; border-radius: 3px; }}

    QTabWidget::pane {{ border: none; border-top: 1px solid {look.BORDER}; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{
        background: transparent; color: {look.MUTED}; padding: 5px 10px; border: none;
        border-bottom: 2px solid transparent;
    }}
    QTabBar::tab:hover {{ color: {look.TEXT}; }}
    QTabBar::tab:selected {{ color: {look.TEXT}; border-bottom-color: {look.HIGHLIGHT}; }}
    QTabBar::tab:focus {{ background: {look.RAISED}; }}
    QTabBar::scroller {{ width: 44px; }}
    QTabBar QToolButton {{ padding: 0; }}
    QTabBar QToolButton::left-arrow {{ image: url({icons}/chevron-left.svg); width: 10px; height: 10px; }}
    QTabBar QToolButton::right-arrow {{ image: url({icons}/chevron-right.svg); width: 10px; height: 10px; }}

    QListView, QTreeView, QTableView, QPlainTextEdit, QTextEdit {{
        background: {look.PANEL}; border: 1px solid transparent; outline: none;
        selection-background-color: {look.ACCENT};
    }}
    QGraphicsView {{ border: 1px solid transparent; }}
    QListView:focus, QTreeView:focus, QTableView:focus, QPlainTextEdit:focus, QTextEdit:focus,
    QGraphicsView:focus {{
        border-color: {look.HIGHLIGHT};
    }}
    QListView::item:selected, QTableView::item:selected {{
        background: {look.ACCENT}; color: {look.ON_ACCENT};
    }}
    QListView[role="stages"]::item:selected {{ background: {look.RAISED}; }}
    QListView[role="stages"]::item:selected:focus {{ background: {look.ACCENT}; }}
    QListView::item:hover:!selected {{ background: {look.RAISED}; }}
    QTableView {{ gridline-color: {look.BORDER}; }}
    QHeaderView::section {{
        background: {look.PANEL}; color: {look.MUTED}; padding: 4px 8px;
        border: none; border-bottom: 1px solid {look.BORDER};
    }}
    QTableCornerButton::section {{ background: {look.PANEL}; border: none; }}

    QScrollArea {{ background: transparent; border: none; }}
    QScrollBar {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ width: 10px; }}
    QScrollBar:horizontal {{ height: 10px; }}
    QScrollBar::handle {{
        background: {look.TRACK}; border-radius: 3px; margin: 2px; min-width: 24px; min-height: 24px;
    }}
    QScrollBar::handle:hover {{ background: {look.DISABLED}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; width: 0; height: 0;
    }}

    QMenu {{ background: {look.RAISED}; border: 1px solid {look.TRACK}; padding: 4px; }}
    QMenu::item {{ padding: 4px 22px 4px 12px; border-radius: 3px; }}
    QMenu::item:selected {{ background: {look.ACCENT}; color: {look.ON_ACCENT}; }}
    QMenu::item:disabled {{ color: {look.DISABLED}; }}
    QMenu::separator {{ height: 1px; background: {look.TRACK}; margin: 4px 6px; }}

    QSplitter::handle {{ background: {look.BACKGROUND}; }}
    QStatusBar {{ background: {look.BACKGROUND}; color: {look.MUTED}; }}
    QStatusBar::item {{ border: none; }}
    """
