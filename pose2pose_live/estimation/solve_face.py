"""From face landmarks and blendshapes to head rotation, jaw, eyes and SMPL-X expression, by geometry alone."""

from __future__ import annotations

import numpy as np

from ..detection.region import VIEW_TO_UPRIGHT
from ..frame import FloatArray
from ..skeleton import ARKIT, ARKIT_INDEX, BLENDSHAPES, EXPRESSION_MAX

# MediaPipe's canonical face (geometry_pipeline_metadata_landmarks of its face_landmarker.task, Apache-2.0): landmark, its weight
# in the Procrustes fit, and where it lies in cm: x to the subject's left, y up, z out of the face.
_CANONICAL = np.array([
    (4, 0.0709, 0.000, -0.463, 7.587),
    (6, 0.0321, 0.000, 2.473, 5.789),
    (10, 0.0084, 0.000, 8.262, 4.482),
    (33, 0.0587, -4.446, 2.664, 3.173),
    (54, 0.0077, -6.279, 6.615, 1.426),
    (67, 0.0091, -3.524, 8.006, 3.729),
    (117, 0.0098, -5.259, 0.946, 2.974),
    (119, 0.0146, -3.301, 0.862, 3.873),
    (121, 0.0186, -1.821, 1.468, 4.224),
    (127, 0.0052, -7.743, 2.365, -2.005),
    (129, 0.1206, -1.786, -0.978, 4.850),
    (132, 0.0056, -7.271, -2.891, -2.252),
    (133, 0.0533, -1.856, 2.585, 3.758),
    (136, 0.0669, -5.085, -7.179, 0.715),
    (143, 0.0148, -6.408, 2.236, 1.561),
    (147, 0.0143, -6.235, -1.944, 1.664),
    (198, 0.0255, -1.247, 0.230, 5.681),
    (205, 0.0473, -3.833, -1.537, 4.138),
    (263, 0.0587, 4.446, 2.664, 3.173),
    (284, 0.0077, 6.279, 6.615, 1.426),
    (297, 0.0091, 3.524, 8.006, 3.729),
    (346, 0.0098, 5.259, 0.946, 2.974),
    (348, 0.0146, 3.301, 0.862, 3.873),
    (350, 0.0186, 1.821, 1.468, 4.224),
    (356, 0.0052, 7.743, 2.365, -2.005),
    (358, 0.1206, 1.786, -0.978, 4.850),
    (361, 0.0056, 7.271, -2.891, -2.252),
    (362, 0.0533, 1.856, 2.585, 3.758),
    (365, 0.0669, 5.085, -7.179, 0.715),
    (372, 0.0148, 6.408, 2.236, 1.561),
    (376, 0.0143, 6.235, -1.944, 1.664),
    (420, 0.0255, 1.247, 0.230, 5.681),
    (425, 0.0473, 3.833, -1.537, 4.138),
])  # fmt: skip
_INDEX = _CANONICAL[:, 0].astype(int)
_WEIGHT = _CANONICAL[:, 1] / _CANONICAL[:, 1].sum()
_POINTS = _CANONICAL[:, 2:] - _WEIGHT @ _CANONICAL[:, 2:]
JAW_OPEN_RAD = 0.45
_JAW_SIDE_RAD = 0.12
_GAZE_UP_DOWN_RAD, _GAZE_SIDE_RAD = 0.45, 0.55


def head_rotation(points_px: FloatArray, to_world: FloatArray) -> FloatArray:
    """World rotation (3,3) of the head from face landmarks (478,3) px, x right, y down, z away, in the crop's view.

    to_world (3,3): from axes along the crop's view (x right, y up, z to the camera) to the world. Weighted Kabsch fit of the
    canonical face; what a smile or an open mouth moves weighs little.
    """
    points = points_px[_INDEX] * VIEW_TO_UPRIGHT
    points = points - _WEIGHT @ points
    u, _, vt = np.linalg.svd((points * _WEIGHT[:, None]).T @ _POINTS)
    sign = np.sign(np.linalg.det(u @ vt))
    return to_world @ (u * [1.0, 1.0, sign]) @ vt


def in_head_axes(points_px: FloatArray) -> FloatArray:
    """Face landmarks (478,3) px, x right, y down, z away, in the canonical face's axes and size: x to the subject's left, y up, z forward, cm."""
    rotation = head_rotation(points_px, np.eye(3))
    points = points_px * VIEW_TO_UPRIGHT
    centred = (points - _WEIGHT @ points[_INDEX]) @ rotation
    fitted = centred[_INDEX]
    return centred * ((_WEIGHT[:, None] * fitted * _POINTS).sum() / (_WEIGHT[:, None] * fitted**2).sum())


def arkit_from_network(blendshapes: FloatArray) -> FloatArray:
    """The network's 52 outputs -> 52 ARKit values in `skeleton.ARKIT` order; tongueOut is not among them and stays 0."""
    return np.clip(ARKIT_FROM_NETWORK @ blendshapes, 0.0, 1.0)


def _to_arkit() -> FloatArray:
    matrix = np.zeros((len(ARKIT), len(BLENDSHAPES)))
    for column, name in enumerate(BLENDSHAPES):
        if name in ARKIT_INDEX:
            matrix[ARKIT_INDEX[name], column] = 1.0
    return matrix


ARKIT_FROM_NETWORK = _to_arkit()
"""(52,52): ARKit values = ARKIT_FROM_NETWORK @ the network's outputs."""


def jaw_pose(arkit: FloatArray) -> FloatArray:
    """Axis-angle (3,) of the jaw: opening about x, sideways about y."""
    side = arkit[ARKIT_INDEX["jawLeft"]] - arkit[ARKIT_INDEX["jawRight"]]
    # Lips that are pressed shut while the jaw drops (mouthClose) are part of the expression, not of the jaw.
    return np.array([JAW_OPEN_RAD * arkit[ARKIT_INDEX["jawOpen"]], _JAW_SIDE_RAD * side, 0.0])


def expression(arkit: FloatArray, to_expression: FloatArray) -> FloatArray:
    """Coefficients (...,10) of the open body for ARKit values (...,52); to_expression (10,52) is the body's."""
    # Eyes that blink while they look down would close beyond the lids' meeting.
    return np.clip(arkit @ to_expression.T, -EXPRESSION_MAX, EXPRESSION_MAX)


def eye_pose(arkit: FloatArray) -> FloatArray:
    """Axis-angle (2,3), left then right eye, relative to the head: pitch about x (down is positive), yaw about y (to the subject's
    left is positive)."""
    pose = np.zeros((2, 3))
    for row, (side, outwards) in enumerate((("Left", 1.0), ("Right", -1.0))):
        look = {way: arkit[ARKIT_INDEX[f"eyeLook{way}{side}"]] for way in ("Up", "Down", "In", "Out")}
        pose[row, 0] = _GAZE_UP_DOWN_RAD * (look["Down"] - look["Up"])
        pose[row, 1] = _GAZE_SIDE_RAD * outwards * (look["Out"] - look["In"])
    # Two eyes look at one thing: what they share is kept, what tears them apart is noise but for some convergence.
    return 0.75 * pose.mean(axis=0) + 0.25 * pose
