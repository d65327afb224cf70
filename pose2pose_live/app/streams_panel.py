"""The panel of the targets that poses are sent to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..streaming import PROTOCOLS, Target
from ..streaming.options import Kind, kinds
from .streams_model import StreamTarget
from .style import set_property

if TYPE_CHECKING:
    from .view_model import ViewModel


class StreamRow(QFrame):
    """One target: on or off, protocol, address, options, and how it goes."""

    def __init__(self, app: ViewModel, entry: StreamTarget) -> None:
        super().__init__()
        self.entry = entry
        self._app = app
        self.setObjectName("card")
        target = entry.target
        self.is_on = QCheckBox(self.tr("Send"))
        self.is_on.setChecked(entry.is_on)
        self.is_on.setToolTip(self.tr("Send poses to this target"))
        self.is_on.clicked.connect(self._switch)
        self.protocol = QComboBox()
        self.protocol.setAccessibleName(self.tr("Protocol"))
        for i, (name, dialect) in enumerate(PROTOCOLS.items()):
            self.protocol.addItem(dialect.text, name)
            self.protocol.setItemData(i, dialect.note, Qt.ItemDataRole.ToolTipRole)
        self.protocol.setCurrentIndex(list(PROTOCOLS).index(target.protocol))
        self.protocol.setToolTip(PROTOCOLS[target.protocol].note)
        self.protocol.currentIndexChanged.connect(self._change_protocol)
        self.address = QLineEdit(target.address)
        self.address.setAccessibleName(self.tr("Address"))
        self.address.setToolTip(
            self.tr("HOST:PORT; an IPv6 address in brackets; broadcast and multicast addresses do as well")
        )
        self.address.editingFinished.connect(self._change_address)
        options = QToolButton()
        options.setText(self.tr("Options"))
        options.setToolTip(self.tr("Parts, rate, mirror and more"))
        options.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(options)
        self.menu.aboutToShow.connect(self._fill_menu)
        options.setMenu(self.menu)
        self.state = QLabel()
        self.state.setObjectName("state")
        self.state.setWordWrap(True)
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.remove = QToolButton()
        self.remove.setText("✕")
        self.remove.setAccessibleName(self.tr("Remove"))
        self.remove.setToolTip(self.tr("Remove this target"))
        self.remove.clicked.connect(lambda: app.streams.remove(entry))
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.is_on)
        first.addWidget(self.protocol, 1)
        first.addWidget(self.remove)
        second.addWidget(self.address, 1)
        second.addWidget(options)
        column = QVBoxLayout(self)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.state)
        self.show_state()

    def show_state(self) -> None:
        text = self.entry.state() if self.entry.is_on or self.entry.problem else self.tr("off")
        self.state.setText(text or self.tr("waiting for the body"))
        set_property(self.state, "problem", self.entry.has_problem)

    def _switch(self) -> None:
        self._change_address()
        if not self.entry.problem:
            self._app.streams.switch(self.entry, on=self.is_on.isChecked())
        self.show_state()

    def _change_address(self) -> None:
        text = f"{self.protocol.currentData()}://{self.address.text().strip()}"
        try:
            target = dataclasses.replace(Target.parse(text), options=self.entry.target.options)
        except ValueError as error:
            self._app.streams.refuse(self.entry, str(error))
        else:
            self._app.streams.change(self.entry, target)
        self.show_state()

    def _change_protocol(self) -> None:
        default = Target.default(self.protocol.currentData())
        self.protocol.setToolTip(PROTOCOLS[default.protocol].note)
        target = dataclasses.replace(default, host=self.entry.target.host)
        self.address.setText(target.address)
        self._app.streams.change(self.entry, target)
        self.show_state()

    def _set_option(self, name: str, value: Any) -> None:
        target = self.entry.target
        options = dataclasses.replace(target.options, **{name: value})
        self._app.streams.change(self.entry, dataclasses.replace(target, options=options))

    def _fill_menu(self) -> None:
        self.menu.clear()
        options = self.entry.target.options
        for name, kind in kinds(options).items():
            value = getattr(options, name)
            if kind.values:
                self._add_choices(name, kind, value)
            elif kind.range is not None:
                action = self.menu.addAction(f"{kind.text}: {value:g} ...")
                assert action is not None
                action.triggered.connect(self._asker(name, kind, value))
            else:
                self._add_check(self.menu, kind.text, value, self._setter(name, not value))

    def _add_choices(self, name: str, kind: Kind, value: Any) -> None:
        menu = self.menu.addMenu(kind.text)
        assert menu is not None
        group = None if kind.is_several else QActionGroup(menu)
        for one in kind.values:
            if kind.is_several:
                others = tuple(v for v in kind.values if (v in value) != (v == one))
                self._add_check(menu, one, one in value, self._setter(name, others))
            else:
                self._add_check(menu, one, one == value, self._setter(name, one), group)

    def _add_check(
        self, menu: QMenu, text: str, is_on: bool, act: Callable[[], None], group: QActionGroup | None = None
    ) -> None:
        action = menu.addAction(text)
        assert action is not None
        action.setCheckable(True)
        action.setChecked(is_on)
        if group is not None:
            group.addAction(action)
        action.triggered.connect(act)

    def _setter(self, name: str, value: Any) -> Callable[[], None]:
        return lambda: self._set_option(name, value)

    def _asker(self, name: str, kind: Kind, value: float) -> Callable[[], None]:
        assert kind.range is not None
        low, high = kind.range

        def ask() -> None:
            number, is_given = QInputDialog.getDouble(self, self.tr("Option"), kind.text, value, low, high, 2)
            if is_given:
                self._set_option(name, number)

        return ask


class StreamsPanel(QWidget):
    """A card for each target, and buttons to add one and to take the person's place for the middle."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self.rows: list[StreamRow] = []
        self._app = app
        self.add_button = QPushButton(self.tr("Add target"))
        self.add_button.setToolTip(self.tr("Another program to send poses to"))
        self.add_button.clicked.connect(lambda: app.streams.add(Target.default("vmc")))
        self.recentre_button = QPushButton(self.tr("Recentre"))
        self.recentre_button.setToolTip(
            self.tr("Take the place where the person stands now for the middle of the avatars' floor")
        )
        self.recentre_button.clicked.connect(app.streams.recentre)
        self._hint = QLabel(self.tr("Poses go to the addresses that are switched on here, and nowhere else."))
        self._hint.setWordWrap(True)
        self._hint.setObjectName("message")
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.recentre_button)
        buttons.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._hint)
        self._column.addLayout(buttons)
        self._column.addStretch(1)
        app.streams.changed.connect(self._show_rows)
        app.figures_read.connect(self._show_states)
        self._show_rows()
        if not app.streams.targets:
            app.streams.add(Target.default("vmc"))

    def _show_rows(self) -> None:
        targets = self._app.streams.targets
        for row in [row for row in self.rows if row.entry not in targets]:
            self.rows.remove(row)
            self._column.removeWidget(row)
            row.deleteLater()
        shown = [row.entry for row in self.rows]
        for entry in targets:
            if entry not in shown:
                row = StreamRow(self._app, entry)
                self.rows.append(row)
                self._column.insertWidget(len(self.rows), row)
        self._show_states()

    def _show_states(self) -> None:
        for row in self.rows:
            row.show_state()
