"""The panel of the targets that poses are sent to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..pipeline import Pipeline
from ..streaming import PROTOCOLS, Stream, Target
from ..streaming.options import Kind, kinds


class StreamRow(QWidget):
    """One target: on or off, protocol, address, options, and how it goes. `stream` is there while it is on and the body is loaded."""

    removed = pyqtSignal(object)

    def __init__(self, target: Target, pipeline: Pipeline) -> None:
        super().__init__()
        self.stream: Stream | None = None
        self._pipeline = pipeline
        self._options = target.options
        self.is_on = QCheckBox()
        self.is_on.setToolTip("Send poses to this target")
        self.is_on.toggled.connect(self.restart)
        self.protocol = QComboBox()
        for i, (name, dialect) in enumerate(PROTOCOLS.items()):
            self.protocol.addItem(dialect.text, name)
            self.protocol.setItemData(i, dialect.note, Qt.ItemDataRole.ToolTipRole)
        self.protocol.setCurrentIndex(list(PROTOCOLS).index(target.protocol))
        self.protocol.setToolTip(PROTOCOLS[target.protocol].note)
        self.protocol.currentIndexChanged.connect(self._change_protocol)
        self.address = QLineEdit(target.address)
        self.address.setToolTip("HOST:PORT; an IPv6 address in brackets; broadcast and multicast addresses do as well")
        self.address.setMinimumWidth(200)
        self.address.setMaximumWidth(320)
        self.address.editingFinished.connect(self.restart)
        options = QToolButton()
        options.setText("Options")
        options.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(options)
        self.menu.aboutToShow.connect(self._fill_menu)
        options.setMenu(self.menu)
        self.state = QLabel()
        self.state.setObjectName("state")
        self.state.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )  # a long text is no reason to grow
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        remove = QToolButton()
        remove.setText("✕")
        remove.setToolTip("Remove this target")
        remove.clicked.connect(lambda: self.removed.emit(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.is_on, self.protocol, self.address, options):
            row.addWidget(widget)
        row.addWidget(self.state, 1)
        row.addWidget(remove)

    def target(self) -> Target:
        """As it is written. Raises ValueError."""
        name = self.protocol.currentData()
        return dataclasses.replace(Target.parse(f"{name}://{self.address.text().strip()}"), options=self._options)

    def restart(self) -> None:
        """Send to what is written now, or to nobody."""
        try:
            wanted = self.target() if self.is_on.isChecked() else None
        except ValueError as error:
            self.stop()
            self._tell(str(error), is_problem=True)
            return
        if self.stream is not None and self.stream.target == wanted:
            return
        self.stop()
        if wanted is not None and self._pipeline.has_body:
            self.stream = Stream(wanted, self._pipeline.body)
            self._pipeline.add_stream(self.stream)
        self.show_figures()

    def stop(self) -> None:
        if self.stream is not None:
            self._pipeline.remove_stream(self.stream)
            self.stream = None

    def show_figures(self) -> None:
        if self.stream is not None:
            figures = self.stream.figures()
            self._tell(figures.problem or str(figures), is_problem=bool(figures.problem))
        elif not self.is_on.isChecked():
            self._tell("off")

    def _tell(self, text: str, *, is_problem: bool = False) -> None:
        self.state.setText(text)
        self.state.setToolTip(text)
        if self.state.property("problem") != is_problem:
            self.state.setProperty("problem", is_problem)
            style = self.state.style()
            assert style is not None
            style.polish(self.state)  # style sheets see a changed property only then

    def _change_protocol(self) -> None:
        default = Target.default(self.protocol.currentData())
        self.protocol.setToolTip(PROTOCOLS[default.protocol].note)
        self._options = default.options
        host = self.address.text().rpartition(":")[0] or default.host
        self.address.setText(f"{host}:{default.port}")
        self.restart()

    def _set_option(self, name: str, value: Any) -> None:
        self._options = dataclasses.replace(self._options, **{name: value})
        self.restart()

    def _fill_menu(self) -> None:
        self.menu.clear()
        for name, kind in kinds(self._options).items():
            value = getattr(self._options, name)
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
            number, is_given = QInputDialog.getDouble(self, "Option", kind.text, value, low, high, 2)
            if is_given:
                self._set_option(name, number)

        return ask


class StreamPanel(QWidget):
    """A row for each target, and buttons to add one and to take the person's place for the middle."""

    def __init__(self, targets: list[Target], pipeline: Pipeline) -> None:
        super().__init__()
        self.rows: list[StreamRow] = []
        self._pipeline = pipeline
        add = QPushButton("Add target")
        add.clicked.connect(lambda: self.add(Target.default("vmc")))
        recentre = QPushButton("Recentre")
        recentre.setToolTip("Take the place where the person stands now for the middle of the avatars' floor")
        recentre.clicked.connect(self.recentre)
        buttons = QHBoxLayout()
        buttons.addWidget(add)
        buttons.addWidget(recentre)
        buttons.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 6, 12, 0)
        self._column.addLayout(buttons)
        for target in targets:
            self.add(target).is_on.setChecked(True)
        if not targets:
            self.add(Target.default("vmc"))

    def add(self, target: Target) -> StreamRow:
        """A new row, switched off."""
        row = StreamRow(target, self._pipeline)
        row.removed.connect(self._remove)
        self.rows.append(row)
        self._column.insertWidget(self._column.count() - 1, row)
        row.show_figures()
        return row

    def start(self) -> None:
        """The body is loaded: begin with what is switched on."""
        for row in self.rows:
            row.restart()

    def recentre(self) -> None:
        for row in self.rows:
            if row.stream is not None:
                row.stream.recentre()

    def show_figures(self) -> None:
        for row in self.rows:
            row.show_figures()

    def sending(self) -> int:
        """How many targets are switched on."""
        return sum(row.stream is not None for row in self.rows)

    def _remove(self, row: StreamRow) -> None:
        row.stop()
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.deleteLater()
