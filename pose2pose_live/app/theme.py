"""Dark or light, as the settings say, or as the system does."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtGui import QStyleHints
from PyQt6.QtWidgets import QApplication, QWidget

from .settings_store import SettingsStore
from .style import DARK, LIGHT, Colours, palette, style_sheet

_SCHEMES = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}


class Theme(QObject):
    """Applies the theme of the settings to the parts of the window, now and whenever settings or system change.

    A changed style sheet has Qt style every widget under it anew, 0.15 s for all of them: each part has its turn, and the pictures go on
    between.
    """

    def __init__(self, settings: SettingsStore) -> None:
        super().__init__(settings)
        self._settings = settings
        self._applied: Colours | None = None
        self._parts: list[QWidget] = []
        self._waiting: list[QWidget] = []
        self._turns = QTimer(self)
        self._turns.timeout.connect(self._style_next)
        self._hints = _hints()
        self._hints.colorSchemeChanged.connect(self._apply)
        settings.changed.connect(self._on_setting)
        self._ask_system()
        self._apply()

    @property
    def colours(self) -> Colours:
        """A system that does not say what it likes gets the dark ones: pictures look better on them."""
        wanted = _SCHEMES.get(self._settings.value.views.theme, self._hints.colorScheme())
        return LIGHT if wanted == Qt.ColorScheme.Light else DARK

    @property
    def is_settled(self) -> bool:
        """Whether every part has been styled since the last change."""
        return not self._waiting

    def style(self, part: QWidget) -> None:
        """Style it and all in it, which holds no other part, from now on as long as the window is there."""
        self._parts.append(part)
        part.setStyleSheet(style_sheet(self.colours))

    def _on_setting(self, section: str) -> None:
        if section == "views":
            self._ask_system()
            self._apply()

    def _ask_system(self) -> None:
        """What the system draws itself, title bars and file dialogs, follows the choice, too."""
        scheme = _SCHEMES.get(self._settings.value.views.theme)
        if scheme is None:
            self._hints.unsetColorScheme()
        else:
            self._hints.setColorScheme(scheme)

    def _apply(self) -> None:
        colours = self.colours
        if colours is self._applied:
            return
        self._applied = colours
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setPalette(palette(colours))
        self._waiting = sorted(self._parts, key=lambda part: not part.isVisible())
        self._turns.start()

    def _style_next(self) -> None:
        if self._waiting:
            self._waiting.pop(0).setStyleSheet(style_sheet(self.colours))
        else:
            self._turns.stop()


def _hints() -> QStyleHints:
    hints = QApplication.styleHints()
    assert hints is not None
    return hints
