"""Height and T-pose: counting down, watching, telling what is missing, and taking it back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ..motion import Calibration
from ..motion.calibrator import TPoseCalibrator
from ..motion.t_pose import Cue
from .quality_controls import calibration_of

if TYPE_CHECKING:
    from .view_model import ViewModel

COUNTDOWN_S = 5
PATIENCE_S = 45
_POLL_MS = 100


class CalibrationModel(QObject):
    """countdown: seconds until it begins, 0 without one. is_running: counting down or watching. cue: what to tell the person, large, "" nothing. share: of the
    time for which the pose has to be held, 0..1.

    changed: any of it, or what is calibrated.
    """

    changed = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.countdown = 0
        self.cue, self.share = "", 0.0
        self._app = app
        self._calibrator: TPoseCalibrator | None = None
        self._before: list[dict[str, Any]] = []
        self._watched_ms = 0
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._count)
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._look)
        app.settings.changed.connect(self._on_setting)

    @property
    def is_running(self) -> bool:
        return bool(self.countdown) or self._calibrator is not None

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def height_m(self) -> float:
        """0: unknown."""
        return self._app.settings.value.body.height_m

    @property
    def calibration(self) -> Calibration | None:
        """By a T-pose; None where there was none."""
        return calibration_of(self._app.settings.value) if self._app.settings.value.body.calibration else None

    @property
    def tilt_deg(self) -> float:
        """How far the camera is from level, as the person stood before it; NaN where that is not known."""
        calibration = self.calibration
        if calibration is None or calibration.ground is None:
            return math.nan
        return math.degrees(math.acos(min(max(calibration.ground.up[1], -1.0), 1.0)))

    def set_height(self, height_m: float) -> None:
        self._app.settings.change("body", height_m=height_m)

    def start(self) -> None:
        """Count down, so that there is time to walk into the picture."""
        if self._app.is_recording:
            self._app.messages.warn(self.tr("Stop the recording first: a take keeps its shape"))
            return
        if not self.is_running:
            self.countdown, self.share = COUNTDOWN_S, 0.0
            self._second.start()
            self._tell(self.tr("Stand so that all of you is in the picture, arms out to the sides"))

    def cancel(self) -> None:
        if self.is_running:
            self._end()
            self._app.messages.tell(self.tr("The calibration was ended; nothing has changed"))

    def undo(self) -> None:
        """Back to the calibration before."""
        if self._before:
            before = self._before.pop()
            self._app.settings.change("body", calibration=before)
            self._app.messages.tell(
                self.tr("The calibration before is used again") if before else self.tr("No calibration is used")
            )
            self.changed.emit()

    def forget(self) -> None:
        """Fit the shape to the person again, and take the camera for level; can be undone."""
        self._use({})
        self._app.messages.tell(self.tr("No calibration is used"))

    def _use(self, calibration: dict[str, Any]) -> None:
        self._before.append(self._app.settings.value.body.calibration)
        self._app.settings.change("body", calibration=calibration)
        self.changed.emit()

    def _count(self) -> None:
        self.countdown -= 1
        if self.countdown:
            self.changed.emit()
            return
        self._second.stop()
        self._calibrator = TPoseCalibrator(self.height_m or None)
        self._watched_ms = 0
        self._app.controls.watch(self._calibrator)
        self._poll.start()
        self._look()

    def _look(self) -> None:
        if self._calibrator is None:
            return
        self._watched_ms += _POLL_MS
        progress = self._calibrator.progress
        if progress.calibration is not None:
            self._end()
            self._use(progress.calibration.to_json())
            self._app.messages.tell(self.tr("Calibrated: shape, camera and floor are those of your T-pose"))
        elif self._watched_ms > 1000 * PATIENCE_S:
            self._end()
            self._app.messages.warn(
                self.tr("No T-pose was seen; nothing has changed. The last hint was: {cue}").format(cue=self.text_of(progress.cue))
            )  # fmt: skip
        else:
            self.share = progress.share
            self._tell(self.text_of(progress.cue))

    def _end(self) -> None:
        self._second.stop()
        self._poll.stop()
        self.countdown, self.share = 0, 0.0
        if self._calibrator is not None:
            self._app.controls.unwatch(self._calibrator)
            self._calibrator = None
        self._tell("")

    def _tell(self, cue: str) -> None:
        self.cue = cue
        self.changed.emit()

    def _on_setting(self, section: str) -> None:
        if section == "body":
            self.changed.emit()

    def text_of(self, cue: Cue) -> str:
        match cue:
            case Cue.STEP_IN:
                return self.tr("Step into the picture")
            case Cue.SHOW_FEET:
                return self.tr("Step back: your feet are not in the picture")
            case Cue.SHOW_HEAD:
                return self.tr("Step back: your head is not in the picture")
            case Cue.SHOW_HANDS:
                return self.tr("Step back: your hands are not in the picture")
            case Cue.FACE_CAMERA:
                return self.tr("Face the camera")
            case Cue.STAND_STRAIGHT:
                return self.tr("Stand upright, with straight legs")
            case Cue.RAISE_ARMS:
                return self.tr("Raise your arms to the height of your shoulders")
            case Cue.LOWER_ARMS:
                return self.tr("Lower your arms to the height of your shoulders")
            case Cue.SPREAD_ARMS:
                return self.tr("Spread your arms straight out to the sides")
            case Cue.HOLD_STILL:
                return self.tr("Hold still")
            case Cue.HOLD:
                return self.tr("Very good, stay like that")
            case Cue.DONE:
                return self.tr("Done")
