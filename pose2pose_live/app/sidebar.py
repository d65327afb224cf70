"""The panels at the right edge of the window: a strip of buttons, of which at most one opens its panel."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QToolButton, QVBoxLayout, QWidget

PANEL_WIDTH_PX = 380
_STRIP_WIDTH_PX = 84
_PREPARE_EVERY_MS = 75


class SideBar(QWidget):
    """open_panel: the name of the panel that is open, or "". A panel is made when it is first opened, or ahead of that by `prepare`.

    is_prepared: whether all of them are made. style: is given the strip and each panel's frame when they are made.
    """

    opened = pyqtSignal(str)
    prepared = pyqtSignal()

    def __init__(self, style: Callable[[QWidget], None]) -> None:
        super().__init__()
        self._style = style
        self.open_panel = ""
        self.buttons: dict[str, QToolButton] = {}
        self._make: dict[str, Callable[[], QWidget]] = {}
        self._areas: dict[str, QScrollArea] = {}
        self._raw: QScrollArea | None = None
        self.is_prepared = False
        self._preparing = QTimer(self)
        self._preparing.setInterval(_PREPARE_EVERY_MS)
        self._preparing.timeout.connect(self._prepare_next)
        self.stack = QStackedWidget()
        self.stack.setFixedWidth(PANEL_WIDTH_PX)
        self.stack.hide()
        strip = QWidget()
        strip.setObjectName("strip")
        strip.setFixedWidth(_STRIP_WIDTH_PX)
        self._strip = QVBoxLayout(strip)
        self._strip.setContentsMargins(4, 6, 4, 6)
        self._strip.setSpacing(4)
        self._strip.addStretch(1)
        style(strip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.stack)
        row.addWidget(strip)

    def add(self, name: str, title: str, tip: str, make: Callable[[], QWidget]) -> None:
        """name: by which `show_panel` and the settings know it. The key of the first ten is Ctrl and the number of its place, 0 for the tenth."""
        button = QToolButton()
        button.setText(title)
        button.setCheckable(True)
        button.setMinimumSize(QSize(_STRIP_WIDTH_PX - 8, 40))
        button.setToolTip(f"{title}: {tip}")
        if (place := len(self.buttons) + 1) <= 10:
            key = QKeySequence(f"Ctrl+{place % 10}")
            button.setShortcut(key)
            button.setToolTip(f"{title}: {tip} ({key.toString(QKeySequence.SequenceFormat.NativeText)})")
        button.setAccessibleName(title)
        button.clicked.connect(lambda: self.show_panel("" if self.open_panel == name else name))
        self.buttons[name] = button
        self._make[name] = make
        self._strip.insertWidget(self._strip.count() - 1, button)

    def panel(self, name: str) -> QWidget:
        """The panel of that name, made if it was not yet."""
        if name not in self._areas:
            self._lay_out()
            self._add_area(name)
        self._lay_out()
        widget = self._areas[name].widget()
        assert widget is not None
        return widget

    def _add_area(self, name: str) -> None:
        area = self._areas[name] = self._raw = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._make[name]())
        area.setAccessibleName(self.buttons[name].accessibleName())
        self._style(area)

    def _lay_out(self) -> None:
        """Show the area that was made last once where nobody sees it: styles and layout are looked up then, and not when somebody waits."""
        area, self._raw = self._raw, None
        if area is None:
            return
        area.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        area.resize(PANEL_WIDTH_PX, self.height())
        area.show()
        area.hide()
        area.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
        self.stack.addWidget(area)

    def prepare(self) -> None:
        """Make the panels that were not opened yet, one at a time, so that opening one later keeps nobody waiting; `prepared` follows."""
        if not self.is_prepared:
            self._preparing.start()

    def _prepare_next(self) -> None:
        """Make a panel, or lay out the one made before: either takes up to 15 ms."""
        if self._raw is not None:
            self._lay_out()
            return
        name = next((name for name in self._make if name not in self._areas), None)
        if name is None:
            self._preparing.stop()
            self.is_prepared = True
            self.prepared.emit()
            return
        self._add_area(name)

    def show_panel(self, name: str) -> None:
        """Open that panel, or none for "" and for a name that is not known."""
        name = name if name in self._make else ""
        if name:
            self.panel(name)
            self.stack.setCurrentWidget(self._areas[name])
        self.stack.setVisible(bool(name))
        for one, button in self.buttons.items():
            button.setChecked(one == name)
        if name != self.open_panel:
            self.open_panel = name
            self.opened.emit(name)
