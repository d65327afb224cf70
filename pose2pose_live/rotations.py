"""Rotation maths on numpy arrays with any leading batch dimensions; names read `a_to_b`.

rotvec: axis-angle (...,3) rad. rotmat: (...,3,3). quat: unit quaternion (...,4) in x, y, z, w order. rot6d: (...,6), the 3x2
matrix of the first two columns of R read row by row, as Pose2Pose and Zhou et al. 2019 ("On the Continuity of Rotation
Representations") use it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_EPS = 1e-12


_IDENTITY, _IDENTITY_QUAT = np.eye(3), np.array([0.0, 0.0, 0.0, 1.0])
_SKEW = np.zeros((3, 9))
for _i, _j, _k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    _SKEW[_i, 3 * _k + _j], _SKEW[_i, 3 * _j + _k] = 1.0, -1.0


def skew(v: FloatArray) -> FloatArray:
    """(...,3) -> the matrix K (...,3,3) with K w = v x w."""
    return (v @ _SKEW).reshape(*v.shape[:-1], 3, 3)


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """a x b along the last axis; np.cross takes ten times as long for single vectors."""
    return np.matvec(skew(a), b)


def _angle(rotvec: FloatArray) -> FloatArray:
    """Its length (...,1), never quite zero: sin(x) / x is then 1 to the last digit instead of 0 / 0."""
    return np.sqrt(np.vecdot(rotvec, rotvec) + 1e-32)[..., None]


def rotvec_to_rotmat(rotvec: FloatArray) -> FloatArray:
    """Rodrigues' formula; exact to rounding near zero as well."""
    angle = _angle(rotvec)[..., None]
    k = skew(rotvec)
    # 2 sin^2(a/2) instead of 1 - cos(a), which cancels near zero.
    return _IDENTITY + (np.sin(angle) / angle) * k + 2 * (np.sin(angle / 2) / angle) ** 2 * (k @ k)


def rotvec_to_quat(rotvec: FloatArray) -> FloatArray:
    angle = _angle(rotvec)
    return np.concatenate([np.sin(angle / 2) / angle * rotvec, np.cos(angle / 2)], axis=-1)


def quat_to_rotvec(quat: FloatArray) -> FloatArray:
    """Shortest axis-angle: |rotvec| <= pi, so q and -q give the same answer."""
    vector, cos_half = quat[..., :3], quat[..., 3:]
    sin_half = _angle(vector)
    return np.copysign(2 * np.arctan2(sin_half, np.abs(cos_half)) / sin_half, cos_half) * vector


def _quat_products() -> tuple[FloatArray, FloatArray]:
    """4 q q^T of a rotation is linear in its matrix: matrix (9,16) and constant (16,), q in x, y, z, w order."""
    linear, constant = np.zeros((3, 3, 4, 4)), np.eye(4)
    for i in range(3):
        for k in range(3):  # 4 q_k^2 = 1 + R_kk - the other two of the diagonal; 4 w^2 = 1 + trace
            linear[i, i, k, k] = 1.0 if i == k else -1.0
        linear[i, i, 3, 3] = 1.0
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        for row, column in ((j, k), (k, j)):
            linear[row, column, j, k] = linear[row, column, k, j] = 1.0
        linear[k, j, i, 3] = linear[k, j, 3, i] = 1.0
        linear[j, k, i, 3] = linear[j, k, 3, i] = -1.0
    return linear.reshape(9, 16), constant.ravel()


_PRODUCTS, _PRODUCTS_CONSTANT = _quat_products()


def rotmat_to_quat(rotmat: FloatArray) -> FloatArray:
    """The row of 4 q q^T with the largest diagonal entry, as in Shepperd's method, so that no rotation loses precision; w >= 0."""
    batch = rotmat.shape[:-2]
    products = rotmat.reshape(*batch, 9) @ _PRODUCTS + _PRODUCTS_CONSTANT
    rows = products.reshape(-1, 4, 4)
    choice = rows.reshape(-1, 16)[:, ::5].argmax(axis=-1)
    quat = normalise(rows[np.arange(len(rows)), choice]).reshape(*batch, 4)
    return np.where(quat[..., 3:] < 0, -quat, quat)


def quat_to_rotmat(quat: FloatArray) -> FloatArray:
    quat = normalise(quat)
    k = skew(quat[..., :3])
    return _IDENTITY + 2 * quat[..., 3:, None] * k + 2 * (k @ k)


def rotmat_to_rotvec(rotmat: FloatArray) -> FloatArray:
    return quat_to_rotvec(rotmat_to_quat(rotmat))


def rot6d_to_rotmat(rot6d: FloatArray) -> FloatArray:
    """Gram-Schmidt on the two columns a1 = (x0,x2,x4), a2 = (x1,x3,x5) (network.md 5.3; Zhou et al. 2019)."""
    columns = rot6d.reshape(*rot6d.shape[:-1], 3, 2)
    b1 = normalise(columns[..., 0])
    a2 = columns[..., 1]
    b2 = normalise(a2 - np.vecdot(b1, a2)[..., None] * b1)
    return np.stack([b1, b2, cross(b1, b2)], axis=-1)


def rotmat_to_rot6d(rotmat: FloatArray) -> FloatArray:
    return rotmat[..., :2].reshape(*rotmat.shape[:-2], 6)


def _length(v: FloatArray) -> FloatArray:
    """(...,1): |v| along the last axis."""
    return np.sqrt(np.vecdot(v, v))[..., None]


def normalise(v: FloatArray) -> FloatArray:
    """v / |v| along the last axis; a zero vector stays zero."""
    return v / np.maximum(_length(v), _EPS)


def _left_product() -> FloatArray:
    """a b is linear in a as well as in b: (4,16), the matrix of a's product with what stands right of it is a @ this, row by row."""
    matrices = np.zeros((4, 4, 4))
    matrices[3] = np.eye(4)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        matrices[i, i, 3], matrices[i, 3, i] = 1.0, -1.0
        matrices[i, k, j], matrices[i, j, k] = 1.0, -1.0
    return matrices.reshape(4, 16)


_LEFT_PRODUCT = _left_product()
_CONJUGATE = np.array([-1.0, -1.0, -1.0, 1.0])


def quat_multiply(a: FloatArray, b: FloatArray) -> FloatArray:
    """Hamilton product: first rotate by b, then by a."""
    return np.matvec((a @ _LEFT_PRODUCT).reshape(*a.shape, 4), b)


def quat_conjugate(quat: FloatArray) -> FloatArray:
    return quat * _CONJUGATE


def slerp(a: FloatArray, b: FloatArray, t: FloatArray | float) -> FloatArray:
    """Unit quaternions on the shorter arc from a (t = 0) to b (t = 1); t broadcasts over the batch dimensions."""
    b = np.where(np.vecdot(a, b)[..., None] < 0, -b, b)
    # The angle from sum and difference rather than arccos of the product, which loses half its digits near zero. So near that the
    # bound counts, the arc is its chord.
    angle = np.maximum(2 * np.arctan2(_length(b - a), _length(b + a)), 1e-9)
    t = np.asarray(t)[..., None]
    return normalise(np.sin((1 - t) * angle) * a + np.sin(t * angle) * b)


def blend(a: FloatArray, b: FloatArray, t: FloatArray | float) -> FloatArray:
    """Rotation matrices on the shorter arc from a (t = 0) to b (t = 1); t broadcasts over the batch dimensions."""
    step = rotmat_to_rotvec(np.swapaxes(a, -1, -2) @ b)
    return a @ rotvec_to_rotmat(np.asarray(t)[..., None] * step)


def geodesic_angle(a: FloatArray, b: FloatArray) -> FloatArray:
    """Angle in rad of the rotation from rotmat a to rotmat b, 0..pi."""
    # From the quaternion rather than arccos of the trace, which loses half its digits near 0 and pi.
    return np.linalg.norm(rotmat_to_rotvec(np.swapaxes(a, -1, -2) @ b), axis=-1)


def swing_between(a: FloatArray, b: FloatArray) -> FloatArray:
    """The smallest rotation (rotmat) that turns the direction a (...,3) to b; for opposite directions, about any normal axis."""
    a, b = normalise(a), normalise(b)
    cos = np.vecdot(a, b)[..., None, None]
    k = skew(cross(a, b))
    opposite = cos < -1 + 1e-9
    rotation = _IDENTITY + k + (k @ k) / np.where(opposite, 1.0, 1 + cos)
    if not opposite.any():
        return rotation
    normal = normalise(cross(a, np.eye(3)[np.argmin(np.abs(a), axis=-1)]))
    half_turn = 2 * normal[..., :, None] * normal[..., None, :] - np.eye(3)
    return np.where(opposite, half_turn, rotation)


def swing_twist(quat: FloatArray, axis: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Split quat = swing * twist: twist is about the unit `axis` (...,3), swing about an axis normal to it."""
    along = np.vecdot(quat[..., :3], axis)[..., None]
    twist = np.concatenate([along * axis, quat[..., 3:]], axis=-1)
    twist = normalise(np.where(_length(twist) > 1e-9, twist, _IDENTITY_QUAT))
    return quat_multiply(quat, quat_conjugate(twist)), twist


def basis_from(primary: FloatArray, secondary: FloatArray) -> FloatArray:
    """Rotation whose first column is `primary` and whose second lies in the plane of `primary` and `secondary`."""
    return rot6d_to_rotmat(np.stack([primary, secondary], axis=-1).reshape(*primary.shape[:-1], 6))
