"""`LossHolder`: what is not seen is held for a moment, then relaxes; it never snaps, freezes in the air or is made up."""

from __future__ import annotations

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
        if self._last is not None:
            shares = {part: self._relaxed_share(part, frame) for part in _PARTS}
            held = {part: share for part, share in shares.items() if share < 1}
            if held:
                frame = _held(frame, self._last, held)
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
        held = last.with_full_pose(
            quat_to_rotvec(pose),
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


def _held(frame: SmplxFrame, last: SmplxFrame, shares: dict[str, float]) -> SmplxFrame:
    """The frame with these parts between the last one and itself. Every step goes a share of what is left, so a part arrives at rest when the
    time is over."""
    pose, before = rotvec_to_quat(frame.full_pose), rotvec_to_quat(last.full_pose)
    rows = [row for part in shares for row in _PARTS[part]]
    row_shares = np.repeat(list(shares.values()), [len(_PARTS[part]) for part in shares])
    pose[rows] = slerp(before[rows], pose[rows], row_shares)
    hands = [part for part in shares if part in _ELBOW]
    if hands:
        elbows = [_ELBOW[hand] for hand in hands]
        pose[elbows] = _with_twist_of(pose[elbows], before[elbows], np.array([shares[hand] for hand in hands]))
    face = shares.get("face", 1.0)
    return frame.with_full_pose(
        quat_to_rotvec(pose),
        expression=(1 - face) * last.expression + face * frame.expression,
        blendshapes=(1 - face) * last.blendshapes + face * frame.blendshapes,
    )


def _with_twist_of(quat: FloatArray, before: FloatArray, share: FloatArray) -> FloatArray:
    """Elbows (N,4) keep the forearm's turn that their hands had, as long as the hand is held."""
    swing, twist = swing_twist(quat, _X_AXIS)
    return quat_multiply(swing, slerp(swing_twist(before, _X_AXIS)[1], twist, share))
