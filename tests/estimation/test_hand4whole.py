"""The published network's answers in the application's terms: axes, camera, hands. The network itself is not needed here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pose2pose_live.body import BodyModel
from pose2pose_live.body.files import read_body
from pose2pose_live.detection.region import Region
from pose2pose_live.errors import ModelError
from pose2pose_live.estimation import hand4whole
from pose2pose_live.estimation.hand4whole import Hand4WholeEstimator, Hand4WholeObservation, person_box
from pose2pose_live.estimation.pose_net import PoseLandmarks
from pose2pose_live.estimation.virtual_camera import VirtualView
from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.inference import Engine, GraphSpec
from pose2pose_live.resources import asset_path
from pose2pose_live.rotations import geodesic_angle, rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.skeleton import POSE, POSITION_BODY_JOINTS, SMPLX

OPENCV = np.diag([1.0, -1.0, -1.0])
BOX = np.array([300.0, 40.0, 450.0, 600.0])
CENTRED = Camera.from_field_of_view(1280, 720, 60.0)


class _NoSession:
    def __init__(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand4whole, "Session", _NoSession)


@pytest.fixture(scope="module")
def smplx() -> BodyModel:
    """A body as a user's SMPL-X file would be: its shapes and expressions are the network's."""
    return BodyModel(replace(read_body(asset_path("open_body.npz")), expression_from_arkit=None))


def _engine(**table: object) -> Engine:
    return Engine("hand4whole", "hand4whole", {"whole": GraphSpec(Path("whole.onnx"), 512, "", dict(table))})


def _landmarks() -> PoseLandmarks:
    points = np.random.default_rng(0).uniform([350, 80], [700, 600], (33, 2))
    return PoseLandmarks(points, np.zeros((33, 3)), np.ones(33), 0.9, Region(520.0, 340.0, 500.0))


def _observed(camera: Camera, box: np.ndarray = BOX, seed: int = 1, **outputs: np.ndarray) -> Hand4WholeObservation:
    rng = np.random.default_rng(seed)
    made = {
        "joint_positions": rng.uniform(0.5, 4.5, (65, 3)),
        "root_rotation": OPENCV @ rotvec_to_rotmat(rng.normal(0, 0.4, 3)),
        "body_rotations": rotvec_to_rotmat(rng.normal(0, 0.3, (21, 3))),
        "left_hand_rotations": rotvec_to_rotmat(rng.normal(0, 0.3, (15, 3))),
        "right_hand_rotations": rotvec_to_rotmat(rng.normal(0, 0.3, (15, 3))),
        "jaw_rotation": rotvec_to_rotmat(np.array([0.2, 0.0, 0.0])),
        "betas": rng.normal(0, 0.5, 10),
        "expression": rng.normal(0, 0.5, 10),
        "camera_translation": np.array([0.05, 0.3, 40.0]),
    }
    return Hand4WholeObservation(1.5, 7, (1280, 720), camera, _landmarks(), box, {**made, **outputs})


def _published_projection(body: BodyModel, observation: Hand4WholeObservation) -> np.ndarray:
    """Where the published code draws SMPL-X's joints in the source picture: its body layer turned by the root rotation as the network gives it,
    plus the translation, before its own camera (network.md 5.6)."""
    out = observation.outputs
    layer = body.joints(
        SmplxFrame(
            0.0,
            CENTRED,
            global_orient=rotmat_to_rotvec(out["root_rotation"]),
            body_pose=rotmat_to_rotvec(out["body_rotations"]),
            jaw_pose=rotmat_to_rotvec(out["jaw_rotation"]),
            betas=out["betas"],
            expression=out["expression"],
        )
    )
    points = layer + out["camera_translation"]
    bx, by, bw, bh = observation.box_xywh
    u = points[:, 0] / (points[:, 2] + 1e-4) * (5000 / 192 * bw) + 96 / 192 * bw + bx
    v = points[:, 1] / (points[:, 2] + 1e-4) * (5000 / 256 * bh) + 128 / 256 * bh + by
    return np.stack([u, v], axis=1)[:22]


def test_joints_appear_where_the_network_draws_them(smplx: BodyModel):
    """Exactly so when the real camera is the one that the network imagines."""
    observation = _observed(VirtualView(BOX).camera)
    frame = Hand4WholeEstimator(_engine(), smplx).solve(observation)
    ours = frame.camera.project(smplx.joints(frame))[:22]
    np.testing.assert_allclose(ours, _published_projection(smplx, observation), atol=0.01)
    # There the translation is the network's, with the axes turned.
    pelvis = smplx.rest_joints(frame.betas)[0]
    expected = (pelvis + observation.outputs["camera_translation"]) * [1, -1, -1] - pelvis
    np.testing.assert_allclose(frame.transl, expected, atol=0.02)


@pytest.mark.parametrize("x", [0.0, 400.0, 800.0])
@pytest.mark.parametrize(("fov_deg", "mean_bar"), [(20.0, 0.01), (60.0, 0.02), (90.0, 0.04)])
def test_a_real_camera_sees_nearly_the_same_at_an_ordinary_distance(
    smplx: BodyModel, x: float, fov_deg: float, mean_bar: float
):
    camera = Camera.from_field_of_view(1280, 720, fov_deg)
    observation = _observed(camera, np.array([x, 40.0, 450.0, 600.0]))
    frame = Hand4WholeEstimator(_engine(), smplx).solve(observation)
    difference = np.linalg.norm(
        camera.project(smplx.joints(frame))[:22] - _published_projection(smplx, observation), axis=1
    )
    # What is left is perspective: near limbs look larger to a camera than to one forty metres away.
    assert difference.mean() < mean_bar * 600
    assert difference.max() < 4 * mean_bar * 600
    depth = -smplx.joints(frame)[0, 2]
    imagined_focal = (
        5000 / 192 * 450
    )  # towards the picture's edge px are farther apart for the same angle: hence not exactly
    assert depth == pytest.approx(40.0 * camera.fx / imagined_focal, rel=0.25)


def test_a_person_who_faces_the_camera_is_not_turned(smplx: BodyModel):
    middle = np.array([640 - 225.0, 360 - 300.0, 450.0, 600.0])
    frame = Hand4WholeEstimator(_engine(), smplx).solve(_observed(CENTRED, middle, root_rotation=OPENCV))
    np.testing.assert_allclose(frame.global_orient, 0, atol=1e-9)
    assert frame.transl[2] < 0


def test_a_person_at_the_edge_is_turned_with_the_view(smplx: BodyModel):
    """Whoever seems to look straight out of a crop at the picture's right edge looks at the camera, hence to the left."""
    aside = np.array([1000.0, 60.0, 450.0, 600.0])
    frame = Hand4WholeEstimator(_engine(), smplx).solve(_observed(CENTRED, aside, root_rotation=OPENCV))
    facing = rotvec_to_rotmat(frame.global_orient)[:, 2]
    towards_camera = -smplx.joints(frame)[0] / np.linalg.norm(smplx.joints(frame)[0])
    assert facing[0] < -0.2
    assert np.degrees(np.arccos(facing[[0, 2]] @ towards_camera[[0, 2]])) < 8


def test_rotations_shape_and_face_are_handed_on(smplx: BodyModel):
    observation = _observed(CENTRED)
    frame = Hand4WholeEstimator(_engine(), smplx).solve(observation)
    out = observation.outputs
    assert geodesic_angle(rotvec_to_rotmat(frame.body_pose), out["body_rotations"]).max() < 1e-6
    assert geodesic_angle(rotvec_to_rotmat(frame.jaw_pose), out["jaw_rotation"]) < 1e-6
    np.testing.assert_allclose(frame.betas, out["betas"])
    np.testing.assert_allclose(frame.expression, out["expression"])
    assert (frame.time_s, frame.index, frame.tracked) == (1.5, 7, True)
    assert not frame.eye_pose.any()
    assert 0.8 < frame.confidence.body <= 0.9
    assert min(frame.confidence.to_array()) > 0


def test_the_mean_hand_is_added_to_the_fingers(smplx: BodyModel):
    rng = np.random.default_rng(4)
    means = rng.normal(0, 0.2, (2, 45))
    engine = _engine(left_hand_mean=means[0].tolist(), right_hand_mean=means[1].tolist())
    observation = _observed(CENTRED)
    relative = Hand4WholeEstimator(_engine(), smplx).solve(observation)
    absolute = Hand4WholeEstimator(engine, smplx).solve(observation)
    np.testing.assert_allclose(absolute.left_hand_pose - relative.left_hand_pose, means[0].reshape(15, 3))
    np.testing.assert_allclose(absolute.right_hand_pose - relative.right_hand_pose, means[1].reshape(15, 3))
    assert (
        geodesic_angle(rotvec_to_rotmat(relative.left_hand_pose), observation.outputs["left_hand_rotations"]).max()
        < 1e-6
    )


def test_a_persons_shape_is_the_mean_over_the_pictures(smplx: BodyModel):
    estimator = Hand4WholeEstimator(_engine(), smplx)
    first, second = _observed(CENTRED, seed=1), _observed(CENTRED, seed=2)
    estimator.solve(first)
    mean = (first.outputs["betas"] + second.outputs["betas"]) / 2
    np.testing.assert_allclose(estimator.solve(second).betas, mean)
    estimator.forget_person()
    np.testing.assert_allclose(estimator.solve(second).betas, second.outputs["betas"])


def test_the_open_body_stays_neutral_and_is_placed_by_the_positions(body: BodyModel):
    """Positions that are a posed body's own, so that the placement can be exact."""
    view = VirtualView(BOX)
    observation = _observed(view.camera)
    frame = Hand4WholeEstimator(_engine(), body).solve(observation)
    assert not frame.betas.any()
    assert not frame.expression.any()
    where = np.array([0.2, -0.1, -35.0])
    joints = body.joints(replace(frame, transl=where))
    shared = [(i, SMPLX[name]) for i, name in enumerate(POSITION_BODY_JOINTS) if name in SMPLX]
    assert len(shared) == 14
    positions = observation.outputs["joint_positions"].copy()
    for row, joint in shared:
        pixel = view.camera.project(joints[joint])
        positions[row, :2] = (pixel - BOX[:2]) / BOX[2:] * [6, 8]
    placed = Hand4WholeEstimator(_engine(), body).solve(_observed(view.camera, joint_positions=positions))
    np.testing.assert_allclose(placed.transl, where, atol=1e-3)


def test_a_damaged_mean_hand_is_told(smplx: BodyModel):
    with pytest.raises(ModelError, match="left_hand_mean: expected 45 numbers, found 3"):
        Hand4WholeEstimator(_engine(left_hand_mean=[0.0, 1.0, 2.0]), smplx)


def test_the_box_holds_the_head_the_fingers_and_the_feet():
    pose = _landmarks()
    points = np.full((33, 2), 500.0)
    for side, sign in (("left", 1), ("right", -1)):
        points[POSE[f"{side}_eye"]] = [500 + 10 * sign, 150]
        points[POSE[f"{side}_shoulder"]] = [500 + 60 * sign, 220]
        points[POSE[f"{side}_hip"]] = [500 + 40 * sign, 420]
        points[POSE[f"{side}_wrist"]] = [500 + 250 * sign, 220]
        points[POSE[f"{side}_index"]] = [500 + 285 * sign, 220]
        points[POSE[f"{side}_foot_index"]] = [500 + 50 * sign, 820]
    x, y, width, height = person_box(replace(pose, image_px=points))
    assert x == pytest.approx(500 - 320 - 20)
    assert x + width == pytest.approx(500 + 320 + 20)
    assert y == pytest.approx(150 - 0.28 * 200 - 20)
    assert y + height == pytest.approx(820 + 20)
