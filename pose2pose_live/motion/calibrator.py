"""`TPoseCalibrator`: watches somebody take a T-pose, says what is missing, and measures shape, camera and floor while it is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body import BodyModel
from ..estimation.placement import joint_centres
from ..estimation.shape import KnownShape, ShapeFitter
from ..frame import Camera, FloatArray, Ground
from ..rotations import cross, normalise
from ..skeleton import POSE, SMPLX
from .calibration import Calibration
from .soles import Soles
from .t_pose import Cue, standing_up, t_pose_cue

if TYPE_CHECKING:
    from .controls import Moment

HOLD_S = 1.5
# What to do next must stay readable: it changes only after another thing was the matter for so long.
_CUE_S = 0.3
_GAP_S = 0.5
_WRISTS = [POSE["left_wrist"], POSE["right_wrist"]]
_SHOULDERS = [POSE["left_shoulder"], POSE["right_shoulder"]]
_STILL_MAX = 0.4  # widths of the shoulders that a wrist may be from where it was held so far


@dataclass(frozen=True)
class CalibrationProgress:
    """cue: what to tell the person now; share: how much of the time the pose was held, 0..1; calibration: the result, once it is `Cue.DONE`."""

    cue: Cue
    share: float = 0.0
    calibration: Calibration | None = None


@dataclass(frozen=True)
class _Sample:
    """One picture of the pose. joints (55,3), soles (2,4,3) m; image_px (33,2), seen (33,): landmarks; stature_m: of the body that was posed."""

    camera: Camera
    joints: FloatArray
    soles: FloatArray
    image_px: FloatArray
    seen: FloatArray
    stature_m: float


class TPoseCalibrator:
    """A `Watcher`; `progress` may be read by any thread. height_m: the person's stature, which a picture does not tell, or None."""

    def __init__(self, height_m: float | None = None) -> None:
        self._height_m = Calibration(height_m).height_m  # checked
        self.progress = CalibrationProgress(Cue.STEP_IN)
        self._found, self._found_s = Cue.STEP_IN, 0.0
        self._samples: list[_Sample] = []
        self._held_s = 0.0
        self._time_s: float | None = None
        self._soles: Soles | None = None

    def __call__(self, moment: Moment) -> None:
        if self.progress.cue is Cue.DONE:
            return
        time_s = moment.plain.time_s
        step_s = 0.0 if self._time_s is None else time_s - self._time_s
        if not 0 <= step_s < _GAP_S:
            step_s = 0.0
        self._time_s = time_s
        joints = moment.body.joints(moment.plain)
        cue = t_pose_cue(moment.landmarks, moment.picture, moment.plain, joints)
        if cue is Cue.HOLD and not self._is_still(moment):
            cue = Cue.HOLD_STILL
        self._found_s = self._found_s + step_s if cue is self._found else 0.0
        self._found = cue
        if cue is Cue.HOLD:
            self._held_s += step_s if self._samples else 0.0
            self._samples.append(self._sample(moment, joints))
        elif self._found_s >= _CUE_S:
            self._samples, self._held_s = [], 0.0
        if self._held_s >= HOLD_S:
            calibration = self._measure(moment.body)
            self.progress = CalibrationProgress(Cue.DONE, 1.0, calibration)
            return
        shown = cue if self._found_s >= _CUE_S or cue is Cue.HOLD else self.progress.cue
        self.progress = CalibrationProgress(shown, min(self._held_s / HOLD_S, 1.0))

    def _is_still(self, moment: Moment) -> bool:
        if not self._samples or moment.landmarks is None:
            return True
        held = np.mean([sample.image_px[_WRISTS] for sample in self._samples], axis=0)
        left, right = moment.landmarks.image_px[_SHOULDERS]
        off = np.linalg.norm(moment.landmarks.image_px[_WRISTS] - held, axis=-1).max()
        return bool(off <= _STILL_MAX * np.linalg.norm(left - right))

    def _sample(self, moment: Moment, joints: FloatArray) -> _Sample:
        assert moment.landmarks is not None
        if self._soles is None:
            self._soles = Soles(moment.body)
        landmarks, pose = joint_centres(moment.landmarks), moment.plain
        soles = self._soles(moment.body.joint_to_world(pose), pose.betas)
        low, high = moment.body.rest_height(pose.betas)
        return _Sample(pose.camera, joints, soles, landmarks.image_px, landmarks.visibility, high - low)

    def _measure(self, body: BodyModel) -> Calibration:
        samples = self._samples
        up = normalise(np.mean([standing_up(sample.joints) for sample in samples], axis=0))
        # In a T-pose all limbs lie in one upright plane: there pixels are lengths, and nobody has to guess depths.
        across = np.mean(
            [s.joints[SMPLX["left_shoulder"]] - s.joints[SMPLX["right_shoulder"]] for s in samples], axis=0
        )
        normal = normalise(cross(across, up))
        fitter = ShapeFitter(body)
        known = KnownShape(height_m=self._height_m)
        for sample in samples:
            points = _on_plane(sample.image_px, sample.camera, sample.joints[SMPLX["pelvis"]], normal)
            fitter.update(points, sample.seen, known)
        betas = fitter.fit()
        low, high = body.rest_height(betas)
        # A body that turns out larger was farther away, and so was the floor below it.
        floor_m = np.mean([(s.soles @ up).min() * (high - low) / s.stature_m for s in samples])
        x, y, z = map(float, up)
        return Calibration(self._height_m, tuple(map(float, betas)), body.tag, Ground((x, y, z), float(floor_m)))


def _on_plane(image_px: FloatArray, camera: Camera, point: FloatArray, normal: FloatArray) -> FloatArray:
    """Where the rays of pixels (K,2) meet the plane through point (3,) m, (K,3) m in the world."""
    across, down = ((image_px - [camera.cx, camera.cy]) / [camera.fx, camera.fy]).T
    rays = np.stack([across, -down, -np.ones_like(across)], axis=1)
    return rays * (normal @ point / (rays @ normal))[:, None]
