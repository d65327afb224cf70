"""The bundled open body: its layout, and that it means what docs/open_body.md says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pose2pose_live.body.files import read_body
from pose2pose_live.body.model import BodyModel
from pose2pose_live.frame import Camera, SmplxFrame
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import ARKIT, ARKIT_INDEX, MIRROR_JOINT, SMPLX, SMPLX_JOINTS

PATH = asset_path("open_body.npz")
FINGERS = ("index", "middle", "ring", "pinky")


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    with np.load(PATH, allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


@pytest.fixture(scope="module")
def plain() -> BodyModel:
    """The same body without its pose correctives."""
    data = read_body(PATH)
    return BodyModel(replace(data, posedirs=np.zeros_like(data.posedirs)))


def frame(**values: Any) -> SmplxFrame:
    return replace(SmplxFrame(time_s=0.0, camera=Camera(1.0, 1.0, 0.0, 0.0)), **values)


def posed(model: BodyModel, degrees: dict[str, tuple[float, float, float]], **values: Any) -> np.ndarray:
    pose = np.zeros((len(SMPLX_JOINTS), 3))
    for name, angles in degrees.items():
        pose[SMPLX[name]] = np.radians(angles)
    return model.pose(replace(frame(**values).with_full_pose(pose))).vertices.astype(np.float64)


def unit(index: int, amount: float = 1.0, size: int = 10) -> np.ndarray:
    values = np.zeros(size)
    values[index] = amount
    return values


def index_of(arrays: dict[str, np.ndarray], key: str, name: str) -> int:
    return arrays[key].tolist().index(name)


def volume_m3(vertices: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    return float(np.einsum("fi,fi->", a, np.cross(b, c)) / 6.0)


def test_layout_is_the_one_of_smplx(arrays: dict[str, np.ndarray]):
    vertex_count = len(arrays["v_template"])
    assert vertex_count > 9929, "smplx reads vertex 9929"
    expected = {
        "v_template": (vertex_count, 3), "shapedirs": (vertex_count, 3, 400), "posedirs": (vertex_count, 3, 486),
        "J_regressor": (55, vertex_count), "weights": (vertex_count, 55), "kintree_table": (2, 55), "hands_meanl": (45,),
        "hands_meanr": (45,), "hands_componentsl": (45, 45), "hands_componentsr": (45, 45), "lmk_faces_idx": (51,),
        "lmk_bary_coords": (51, 3), "arkit_shapes": (vertex_count, 3, 52), "expression_from_arkit": (10, 52),
        "vertex_colors": (vertex_count, 3), "extra_joint_vertex_ids": (21,), "beta_names": (10,), "expression_names": (10,),
    }  # fmt: skip
    assert {key: arrays[key].shape for key in expected} == expected
    assert all(
        array.dtype != object and np.isfinite(array).all() for array in arrays.values() if array.dtype.kind in "fiuO"
    )
    assert tuple(arrays["arkit_names"]) == ARKIT
    assert str(arrays["licence"]) == "CC0-1.0"
    assert "MakeHuman" in str(arrays["source"])


def test_file_is_small():
    assert PATH.stat().st_size < 6e6


def test_unused_shape_columns_are_empty(arrays: dict[str, np.ndarray]):
    used = np.flatnonzero(arrays["shapedirs"].any((0, 1)))
    assert used.tolist() == [*range(10), *range(300, 310)]


def test_skin_is_closed_and_faces_outwards(arrays: dict[str, np.ndarray], model: BodyModel):
    edges = np.concatenate([model.faces[:, [0, 1]], model.faces[:, [1, 2]], model.faces[:, [2, 0]]])
    links = coo_matrix((np.ones(len(edges)), edges.T), (model.vertex_count, model.vertex_count))
    part = connected_components(links, directed=False)[1]
    skin = part == np.bincount(part).argmax()
    assert skin.sum() > 13000
    faces = model.faces[skin[model.faces].all(1)]
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    assert set(np.unique(edges, axis=0, return_counts=True)[1]) == {2}
    assert volume_m3(arrays["v_template"].astype(np.float64), faces) == pytest.approx(0.061, abs=0.002)


def test_weights_and_regressor_are_convex(arrays: dict[str, np.ndarray]):
    for matrix in (arrays["weights"], arrays["J_regressor"]):
        assert matrix.min() >= 0.0
        np.testing.assert_allclose(matrix.sum(1), 1.0, atol=1e-5)
    assert (arrays["weights"] > 0).sum(1).max() <= 8


def test_template_is_a_t_pose_of_1_70_m(arrays: dict[str, np.ndarray], model: BodyModel):
    vertices, joints = arrays["v_template"], model.rest_joints(np.zeros(10))
    assert np.ptp(vertices[:, 1]) == pytest.approx(1.70, abs=0.001)
    np.testing.assert_allclose(joints[SMPLX["pelvis"]], 0.0, atol=1e-4)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = [f"{side}_{name}" for name in ("shoulder", "elbow", "wrist")]
        chains = [arm, *([f"{side}_{finger}{i}" for i in (1, 2, 3)] for finger in FINGERS)]
        for chain in chains:
            for above, below in pairwise(chain):
                bone = joints[SMPLX[below]] - joints[SMPLX[above]]
                np.testing.assert_allclose(bone / np.linalg.norm(bone), [sign, 0.0, 0.0], atol=0.01)
        for above, below in (("hip", "knee"), ("knee", "ankle")):
            bone = joints[SMPLX[f"{side}_{below}"]] - joints[SMPLX[f"{side}_{above}"]]
            assert abs(bone[0]) < 0.06 * np.linalg.norm(bone)
        # The palm looks down: the thumb is in front, and curled fingertips are below the hand.
        assert joints[SMPLX[f"{side}_thumb1"], 2] > joints[SMPLX[f"{side}_pinky1"], 2]
    assert joints[SMPLX["left_foot"], 2] > joints[SMPLX["left_ankle"], 2]


def test_joints_are_symmetric(model: BodyModel):
    joints = model.rest_joints(np.zeros(10))
    np.testing.assert_allclose(joints[list(MIRROR_JOINT)] * [-1.0, 1.0, 1.0], joints, atol=1e-3)


def test_extra_vertices_are_on_their_anatomy(arrays: dict[str, np.ndarray], model: BodyModel):
    ids = arrays["extra_joint_vertex_ids"]
    assert ids.tolist() == [
        9120, 9929, 9448, 616, 6, 5770, 5780, 8846, 8463, 8474, 8635, 5361, 4933, 5058, 5169, 5286, 8079, 7669, 7794, 7905, 8022,
    ]  # fmt: skip
    points = dict(zip(("nose", "right_eye", "left_eye", "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel",
                       "right_big_toe", "right_small_toe", "right_heel",
                       *(f"{side}_{finger}" for side in ("left", "right") for finger in ("thumb", "index", "middle", "ring", "pinky"))),
                      arrays["v_template"][ids], strict=True))  # fmt: skip
    joints = model.rest_joints(np.zeros(10))
    assert points["nose"][2] > max(points["left_eye"][2], points["right_eye"][2])
    for side, sign in (("left", 1.0), ("right", -1.0)):
        eye = points[f"{side}_eye"] - joints[SMPLX[f"{side}_eye_smplhf"]]
        np.testing.assert_allclose(eye / np.linalg.norm(eye), [0.0, 0.0, 1.0], atol=0.05)
        assert sign * points[f"{side}_ear"][0] > 0.06
        assert abs(points[f"{side}_ear"][1] - joints[SMPLX["head"], 1]) < 0.08
        foot = joints[SMPLX[f"{side}_foot"]]
        assert points[f"{side}_big_toe"][2] > foot[2] > points[f"{side}_heel"][2]
        assert sign * points[f"{side}_small_toe"][0] > sign * foot[0] > sign * points[f"{side}_big_toe"][0]
        assert points[f"{side}_heel"][2] < joints[SMPLX[f"{side}_ankle"], 2]
        for finger in ("thumb", *FINGERS):
            last = points[f"{side}_{finger}"] - joints[SMPLX[f"{side}_{finger}3"]]
            assert 0.01 < np.linalg.norm(last) < 0.04
            assert sign * last[0] > 0


MEASURES_CM: dict[str, tuple[str, float]] = {
    "height": ("stature", 7.0),
    "leg_length": ("leg", 2.5),
    "arm_length": ("arm", 2.0),
    "shoulder_width": ("shoulders", 1.5),
    "hip_width": ("hips", 2.0),
    "head_size": ("head", 0.45),
}


def measure_cm(model: BodyModel, betas: np.ndarray) -> dict[str, float]:
    vertices, joints = model.pose(frame(betas=betas)).vertices, model.rest_joints(betas)

    def length(*names: str) -> float:
        chain = joints[[SMPLX[name] for name in names]]
        return float(np.linalg.norm(np.diff(chain, axis=0), axis=1).sum())

    hips = np.abs(vertices[:, 1] - joints[SMPLX["left_hip"], 1] + 0.03) < 0.02
    metres = {
        "stature": np.ptp(vertices[:, 1]),
        "leg": joints[SMPLX["left_hip"], 1] - vertices[:, 1].min(),
        "arm": length("left_shoulder", "left_elbow", "left_wrist"),
        "shoulders": length("left_shoulder", "right_shoulder"),
        "hips": np.ptp(vertices[hips, 0]),
        "head": vertices[:, 1].max() - joints[SMPLX["head"], 1],
    }
    return {name: 100.0 * float(value) for name, value in metres.items()}


@pytest.mark.parametrize("name", MEASURES_CM)
def test_one_unit_of_a_beta_is_what_it_says(arrays: dict[str, np.ndarray], model: BodyModel, name: str):
    key, expected = MEASURES_CM[name]
    betas = unit(index_of(arrays, "beta_names", name))
    change = (measure_cm(model, betas)[key] - measure_cm(model, -betas)[key]) / 2.0
    assert change == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("index", range(1, 10))
def test_only_the_height_changes_the_stature(model: BodyModel, index: int):
    stature = [measure_cm(model, unit(index, amount))["stature"] for amount in (-1.0, 1.0)]
    np.testing.assert_allclose(stature, 170.0, atol=0.5)


def test_weight_adds_volume_and_sex_narrows_hips(arrays: dict[str, np.ndarray], model: BodyModel):
    def volume_l(betas: np.ndarray) -> float:
        return 1000.0 * volume_m3(model.pose(frame(betas=betas)).vertices.astype(np.float64), model.faces)

    weight = unit(index_of(arrays, "beta_names", "weight"))
    assert (volume_l(weight) - volume_l(-weight)) / 2.0 == pytest.approx(6.0, rel=0.1)
    man = measure_cm(model, unit(index_of(arrays, "beta_names", "sex")))
    woman = measure_cm(model, unit(index_of(arrays, "beta_names", "sex"), -1.0))
    assert man["shoulders"] - man["hips"] > woman["shoulders"] - woman["hips"] + 4.0


def test_betas_and_expressions_leave_the_pelvis_at_the_origin(model: BodyModel):
    for index in range(10):
        np.testing.assert_allclose(model.rest_joints(unit(index, 2.0))[0], 0.0, atol=2e-3)
    grimace = frame(expression=np.ones(10))
    np.testing.assert_allclose(model.joints(grimace), model.joints(frame()), atol=1e-9)


def test_eyes_turn_with_their_joints_alone(arrays: dict[str, np.ndarray]):
    for side in ("left", "right"):
        weight = arrays["weights"][:, SMPLX[f"{side}_eye_smplhf"]]
        assert set(np.unique(weight)) == {0.0, 1.0}
        assert (weight == 1.0).sum() > 100


def test_jaw_joint_opens_the_mouth(arrays: dict[str, np.ndarray], model: BodyModel):
    lips = arrays["lmk_faces_idx"][[45, 49]], arrays["lmk_bary_coords"][[45, 49]]

    def gap_m(vertices: np.ndarray) -> float:
        upper, lower = np.einsum("lk,lkc->lc", lips[1], vertices[model.faces[lips[0]]])
        return float(upper[1] - lower[1])

    assert gap_m(posed(model, {})) < 0.003
    assert gap_m(posed(model, {"jaw": (20.0, 0.0, 0.0)})) > 0.02
    for index in range(10):
        assert gap_m(posed(model, {}, expression=unit(index))) < 0.012, "no expression may open the jaw"


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_full_blink_closes_the_lids(arrays: dict[str, np.ndarray], model: BodyModel, side: str):
    assert model.expression_from_arkit is not None
    blink = model.expression_from_arkit @ unit(ARKIT_INDEX[f"eyeBlink{side}"], size=52)
    first = 19 if side == "Right" else 25
    rims = [first + i for i in (1, 2, 4, 5)]

    def opening_m(expression: np.ndarray) -> float:
        vertices = model.pose(frame(expression=expression)).vertices
        points = np.einsum(
            "lk,lkc->lc", arrays["lmk_bary_coords"][rims], vertices[model.faces[arrays["lmk_faces_idx"][rims]]]
        )
        return float(points[:2, 1].mean() - points[2:, 1].mean())

    assert opening_m(np.zeros(10)) > 0.006
    assert -0.004 < opening_m(blink) < 0.001
    other = model.expression_from_arkit @ unit(
        ARKIT_INDEX["eyeBlinkLeft" if side == "Right" else "eyeBlinkRight"], size=52
    )
    assert opening_m(other) == pytest.approx(opening_m(np.zeros(10)), abs=1e-4)


def test_symmetric_arkit_values_give_pure_expressions(arrays: dict[str, np.ndarray], model: BodyModel):
    assert model.expression_from_arkit is not None
    for name, units in {
        "smile": "mouthSmile",
        "frown": "mouthFrown",
        "brow_down": "browDown",
        "lower_lip": "mouthLowerDown",
    }.items():
        both = unit(ARKIT_INDEX[units + "Left"], size=52) + unit(ARKIT_INDEX[units + "Right"], size=52)
        expected = unit(index_of(arrays, "expression_names", name))
        np.testing.assert_allclose(model.expression_from_arkit @ both, expected, atol=0.03)


@pytest.mark.parametrize(
    "pose",
    [
        {"left_elbow": (0.0, -110.0, 0.0)},
        {"left_knee": (110.0, 0.0, 0.0)},
        {"left_hip": (-90.0, 0.0, 0.0)},
        {"left_shoulder": (0.0, 0.0, -70.0)},
    ],
)
def test_correctives_keep_the_volume(model: BodyModel, plain: BodyModel, pose: dict):
    """Bending loses less volume with the correctives than with plain linear blend skinning."""
    rest = volume_m3(posed(model, {}), model.faces)
    corrected, uncorrected = (abs(volume_m3(posed(body, pose), body.faces) - rest) for body in (model, plain))
    assert corrected < 0.8 * uncorrected


def test_twisted_wrist_is_no_candy_wrapper(arrays: dict[str, np.ndarray], model: BodyModel, plain: BodyModel):
    joints = model.rest_joints(np.zeros(10))
    elbow, wrist = joints[SMPLX["left_elbow"]], joints[SMPLX["left_wrist"]]

    def girth_m(vertices: np.ndarray) -> float:
        rest = arrays["v_template"]
        near_wrist = np.abs(rest[:, 0] - (0.1 * elbow[0] + 0.9 * wrist[0])) < 0.03
        return float(np.linalg.norm(vertices[near_wrist, 1:] - wrist[1:], axis=1).mean())

    twist = {"left_wrist": (80.0, 0.0, 0.0)}
    rest_girth = girth_m(posed(model, {}))
    assert girth_m(posed(plain, twist)) < 0.93 * rest_girth
    assert girth_m(posed(model, twist)) > 0.95 * rest_girth
