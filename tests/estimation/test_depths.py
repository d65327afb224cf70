from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.detection.region import Region, ray_rotation
from pose2pose_live.estimation.depths import ROWS, DepthNet, sight_of
from pose2pose_live.estimation.placement import joint_centres, seen_in_picture
from pose2pose_live.estimation.pose_net import PoseLandmarks
from pose2pose_live.inference import Engine
from pose2pose_live.skeleton import DEPTH_LANDMARKS, SMPLX, SMPLX_FROM_POSE

from . import people

SIZE = (people.WIDTH_PX, people.HEIGHT_PX)
LIMBS = [SMPLX[joint] for joint, _ in SMPLX_FROM_POSE]
POSE = people.frame(
    transl=np.array([0.3, 0.0, -3.5]), pelvis=(10, 35, 0), left_shoulder=(0, -60, -20), left_elbow=(0, -50, 0),
    right_shoulder=(0, 0, 60), right_hip=(-60, 0, 0), right_knee=(50, 0, 0), left_hip=(15, 0, 0),
)  # fmt: skip


def limbs_from_hips(body: BodyModel) -> np.ndarray:
    joints = body.joints(POSE)
    return joints[LIMBS] - joints[[SMPLX["left_hip"], SMPLX["right_hip"]]].mean(axis=0)


def sight(pose: PoseLandmarks) -> np.ndarray:
    return sight_of(pose, people.CAMERA, seen_in_picture(pose, *SIZE))


def test_a_sight_holds_rays_and_points_in_the_same_axes(body: BodyModel):
    seen = joint_centres(people.see(body, POSE))
    region = Region(200.0, 300.0, 300.0, 0.3)
    shown = sight(replace(seen, region=region))
    assert shown.shape == (len(DEPTH_LANDMARKS), 6)
    # The camera sees the points from its place, in the axes of the ray to the region's middle.
    points = body.joints(POSE)[LIMBS] @ ray_rotation(people.CAMERA, region.centre_px)
    np.testing.assert_allclose(shown[:12, :2], points[:, :2] / -points[:, 2:], atol=1e-3)
    assert (shown[:12, 2] == 1).all()
    np.testing.assert_allclose(shown[:12, 3:], limbs_from_hips(body), atol=0.01)  # as the network gave them
    hidden = replace(seen, visibility=np.zeros(33))
    assert (sight(hidden)[:, 2] == 0).all()


def test_rays_aside_of_the_view_stay_finite(body: BodyModel):
    seen = people.see(body, POSE)
    far = seen.image_px + np.array([30_000.0, 0.0])
    assert np.abs(sight(replace(seen, image_px=far))).max() < 1e4


@pytest.fixture(scope="module")
def depths() -> DepthNet:
    graph = Engine.load().graphs.get("depths")
    assert graph is not None
    return DepthNet(graph)


def test_depths_that_are_all_flat_get_some_of_their_depth_back(body: BodyModel, depths: DepthNet):
    """The picture shows the figure; the body network knows nothing of its depth, and the depth network does."""
    true, seen = limbs_from_hips(body), joint_centres(people.see(body, POSE))
    flat = replace(seen, world_m=seen.world_m * [1.0, 1.0, 0.1])
    found = depths(flat, people.CAMERA, seen_in_picture(flat, *SIZE))[:12]
    off = [np.abs(depth - true[:, 2]).mean() for depth in (-flat.world_m[ROWS][:12, 2], found[:, 2])]
    assert off[1] < 0.8 * off[0]
    assert np.abs(found[:, :2] - true[:, :2]).mean() < 0.06


def test_right_depths_stay_about_right(body: BodyModel, depths: DepthNet):
    seen = joint_centres(people.see(body, POSE))
    found = depths(seen, people.CAMERA, seen_in_picture(seen, *SIZE))[:12]
    assert np.abs(found - limbs_from_hips(body)).mean() < 0.06
