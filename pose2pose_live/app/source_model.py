"""Which pictures are captured: choosing, opening, losing and finding again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ..errors import Pose2PoseError
from ..pipeline import Ended, Failed, Ready
from ..pipeline.events import for_people
from ..sources import CameraDevice, FrameSource, PictureFormat, VideoPlayer, same_camera
from .background import in_background
from .settings import SourceSettings
from .source_opening import Opened, open_wanted
from .source_playback_model import PlaybackModel

if TYPE_CHECKING:
    from .view_model import ViewModel

RETRY_MS = 2000
"""How often a camera that gives no pictures is tried again."""
_RECENT = 8


class SourceModel(QObject):
    """The source that the settings name is kept open: a camera that is lost or busy is tried again until it gives pictures, or something else is chosen.

    cameras: those of this machine. formats: what the open camera offers. opened: what is open, None while nothing is. note: what to say in
    place of a picture; has_picture: it is to be said only until the first one comes. is_running: pictures come, or are only paused. banner:
    what is to be said above the pictures, or empty. playback: steers a video.
    """

    changed = pyqtSignal()
    _listed = pyqtSignal(object)
    _answered = pyqtSignal(int, object)

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.cameras: list[CameraDevice] = []
        self.formats: tuple[PictureFormat, ...] = ()
        self.opened: Opened | None = None
        self.note = self.tr("Opening the camera ...")
        self.has_picture = True
        self.is_running = False
        self.banner = ""
        self.playback = PlaybackModel(self)
        self._app = app
        self._settings = app.settings.value.source  # as they are applied
        self._sought = self._settings.source
        self._lost: CameraDevice | None = None
        self._attempt = 0
        self._is_start = True
        self._told = ""
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self._reopen)
        self._watcher: Any = None
        self._listed.connect(self._on_cameras)
        self._answered.connect(self._on_answer)
        self.playback.ended.connect(self._on_end_of_video)
        app.happened.connect(self._on_event)
        app.settings.changed.connect(self._on_setting)

    @property
    def given(self) -> PictureFormat | None:
        """The format that the camera really gives."""
        return None if self.opened is None else self.opened.source.format

    @property
    def is_moving(self) -> bool:
        """Whether the next picture is on its way."""
        return self.is_running and not self.playback.is_paused

    def start(self) -> None:
        """The source is opened once the cameras are known."""
        self._app.recording.changed.connect(self._consider_another)
        self._watcher = self._app.backend.watch_cameras(self._listed.emit)

    def close(self) -> None:
        self._retry.stop()
        self.playback.attach(None)
        if self._watcher is not None:
            self._watcher.stop()

    def choose_camera(self, identity: str) -> None:
        """By `CameraDevice.identity`, "" the first one that works."""
        self._choose(source=identity, format="")

    def choose_format(self, wish: PictureFormat | None) -> None:
        """None: the usual one."""
        self._choose(format="" if wish is None else str(wish))

    def open_video(self, path: Path) -> None:
        name = str(path.absolute())
        others = [one for one in self._settings.recent if one != name]
        self._choose(source=name, recent=(name, *others)[:_RECENT])

    def _choose(self, **values: Any) -> None:
        self._is_start = False
        source = self._app.settings.value.source
        self._app.settings.change("source", **values)
        if self._app.settings.value.source == source and not self.is_running:
            self._reopen()  # chosen once more: now, not when it is tried again

    def _reopen(self) -> None:
        self._attempt += 1
        self._retry.stop()
        settings = replace(self._settings, source=self._sought)
        open_it = partial(self._open, self._attempt, settings, tuple(self.cameras), self._is_start)
        self._app.pipeline.set_source(open_it)
        if self.opened is not None:
            self._close_what_is_open()
            self.changed.emit()

    def _close_what_is_open(self) -> None:
        self.opened, self.is_running, self.formats, self.banner = None, False, (), ""
        self.playback.attach(None)

    def _open(
        self, attempt: int, settings: SourceSettings, cameras: tuple[CameraDevice, ...], is_start: bool
    ) -> FrameSource | None:
        """In the capture thread."""
        try:
            opened = open_wanted(self._app.backend.open_source, settings, cameras, or_another=is_start)
        except Exception as error:
            self._answered.emit(attempt, for_people("capture", error))
            return None
        self._answered.emit(attempt, opened)
        return opened.source

    def _on_answer(self, attempt: int, answer: Opened | Pose2PoseError) -> None:
        if attempt != self._attempt:
            return
        if isinstance(answer, Opened):
            self._on_opened(answer)
        else:
            self._on_failure(str(answer))
        self.changed.emit()

    def _on_opened(self, opened: Opened) -> None:
        self.opened, self.is_running, self.has_picture = opened, True, True
        self._lost, self._is_start, self._told = None, False, ""
        self._sought = self._settings.source
        self.note = self.tr("Waiting for the first picture ...")
        opened.source.rotation_deg = 0 if opened.is_clip else self._settings.rotation_deg
        player = opened.source.source
        self.playback.attach(player if isinstance(player, VideoPlayer) else None)
        if opened.is_clip:
            self.banner = self.tr(
                "No camera was found: the bundled clip plays in a loop. Plug a camera in, and it is used at once."
            )
        if opened.instead_of:
            self._app.messages.warn(opened.instead_of)
        if (camera := opened.camera) is not None:
            in_background(lambda: (camera, self._app.backend.formats_of(camera)), self._on_formats)

    def _on_formats(self, answer: tuple[CameraDevice, tuple[PictureFormat, ...]]) -> None:
        camera, formats = answer
        if self.opened is not None and self.opened.camera == camera:
            self.formats = formats
            self.changed.emit()

    def _on_failure(self, text: str) -> None:
        """It could not be opened."""
        self.has_picture = False
        is_gone = self._lost is not None and same_camera(self.cameras, self._lost.identity) is None
        if not is_gone and text != self._told:
            self._told = text
            self._app.messages.fail(text, "capture")
        if self._lost is None:
            self.note = text
        self._retry.start()

    def _on_event(self, event: object) -> None:
        match event:
            case Ended(warning):
                self._app.messages.tell(warning or self.tr("The video has ended."))
                self.is_running = False
                self.changed.emit()
            case Failed("capture", error) if self.opened is not None:
                self._lose(str(error))
            case Ready("estimation"):
                self.playback.show_again()

    def _lose(self, text: str) -> None:
        """It was open, and gives no more pictures."""
        assert self.opened is not None
        self._told = text
        self.note = text
        if (camera := self.opened.camera) is not None:
            self._lost, self._sought = camera, camera.identity
            self.note = self.tr("Waiting for {name} ...").format(name=camera.name)
        self.has_picture = False
        self._close_what_is_open()
        self._retry.start()
        self.changed.emit()

    def _on_end_of_video(self, has_ended: bool) -> None:
        player = self.playback.player
        self.is_running = not has_ended
        if has_ended and player is not None:
            self._app.messages.tell(player.warning or self.tr("The video has ended."))
        self.changed.emit()

    def _on_cameras(self, cameras: list[CameraDevice]) -> None:
        self.cameras = cameras
        if self.opened is None:
            self._reopen()
        self._consider_another()
        self.changed.emit()

    def _consider_another(self) -> None:
        """Whether what was wanted has come meanwhile; not in the middle of a take."""
        if self.opened is None or self._app.is_recording:
            return
        wanted_is_there = same_camera(self.cameras, self._settings.source) is not None
        if (self.opened.is_clip and self.cameras) or (self.opened.instead_of and wanted_is_there):
            self._reopen()

    def _on_setting(self, section: str) -> None:
        if section != "source":
            return
        before, now = self._settings, self._app.settings.value.source
        self._settings = now
        if (now.source, now.format) != (before.source, before.format):
            self._sought, self._lost, self._told = now.source, None, ""
            self._reopen()
        elif self.opened is not None and not self.opened.is_clip and now.rotation_deg != before.rotation_deg:
            self.opened.source.rotation_deg = now.rotation_deg
            self.playback.show_again()
        if now.is_looped != before.is_looped:
            self.playback.set_looped(now.is_looped)
        if now.fov_deg != before.fov_deg:
            self._app.load_mocap()
        self.changed.emit()
