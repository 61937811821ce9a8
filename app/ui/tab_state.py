"""How the tabs are set, as one frozen value, which can be read and put back."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QTableView

from keepsight.app.engine.session import Order, Tabs
from keepsight.app.ui.flips_panel import FlipsPanel
from keepsight.app.ui.latency_panel import LatencyPanel
from keepsight.app.ui.limit_panel import LimitPanel
from keepsight.app.ui.table_page import TablePage
from keepsight.app.ui.training_panel import TrainingPanel


class TabState(QObject):
    """Reads the settings from the widgets that show them, and sets them there."""

    changed = Signal()
    """A setting may be another one."""

    def __init__(
        self,
        latency: LatencyPanel,
        flips: FlipsPanel,
        table: TablePage,
        limits: LimitPanel,
        training: TrainingPanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._latency, self._flips, self._table, self._limits = latency.form, flips, table, limits
        self._training = training.form
        shown = (
            latency.form.changed,
            flips.form.changed,
            table.wanted,
            limits.goal_changed,
            training.form.changed,
        )
        for told in shown:
            told.connect(self.changed)
        for sorted_ in (flips.table, table.settings):
            sorted_.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self.changed.emit())

    def read(self) -> Tabs:
        """Return all settings as they are now: what was chosen, whether it is there to be shown or not."""
        flipped_by, kept_by = self._flips.form.choice()
        table, anchor = self._table.choice()
        goal, goal_values = self._limits.choice()
        return Tabs(
            link=self._latency.values(),
            flipped_by=flipped_by,
            kept_by=kept_by,
            flips_order=_order(self._flips.table),
            table=table,
            anchor=anchor,
            table_order=_order(self._table.settings),
            goal=goal,
            goal_values=goal_values,
            lesson=self._training.lesson(),
        )

    def put(self, tabs: Tabs) -> None:
        """Set everything; what is not known here stays as it is."""
        now = self.read()
        if tabs.link != now.link:
            self._latency.set_values(tabs.link)
        if (tabs.flipped_by, tabs.kept_by) != (now.flipped_by, now.kept_by):
            self._flips.form.choose(tabs.flipped_by, tabs.kept_by)
        if (tabs.table, tabs.anchor) != (now.table, now.anchor):
            self._table.choose(tabs.table, tabs.anchor)
        if (tabs.goal, tabs.goal_values) != (now.goal, now.goal_values):
            self._limits.choose(tabs.goal, tabs.goal_values)
        if tabs.lesson != now.lesson:
            self._training.set_lesson(tabs.lesson)
        _sort(self._flips.table, tabs.flips_order)
        _sort(self._table.settings, tabs.table_order)


def _order(table: QTableView) -> Order:
    header = table.horizontalHeader()
    names, place = titles(table), header.sortIndicatorSection()
    descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
    return (names[place], descending) if 0 <= place < len(names) else ("", False)


def _sort(table: QTableView, order: Order) -> None:
    names, (title, descending) = titles(table), order
    if order != _order(table) and (not title or title in names):
        directions = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        table.sortByColumn(names.index(title) if title else -1, directions[descending])


def titles(table: QTableView) -> list[str]:
    """Return the titles of a table's columns."""
    model = table.model()
    return [str(model.headerData(place, Qt.Orientation.Horizontal)) for place in range(model.columnCount())]
