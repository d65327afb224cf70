"""Whole-body poses: trunk and legs from rules (or from recorded motion), arms that gesture, fingers, face; inside joint limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import radians

import numpy as np

from ...body import BodyModel
from ...estimation.limits import limit_body
from ...frame import Camera, FloatArray, SmplxFrame
from ...rotations import rotvec_to_rotmat
from ...skeleton import BODY, MIRROR_JOINT, SMPLX
from .arms import Arm, LeftArm
from .collision import arms_collide
from .faces import sample_face
from .gestures import sample_goals
from .hands import Fingers
from .motion import MotionBank
from .turns import about_x, about_y, about_z

Rng = np.random.Generator
_MIRROR = np.array([1.0, -1.0, -1.0])  # of an axis-angle vector, left to right
_MIRROR_22 = np.array(MIRROR_JOINT[:22])
_TRIES = 6
_RECORDED = 0.4  # share of the trunks and legs that come from recorded motion, where there is some
_ANY_CAMERA = Camera(1.0, 1.0, 0.0, 0.0)
_SPINE = ("spine1", "spine2", "spine3")


@dataclass(frozen=True)
class Person:
    """Shape and pose before anyone looks: Y up, metres, the person's heading is +Z.

    frame holds every SMPL-X parameter, global_orient relative to that heading and transl zero; is_seated; source: where the pose of
    the trunk and the legs comes from, "procedural" or the name of a motion clip.
    """

    frame: SmplxFrame
    is_seated: bool
    source: str


class PoseSampler:
    """Draws people for one body model; with a motion bank, a share of the trunks and legs (and some arms) come from it."""

    def __init__(self, body: BodyModel, expression_from_arkit: FloatArray | None, motion: MotionBank | None) -> None:
        self._body = body
        self._expression_from_arkit = expression_from_arkit
        self._motion = motion
        self._fingers = Fingers(body.rest_joints(np.zeros(10)))

    def sample(self, rng: Rng) -> Person:
        """A person whose arms do not run through the body."""
        betas = np.clip(rng.normal(0.0, 1.0, 10), -2.3, 2.3)
        rest_joints = self._body.rest_joints(betas)
        quiet = 0.25
        jaw, expression, eyes = sample_face(rng, self._expression_from_arkit)
        base = SmplxFrame(
            0.0, _ANY_CAMERA, betas=betas, jaw_pose=jaw, expression=expression, eye_pose=eyes,
            left_hand_pose=self._fingers.sample(rng, 0, quiet=quiet), right_hand_pose=self._fingers.sample(rng, 1, quiet=quiet),
        )  # fmt: skip
        # Girth follows weight, less muscle, about as the shape directions do.
        girth = float(np.clip(1.0 + 0.08 * betas[1] - 0.03 * betas[2], 0.85, 1.3))
        arm = LeftArm(rest_joints)
        local, source, is_seated, keeps_arms = self._trunk_and_legs(rng)
        frame = base
        for attempt in range(_TRIES):
            posed = (
                local if keeps_arms and attempt == 0 else _with_arms(local, arm, rng, is_seated, attempt == _TRIES - 1)
            )
            frame = _with_pose(base, limit_body(posed))
            if not arms_collide(self._body.joints(frame), girth):
                break
        return Person(frame, is_seated, source)

    def _trunk_and_legs(self, rng: Rng) -> tuple[FloatArray, str, bool, bool]:
        """Local rotations (22,3,3), where they come from, seated, and whether the arms shall be kept."""
        if self._motion is not None and rng.random() < _RECORDED:
            clip, local = self._motion.sample(rng)
            if rng.random() < 0.5:
                local = mirrored(local)
            local = local @ rotvec_to_rotmat(rng.normal(0, 0.05, (22, 3)))
            _complete_arms(local, rng)
            if rng.random() < 0.3:  # the trunk of someone who moves, on a chair
                _sit(local, rng)
                local[0] = rotvec_to_rotmat(np.radians([rng.normal(2, 6), 0, rng.normal(0, 3)]))
                return local, clip, True, rng.random() < 0.3
            return local, clip, False, rng.random() < 0.6
        local = np.tile(np.eye(3), (22, 1, 1))
        is_seated = rng.random() < 0.6
        if is_seated:
            _sit(local, rng)
        else:
            _stand(local, rng)
        _bend_trunk(local, rng, is_seated)
        return local, "procedural", is_seated, False


def _complete_arms(local: FloatArray, rng: Rng) -> None:
    """What the recordings lack: wrists, the forearm's twist, and most of the collar bones' motion."""
    for side, sign in (("left", 1.0), ("right", -1.0)):
        collar, shoulder, elbow, wrist = (SMPLX[f"{side}_{name}"] for name in ("collar", "shoulder", "elbow", "wrist"))
        arm = local[collar] @ local[shoulder]
        height = arm[1, 0] * sign  # of the upper arm's direction: 1 straight up, -1 hanging
        girdle = rotvec_to_rotmat(
            np.array([0.0, rng.normal(0, 0.06), sign * (0.3 * max(height + 0.2, 0.0) + rng.normal(0, 0.05))])
        )
        local[shoulder] = (local[collar] @ girdle).T @ arm
        local[collar] = local[collar] @ girdle
        twist, wrist_twist, deviation, flex = rng.normal(0, (0.45, 0.15, 0.15, 0.3))
        local[elbow] = local[elbow] @ about_x(twist)
        local[wrist] = rotvec_to_rotmat(np.array([wrist_twist, deviation, flex]))


def _sit(local: FloatArray, rng: Rng) -> None:
    apart = rng.uniform(-4, 24)
    crossed = rng.random() < 0.15
    for side, sign in (("left", 1.0), ("right", -1.0)):
        flexion = rng.uniform(65, 100)
        knee = rng.uniform(50, 105)
        spread = apart + rng.normal(0, 5)
        if crossed and side == "left":
            flexion, spread, knee = rng.uniform(95, 112), rng.uniform(-22, -10), rng.uniform(60, 100)
        hip = (
            about_y(radians(sign * spread * 0.9))
            @ about_x(radians(-flexion))
            @ about_z(radians(sign * rng.normal(0, 5)))
        )
        local[SMPLX[f"{side}_hip"]] = hip
        local[SMPLX[f"{side}_knee"]] = about_x(radians(knee))
        local[SMPLX[f"{side}_ankle"]] = rotvec_to_rotmat(
            np.radians([rng.normal(-5, 12), rng.normal(0, 6), rng.normal(0, 5)])
        )


def _stand(local: FloatArray, rng: Rng) -> None:
    stance = rng.uniform(-2, 12) if rng.random() < 0.85 else rng.uniform(10, 32)
    walking = rng.random() < 0.3
    step = rng.uniform(-32, 32) if walking else rng.normal(0, 5)
    lean = rng.normal(0, 3)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        forward = sign * step + (rng.exponential(6) if rng.random() < 0.4 else 0)
        knee = abs(rng.normal(4, 5)) + (max(-sign * step, 0) * 1.1 if walking else 0)
        outward = about_y(radians(sign * rng.normal(9, 8)))
        local[SMPLX[f"{side}_hip"]] = about_z(radians(sign * stance - lean)) @ about_x(radians(-forward)) @ outward
        local[SMPLX[f"{side}_knee"]] = about_x(radians(knee))
        ankle = np.radians([forward - knee + rng.normal(0, 3), rng.normal(0, 4), lean - sign * stance * 0.7])
        local[SMPLX[f"{side}_ankle"]] = rotvec_to_rotmat(ankle)
        local[SMPLX[f"{side}_foot"]] = about_x(radians(rng.normal(0, 5)))
    local[0] = rotvec_to_rotmat(np.radians([rng.normal(0, 4), rng.normal(0, 5), lean]))
    if rng.random() < 0.12:  # a squat, a lunge, a bow
        depth = rng.uniform(20, 75)
        for side in ("left", "right"):
            local[SMPLX[f"{side}_hip"]] = local[SMPLX[f"{side}_hip"]] @ about_x(radians(-depth))
            local[SMPLX[f"{side}_knee"]] = rotvec_to_rotmat(np.radians([depth * rng.uniform(0.9, 1.3), 0.0, 0.0]))
        local[0] = rotvec_to_rotmat(np.radians([depth * rng.uniform(0.2, 0.6), 0, 0]))


def _bend_trunk(local: FloatArray, rng: Rng, is_seated: bool) -> None:
    wide = 1.8 if rng.random() < 0.15 else 1.0
    if is_seated:
        local[0] = rotvec_to_rotmat(np.radians([rng.normal(-4, 9), rng.normal(0, 4), rng.normal(0, 3)]))
    bend = np.radians([rng.normal(9 if is_seated else 4, 9), rng.normal(0, 10), rng.normal(0, 6)]) * wide
    for joint in _SPINE:
        local[SMPLX[joint]] = rotvec_to_rotmat(bend * rng.uniform(0.2, 0.46))
    # The head mostly turns back to where the trunk turned from: people look at what they do.
    look = -0.6 * bend * rng.uniform(0, 1) + np.radians([rng.normal(4, 11), rng.normal(0, 20), rng.normal(0, 8)]) * wide
    share = rng.uniform(0.3, 0.6)
    local[SMPLX["neck"]] = rotvec_to_rotmat(look * share)
    local[SMPLX["head"]] = rotvec_to_rotmat(look * (1 - share))


def _with_arms(local: FloatArray, arm: LeftArm, rng: Rng, is_seated: bool, is_last_try: bool) -> FloatArray:
    goals = sample_goals(rng, seated=is_seated)
    posed = local.copy()
    for side, goal in zip(("left", "right"), goals, strict=True):
        if is_last_try:  # nothing fitted: hands beside the knees, clear of everything
            goal = replace(goal, place=np.array([0.42, -0.36, 0.18]), palm=None, beyond_wrist_m=0.0)
        solved = arm.reach(goal, rng)
        for name in Arm.__dataclass_fields__:
            rotation = getattr(solved, name)
            posed[SMPLX[f"{side}_{name}"]] = rotation if side == "left" else rotation * np.outer(_MIRROR, _MIRROR)
    return posed


def _with_pose(base: SmplxFrame, pose: FloatArray) -> SmplxFrame:
    return replace(base, global_orient=pose[0], body_pose=pose[1 : 1 + len(BODY)])


def mirrored(local: FloatArray) -> FloatArray:
    """Local rotations (22,3,3) of the mirror image."""
    return local[_MIRROR_22] * np.outer(_MIRROR, _MIRROR)
