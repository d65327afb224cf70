"""The panel of the takes: their list, their replay in the 3D view, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction, QKeySequence, QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..takes import TakeInfo
from .takes_player import Player
from .takes_table import TakesTable

if TYPE_CHECKING:
    from .view_model import ViewModel

_LEAST_HEIGHT_PX = 150
_ROW_PX = 26


class TakesPanel(QWidget):
    """table, player, progress; actions: by name, also in the context menu, with their keys in the table."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app, self._model = app, app.takes
        self._wanted: Path | None = None
        self.rows = TakesTable(self)
        self.rows.named.connect(self._model.rename)
        self.table = self._make_table()
        self.actions_by_name = self._make_actions()
        self.player = Player(app, self.table)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(self.tr("Conversion"))
        self.end_button = QPushButton(self.tr("End"))
        self.end_button.setToolTip(self.tr("End the conversion; what is complete is kept"))
        self.end_button.clicked.connect(self._model.end_conversions)
        self._converting = QWidget()
        converting = QHBoxLayout(self._converting)
        converting.setContentsMargins(0, 0, 0, 0)
        converting.addWidget(self.progress, 1)
        converting.addWidget(self.end_button)
        self.empty = QLabel(self.tr("There are no takes yet. The record button, or R, makes one."))
        self.empty.setObjectName("message")
        self.empty.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addWidget(self.player)
        column.addLayout(self._make_buttons())
        column.addWidget(self._converting)
        self._model.changed.connect(self._show_takes)
        self._model.made.connect(self._select_soon)
        self._model.progressed.connect(self._show_progress)
        self._model.replay.changed.connect(lambda: self.rows.show_open(self._model.replay.path))
        self._show_takes()
        self._show_progress()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._model.refresh()

    @property
    def chosen(self) -> list[TakeInfo]:
        selection = self.table.selectionModel()
        assert selection is not None
        return [self.rows.takes[index.row()] for index in selection.selectedRows()]

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.rows)
        table.setAccessibleName(self.tr("Takes"))
        table.setToolTip(self.tr("Return replays a take, F2 renames it, Delete puts it into the trash"))
        table.setMinimumHeight(_LEAST_HEIGHT_PX)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        header, numbers = table.horizontalHeader(), table.verticalHeader()
        assert header is not None
        assert numbers is not None
        numbers.hide()
        numbers.setDefaultSectionSize(_ROW_PX)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        table.doubleClicked.connect(lambda: self._act(self._replay))
        selection = table.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(self._enable)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        return table

    def _make_actions(self) -> dict[str, QAction]:
        tr = self.tr
        self.formats = QMenu(tr("Convert to"), self)
        for name, text in self._format_texts().items():
            action = self.formats.addAction(text)
            assert action is not None
            action.setData(name)
            action.triggered.connect(lambda _, name=name: self._convert((name,)))
        return {
            "replay": self._action(tr("Replay"), "Return", tr("Show the take in the 3D view"), self._replay),
            "rename": self._action(tr("Rename"), "F2", tr("Give the take another name"), self._rename),
            "save": self._action(tr("Save"), "", tr("Make a take of what was recorded before the program ended"), self._save),
            "folder": self._action(tr("Open folder"), "Ctrl+Shift+O", tr("Show the takes in the file manager"), self._app.recording.show_folder),
            "refresh": self._action(tr("Read the folder anew"), "F5", tr("Read the folder anew"), self._model.refresh),
            "trash": self._action(
                tr("Delete"), "Delete", tr("Put the take into the trash, from where you can have it back"), self._trash
            ),
        }  # fmt: skip

    def _format_texts(self) -> dict[str, str]:
        """By the names of `conversion.FORMATS`, which is not loaded before something is converted."""
        return {
            "npz": self.tr("SMPL-X .npz in AMASS's layout"),
            "smpl": self.tr(".smpl of Meshcapade"),
            "bvh": self.tr("BVH, SMPL-X's skeleton (cm)"),
            "bvh-humanoid": self.tr("BVH, Mixamo's skeleton (cm)"),
            "glb": self.tr("glTF .glb with the body's mesh"),
        }

    def _action(self, text: str, key: str, tip: str, act: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(lambda: act())
        keys = [QKeySequence(key)] if key else []
        if key == "Return":
            keys.append(QKeySequence("Enter"))  # of the number pad
        action.setShortcuts(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        named = keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        action.setToolTip(f"{tip} ({named})" if named else tip)
        self.table.addAction(action)
        return action

    def _make_buttons(self) -> QVBoxLayout:
        row, more = QHBoxLayout(), QHBoxLayout()
        for name in ("replay", "rename"):
            row.addWidget(self._button(name))
        self.convert_button = QToolButton()
        self.convert_button.setText(self.tr("Convert"))
        self.convert_button.setToolTip(self.tr("Write the take as a file for another program, beside it"))
        self.convert_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.addActions(self.formats.actions())
        menu.addSeparator()
        menu.addMenu(self._make_new_takes_menu())
        self.convert_button.setMenu(menu)
        row.addWidget(self.convert_button)
        row.addStretch(1)
        row.addWidget(self._button("trash"))
        self._save_button = self._button("save")
        more.addWidget(self._button("folder"))
        more.addStretch(1)
        more.addWidget(self._save_button)
        rows = QVBoxLayout()
        rows.addLayout(row)
        rows.addLayout(more)
        return rows

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self.actions_by_name[name])
        return button

    def _make_new_takes_menu(self) -> QMenu:
        """Formats that each take is written in when it is saved."""
        self.new_takes = QMenu(self.tr("Each new take to"), self)
        for name, text in self._format_texts().items():
            action = self.new_takes.addAction(text)
            assert action is not None
            action.setCheckable(True)
            action.setChecked(name in self._app.settings.value.recording.convert_to)
            action.setData(name)
            action.triggered.connect(self._set_convert_to)
        return self.new_takes

    def _set_convert_to(self) -> None:
        wanted = tuple(action.data() for action in self.new_takes.actions() if action.isChecked())
        self._app.settings.change("recording", convert_to=wanted)

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions([self.actions_by_name[name] for name in ("replay", "rename", "save")])
        menu.addMenu(self.formats)
        menu.addActions([self.actions_by_name[name] for name in ("trash", "folder", "refresh")])
        viewport = self.table.viewport()
        assert viewport is not None
        menu.popup(viewport.mapToGlobal(place))

    def _act(self, act: Callable[[], None]) -> None:
        if self.chosen:
            act()

    def _replay(self) -> None:
        take = next((take for take in self.chosen if _is_usable(take)), None)
        if take is not None:
            self._model.replay.open(take.path)

    def _rename(self) -> None:
        self.table.setFocus()
        self.table.edit(self.table.currentIndex().siblingAtColumn(0))

    def _save(self) -> None:
        for take in self.chosen:
            if take.is_interrupted:
                self._model.save(take.path)

    def _trash(self) -> None:
        self._model.trash([take.path for take in self.chosen])

    def _convert(self, formats: tuple[str, ...]) -> None:
        self._model.convert([take.path for take in self.chosen if _is_usable(take)], formats)

    def _select_soon(self, path: Path) -> None:
        """Once it is in the list."""
        self._wanted = path
        self._select()

    def _select(self) -> None:
        row = None if self._wanted is None else self.rows.row_of(self._wanted)
        if row is not None:
            self.table.selectRow(row)
            self._wanted = None

    def _show_takes(self) -> None:
        before = {take.path for take in self.chosen}
        current = self.table.currentIndex().row()
        self._wanted = self._wanted or next(iter(before), None)
        self.rows.show_takes(self._model.takes)
        self._select()
        if self._wanted is not None and not self.chosen and self.rows.takes:
            self.table.selectRow(
                min(max(current, 0), len(self.rows.takes) - 1)
            )  # the one before is gone: its neighbour
        self.empty.setVisible(not self._model.takes)
        self._enable()

    def _enable(self) -> None:
        chosen = self.chosen
        usable = any(_is_usable(take) for take in chosen)
        self.actions_by_name["replay"].setEnabled(usable)
        self.actions_by_name["rename"].setEnabled(len(chosen) == 1 and not chosen[0].is_interrupted)
        can_be_saved = any(take.is_interrupted for take in chosen)
        self.actions_by_name["save"].setVisible(can_be_saved)
        self._save_button.setVisible(can_be_saved)
        self.actions_by_name["trash"].setEnabled(bool(chosen))
        self.formats.setEnabled(usable)
        for action in self.formats.actions():
            action.setEnabled(usable)

    def _show_progress(self) -> None:
        progress = self._model.progress
        self._converting.setVisible(progress is not None)
        # Reading and resampling cannot tell how far they are: the bar moves to and fro until something is written.
        self.progress.setRange(0, 1000 if progress else 0)
        self.progress.setValue(round(1000 * (progress or 0.0)))


def _is_usable(take: TakeInfo) -> bool:
    return not take.problem and not take.is_interrupted
