"""Rotation maths: identities, and SciPy as an oracle."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose2pose_live import rotations as rot

RNG = np.random.default_rng(3)
ROTVECS = np.concatenate([
    RNG.normal(size=(200, 3)), 1e-9 * RNG.normal(size=(20, 3)), np.zeros((1, 3)),
    # Half turns and nearly half turns about every axis: where the simple formulas break down.
    np.pi * np.eye(3), (np.pi - 1e-7) * np.eye(3), -(np.pi - 1e-5) * np.eye(3),
])  # fmt: skip


def same_rotation(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(Rotation.from_rotvec(a).as_matrix(), Rotation.from_rotvec(b).as_matrix(), atol=tolerance)


def test_rotvec_to_rotmat_equals_scipy():
    np.testing.assert_allclose(rot.rotvec_to_rotmat(ROTVECS), Rotation.from_rotvec(ROTVECS).as_matrix(), atol=1e-12)


def test_rotmat_to_quat_equals_scipy_up_to_sign():
    expected = Rotation.from_rotvec(ROTVECS).as_quat()
    found = rot.rotmat_to_quat(Rotation.from_rotvec(ROTVECS).as_matrix())
    np.testing.assert_allclose(np.abs(np.sum(found * expected, axis=-1)), 1, atol=1e-12)
    assert (found[:, 3] >= 0).all()


def test_round_trips_keep_the_rotation():
    same_rotation(rot.rotmat_to_rotvec(rot.rotvec_to_rotmat(ROTVECS)), ROTVECS)
    same_rotation(rot.quat_to_rotvec(rot.rotvec_to_quat(ROTVECS)), ROTVECS)
    matrices = rot.rotvec_to_rotmat(ROTVECS)
    np.testing.assert_allclose(rot.quat_to_rotmat(rot.rotmat_to_quat(matrices)), matrices, atol=1e-12)
    np.testing.assert_allclose(rot.rot6d_to_rotmat(rot.rotmat_to_rot6d(matrices)), matrices, atol=1e-12)


def test_tiny_angles_keep_their_digits():
    tiny = np.array([1e-9, -2e-9, 3e-9])
    np.testing.assert_allclose(rot.rotmat_to_rotvec(rot.rotvec_to_rotmat(tiny)), tiny, rtol=1e-6)


def test_rot6d_reads_the_columns_row_by_row():
    """a1 = (x0, x2, x4) and a2 = (x1, x3, x5), by hand: x axis to y, y axis to -x."""
    six = np.array([0.0, -1.0, 2.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(rot.rot6d_to_rotmat(six), [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12)


@pytest.mark.parametrize("batch", [(), (3,), (2, 3), (4, 1, 3)])
def test_any_batch_dimensions(batch):
    """A batch of exactly three rows is where a cross product along the wrong axis shows."""
    rotvecs = RNG.normal(size=(*batch, 3))
    flat = rot.rotvec_to_rotmat(rotvecs.reshape(-1, 3))
    np.testing.assert_allclose(rot.rotvec_to_rotmat(rotvecs).reshape(-1, 3, 3), flat)
    six = RNG.normal(size=(*batch, 6))
    one_by_one = [rot.rot6d_to_rotmat(row) for row in six.reshape(-1, 6)]
    np.testing.assert_allclose(rot.rot6d_to_rotmat(six).reshape(-1, 3, 3), one_by_one)
    other = RNG.normal(size=(*batch, 3))
    np.testing.assert_allclose(rot.cross(rotvecs, other), np.cross(rotvecs, other))


def test_quat_multiply_applies_the_right_one_first():
    a, b = (Rotation.from_rotvec(RNG.normal(size=(50, 3))) for _ in range(2))
    found = rot.quat_to_rotmat(rot.quat_multiply(a.as_quat(), b.as_quat()))
    np.testing.assert_allclose(found, (a * b).as_matrix(), atol=1e-12)


def test_slerp_goes_the_short_way_at_constant_speed():
    a = rot.rotvec_to_quat(np.array([0.0, 0.0, 0.2]))
    b = -rot.rotvec_to_quat(np.array([0.0, 0.0, 1.0]))  # the same rotation with the other sign
    for t in (0.0, 0.25, 1.0):
        same_rotation(rot.quat_to_rotvec(rot.slerp(a, b, t)), np.array([0.0, 0.0, 0.2 + 0.8 * t]))


def test_geodesic_angle_near_zero_and_half_turn():
    for angle in (1e-7, 0.3, np.pi - 1e-7):
        turned = rot.rotvec_to_rotmat(np.array([0.0, angle, 0.0]))
        np.testing.assert_allclose(rot.geodesic_angle(np.eye(3), turned), angle, rtol=1e-6)


def test_swing_between_turns_a_to_b_by_the_angle_between_them():
    a, b = rot.normalise(RNG.normal(size=(60, 3))), rot.normalise(RNG.normal(size=(60, 3)))
    b[0], b[1] = a[0], -a[1]
    swing = rot.swing_between(a, b)
    np.testing.assert_allclose(np.einsum("nij,nj->ni", swing, a), b, atol=1e-9)
    angle = np.arccos(np.clip(np.sum(a * b, axis=1), -1, 1))
    np.testing.assert_allclose(rot.geodesic_angle(np.eye(3)[None], swing), angle, atol=1e-6)
    np.testing.assert_allclose(np.linalg.det(swing), 1, atol=1e-9)


def test_swing_twist_parts_make_the_whole():
    quats = rot.rotvec_to_quat(RNG.normal(size=(80, 3)))
    axis = rot.normalise(RNG.normal(size=(80, 3)))
    swing, twist = rot.swing_twist(quats, axis)
    np.testing.assert_allclose(np.abs(np.sum(rot.quat_multiply(swing, twist) * quats, axis=1)), 1, atol=1e-12)
    np.testing.assert_allclose(np.sum(swing[:, :3] * axis, axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(rot.cross(twist[:, :3], axis), 0, atol=1e-12)


def test_basis_from_keeps_the_first_direction():
    basis = rot.basis_from(np.array([0.0, 2.0, 0.0]), np.array([1.0, 1.0, 0.0]))
    np.testing.assert_allclose(basis, np.array([[0, 1, 0], [1, 0, 0], [0, 0, -1]]), atol=1e-12)


def test_slerp_keeps_its_digits_near_zero_and_for_equal_rotations():
    a = rot.rotvec_to_quat(ROTVECS)
    step = np.array([1e-9, -2e-8, 3e-7])
    b = rot.quat_multiply(a, rot.rotvec_to_quat(step))
    found = rot.quat_multiply(rot.quat_conjugate(a), rot.slerp(a, b, 0.25))
    np.testing.assert_allclose(rot.quat_to_rotvec(found), np.broadcast_to(step / 4, ROTVECS.shape), atol=1e-15)
    np.testing.assert_allclose(rot.slerp(a, a, 0.7), a, atol=1e-15)


def test_blend_takes_a_share_for_each():
    a, b = rot.rotvec_to_rotmat(RNG.normal(size=(2, 40, 3)))
    shares = np.linspace(0, 1, 40)
    angle = rot.geodesic_angle(a, rot.blend(a, b, shares))
    np.testing.assert_allclose(angle, shares * rot.geodesic_angle(a, b), atol=1e-9)
