"""The panel that chooses camera, format and video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..sources import ROTATIONS_DEG, PictureFormat

if TYPE_CHECKING:
    from .view_model import ViewModel

_PATTERNS = "*.mp4 *.mov *.mkv *.webm *.avi *.m4v *.ts *.mts *.wmv *.mpg"


class SourcePanel(QWidget):
    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._app = app
        self._model = app.source
        tr = self.tr
        self.camera = QComboBox()
        self.camera.setToolTip(tr("Where the pictures come from; cameras that are plugged in appear by themselves"))
        self.camera.activated.connect(lambda index: self._model.choose_camera(self.camera.itemData(index)))
        self.format = QComboBox()
        self.format.setToolTip(
            tr("Pixel format, size and rate that are asked of the camera; MJPG gives large pictures at full rate")
        )
        self.format.activated.connect(self._choose_format)
        self.given = QLabel()
        self.given.setObjectName("message")
        self.given.setWordWrap(True)
        self.rotation = QComboBox()
        self.rotation.setToolTip(tr("For a camera that is mounted on its side or upside down"))
        for degrees in ROTATIONS_DEG:
            self.rotation.addItem(
                tr("{degrees}° clockwise").format(degrees=degrees) if degrees else tr("Upright"), degrees
            )
        self.rotation.activated.connect(
            lambda index: app.settings.change("source", rotation_deg=self.rotation.itemData(index))
        )
        self.mirror = QCheckBox(tr("Mirror"))
        self.mirror.setToolTip(tr("Show camera and body as a mirror would; recordings are never mirrored"))
        self.mirror.clicked.connect(lambda on: app.settings.change("source", is_mirrored=on))
        self.fov = QDoubleSpinBox()
        self.fov.setRange(20, 150)
        self.fov.setDecimals(0)
        self.fov.setSuffix("°")
        self.fov.setKeyboardTracking(False)
        self.fov.setToolTip(
            tr(
                "Field of view of the picture's longer side: 60° fits most webcams, wide ones have up to 100°. It sets how far away a person is"
            )
        )
        self.fov.valueChanged.connect(lambda value: app.settings.change("source", fov_deg=value))
        self.open_button = QPushButton(tr("Open video ..."))
        self.open_button.setToolTip(tr("Play a video in place of a camera (Ctrl+O); or drop one on the window"))
        self.open_button.setShortcut(QKeySequence.StandardKey.Open)
        self.open_button.clicked.connect(self._ask_for_video)
        self.recent = QToolButton()
        self.recent.setText(tr("Recent"))
        self.recent.setToolTip(tr("Videos that were opened before"))
        self.recent.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.recent)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.recent.setMenu(self.menu)

        self._form = form = QFormLayout()
        for text, field in (
            (tr("&Camera"), self.camera), (tr("&Format"), self.format), ("", self.given), (tr("&Rotation"), self.rotation),
            (tr("Field of &view"), self.fov), ("", self.mirror),
        ):  # fmt: skip
            form.addRow(text, field)
            if text:
                field.setAccessibleName(text.replace("&", ""))
        files = QHBoxLayout()
        files.addWidget(self.open_button)
        files.addWidget(self.recent)
        files.addStretch(1)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addLayout(files)
        column.addStretch(1)
        self._model.changed.connect(self._show)
        app.settings.changed.connect(self._show)
        self._show()

    def _choose_format(self, index: int) -> None:
        self._model.choose_format(self.format.itemData(index))

    def _ask_for_video(self) -> None:
        folder = next((str(Path(one).parent) for one in self._app.settings.value.source.recent), "")
        kinds = f"{self.tr('Videos')} ({_PATTERNS});;{self.tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Open video"), folder, kinds)
        if name:
            self._model.open_video(Path(name))

    def _fill_menu(self) -> None:
        self.menu.clear()
        for name in self._app.settings.value.source.recent:
            action = self.menu.addAction(Path(name).name)
            assert action is not None
            action.setToolTip(name)
            action.triggered.connect(lambda _, path=Path(name): self._model.open_video(path))

    def _show(self) -> None:
        settings = self._app.settings.value.source
        self._show_cameras(settings.source)
        self._show_formats(settings.format)
        self.rotation.setCurrentIndex(ROTATIONS_DEG.index(settings.rotation_deg))
        self.mirror.setChecked(settings.is_mirrored)
        self.recent.setEnabled(bool(settings.recent))
        with QSignalBlocker(self.fov):
            self.fov.setValue(settings.fov_deg)

    def _show_cameras(self, wanted: str) -> None:
        opened = self._model.opened
        if wanted and opened is not None and opened.camera is not None and not opened.instead_of:
            wanted = opened.camera.identity  # it may have been named by a number or a part of its name
        entries = [(self.tr("Automatic"), "")]
        entries += [(camera.name, camera.identity) for camera in self._model.cameras]
        if wanted not in [identity for _, identity in entries]:
            is_camera = wanted.endswith("]")
            text = self.tr("{name} (not plugged in)").format(name=wanted.rpartition(" [")[0])
            entries.append((text if is_camera else Path(wanted).name, wanted))
        _fill(self.camera, entries, wanted)

    def _show_formats(self, wanted: str) -> None:
        entries: list[tuple[str, PictureFormat | None]] = [(self.tr("Usual"), None)]
        entries += [(str(one), one) for one in self._model.formats]
        wish = PictureFormat.parse(wanted)
        if wish is not None and wish not in self._model.formats:
            entries.append((str(wish), wish))
        _fill(self.format, entries, wish)
        opened, given = self._model.opened, self._model.given
        self.format.setEnabled(opened is None or opened.camera is not None)
        text = "" if given is None else self.tr("The camera gives {format}").format(format=given)
        if opened is not None and opened.instead_of:
            text = self.tr("{name} instead").format(name=opened.source.name)
        self.given.setText(text)
        self._form.setRowVisible(self.given, bool(text))


def _fill(box: QComboBox, entries: Sequence[tuple[str, object]], chosen: object) -> None:
    """Only what is new: a list that somebody has open stays as it is."""
    if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] != list(entries):
        box.clear()
        for text, data in entries:
            box.addItem(text, data)
            box.setItemData(box.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
    box.setCurrentIndex([data for _, data in entries].index(chosen))


class VideoDrop(QObject):
    """Opens a video that is dropped on a widget."""

    def __init__(self, target: QWidget, app: ViewModel) -> None:
        super().__init__(target)
        self._app = app
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QDragEnterEvent | QDropEvent) and (path := _dropped_file(event)) is not None:
            event.acceptProposedAction()
            if event.type() == QEvent.Type.Drop:
                self._app.source.open_video(path)
            return True
        return super().eventFilter(watched, event)


def _dropped_file(event: QDragEnterEvent | QDropEvent) -> Path | None:
    data = event.mimeData()
    urls = data.urls() if data is not None and data.hasUrls() else []
    return next((Path(url.toLocalFile()) for url in urls if url.isLocalFile()), None)
