"""Family `pose2pose`: positional pose, guided pooling and rotational pose by the trained body network; hands and face by their own networks."""

from __future__ import annotations

from dataclasses import replace
from math import erf, exp, pi, sqrt

import numpy as np

from ..body import BodyModel
from ..frame import Camera, FloatArray, PartConfidence, SmplxFrame
from ..inference import Engine
from ..skeleton import HAND_LANDMARK, OPEN_BODY_PARTS, POSE
from .body_net import BodyLandmarks, BodyNet
from .depths import ROWS as DEPTH_ROWS
from .depths import DepthNet
from .limits import limit_body
from .observer import PersonObservation, PersonObserver
from .parts import Parts
from .placement import joint_centres, seen_in_picture, world_axes
from .rest import SIDES, RestSkeleton
from .shape import FITTED, KnownShape, ShapeFitter
from .solve_body import local_rotations
from .solve_posed import Evidence, solve_posed
from .whole_body import solve_hands, whole_frame

_GOOD_M = 0.1
_PART = {name: row for row, name in enumerate(OPEN_BODY_PARTS)}


class Pose2PoseEstimator(PersonObserver[BodyLandmarks]):
    """See `estimation.estimator.Estimator`."""

    def __init__(self, engine: Engine, body: BodyModel) -> None:
        super().__init__(BodyNet(engine.graph("body")), engine)
        depths = engine.graphs.get("depths")
        self._depths = None if depths is None else DepthNet(depths)
        self._body = body
        self._shape = ShapeFitter(body)
        self.forget_person()

    def forget_person(self) -> None:
        self._shape.reset()
        self._rest_betas = self._shape.betas
        self._rest = RestSkeleton(self._body.rest_joints(self._rest_betas))

    def solve(self, observation: PersonObservation[BodyLandmarks], known: KnownShape = FITTED) -> SmplxFrame:
        pose = joint_centres(observation.pose)
        camera = observation.camera
        evidence = _with_hands(evidence_of(pose, camera, *observation.size_px, self._depths), observation.parts)
        hands = solve_hands(self._rest, observation.parts, camera)
        posed = solve_posed(self._rest, pose.in_world(camera), evidence, hands.palms, observation.head)
        betas = self._shape.update(posed.points_m, evidence.seen, known)
        confidence = _confidence(pose, posed.legs_seen, observation.parts)
        local = limit_body(local_rotations(posed.world))
        frame = whole_frame(self._body, observation, local, hands, self._rest_betas, confidence)
        frame = replace(frame, transl=posed.pelvis_m - self._rest["pelvis"])
        if betas is not self._rest_betas:  # from the next picture on
            self._rest, self._rest_betas = RestSkeleton(self._body.rest_joints(betas)), betas
        return frame


def _with_hands(evidence: Evidence, parts: Parts) -> Evidence:
    """The wrists where the hand network sees them, which looks closer. Where it sees no hand, a wrist is believed as far as its elbow is."""
    image_px, seen = evidence.image_px.copy(), evidence.seen.copy()
    for side, hand in zip(SIDES, parts.hands, strict=True):
        wrist = POSE[f"{side}_wrist"]
        if hand is None:
            seen[wrist] = min(seen[wrist], seen[POSE[f"{side}_elbow"]])
        else:  # the wrist of a hand at the picture's edge may lie outside
            image_px[wrist] = hand.image_px[HAND_LANDMARK["wrist"]]
            seen[wrist] = max(seen[wrist], hand.presence)
    return replace(evidence, image_px=image_px, seen=seen)


def evidence_of(
    pose: BodyLandmarks, camera: Camera, width_px: int, height_px: int, depths: DepthNet | None
) -> Evidence:
    """The landmarks in the picture, and where they are in space: by the landmarks' network, which has seen real people (the heads' own points, learnt
    from drawn people alone, are nearer to the truth on those and farther from it on real ones), and by the depth network, if there is one."""
    relative, seen = world_axes(pose, camera), seen_in_picture(pose, width_px, height_px)
    if depths is not None:
        relative[DEPTH_ROWS] = depths(pose, camera, seen)
    return Evidence(pose.image_px, seen, relative, camera)


def _confidence(pose: BodyLandmarks, legs_seen: FloatArray, parts: Parts) -> PartConfidence:
    good = {name: _chance_within(_GOOD_M, float(pose.spread_m[row])) for name, row in _PART.items()}
    hands = [0.0 if hand is None else hand.presence for hand in parts.hands]
    return PartConfidence(
        body=pose.presence * (2 * good["trunk"] + good["left_arm"] + good["right_arm"]) / 4,
        legs=pose.presence * float(np.mean([good["left_leg"], good["right_leg"]] * legs_seen)),
        left_hand=hands[0],
        right_hand=hands[1],
        face=0.0 if parts.face is None else parts.face.presence,
    )


def _chance_within(distance_m: float, spread_m: float) -> float:
    """That a point with this root mean square error, the same in all three directions, is at most so far off (Maxwell's distribution)."""
    x = distance_m * sqrt(3) / max(spread_m, 1e-6)
    return erf(x / sqrt(2)) - sqrt(2 / pi) * x * exp(-x * x / 2)
