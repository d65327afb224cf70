"""Family `landmarks`: positional pose by the embedded networks, rotational pose by geometry. What the trained heads are compared with.

The body, hand and face networks give landmarks; bone directions, bending planes, palms and blendshapes give the rotations.
"""

from __future__ import annotations

from dataclasses import replace

from ..body import BodyModel
from ..frame import FloatArray, PartConfidence, SmplxFrame
from ..inference import Engine
from ..skeleton import POSE
from .limits import limit_body
from .observer import PersonObservation, PersonObserver
from .parts import Parts
from .placement import ANCHOR_JOINTS, ANCHOR_POINTS, ANCHOR_WEIGHT, fit_translation, joint_centres, lift_landmarks
from .points import BodyPoints
from .pose_net import PoseLandmarks, PoseNet
from .rest import SIDES, RestSkeleton
from .shape import FITTED, USUAL_M, KnownShape, ShapeFitter
from .solve_body import local_rotations, solve_body
from .whole_body import solve_hands, whole_frame

_LEGS = [POSE[f"{side}_{name}"] for side in SIDES for name in ("hip", "knee", "ankle")]
_TRUNK = [POSE[f"{side}_{name}"] for side in SIDES for name in ("shoulder", "elbow", "hip")]


class LandmarkEstimator(PersonObserver[PoseLandmarks]):
    """See `estimation.estimator.Estimator`."""

    def __init__(self, engine: Engine, body: BodyModel) -> None:
        super().__init__(PoseNet(engine.graph("pose")), engine)
        self._body = body
        self._shape = ShapeFitter(body, USUAL_M)
        self._rest = RestSkeleton(body.rest_joints(self._shape.betas))
        self._rest_betas = self._shape.betas

    def forget_person(self) -> None:
        self._shape.reset()

    def solve(self, observation: PersonObservation[PoseLandmarks], known: KnownShape = FITTED) -> SmplxFrame:
        pose = joint_centres(observation.pose)
        points = lift_landmarks(pose, observation.camera, *observation.size_px)
        betas = self._shape.update(pose.world_m, points.seen, known)
        if betas is not self._rest_betas:
            self._rest, self._rest_betas = RestSkeleton(self._body.rest_joints(betas)), betas
        hands = solve_hands(self._rest, observation.parts, observation.camera)
        world, legs_used = solve_body(self._rest, points, hands.palms, observation.head)
        local = limit_body(local_rotations(world))
        confidence = _confidence(pose, points, legs_used, observation.parts)
        frame = whole_frame(self._body, observation, local, hands, betas, confidence)
        joints = self._body.joints(frame)[ANCHOR_JOINTS]
        weights = ANCHOR_WEIGHT * points.seen[ANCHOR_POINTS]
        return replace(frame, transl=fit_translation(joints, pose.image_px[ANCHOR_POINTS], weights, frame.camera))


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
