"""`LossHolder`: what is not seen is held for a moment, then relaxes; it never snaps, freezes in the air or is made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..frame import Camera, CameraFrame, FloatArray, PartConfidence, SmplxFrame
from ..rotations import quat_multiply, quat_to_rotvec, rotvec_to_quat, slerp, swing_twist
from ..skeleton import BODY, EYES_SLICE, JAW_SLICE, LEFT_HAND_SLICE, RIGHT_HAND_SLICE, SMPLX
from .level import upright

_PART_HOLD_S, _BODY_HOLD_S = 0.4, 1.0
_RELAX_S = 0.9
_X_AXIS = np.array([1.0, 0.0, 0.0])

# Part -> (its confidence, its rows of the full pose). With a hand go its wrist and fingers, with the face jaw and eyes.
_PARTS: dict[str, list[int]] = {
    "left_hand": [SMPLX["left_wrist"], *range(LEFT_HAND_SLICE.start, LEFT_HAND_SLICE.stop)],
    "right_hand": [SMPLX["right_wrist"], *range(RIGHT_HAND_SLICE.start, RIGHT_HAND_SLICE.stop)],
    "face": [*range(JAW_SLICE.start, JAW_SLICE.stop), *range(EYES_SLICE.start, EYES_SLICE.stop)],
}
_ELBOW = {"left_hand": SMPLX["left_elbow"], "right_hand": SMPLX["right_elbow"]}


def neutral_body_pose() -> FloatArray:
    """(21,3) axis-angle: arms down beside the trunk, elbows a little bent."""
    pose = np.zeros((len(BODY), 3))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        pose[BODY[f"{side}_shoulder"]] = [0.0, 0.0, -sign * np.radians(72)]
        pose[BODY[f"{side}_elbow"]] = [0.0, -sign * np.radians(15), 0.0]
    return pose


class LossHolder:
    """Takes one person's frames in order of time; an unseen part of a frame holds what the estimator would put there at rest."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._last: SmplxFrame | None = None
        self._seen_s: dict[str, float] = {}

    def __call__(self, frame: SmplxFrame) -> SmplxFrame:
        """A frame in which the person was seen."""
        last = self._last
        if last is not None:
            pose, before = rotvec_to_quat(frame.full_pose), rotvec_to_quat(last.full_pose)
            expression, blendshapes = frame.expression, frame.blendshapes
            for part, rows in _PARTS.items():
                share = self._relaxed_share(part, frame)
                if share >= 1:
                    continue
                # Every step goes a share of what is left, so the part arrives at rest when the time is over.
                pose[rows] = slerp(before[rows], pose[rows], share)
                if part in _ELBOW:
                    pose[_ELBOW[part]] = _with_twist_of(pose[_ELBOW[part]], before[_ELBOW[part]], share)
                else:
                    expression = last.expression + share * (expression - last.expression)
                    blendshapes = last.blendshapes + share * (blendshapes - last.blendshapes)
            frame = replace(frame.with_full_pose(quat_to_rotvec(pose)), expression=expression, blendshapes=blendshapes)
        for part in _PARTS:
            if getattr(frame.confidence, part) > 0:
                self._seen_s[part] = frame.time_s
        self._last = frame
        self._seen_s["body"] = frame.time_s
        return frame

    def lost(self, picture: CameraFrame, camera: Camera) -> SmplxFrame:
        """The frame for a picture in which nobody is seen: held, relaxing or, if nobody ever was, neutral; never tracked."""
        last = self._last
        if last is None:
            last = SmplxFrame(picture.time_s, camera, body_pose=neutral_body_pose(), transl=np.array([0.0, 0.0, -3.0]))
        share = self._share_since("body", _BODY_HOLD_S, picture.time_s, last.time_s)
        target = np.zeros_like(last.full_pose)
        target[1 : 1 + len(BODY)] = neutral_body_pose()
        target[0] = quat_to_rotvec(upright(rotvec_to_quat(last.global_orient), last.ground))
        pose = slerp(rotvec_to_quat(last.full_pose), rotvec_to_quat(target), share)
        held = replace(
            last.with_full_pose(quat_to_rotvec(pose)),
            time_s=picture.time_s,
            index=picture.index,
            camera=camera,
            expression=(1 - share) * last.expression,
            blendshapes=(1 - share) * last.blendshapes,
            confidence=PartConfidence(),
            tracked=False,
        )
        self._last = held
        return held

    def _relaxed_share(self, part: str, frame: SmplxFrame) -> float:
        if getattr(frame.confidence, part) > 0 or part not in self._seen_s or self._last is None:
            return 1.0
        return self._share_since(part, _PART_HOLD_S, frame.time_s, self._last.time_s)

    def _share_since(self, part: str, hold_s: float, now_s: float, before_s: float) -> float:
        """How much of the rest of the way to relaxation the step from before to now covers: 0 while held, 1 at the end."""
        start_s = self._seen_s.get(part, -np.inf) + hold_s
        left_s = start_s + _RELAX_S - max(before_s, start_s)
        if now_s <= start_s:
            return 0.0
        return 1.0 if left_s <= 0 else float(np.clip((now_s - max(before_s, start_s)) / left_s, 0.0, 1.0))


def _with_twist_of(quat: FloatArray, before: FloatArray, share: float) -> FloatArray:
    """The elbow keeps the forearm's turn that its hand had, as long as the hand is held."""
    swing, twist = swing_twist(quat, _X_AXIS)
    return quat_multiply(swing, slerp(swing_twist(before, _X_AXIS)[1], twist, share))
