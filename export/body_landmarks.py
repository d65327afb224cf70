"""Named points on the open body: the 21 vertices that follow the joints in SMPL-X's output, and the 51 face landmarks."""

from __future__ import annotations

import numpy as np

from pose2pose_live.skeleton import SMPLX

from .body_mesh import PARTS, Mesh

EXTRA_JOINT_VERTEX_IDS: dict[str, int] = {
    "nose": 9120, "right_eye": 9929, "left_eye": 9448, "right_ear": 616, "left_ear": 6,
    "left_big_toe": 5770, "left_small_toe": 5780, "left_heel": 8846,
    "right_big_toe": 8463, "right_small_toe": 8474, "right_heel": 8635,
    "left_thumb": 5361, "left_index": 4933, "left_middle": 5058, "left_ring": 5169, "left_pinky": 5286,
    "right_thumb": 8079, "right_index": 7669, "right_middle": 7794, "right_ring": 7905, "right_pinky": 8022,
}  # fmt: skip
"""Name of each extra output joint (55 to 75, in order) and the vertex index that SMPL-X software expects it at."""

# Metres on the neutral face. Brows: how far the arch overhangs the corners of the eye, and its height above the upper lid,
# from the outer end to the inner one. Under the nose: wing, nostril, columella, nostril, wing, against the tip.
BROW_OVERHANG = 0.004
BROW_LIFT = (0.014, 0.020, 0.021, 0.019, 0.015)
NOSTRIL_X = (-0.015, -0.008, 0.0, 0.008, 0.015)
NOSTRIL_LIFT = (-0.004, -0.009, -0.011, -0.009, -0.004)


def extra_joint_vertices(mesh: Mesh, vertices: np.ndarray, weights: np.ndarray) -> dict[str, int]:
    """The vertex of each name in `EXTRA_JOINT_VERTEX_IDS`, found on the T-posed template (V,3) by its shape."""
    skin = mesh.part == PARTS.index("body")

    def farthest(mask: np.ndarray, direction: tuple[float, float, float]) -> int:
        return int(np.argmax(np.where(mask & skin, vertices @ np.array(direction), -np.inf)))

    head = weights[:, [SMPLX["head"], SMPLX["jaw"]]].sum(1) > 0.5
    found = {"nose": farthest(head & (np.abs(vertices[:, 0]) < 0.005), (0.0, 0.0, 1.0))}
    for side, sign in (("right", -1.0), ("left", 1.0)):
        eye = mesh.part == PARTS.index(f"{side}-eye")
        found[f"{side}_eye"] = int(np.argmin(np.where(eye, mesh.eye_angle, np.inf)))
        found[f"{side}_ear"] = farthest(head, (sign, 0.0, 0.0))
        own = np.sign(vertices[:, 0]) == sign
        foot = own & (weights[:, [SMPLX[f"{side}_ankle"], SMPLX[f"{side}_foot"]]].sum(1) > 0.5)
        found[f"{side}_big_toe"] = farthest(foot, (-0.3 * sign, 0.0, 1.0))
        found[f"{side}_small_toe"] = farthest(foot, (0.8 * sign, 0.0, 0.6))
        found[f"{side}_heel"] = farthest(foot, (0.0, -0.3, -1.0))
        for finger in ("thumb", "index", "middle", "ring", "pinky"):
            tip = SMPLX[f"{side}_{finger}3"]
            own_finger = weights[:, tip] > 0.5
            along = vertices[own_finger].mean(0) - vertices[weights[:, tip - 1] > 0.5].mean(0)
            found[f"{side}_{finger}"] = farthest(own_finger, tuple(along))
    return {name: found[name] for name in EXTRA_JOINT_VERTEX_IDS}


def interoperable_order(found: dict[str, int], vertex_count: int) -> np.ndarray:
    """Order (V,) that swaps vertices so that each of the 21 stands at the index which SMPL-X software reads."""
    order = np.arange(vertex_count)
    for name, wanted in EXTRA_JOINT_VERTEX_IDS.items():
        place = int(np.flatnonzero(order == found[name])[0])
        order[[place, wanted]] = order[[wanted, place]]
    return order


def _eye_contour(mesh: Mesh, vertices: np.ndarray, side: str) -> list[int]:
    """Six lid-rim vertices: the corner at the picture's left, two above, the other corner, two below (right to left).

    A rim vertex is the skin in front of the eyeball that comes nearest to the middle of the opening, at its x.
    """
    ball = vertices[mesh.part == PARTS.index(f"{side}-eye")]
    centre, radius = ball.mean(0), np.linalg.norm(ball - ball.mean(0), axis=1).mean()
    offset = vertices - centre
    near = (mesh.part == PARTS.index("body")) & (np.linalg.norm(offset, axis=1) < 1.25 * radius) & (offset[:, 2] > 0)
    rows = np.flatnonzero(near)
    flat = offset[rows, :2]
    corners = [rows[np.argmin(np.where(np.abs(flat[:, 1]) < 0.4 * radius, flat[:, 0] * s, np.inf))] for s in (1, -1)]
    lids: dict[str, list[int]] = {}
    for name, sign in (("upper", 1.0), ("lower", -1.0)):
        lids[name] = []
        for x in (-0.33, 0.33):
            column = (np.abs(flat[:, 0] - x * radius) < 0.2 * radius) & (flat[:, 1] * sign > 0)
            lids[name].append(rows[np.argmin(np.where(column, flat[:, 1] * sign, np.inf))])
    return [int(i) for i in (corners[0], *lids["upper"], corners[1], *reversed(lids["lower"]))]


class _FrontView:
    """Points of the skin that a viewer in front of the face sees, at given x and y."""

    def __init__(self, mesh: Mesh, vertices: np.ndarray) -> None:
        skin = mesh.part == PARTS.index("body")
        self._faces = np.flatnonzero(skin[mesh.faces].all(1))
        self._corners = vertices[mesh.faces[self._faces]]

    def at(self, x: float, y: float) -> tuple[int, np.ndarray]:
        """Foremost triangle over (x, y) and the barycentric coordinates (3,) of the point in it."""
        a, b, c = self._corners[:, 0], self._corners[:, 1], self._corners[:, 2]
        u, v, w = b - a, c - a, np.array([x, y]) - a[:, :2]
        area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            second = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / area
            third = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / area
        weights = np.stack([1.0 - second - third, second, third], axis=1)
        depth = np.einsum("fk,fk->f", weights, self._corners[:, :, 2])
        inside = (weights >= -1e-9).all(1) & (area > 0)
        best = int(np.argmax(np.where(inside, depth, -np.inf)))
        return int(self._faces[best]), weights[best]


def face_landmarks(
    mesh: Mesh, vertices: np.ndarray, lips: np.ndarray, jaw_open: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Triangles (51,) and barycentric coordinates (51,3) of the face landmarks: points 18 to 68 of the 300-W mark-up.

    lips (V,): 0..1, how much a vertex belongs to the red of the lips. jaw_open (V,3): the displacement of an opening jaw,
    which tells the lower lip from the upper. "Left to right" is the picture's, so the subject's right side comes first.
    """
    skin = np.flatnonzero(mesh.part == PARTS.index("body"))
    eyes = {side: _eye_contour(mesh, vertices, side) for side in ("right", "left")}
    view = _FrontView(mesh, vertices)

    def corner_of(vertex: int) -> tuple[int, np.ndarray]:
        face = int(np.flatnonzero((mesh.faces == vertex).any(1))[0])
        return face, (mesh.faces[face] == vertex).astype(np.float64)

    points: list[tuple[int, np.ndarray]] = []
    for side in ("right", "left"):
        contour = vertices[eyes[side]]
        across = np.linspace(contour[0, 0] - BROW_OVERHANG, contour[3, 0] + BROW_OVERHANG, len(BROW_LIFT))
        lifts = BROW_LIFT if side == "right" else BROW_LIFT[::-1]
        points += [view.at(x, contour[1:3, 1].mean() + lift) for x, lift in zip(across, lifts, strict=True)]
    eye_line = np.mean([vertices[eyes[side], 1].mean() for side in eyes])
    middle = skin[(np.abs(vertices[skin, 0]) < 0.004) & (vertices[skin, 1] < eye_line)]
    tip = vertices[middle[np.argmax(vertices[middle, 2])]]
    points += [view.at(0.0, y) for y in np.linspace(eye_line, tip[1], 4)]
    points += [view.at(x, tip[1] + lift) for x, lift in zip(NOSTRIL_X, NOSTRIL_LIFT, strict=True)]
    points += [corner_of(v) for v in (*eyes["right"], *eyes["left"], *_mouth(vertices, skin, lips, jaw_open))]
    return np.array([face for face, _ in points]), np.array([weights for _, weights in points])


def _mouth(vertices: np.ndarray, skin: np.ndarray, lips: np.ndarray, jaw_open: np.ndarray) -> list[int]:
    """Outer contour (12) and inner contour (8) of the lips, each from the picture's left corner over the top."""
    red = skin[lips[skin] > 0.5]
    drop = -jaw_open[red, 1]
    lower = drop > 0.5 * drop.max()
    front = vertices[red, 2] > vertices[red, 2].max() - 0.030
    half = np.abs(vertices[red[front], 0]).max()
    corner_left, corner_right = (int(red[np.argmin(np.where(front, s * vertices[red, 0], np.inf))]) for s in (1, -1))

    def pick(is_lower: bool, x: float, outer: bool) -> int:
        y = vertices[red, 1] * (-1.0 if is_lower == outer else 1.0)
        aside = np.abs(vertices[red, 0] - x * half)
        column = front & (lower == is_lower) & (aside < 0.16 * half)
        # The seam is where the lip is still in front; behind it the lining of the mouth begins.
        depth = vertices[red, 2] > np.max(np.where(column, vertices[red, 2], -np.inf)) - 0.010
        return int(red[np.argmax(np.where(column & depth, y - aside, -np.inf))])

    top = [pick(False, x, True) for x in (-0.6, -0.25, 0.0, 0.25, 0.6)]
    bottom = [pick(True, x, True) for x in (0.6, 0.3, 0.0, -0.3, -0.6)]
    inner_top = [pick(False, x, False) for x in (-0.45, 0.0, 0.45)]
    inner_bottom = [pick(True, x, False) for x in (0.45, 0.0, -0.45)]
    return [corner_left, *top, corner_right, *bottom, corner_left, *inner_top, corner_right, *inner_bottom]
