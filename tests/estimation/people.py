"""People of known pose, seen by a perfect network: what the geometric solvers must give back."""

from __future__ import annotations

import numpy as np

from pose2pose_live.body import BodyModel
from pose2pose_live.detection.region import Region
from pose2pose_live.estimation.hand_net import HandLandmarks
from pose2pose_live.estimation.placement import _HIP_SHARE
from pose2pose_live.estimation.pose_net import PoseLandmarks
from pose2pose_live.estimation.rest import FINGERS, SIDES
from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.rotations import rotvec_to_rotmat
from pose2pose_live.skeleton import BODY, POSE, POSE_LANDMARKS, SMPLX, SMPLX_FROM_POSE, SMPLX_PARENTS

WIDTH_PX, HEIGHT_PX = 640, 480
CAMERA = Camera.from_field_of_view(WIDTH_PX, HEIGHT_PX, 60)
STANDING = np.array([0.0, 0.0, -4.0])
AXES = np.array([1.0, -1.0, -1.0])  # network (x right, y down, z away) <-> world


def frame(transl: np.ndarray = STANDING, **body_pose_deg: tuple[float, float, float]) -> SmplxFrame:
    """A frame with some body joints turned by axis-angle degrees; `pelvis` is the global orientation."""
    pose = np.zeros((21, 3))
    orient = np.zeros(3)
    for joint, degrees in body_pose_deg.items():
        if joint == "pelvis":
            orient = np.radians(degrees)
        else:
            pose[BODY[joint]] = np.radians(degrees)
    return SmplxFrame(0.0, CAMERA, global_orient=orient, body_pose=pose, transl=np.asarray(transl, float))


def world_rotations(pose: SmplxFrame) -> np.ndarray:
    """(55,3,3) of all joints."""
    local = rotvec_to_rotmat(pose.full_pose)
    world = local.copy()
    for joint in range(1, len(local)):
        world[joint] = world[SMPLX_PARENTS[joint]] @ local[joint]
    return world


def landmark_positions(body: BodyModel, pose: SmplxFrame) -> np.ndarray:
    """The 33 BlazePose landmarks (33,3) m in the world, from joints and rigid offsets."""
    joints, world = body.joints(pose), world_rotations(pose)
    points = np.tile(joints[SMPLX["head"]], (len(POSE_LANDMARKS), 1))
    for joint, landmark in SMPLX_FROM_POSE:
        points[POSE[landmark]] = joints[SMPLX[joint]]
    hips = [POSE["left_hip"], POSE["right_hip"]]
    middle = points[hips].mean(axis=0)
    points[hips] = middle + (points[hips] - middle) / _HIP_SHARE  # the network marks the outside of the pelvis
    head = world[SMPLX["head"]]
    eyes = np.stack([joints[SMPLX[f"{side}_eye_smplhf"]] for side in SIDES])
    points[POSE["nose"]] = eyes.mean(axis=0) + head @ [0.0, -0.03, 0.04]
    for side, eye, sign in zip(SIDES, eyes, (1.0, -1.0), strict=True):
        for name in ("eye_inner", "eye", "eye_outer"):
            points[POSE[f"{side}_{name}"]] = eye
        points[POSE[f"{side}_ear"]] = eyes.mean(axis=0) + head @ [sign * 0.075, 0.0, -0.08]
        points[POSE[f"mouth_{side}"]] = eyes.mean(axis=0) + head @ [sign * 0.025, -0.07, 0.02]
        for finger in ("pinky", "index", "thumb"):
            points[POSE[f"{side}_{finger}"]] = joints[SMPLX[f"{side}_{finger}1"]]
        ankle, foot = joints[SMPLX[f"{side}_ankle"]], world[SMPLX[f"{side}_ankle"]]
        points[POSE[f"{side}_heel"]] = ankle + foot @ [0.0, -0.06, -0.05]
        points[POSE[f"{side}_foot_index"]] = ankle + foot @ [0.0, -0.06, 0.18]
    return points


def see(body: BodyModel, pose: SmplxFrame, scale: float = 1.0) -> PoseLandmarks:
    """What a perfect body network says of the person; scale: how much larger it takes everybody to be."""
    points = landmark_positions(body, pose)
    hips = points[[POSE["left_hip"], POSE["right_hip"]]].mean(axis=0)
    image_px = CAMERA.project(points)
    # The region's centre on the optical axis: the network's axes are then the camera's.
    region = Region(CAMERA.cx, CAMERA.cy, 400.0)
    inside = ((image_px >= 0) & (image_px < [WIDTH_PX, HEIGHT_PX])).all(axis=1)
    return PoseLandmarks(image_px, scale * (points - hips) * AXES, np.where(inside, 1.0, 0.1), 1.0, region)


def hand_positions(body: BodyModel, pose: SmplxFrame, side: str) -> np.ndarray:
    """The 21 hand landmarks (21,3) m in the world; fingertips go on as far as the bone before them."""
    joints, world = body.joints(pose), world_rotations(pose)
    rest = body.rest_joints(pose.betas)
    points = [joints[SMPLX[f"{side}_wrist"]]]
    for finger in FINGERS:
        chain = [SMPLX[f"{side}_{finger}{i}"] for i in (1, 2, 3)]
        points += [joints[j] for j in chain]
        points.append(joints[chain[2]] + world[chain[2]] @ (rest[chain[2]] - rest[chain[1]]))
    return np.array(points)


def see_hand(points: np.ndarray) -> HandLandmarks:
    image_px = CAMERA.project(points)
    return HandLandmarks(image_px, (points - points.mean(axis=0)) * AXES, 1.0, 0.5, Region(CAMERA.cx, CAMERA.cy, 100.0))
