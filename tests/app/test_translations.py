"""The window's texts: all of them can be translated, are collected, and are shown in the language of the system."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QTranslator
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from export.translations import FOLDER, SOURCES, collect
from pose2pose_live.app import translation
from pose2pose_live.app.translation import install_translation

from .conftest import OpenWindow

SHOWING = {
    "addAction", "addItem", "addMenu", "addRow", "addTab", "insertItem", "setAccessibleDescription", "setAccessibleName", "setInformativeText",
    "setItemText", "setLabelText", "setPlaceholderText", "setPrefix", "setStatusTip", "setSuffix", "setSpecialValueText", "setText", "setTitle",
    "setToolTip", "setWhatsThis", "setWindowTitle", "show_text", "set_text", "tell", "warn", "fail",
    "QAction", "QCheckBox", "QGroupBox", "QLabel", "QMenu", "QPushButton", "QRadioButton", "QToolButton",
}  # fmt: skip
"""Calls that put their arguments before a person's eyes or ears."""
SAME_EVERYWHERE = {"Pose2Pose Live"}
_WORD = re.compile(r"[A-Za-z]{3,}")


def sources() -> list[Path]:
    return sorted(SOURCES.glob("*.py"))


def is_call_of(node: ast.AST, *names: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in names


def literals(node: ast.AST) -> Iterator[str]:
    """The texts of an argument that are shown as they stand in the source: not what is looked up or passed on."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            yield from literals(left)
            yield from literals(right)
        case ast.BoolOp(values=values):
            for value in values:
                yield from literals(value)
        case ast.Call(func=ast.Attribute(value=ast.Constant() as template, attr="format")):
            yield from literals(template)


def shown_literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if is_call_of(node, *SHOWING, "__init__"):
            assert isinstance(node, ast.Call)
            for argument in node.args[:1]:
                for text in literals(argument):
                    if _WORD.search(text) and text not in SAME_EVERYWHERE:
                        yield node.lineno, text


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_shown_texts_go_through_tr(path: Path):
    found = [f"{path.name}:{line}: {text!r}" for line, text in shown_literals(ast.parse(path.read_text("utf-8")))]
    assert not found, "wrap them in self.tr(...):\n" + "\n".join(found)


def test_the_search_finds_what_it_looks_for():
    code = """
label = QLabel("One two")
label.setToolTip(f"{key} three")
button.setText("four" if on else self.tr("five"))
button.setText("seven {n}".format(n=1))
button.setText(self.tr("six") + " ms")
menu.addItem(self.tr("eight"), "nine")
"""
    texts = [text for _, text in shown_literals(ast.parse(code))]
    assert texts == ["One two", " three", "four", "seven {n}"]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_every_tr_can_be_collected(path: Path):
    """One literal, inside a class, whose name is the context in which it is looked up."""
    tree = ast.parse(path.read_text("utf-8"))
    in_classes = {id(node) for owner in ast.walk(tree) if isinstance(owner, ast.ClassDef) for node in ast.walk(owner)}
    for node in ast.walk(tree):
        if is_call_of(node, "tr"):
            assert isinstance(node, ast.Call)
            place = f"{path.name}:{node.lineno}"
            assert id(node) in in_classes, f"{place}: outside of a class"
            assert isinstance(node.args[0], ast.Constant), f"{place}: no plain literal"


def texts_of(path: Path) -> set[tuple[str, str]]:
    contexts = ElementTree.parse(path).getroot().iter("context")
    return {
        (context.findtext("name", ""), message.findtext("source", ""))
        for context in contexts
        for message in context.iter("message")
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ts")), ids=lambda path: path.name)
def test_collected_texts_are_those_of_the_source(path: Path, tmp_path: Path):
    fresh = tmp_path / "fresh.ts"
    collect(fresh)
    assert len(texts_of(fresh)) > 50
    lacking, gone = texts_of(fresh) - texts_of(path), texts_of(path) - texts_of(fresh)
    assert not lacking | gone, f"run `python -m export translations`: new {sorted(lacking)}, gone {sorted(gone)}"


def test_an_update_keeps_what_was_translated(tmp_path: Path):
    source = tmp_path / "panel.py"
    source.write_text('class Panel:\n    def f(self):\n        self.tr("Open")\n        self.tr("Close")\n')
    path = tmp_path / "de.ts"
    collect(path, tmp_path)
    path.write_text(
        path.read_text().replace('<translation type="unfinished" />', "<translation>Öffnen</translation>", 1)
    )
    source.write_text('class Panel:\n    def f(self):\n        self.tr("New")\n        self.tr("Open")\n')
    collect(path, tmp_path)
    assert texts_of(path) == {("Panel", "New"), ("Panel", "Open")}
    assert "Öffnen" in path.read_text()
    assert "location" not in path.read_text()


GERMAN = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context><name>MainWindow</name>
  <message><source>Mirror</source><translation>Spiegeln</translation></message>
  <message><source>Numbers</source><translation type="unfinished">Zahlen</translation></message>
</context>
<context><name>Base</name>
  <message><source>Hello</source><translation>Hallo</translation></message>
</context>
</TS>
"""


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QCoreApplication) -> Iterator[QCoreApplication]:
    """An application that takes its translations from a folder with a German one; nothing of it stays installed."""
    (tmp_path / "pose2pose_live_de.ts").write_text(GERMAN, encoding="utf-8")

    def path_of(name: str) -> Path:
        path = tmp_path / Path(name).name
        if not path.exists():
            raise translation.ModelError(f"{name} is missing")
        return path

    monkeypatch.setattr(translation, "asset_path", path_of)
    yield qapp
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        sip.delete(translator)


class Base(QWidget):
    def hello(self) -> str:
        return self.tr("Hello")


class Derived(Base):
    pass


def test_the_window_speaks_the_language_of_the_system(qtbot: QtBot, open_window: OpenWindow, german: QCoreApplication):
    assert install_translation(german, ["fr-FR", "fr", "de-Latn-AT", "de-AT", "de-Latn", "de"]) == "de"
    window = open_window()
    assert window.sidebar.buttons["numbers"].text() == "Numbers"  # not finished, so not shown
    assert QCoreApplication.translate("MainWindow", "Mirror") == "Spiegeln"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"  # Qt's own
    for kind in (Base, Derived):
        widget = kind()
        qtbot.addWidget(widget)
        assert widget.hello() == "Hallo"


@pytest.mark.parametrize("languages", [["en-GB", "en", "de"], ["fr-FR", "fr"], ["C"], []])
def test_english_is_spoken_where_nothing_is_better(german: QCoreApplication, languages: list[str]):
    assert install_translation(german, languages) == "en"
    assert not german.findChildren(QTranslator)


def wrong_values(path: Path) -> list[str]:
    """Translations that lack the `{count}` of their source, or have another: they would show no value, or raise."""
    wrong = []
    for message in ElementTree.parse(path).getroot().iter("message"):
        source, text = message.findtext("source", ""), message.findtext("translation", "")
        names = [sorted(re.findall(r"{(\w+)", one)) for one in (source, text)]
        if text and names[0] != names[1]:
            wrong.append(text)
    return wrong


def test_translations_keep_the_names_of_values(tmp_path: Path):
    for path in FOLDER.glob("*.ts"):
        assert not wrong_values(path), path.name
    bad = tmp_path / "bad.ts"
    bad.write_text(GERMAN.replace("Hello", "Hello {name:.1f}").replace("Hallo", "Hallo {Name}"), encoding="utf-8")
    assert wrong_values(bad) == ["Hallo {Name}"]
