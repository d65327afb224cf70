"""The takes as rows of a table, whose names can be edited in place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QFont

from ..takes import TakeInfo
from .amounts import clock_text, size_text

_NAME, _LENGTH, _WHEN = range(3)
_SHORT = QLocale.FormatType.ShortFormat


class TakesTable(QAbstractTableModel):
    """`named` carries the path of a take and the name that a person gave it."""

    named = pyqtSignal(object, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.takes: list[TakeInfo] = []
        self.open_path: Path | None = None
        self._titles = (self.tr("Name"), self.tr("Length"), self.tr("Recorded"))

    def show_takes(self, takes: list[TakeInfo]) -> None:
        self.beginResetModel()
        self.takes = list(takes)
        self.endResetModel()

    def show_open(self, path: Path | None) -> None:
        """Which take is being replayed."""
        if path != self.open_path:
            self.open_path = path
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.takes) - 1, _WHEN))

    def row_of(self, path: Path) -> int | None:
        return next((row for row, take in enumerate(self.takes) if take.path == path), None)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.takes)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        usual = super().flags(index)
        take = self.takes[index.row()]
        can_be_named = index.column() == _NAME and not take.is_interrupted
        return usual | Qt.ItemFlag.ItemIsEditable if can_be_named else usual

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        take, column = self.takes[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (take.name, self._length(take), _when(take.recorded_at))[column]
            case Qt.ItemDataRole.EditRole:
                return take.name
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                return self._details(take)
            case Qt.ItemDataRole.TextAlignmentRole if column == _LENGTH:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.FontRole if take.path == self.open_path:
                font = QFont()
                font.setBold(True)
                return font
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        take = self.takes[index.row()]
        if role != Qt.ItemDataRole.EditRole or str(value).strip() in ("", take.name):
            return False
        self.named.emit(take.path, str(value))
        return False  # the folder is read anew once it has that name

    def _length(self, take: TakeInfo) -> str:
        if take.problem:
            return self.tr("damaged")
        return self.tr("not saved") if take.is_interrupted else clock_text(take.duration_s)

    def _details(self, take: TakeInfo) -> str:
        if take.problem:
            return f"{take.path}\n{take.problem}"
        lines = [
            str(take.path),
            self.tr("{frames} frames, {fps:g} per second, {size}").format(
                frames=take.frames, fps=take.fps, size=size_text(take.size_bytes)
            ),
            self.tr("Body: {body}").format(body=take.body_model),
        ]
        if take.is_interrupted:
            lines.append(self.tr("The program ended before this take was saved; save it now"))
        return "\n".join(lines)


def _when(moment: datetime) -> str:
    """The time of today, the date of any other day."""
    locale = QLocale()
    if moment.date() == datetime.now().date():
        return locale.toString(moment.time(), _SHORT)
    return locale.toString(moment.date(), _SHORT)
