"""Family `landmarks`: positional pose by the embedded networks, rotational pose by geometry.

The body, hand and face networks give landmarks; bone directions, bending planes, palms and blendshapes give the rotations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..body import BodyModel
from ..detection.region import VIEW_TO_UPRIGHT, Region, ray_rotation
from ..frame import Camera, CameraFrame, FloatArray, PartConfidence, SmplxFrame
from ..inference import Engine
from ..skeleton import POSE, SMPLX, SMPLX_FROM_POSE
from . import solve_face
from .facing import FacingGuard
from .hand_net import HandLandmarks
from .limits import limit_body
from .parts import Parts, PartTracker
from .placement import fit_translation, joint_centres, lift_landmarks
from .points import BodyPoints, Palms
from .pose_net import PoseLandmarks, PoseNet
from .rest import SIDES, RestSkeleton
from .shape import ShapeFitter
from .solve_body import local_rotations, solve_body
from .solve_hand import palm_rotation, relaxed_fingers, solve_fingers

_PRESENCE_MIN = 0.5
_ANCHORS = [(SMPLX[joint], POSE[landmark]) for joint, landmark in SMPLX_FROM_POSE] + [
    (SMPLX[f"{side}_eye_smplhf"], POSE[f"{side}_eye"]) for side in SIDES
]
_ANCHOR_JOINTS = [joint for joint, _ in _ANCHORS]
_ANCHOR_POINTS = [point for _, point in _ANCHORS]
# The trunk and the head place the body; hands and feet carry the errors of whole limbs.
_ANCHOR_WEIGHT = np.array(
    [
        {"shoulder": 1.0, "hip": 1.0, "elbow": 0.5, "knee": 0.5}.get(joint.split("_")[-1], 0.25)
        for joint, _ in SMPLX_FROM_POSE
    ]
    + [0.5, 0.5]
)
_LEGS = [POSE[f"{side}_{name}"] for side in SIDES for name in ("hip", "knee", "ankle")]
_TRUNK = [POSE[f"{side}_{name}"] for side in SIDES for name in ("shoulder", "elbow", "hip")]


@dataclass(frozen=True)
class LandmarkObservation:
    """Landmarks of body, hands and face in one picture. head: world rotation (3,3) by the face, or None. region: the next one."""

    picture_time_s: float
    picture_index: int
    size_px: tuple[int, int]
    camera: Camera
    pose: PoseLandmarks
    parts: Parts
    head: FloatArray | None

    @property
    def region(self) -> Region:
        return self.pose.region


class LandmarkEstimator:
    """See `estimation.estimator.Estimator`."""

    def __init__(self, engine: Engine, body: BodyModel) -> None:
        self._body = body
        self._pose_net = PoseNet(engine.graph("pose"))
        self._parts = PartTracker(engine)
        self._guard = FacingGuard()
        self._face_forward: FloatArray | None = None
        self._shape = ShapeFitter(body.rest_joints)
        self._rest = RestSkeleton(body.rest_joints(self._shape.betas))
        self._rest_betas = self._shape.betas

    def close(self) -> None:
        self._parts.close()

    def forget_track(self) -> None:
        self._parts.reset()
        self._guard.reset()
        self._face_forward = None

    def forget_person(self) -> None:
        self._shape.reset()

    def locate(self, picture: CameraFrame, region: Region) -> Region | None:
        pose = self._pose_net(picture.image, region)
        return pose.region if pose.presence >= _PRESENCE_MIN else None

    def observe(self, picture: CameraFrame, region: Region, camera: Camera) -> LandmarkObservation | None:
        pending = self._parts.start(picture.image)
        pose = self._pose_net(picture.image, region)
        if pose.presence < _PRESENCE_MIN:
            self._parts.abandon(pending)
            return None
        pose = self._guard(pose, picture.time_s, self._face_forward)
        parts = self._parts.finish(pending, pose, picture.time_s)
        head = None
        if parts.face is not None:
            head = solve_face.head_rotation(parts.face.points_px, ray_rotation(camera, parts.face.region.centre_px))
        self._face_forward = None if head is None else head[:, 2]
        height, width = picture.image.shape[:2]
        return LandmarkObservation(picture.time_s, picture.index, (width, height), camera, pose, parts, head)

    def solve(self, observation: LandmarkObservation) -> SmplxFrame:
        camera, parts = observation.camera, observation.parts
        pose = joint_centres(observation.pose)
        points = lift_landmarks(pose, camera, *observation.size_px)
        betas = self._shape.update(pose, points.seen)
        if betas is not self._rest_betas:
            self._rest, self._rest_betas = RestSkeleton(self._body.rest_joints(betas)), betas
        rest = self._rest
        hand_points = [None if hand is None else _hand_in_world(hand, camera) for hand in parts.hands]
        palms = np.stack(
            [np.eye(3) if p is None else palm_rotation(rest, side, p) for side, p in enumerate(hand_points)]
        )
        known = np.array([0.0 if hand is None else 1.0 for hand in parts.hands])
        world, legs_used = solve_body(rest, points, Palms(palms, known), observation.head)
        local = limit_body(local_rotations(world))
        fingers = [
            relaxed_fingers(rest, side) if p is None else solve_fingers(rest, side, p, palms[side])
            for side, p in enumerate(hand_points)
        ]
        arkit = np.zeros(52) if parts.face is None else solve_face.arkit_from_network(parts.face.blendshapes)
        to_expression = self._body.expression_from_arkit
        frame = SmplxFrame(
            time_s=observation.picture_time_s,
            index=observation.picture_index,
            camera=camera,
            global_orient=local[0],
            body_pose=local[1:],
            left_hand_pose=fingers[0],
            right_hand_pose=fingers[1],
            jaw_pose=solve_face.jaw_pose(arkit),
            eye_pose=solve_face.eye_pose(arkit),
            betas=betas,
            # Eyes that blink while they look down would close beyond the lids' meeting.
            expression=np.zeros(10) if to_expression is None else np.clip(to_expression @ arkit, -1.1, 1.1),
            blendshapes=arkit,
            confidence=_confidence(pose, points, legs_used, parts),
            tracked=True,
        )
        return replace(frame, transl=self._transl(frame, pose, points.seen))

    def _transl(self, frame: SmplxFrame, pose: PoseLandmarks, seen: FloatArray) -> FloatArray:
        """SMPL-X `transl` that puts the posed joints (of a frame without translation) on the landmarks of the picture."""
        joints = self._body.joints(frame)[_ANCHOR_JOINTS]
        weights = _ANCHOR_WEIGHT * seen[_ANCHOR_POINTS]
        return fit_translation(joints, pose.image_px[_ANCHOR_POINTS], weights, frame.camera)


def _hand_in_world(hand: HandLandmarks, camera: Camera) -> FloatArray:
    """Landmarks (21,3) m in world axes, about the hand's middle."""
    return (hand.world_m * VIEW_TO_UPRIGHT) @ ray_rotation(camera, hand.region.centre_px).T


def _confidence(pose: PoseLandmarks, points: BodyPoints, legs_used: FloatArray, parts: Parts) -> PartConfidence:
    """Parts that the pose only guesses at, hidden ones, count little; those outside the picture nothing."""
    hands = [0.0 if hand is None else hand.presence for hand in parts.hands]
    visible = pose.visibility * points.seen
    return PartConfidence(
        body=pose.presence * float(0.5 + 0.5 * visible[_TRUNK].mean()),
        legs=pose.presence * float(legs_used.mean() * visible[_LEGS].mean()),
        left_hand=hands[0],
        right_hand=hands[1],
        face=0.0 if parts.face is None else parts.face.presence,
    )
