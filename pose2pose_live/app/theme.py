"""Dark or light, as the settings say, or as the system does."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QStyleHints
from PyQt6.QtWidgets import QApplication

from .settings_store import SettingsStore
from .style import DARK, LIGHT, Colours, palette, style_sheet

_SCHEMES = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}


class Theme(QObject):
    """Applies the theme of the settings to the whole application, now and whenever settings or system change.

    Qt then styles every widget anew, about 0.15 s in which the pictures stand still; capture goes on.
    """

    def __init__(self, settings: SettingsStore) -> None:
        super().__init__(settings)
        self._settings = settings
        self._applied: Colours | None = None
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
        app.setStyleSheet(style_sheet(colours))


def _hints() -> QStyleHints:
    hints = QApplication.styleHints()
    assert hints is not None
    return hints
