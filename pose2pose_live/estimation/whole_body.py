"""What every estimator on landmarks does alike: hands and face by their networks, and the whole pose put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..body import BodyModel
from ..detection.region import VIEW_TO_UPRIGHT, ray_rotation, view_to_world
from ..frame import Camera, FloatArray, PartConfidence, SmplxFrame
from ..rotations import rotmat_to_rotvec
from . import solve_face
from .face_net import FaceLandmarks
from .hand_net import HandLandmarks
from .observer import P, PersonObservation
from .parts import Parts
from .points import Palms
from .rest import RestSkeleton
from .solve_hand import palm_rotation, relaxed_fingers, solve_fingers


@dataclass(frozen=True)
class SolvedHands:
    """palms: where the hands are turned; fingers: left and right hand pose (15,3) axis-angle, relaxed where no hand is seen."""

    palms: Palms
    fingers: tuple[FloatArray, FloatArray]


def solve_hands(rest: RestSkeleton, parts: Parts, camera: Camera) -> SolvedHands:
    """Palms and fingers as the heads of the hand network read them, or by geometry from its landmarks where it has none."""
    known = np.array([0.0 if hand is None else 1.0 for hand in parts.hands])
    solved = [_solve_hand(rest, side, hand, camera) for side, hand in enumerate(parts.hands)]
    (left_palm, left), (right_palm, right) = solved
    return SolvedHands(Palms(np.stack([left_palm, right_palm]), known), (left, right))


def _solve_hand(
    rest: RestSkeleton, side: int, hand: HandLandmarks | None, camera: Camera
) -> tuple[FloatArray, FloatArray]:
    if hand is None:
        return np.eye(3), relaxed_fingers(rest, side)
    if hand.rotations is not None:
        read = hand.rotations
        return view_to_world(camera, read.looked_at) @ read.palm, rotmat_to_rotvec(read.fingers)
    points = hand_in_world(hand, camera)
    palm = palm_rotation(rest, side, points)
    return palm, solve_fingers(rest, side, points, palm)


def whole_frame(
    body: BodyModel, observation: PersonObservation[P], local: FloatArray, hands: SolvedHands, betas: FloatArray, confidence: PartConfidence
) -> SmplxFrame:  # fmt: skip
    """The whole pose, not yet placed. local: axis-angle (22,3), the pelvis in world axes."""
    face = observation.parts.face
    arkit = np.zeros(52) if face is None else solve_face.arkit_from_network(face.blendshapes)
    jaw, expression = read_or_solved_face(body, face, arkit)
    return SmplxFrame(
        time_s=observation.picture_time_s,
        index=observation.picture_index,
        camera=observation.camera,
        global_orient=local[0],
        body_pose=local[1:],
        left_hand_pose=hands.fingers[0],
        right_hand_pose=hands.fingers[1],
        jaw_pose=jaw,
        eye_pose=solve_face.eye_pose(arkit),
        betas=betas,
        expression=expression,
        blendshapes=arkit,
        confidence=confidence,
        tracked=True,
    )


def read_or_solved_face(
    body: BodyModel, face: FaceLandmarks | None, arkit: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Jaw (3,) and expression (10,) as the head of the face network reads them, or by geometry from the ARKit values where it has none.

    Expressions are known of bodies that say what they mean, which are the open one's.
    """
    to_expression = body.expression_from_arkit
    if to_expression is None:
        return solve_face.jaw_pose(arkit), np.zeros(10)
    if face is not None and face.read is not None:
        return rotmat_to_rotvec(face.read.jaw), face.read.expression
    return solve_face.jaw_pose(arkit), solve_face.expression(arkit, to_expression)


def hand_in_world(hand: HandLandmarks, camera: Camera) -> FloatArray:
    """Landmarks (21,3) m in world axes, about the hand's middle."""
    return (hand.world_m * VIEW_TO_UPRIGHT) @ ray_rotation(camera, hand.region.centre_px).T
