"""The main window: camera picture and 3D body side by side, the record button, the panels, and the numbers of the capture."""

from __future__ import annotations

from typing import TypeVar

from PyQt6.QtCore import QByteArray, Qt
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from ..statistics import Figures
from .body_panel import BodyShapePanel
from .calibration_cue import CalibrationCue
from .calibration_panel import CalibrationPanel
from .gpu_build import BuildButton
from .help_panel import HelpPanel
from .log_panel import LogPanel
from .messages import Message
from .numbers_panel import NumbersPanel
from .quality_panel import QualityPanel
from .recording_bar import RecordingBar
from .recording_cue import CountdownCue
from .sidebar import SideBar
from .source_panel import SourcePanel, VideoDrop
from .source_playback import PlaybackBar
from .streams_panel import StreamsPanel
from .takes_panel import TakesPanel
from .theme import Theme
from .view_model import ViewModel
from .views_panel import ViewsPanel

W = TypeVar("W", bound=QWidget)


class MainWindow(QMainWindow):
    """Opens at once and starts the pipeline, whose threads do all the opening of camera, estimator and OpenGL. It only shows what the models tell."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self.setWindowTitle("Pose2Pose Live")
        self.app = app
        self.theme = Theme(app.settings)
        app.figures_read.connect(self._show_figures)
        app.messages.said.connect(self._on_message)
        app.source.changed.connect(self._show_source)
        app.streams.changed.connect(self._show_streams)
        app.settings.changed.connect(self._on_setting)
        self._build()
        self._restore()
        self._show_source()
        self._show_streams()
        app.start()
        app.read_figures()

    def _build(self) -> None:
        app = self.app
        self.banner = _named(QLabel(), "banner")
        self.banner.setWordWrap(True)
        self.error = _named(QLabel(), "error")
        self.error.setWordWrap(True)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.hide()
        app.messages.error_changed.connect(self._show_error)

        self.views = ViewsPanel(app)
        self.camera_panel, self.body_panel = self.views.camera_panel, self.views.body_panel
        self.calibration_cue = CalibrationCue(app, self.camera_panel)

        self.sidebar = SideBar(self.theme.style)
        self._add_panels()
        self.sidebar.opened.connect(lambda name: app.settings.change("window", sidebar=name))

        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.views, 1)
        middle.addWidget(self.sidebar)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.error)
        column.addLayout(middle, 1)
        self.playback = PlaybackBar(app)
        column.addWidget(self.playback)
        column.addLayout(self._controls())
        central = QWidget()
        central.setLayout(column)
        self.setCentralWidget(central)
        VideoDrop(self, app)

        self.message = _named(QLabel(), "message")
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = QLabel()
        bar = self.statusBar()
        assert bar is not None
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.message, 1)
        bar.addPermanentWidget(self.figures)
        for part in (
            self.banner,
            self.error,
            self.views,
            self.playback,
            self.recording_bar,
            self.mirror,
            self.build_button,
            bar,
        ):
            self.theme.style(part)

    def _add_panels(self) -> None:
        app, add, tr = self.app, self.sidebar.add, self.tr
        add("source", tr("Source"), tr("Camera, format, rotation; or a video"), lambda: SourcePanel(app))
        add("takes", tr("Takes"), tr("What was recorded: replay, rename, trim, convert"), lambda: TakesPanel(app))
        add("send", tr("Send"), tr("Poses for other programs: VMC, VRChat, OSC"), lambda: StreamsPanel(app))
        add("quality", tr("Quality"), tr("Engine, smoothing, legs, floor, hands and face"), lambda: QualityPanel(app))
        add("calibrate", tr("Calibrate"), tr("Your height and a T-pose"), lambda: CalibrationPanel(app))
        add("body", tr("Body"), tr("Open body or your SMPL-X file, and its shape"), lambda: BodyShapePanel(app))
        add("numbers", tr("Numbers"), tr("Rates, latency, losses and load"), lambda: NumbersPanel(app))
        add("log", tr("Log"), tr("All that the program has told"), lambda: LogPanel(app))
        add("help", tr("Help"), tr("Keys, theme, versions and terms"), lambda: HelpPanel(app))
        help_key = QShortcut(QKeySequence("F1"), self, lambda: self.sidebar.show_panel("help"))
        help_key.setWhatsThis(tr("Open the help"))

    def _controls(self) -> QHBoxLayout:
        app = self.app
        self.recording_bar = RecordingBar(app)
        self.record_button = self.recording_bar.record_button
        self.open_folder = self.recording_bar.open_folder
        self.cues = [CountdownCue(panel) for panel in (self.camera_panel, self.body_panel)]
        for cue in self.cues:
            app.recording.counted.connect(cue.show_seconds)
        self.mirror = QCheckBox(self.tr("Mirror"))
        self.mirror.setToolTip(self.tr("Show camera and body as a mirror would; recordings are never mirrored"))
        self.mirror.clicked.connect(lambda on: app.settings.change("source", is_mirrored=on))
        self.build_button = BuildButton(lambda: app.settings.value.quality.engine_path)
        self.build_button.told.connect(app.messages.tell)
        controls = QHBoxLayout()
        controls.setContentsMargins(12, 8, 12, 8)
        controls.setSpacing(16)
        controls.addWidget(self.recording_bar, 1)
        for widget in (self.mirror, self.build_button):
            controls.addWidget(widget)
        return controls

    def _restore(self) -> None:
        settings = self.app.settings.value
        self.resize(1366, 640)
        if settings.window.geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.window.geometry.encode()))
        self.sidebar.show_panel(settings.window.sidebar)
        self.mirror.setChecked(settings.source.is_mirrored)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        geometry = self.saveGeometry().toBase64().data().decode()
        self.app.settings.change("window", geometry=geometry)
        self.views.close_windows()
        self.hide()  # at once, for the threads may take a moment
        self.app.close()
        super().closeEvent(event)

    def _on_message(self, message: Message) -> None:
        if message.level != "error":
            self.message.setText(message.text)

    def _show_error(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def _on_setting(self, section: str) -> None:
        if section == "source":
            self.mirror.setChecked(self.app.settings.value.source.is_mirrored)

    def _show_source(self) -> None:
        source = self.app.source
        self.banner.setText("  ".join(filter(None, (source.banner, self.app.banner))))
        self.banner.setVisible(bool(self.banner.text()))

    def _show_streams(self) -> None:
        sending = self.app.streams.sending
        text = self.tr("Send ({count})").format(count=sending) if sending else self.tr("Send")
        self.sidebar.buttons["send"].setText(text)

    def _show_figures(self, f: Figures) -> None:
        if f.painted:  # all has loaded: now there is time
            self.sidebar.prepare()
        latency = f"{f.latency_p50_ms:.0f} ms (p95 {f.latency_p95_ms:.0f} ms)" if f.shown_fps else "-"
        text = self.tr(
            "camera {camera:.1f} fps    body {body:.1f} fps    shown {shown:.1f} fps    latency {latency}    dropped {dropped}    {renderer}"
        )
        self.figures.setText(
            text.format(
                camera=f.camera_fps, body=f.estimated_fps, shown=f.shown_fps, latency=latency, dropped=f.dropped,
                renderer=self.app.view.renderer_name,
            )
        )  # fmt: skip


def _named(widget: W, name: str) -> W:
    """The widget, under the name by which the style sheet knows it."""
    widget.setObjectName(name)
    return widget
