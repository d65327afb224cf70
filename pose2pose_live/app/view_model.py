"""What the window shows and does, without a widget: panels call these models and listen to their signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ..errors import DisplayError
from ..pipeline import Failed, Pipeline, Ready
from ..streaming import Target
from ..viewport import GLContext, context_opener
from .backend import Backend
from .body_model import BodyShapeModel
from .calibration_model import CalibrationModel
from .live_view import LiveView
from .messages import Messages
from .numbers_model import NumbersModel
from .quality_controls import LiveControls
from .quality_loading import MocapLoader
from .quality_model import QualityModel
from .recording_model import RecordingModel
from .settings_store import SettingsStore
from .source_model import SourceModel
from .streams_model import StreamsModel
from .takes_model import TakesModel
from .views_model import ViewsModel

FIGURES_INTERVAL_MS = 250


class ViewModel(QObject):
    """One for the window; parted by topic. Make it, connect what shows it, `start` it, and `close` it in the end.

    happened: what the pipeline tells (`pipeline.Event`), in the GUI thread. figures_read: `statistics.Figures`, four times a second.
    painted: the view has a new painting in its exchange. output_dir: for takes, where the settings name no folder. targets: where to send poses
    besides the targets of the settings.
    """

    happened = pyqtSignal(object)
    figures_read = pyqtSignal(object)
    painted = pyqtSignal()

    def __init__(
        self,
        backend: Backend,
        settings: SettingsStore | None = None,
        *,
        output_dir: Path,
        banner: str = "",
        targets: Sequence[Target] = (),
    ) -> None:
        super().__init__()
        self.backend = backend
        self.settings = settings or SettingsStore(None)
        self.default_folder = output_dir
        self.banner = banner
        self.messages = Messages()
        self.view = LiveView(_context_opener(), self.painted.emit)
        self.pipeline = Pipeline(self.view.open, self.happened.emit)
        self.source = SourceModel(self)
        self.recording = RecordingModel(self)
        self.takes = TakesModel(self)
        self.streams = StreamsModel(self, targets)
        self.numbers = NumbersModel(self)
        self.controls = LiveControls(self)
        self.loader = MocapLoader(self)
        self.quality = QualityModel(self)
        self.calibration = CalibrationModel(self)
        self.body = BodyShapeModel(self)
        self.views = ViewsModel(self)
        self._timer = QTimer(self)
        self._timer.setInterval(FIGURES_INTERVAL_MS)
        self._timer.timeout.connect(self.read_figures)
        self.happened.connect(self._on_event)
        self.settings.could_not_save.connect(self.messages.warn)

    @property
    def is_recording(self) -> bool:
        return self.pipeline.recording is not None

    def start(self) -> None:
        for problem in self.settings.problems:
            self.messages.warn(problem)
        self.source.start()
        self.load_mocap()
        self.pipeline.start()
        self._timer.start()

    def load_mocap(self) -> None:
        """Load the estimator that the settings name; the present one goes on until then, and for good if that fails."""
        settings = self.settings.value
        self.pipeline.set_mocap(lambda: self.backend.open_mocap(settings))

    def read_figures(self) -> None:
        self.figures_read.emit(self.pipeline.statistics.figures())

    def close(self) -> None:
        """Save the take and the settings, and end all threads."""
        self._timer.stop()
        self.source.close()
        self.takes.close()
        self.pipeline.stop()
        self.settings.close()
        self.messages.close()

    def _on_event(self, event: object) -> None:
        match event:
            case Failed(stage, error):
                self.messages.fail(str(error), "estimation" if stage == "loading" else stage)
            case Ready(stage):
                self.messages.clear_error(stage)


def _context_opener() -> Callable[[], GLContext]:
    """What opens the OpenGL context in the render thread, so that a failure is told there like every other one."""
    try:
        return context_opener()
    except DisplayError as error:
        failure = error

    def fail() -> GLContext:
        raise failure

    return fail
