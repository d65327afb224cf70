"""The window in the language of the system, where there is a translation. Its texts are English; `assets/translations/` holds one file per other language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from ..errors import ModelError
from ..resources import asset_path


class TsTranslator(QTranslator):
    """Translates by a .ts file, without a compiled .qm beside it: PyQt brings nothing that compiles them, and the texts are few."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._texts: dict[tuple[str, str], str] = {}
        self._of_any_class: dict[str, str] = {}
        for context in ElementTree.parse(path).getroot().iter("context"):
            for message in context.iter("message"):
                text = message.find("translation")
                if text is not None and text.text and text.get("type") is None:  # finished, and still in use
                    source = message.findtext("source", "")
                    self._texts[context.findtext("name", ""), source] = text.text
                    self._of_any_class.setdefault(source, text.text)

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(  # type: ignore[override] # its None is Qt's null string, which "" is not
        self, context: str | None, source: str | None, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """None leaves the text as it is. PyQt asks for the class of the object only, never for the base class that the text stands in."""
        known = self._texts.get((context or "", source or ""))
        return known if known is not None else self._of_any_class.get(source or "")


def install_translation(app: QCoreApplication, languages: Sequence[str] | None = None) -> str:
    """Install the first of the languages that there is a translation to, and Qt's own texts in it; its name, "en" when there is none.

    languages: as Qt lists those of the system (the default), as in de-AT.
    """
    for language in QLocale.system().uiLanguages() if languages is None else languages:
        name = language.replace("-", "_")
        if name.split("_")[0] == "en":
            break
        try:
            path = asset_path(f"translations/pose2pose_live_{name}.ts")
        except ModelError:
            continue
        qt = QTranslator(app)
        if qt.load(f"qtbase_{name}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            app.installTranslator(qt)
        ours = TsTranslator(path)
        ours.setParent(app)
        app.installTranslator(ours)
        return name
    return "en"
