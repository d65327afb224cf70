"""The main window: camera picture and 3D body side by side, the record button, and the numbers of the capture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PyQt6.QtCore import QObject, Qt, QTimer, QUrl, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QShortcut
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMainWindow, QPushButton, QVBoxLayout, QWidget

from ..errors import DisplayError, RecordingError
from ..pipeline import Ended, Event, Failed, Mocap, Pipeline, Ready, Recorded, View
from ..sinks.recorder import Recorder
from ..sources import FrameSource
from ..streaming import Target
from ..viewport import GLContext, context_opener
from .gpu_build import BuildButton
from .live_view import LiveView
from .log_messages import LogMessages
from .panels import BodyPanel, PicturePanel
from .streams import StreamPanel
from .style import STYLE_SHEET

_STATUS_INTERVAL_MS = 250

W = TypeVar("W", bound=QWidget)


class _FromThreads(QObject):
    """Carries what background threads say into the GUI thread."""

    happened = pyqtSignal(object)
    painted = pyqtSignal()


class MainWindow(QMainWindow):
    """Opens at once and starts the pipeline, whose threads do all the opening of camera, estimator and OpenGL.

    figures, recording and errors come from the pipeline; the window only shows them. output_dir: where takes are written;
    made when the first one is. banner: a line above the pictures, or empty. targets: where to send poses from the start on.
    engine: what the button for the GPU builds, None the bundled one.
    """

    def __init__(
        self,
        open_capture: Callable[[], FrameSource],
        open_mocap: Callable[[], Mocap],
        *,
        output_dir: Path,
        banner: str = "",
        targets: Sequence[Target] = (),
        engine: Path | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Pose2Pose Live")
        self.setStyleSheet(STYLE_SHEET)
        self._output_dir = output_dir
        self._engine = engine
        self._take: Path | None = None
        self._has_ended = False
        self.has_failed = False

        self._from_threads = _FromThreads()
        self._from_threads.happened.connect(self._on_event)
        self._from_threads.painted.connect(self._on_painting)
        self.view = LiveView(_context_opener(), self._from_threads.painted.emit)
        self.pipeline = Pipeline(self._open_view, self._from_threads.happened.emit)
        self.pipeline.set_source(open_capture)
        self.pipeline.set_mocap(open_mocap)

        self._build(banner, targets)
        self._status_timer = QTimer(self)
        self._status_timer.timeout.connect(self._show_figures)
        self._status_timer.start(_STATUS_INTERVAL_MS)
        self.pipeline.start()

    def _build(self, banner: str, targets: Sequence[Target]) -> None:
        self.banner = _named(QLabel(banner), "banner")
        self.banner.setVisible(bool(banner))
        self.error = _named(QLabel(), "error")
        self.error.setWordWrap(True)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.hide()

        self.camera_panel = PicturePanel("Opening the camera ...")
        self.body_panel = BodyPanel("Loading the body ...", self.view.orbit)
        for panel in (self.camera_panel, self.body_panel):
            panel.resized.connect(self._tell_sizes)
        self.body_panel.orbited.connect(self._redraw)
        panels = QHBoxLayout()
        panels.setSpacing(2)
        panels.addWidget(self.camera_panel, 1)
        panels.addWidget(self.body_panel, 1)

        self.record_button = _named(QPushButton(), "record")
        self.record_button.setEnabled(False)
        self.record_button.setToolTip("Start or stop a recording (R)")
        self.record_button.clicked.connect(self.toggle_recording)
        QShortcut(QKeySequence("R"), self, self.record_button.click)
        self.mirror = QCheckBox("Mirror")
        self.mirror.setChecked(True)
        self.mirror.setToolTip("Show camera and body as a mirror would; recordings are never mirrored")
        self.mirror.toggled.connect(self._set_mirrored)
        self.streams = StreamPanel(list(targets), self.pipeline)
        self.streams.setVisible(bool(targets))
        self.send_button = QPushButton("Send ...")
        self.send_button.setCheckable(True)
        self.send_button.setChecked(bool(targets))
        self.send_button.setToolTip("Send poses to other programs: VMC, VRChat, OSC")
        self.send_button.toggled.connect(self.streams.setVisible)
        self.open_folder = QPushButton("Open folder")
        self.open_folder.clicked.connect(self._open_folder)
        self.open_folder.hide()
        self.message = _named(QLabel(), "message")
        self.build_button = BuildButton(self._engine)
        self.build_button.told.connect(self.message.setText)
        self._runtime_messages = LogMessages("pose2pose_live.inference")
        self._runtime_messages.said.connect(self.message.setText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        controls = QHBoxLayout()
        controls.setContentsMargins(12, 8, 12, 8)
        controls.setSpacing(16)
        controls.addWidget(self.record_button)
        controls.addWidget(self.mirror)
        controls.addWidget(self.send_button)
        controls.addWidget(self.build_button)
        controls.addWidget(self.message, 1)
        controls.addWidget(self.open_folder)

        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.error)
        column.addLayout(panels, 1)
        column.addWidget(self.streams)
        column.addLayout(controls)
        central = QWidget()
        central.setLayout(column)
        self.setCentralWidget(central)

        self.figures = QLabel()
        bar = self.statusBar()
        assert bar is not None
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.figures)
        self.resize(1282, 600)
        self._show_figures()

    def toggle_recording(self) -> None:
        """Start a new take, or stop the present one."""
        if self.pipeline.recording is not None:
            self._stop_recording("Saving ...")
            return
        try:
            path = self._output_dir / "take.npz"
            recorder = Recorder(path, self.pipeline.body, fps=self.pipeline.source_fps)
            self.pipeline.attach(recorder)
            self._take = recorder.path
            self.message.setText(f"Recording to {self._take}")
            self.open_folder.show()
        except RecordingError as error:
            self._show_error(str(error))
        self._show_recording()

    def _open_folder(self) -> None:
        folder = self._output_dir.resolve()
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.message.setText(f"No file manager was found; the recordings are in {folder}")

    def _stop_recording(self, message: str) -> None:
        self.message.setText(message)
        self.pipeline.detach()
        self._show_recording()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._status_timer.stop()
        self._runtime_messages.close()
        self.hide()  # at once, for the threads may take a moment
        self.pipeline.stop()
        super().closeEvent(event)

    def _open_view(self) -> View:
        return self.view.open()

    def _on_event(self, event: Event) -> None:
        match event:
            case Ready("capture"):
                self.camera_panel.show_text("Waiting for the first picture ...")
            case Ready("estimation"):
                self.record_button.setEnabled(not self._has_ended)
                self.streams.start()
            case Ended(warning):
                self.message.setText(warning or "The video has ended.")
                self._end_capture()
            case Recorded(_, written, dropped):
                lost = f", {dropped} could not be written in time" if dropped else ""
                self.message.setText(
                    f"Saved {self._take} ({written} frames{lost})" if written else "Nothing was recorded."
                )
            case Failed("recording", error):
                self._show_error(str(error))
                self._stop_recording("")
            case Failed("streaming", error):
                self._show_error(str(error))
            case Failed("render", error):
                self._show_error(str(error))
                self.camera_panel.show_text("No picture")
                self.body_panel.show_text("No 3D view")
            case Failed(_, error):
                self._show_error(str(error))
                self.camera_panel.text = self.body_panel.text = "No picture"
                self._end_capture()

    def _end_capture(self) -> None:
        """No pose will come any more: save what there is."""
        self._has_ended = True
        self.record_button.setEnabled(False)
        if self.pipeline.recording is not None:
            self._stop_recording("Saving ...")

    def _on_painting(self) -> None:
        painting = self.view.exchange.fetch()
        self.camera_panel.show_picture(painting.camera)
        captured_s = painting.captured_s
        if captured_s is None:
            self.body_panel.show_picture(painting.body)
        else:
            self.body_panel.show_picture(painting.body, lambda: self.pipeline.statistics.painted(captured_s))

    def _tell_sizes(self) -> None:
        self.view.camera_size_px = self.camera_panel.size_in_device_px()
        self.view.body_size_px = self.body_panel.size_in_device_px()
        self._redraw()

    def _set_mirrored(self, is_mirrored: bool) -> None:
        self.view.is_mirrored = self.body_panel.is_mirrored = is_mirrored
        self._redraw()

    def _redraw(self) -> None:
        if self._has_ended:  # otherwise the next picture is on its way
            self.pipeline.redraw()

    def _show_error(self, text: str) -> None:
        self.has_failed = True
        self.error.setText(text)
        self.error.show()

    def _show_figures(self) -> None:
        f = self.pipeline.statistics.figures()
        latency = f"{f.latency_p50_ms:.0f} ms (p95 {f.latency_p95_ms:.0f} ms)" if f.shown_fps else "-"
        self.figures.setText(
            f"camera {f.camera_fps:.1f} fps    body {f.estimated_fps:.1f} fps    shown {f.shown_fps:.1f} fps    "
            f"latency {latency}    dropped {f.dropped}    {self.view.renderer_name}"
        )
        self.streams.show_figures()
        sending = self.streams.sending()
        self.send_button.setText(f"Send ({sending}) ..." if sending else "Send ...")
        self._show_recording()

    def _show_recording(self) -> None:
        recording = self.pipeline.recording
        # Qt's style sheets see a property change only after the style is applied anew.
        if self.record_button.property("recording") != (recording is not None):
            self.record_button.setProperty("recording", recording is not None)
            style = self.record_button.style()
            assert style is not None
            style.polish(self.record_button)
        if recording is None:
            self.record_button.setText("●  Record")
        else:
            minutes, seconds = divmod(recording.duration_s, 60)
            self.record_button.setText(f"■  {minutes:02.0f}:{seconds:04.1f}")


def _named(widget: W, name: str) -> W:
    """The widget, under the name by which the style sheet knows it."""
    widget.setObjectName(name)
    return widget


def _context_opener() -> Callable[[], GLContext]:
    """What opens the OpenGL context in the render thread, so that a failure is told there like every other one."""
    try:
        return context_opener()
    except DisplayError as error:
        failure = error

    def fail() -> GLContext:
        raise failure

    return fail
