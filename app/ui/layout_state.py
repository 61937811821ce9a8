"""How the window is divided up, as one frozen value, which can be read and put back."""

import base64
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Signal
from PySide6.QtWidgets import QHeaderView, QTableView

from keepsight.app.engine.session import MOST_WIDTH, Layout
from keepsight.app.ui.fold_heading import FoldHeading
from keepsight.app.ui.tab_state import titles

if TYPE_CHECKING:
    from keepsight.app.ui.window import MainWindow


class LayoutState(QObject):
    """Reads place and sizes from the window and its parts, and sets them there. No steps of undo."""

    changed = Signal()
    """A section was folded or unfolded, or a column of a table has another width."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._headings: list[FoldHeading] = window.findChildren(FoldHeading)
        self._tables: dict[str, QTableView] = {
            "settings": window.curves.tables.settings,
            "flips": window.flips.panel.table,
        }
        for heading in self._headings:
            heading.clicked.connect(lambda _: self.changed.emit())
        for table in self._tables.values():
            table.horizontalHeader().sectionResized.connect(lambda *_: self.changed.emit())

    def read(self) -> Layout:
        """Return how the window is divided up now."""
        window = self._window
        return Layout(
            geometry=base64.b64encode(window.saveGeometry().data()).decode(),
            columns=tuple(window.columns.sizes()),
            rows=tuple(window.rows.sizes()),
            sections={heading.name: heading.isChecked() for heading in self._headings if heading.chosen},
            widths={name: _widths(table) for name, table in self._tables.items()},
        )

    def put(self, layout: Layout) -> None:
        """Divide the window up so; what is not named there, or not known here, stays as it is."""
        window = self._window
        window.restoreGeometry(QByteArray(base64.b64decode(layout.geometry)))
        for splitter, sizes in ((window.columns, layout.columns), (window.rows, layout.rows)):
            if len(sizes) == splitter.count():
                splitter.setSizes(list(sizes))
        for heading in self._headings:
            if heading.name in layout.sections:
                heading.choose(layout.sections[heading.name])
        for name, table in self._tables.items():
            for place, title in enumerate(titles(table)):
                if title in (widths := layout.widths.get(name, {})):
                    table.setColumnWidth(place, widths[title])


def _widths(table: QTableView) -> dict[str, int]:
    """Return the widths that the user can set, pixels; a column that fills what is left has none."""
    header, names = table.horizontalHeader(), titles(table)
    fixed = [
        place
        for place in range(len(names))
        if header.sectionResizeMode(place) == QHeaderView.ResizeMode.Interactive
        and not header.isSectionHidden(place)
        and not (header.stretchLastSection() and place == len(names) - 1)
    ]
    return {names[place]: min(header.sectionSize(place), MOST_WIDTH) for place in fixed}
