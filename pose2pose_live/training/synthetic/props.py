"""What people sit on, sit at, hold and wear: chairs, desks, phones and cups, glasses, headphones, long hair."""

from __future__ import annotations

import numpy as np

from ...frame import FloatArray, SmplxFrame
from ...rotations import basis_from, normalise, rotvec_to_rotmat
from ...skeleton import SMPLX
from .body import DrawnBody, PosedPerson
from .looks import Look, cloth_colour
from .meshes import Material, Mesh, box, sheet, tube
from .patterns import KNIT, PATTERN_COUNT

Rng = np.random.Generator
KIND_PROP = 200
"""What the mask says of things that are not a person."""
_KIND_HEAD = 1 + SMPLX["head"]
_CHAIR, _DESK, _HELD, _GLASSES, _HEADPHONES, _LONG_HAIR = 0.6, 0.3, 0.09, 0.2, 0.1, 0.33


def sample_props(
    rng: Rng, body: DrawnBody, frame: SmplxFrame, posed: PosedPerson, up: FloatArray, look: Look, is_seated: bool
) -> list[Mesh]:
    """Meshes in the camera's world around a posed person; up (3,): the vertical there."""
    meshes: list[Mesh] = []
    joints = posed.smplx_joints
    if is_seated and rng.random() < _CHAIR:
        meshes += _chair(rng, joints, up)
    if is_seated and rng.random() < _DESK:
        meshes += _desk(rng, joints, up)
    if rng.random() < _HELD:
        meshes.append(_held(rng, joints, str(rng.choice(["left", "right"]))))
    head = body.world_rotation(frame, "head")
    rest = body.model.rest_joints(frame.betas)

    def on_head(mesh: Mesh) -> Mesh:
        """From the T-pose to where the head is."""
        return mesh.moved(head, joints[SMPLX["head"]] - head @ rest[SMPLX["head"]])

    if rng.random() < _GLASSES:
        meshes += [on_head(mesh) for mesh in _glasses(rng, rest)]
    if rng.random() < _HEADPHONES:
        meshes += [on_head(mesh) for mesh in _headphones(rng, rest, body.crown_m)]
    if look.is_hairy and rng.random() < _LONG_HAIR:
        meshes.append(_long_hair(rng, body, rest, head, body.world_rotation(frame, "spine3"), joints, look))
    return meshes


def _material(rng: Rng, *, kind: int = KIND_PROP, shine: float = 0.05) -> Material:
    pattern = int(rng.integers(1, PATTERN_COUNT)) if rng.random() < 0.2 else 0
    return Material(cloth_colour(rng), cloth_colour(rng), pattern, rng.uniform(0, 2 * shine), kind)


def _seat_axes(joints: FloatArray, up: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Axes of a seat (columns left, up, forward) and its middle (3,), from the hips and thighs."""
    left_hip, right_hip = joints[SMPLX["left_hip"]], joints[SMPLX["right_hip"]]
    thighs = joints[SMPLX["left_knee"]] + joints[SMPLX["right_knee"]] - left_hip - right_hip
    forward = normalise(thighs - (thighs @ up) * up)
    axes = basis_from(up, forward)  # columns up, forward, up x forward = left
    return axes[:, [2, 0, 1]], 0.5 * (left_hip + right_hip)


def _chair(rng: Rng, joints: FloatArray, up: FloatArray) -> list[Mesh]:
    axes, hips = _seat_axes(joints, up)
    cloth, frame = _material(rng), _material(rng, shine=0.15)
    width = rng.uniform(0.42, 0.56)
    seat_y = -rng.uniform(0.13, 0.16)
    back = joints[SMPLX["spine3"]] - hips
    lean = float(np.clip(np.arctan2(back @ axes[:, 2], back @ axes[:, 1]), -0.35, 0.1))
    tall = rng.uniform(0.35, 0.95)
    meshes = [
        box(np.array([width, 0.07, 0.46]), cloth).moved(axes, hips + axes @ (0, seat_y, 0.10)),
        box(np.array([width * rng.uniform(0.8, 1.0), tall, 0.06]), cloth).moved(
            axes @ rotvec_to_rotmat(np.array([lean, 0.0, 0.0])),
            hips + axes @ (0, tall / 2 - 0.02, -0.20 + lean * tall / 2),
        ),
    ]
    if rng.random() < 0.5:
        for side in (-1.0, 1.0):
            top = hips + axes @ np.array([side * (width / 2 + 0.03), 0.10, 0.05])
            meshes.append(box(np.array([0.06, 0.04, 0.28]), frame).moved(axes, top))
            meshes.append(box(np.array([0.04, 0.24, 0.05]), frame).moved(axes, top - axes @ (0, 0.13, 0)))
    ground = seat_y - 0.42
    if rng.random() < 0.5:
        meshes.append(tube(np.array([[0, seat_y, 0.08], [0, ground, 0.08]]), 0.03, frame).moved(axes, hips))
    else:
        for x in (-1.0, 1.0):
            for z in (-0.1, 0.28):
                leg = np.array([[x * (width / 2 - 0.03), seat_y, z], [x * width / 2, ground, z * 1.15]])
                meshes.append(tube(leg, 0.018, frame).moved(axes, hips))
    return meshes


def _desk(rng: Rng, joints: FloatArray, up: FloatArray) -> list[Mesh]:
    """A table before the person, under the hands where they rest on it; none where the thighs would go through it."""
    axes, hips = _seat_axes(joints, up)
    local = (joints - hips) @ axes
    hands = local[
        [
            SMPLX[f"{side}_{name}"]
            for side in ("left", "right")
            for name in ("wrist", "middle1", "middle3", "index3", "thumb3")
        ]
    ]
    forearms = local[[SMPLX["left_elbow"], SMPLX["right_elbow"]]]
    near = rng.uniform(0.20, 0.32)
    over = np.concatenate([hands, forearms])
    over = over[over[:, 2] > near - 0.03]
    height = float(over[:, 1].min()) - 0.035 if len(over) else rng.uniform(0.10, 0.2)
    height = min(height, 0.24)
    knees = local[[SMPLX["left_knee"], SMPLX["right_knee"]], 1].max()
    if height < knees + 0.08 or height < 0.06:
        return []
    top = _material(rng, shine=0.1)
    width, deep = rng.uniform(0.9, 1.9), rng.uniform(0.4, 0.9)
    centre = np.array([rng.normal(0, 0.15), height - 0.015, near + deep / 2])
    meshes = [box(np.array([width, 0.03, deep]), top).moved(axes, hips + axes @ centre)]
    for side in (-1.0, 1.0):
        leg = box(np.array([0.05, 0.7, deep * 0.9]), top)
        meshes.append(leg.moved(axes, hips + axes @ (centre + np.array([side * (width / 2 - 0.05), -0.37, 0]))))
    if rng.random() < 0.4:  # a cup, a box, a laptop's back
        size = [(0.07, 0.10, 0.07), (0.2, 0.06, 0.14), (0.32, 0.2, 0.015)][rng.integers(3)]
        place = centre + np.array([rng.uniform(-0.4, 0.4), size[1] / 2 + 0.015, rng.uniform(0.05, deep / 2 - 0.05)])
        meshes.append(box(np.array(size), _material(rng, shine=0.2)).moved(axes, hips + axes @ place))
    return meshes


def _held(rng: Rng, joints: FloatArray, side: str) -> Mesh:
    """A phone, cup, pen, remote control or book in the palm."""
    wrist, knuckle, index, pinky = (
        joints[SMPLX[f"{side}_{name}"]] for name in ("wrist", "middle1", "index1", "pinky1")
    )
    axes = basis_from(knuckle - wrist, index - pinky)
    palm = -axes[:, 2] if side == "left" else axes[:, 2]
    size = [(0.15, 0.075, 0.010), (0.075, 0.10, 0.075), (0.012, 0.15, 0.012), (0.05, 0.17, 0.022), (0.2, 0.14, 0.02)][
        rng.integers(5)
    ]
    centre = knuckle + palm * (0.022 + size[2] / 2) + axes[:, 0] * rng.normal(0.01, 0.015)
    turn = rotvec_to_rotmat(np.array([0.0, 0.0, rng.normal(0, 0.3)]))
    return box(np.array(size), _material(rng, shine=0.2)).moved(axes @ turn, centre)


def _glasses(rng: Rng, rest: FloatArray) -> list[Mesh]:
    dark = rng.random() < 0.7
    colour = np.full(3, 0.01) if dark else cloth_colour(rng)
    material = Material(colour, colour, 0, rng.uniform(0.05, 0.3), _KIND_HEAD)
    wide, tall = rng.uniform(0.021, 0.027), rng.uniform(0.014, 0.023)
    angle = np.linspace(0, 2 * np.pi, 15)
    are_sunglasses = dark and rng.random() < 0.15
    meshes = []
    rims = []
    for side, sign in (("left", 1.0), ("right", -1.0)):
        centre = rest[SMPLX[f"{side}_eye_smplhf"]] + (0.002 * sign, -0.004, 0.026)
        rim = centre + np.stack([sign * wide * np.cos(angle), tall * np.sin(angle), -0.006 * np.cos(angle)], axis=1)
        rims.append(rim)
        meshes.append(tube(rim, rng.uniform(0.0012, 0.0022), material, sides=5))
        hinge = rim[0]
        ear = np.array([sign * 0.078, hinge[1] - 0.002, rest[SMPLX["head"]][2] - 0.005])
        meshes.append(tube(np.stack([hinge, (hinge + ear) / 2 + (sign * 0.006, 0, 0), ear]), 0.0016, material, sides=5))
        if are_sunglasses:
            fan = np.stack([np.tile(centre, (len(rim), 1)), rim])
            meshes.append(sheet(fan, material))
    meshes.append(
        tube(
            np.stack([rims[0][7], (rims[0][7] + rims[1][7]) / 2 + (0, 0.003, 0.003), rims[1][7]]),
            0.0016,
            material,
            sides=5,
        )
    )
    return meshes


def _headphones(rng: Rng, rest: FloatArray, crown_m: float) -> list[Mesh]:
    material = _material(rng, kind=_KIND_HEAD, shine=0.15)
    middle = rest[SMPLX["head"]] + (0, 0.01, -0.012)
    half, rise = 0.092, crown_m - 0.01 + rng.uniform(0.015, 0.035)
    angle = np.linspace(0, np.pi, 13)
    band = middle + np.stack([half * np.cos(angle), rise * np.sin(angle), np.zeros(13)], axis=1)
    meshes = [tube(band, rng.uniform(0.006, 0.012), material, sides=6)]
    cup = rng.uniform(0.026, 0.042)
    for sign in (1.0, -1.0):
        path = middle + np.array([[sign * 0.070, 0, 0], [sign * (half + 0.006), 0, 0], [sign * (half + 0.02), 0, 0]])
        meshes.append(tube(path, np.array([cup, cup, cup * 0.8]), material, sides=12))
    if rng.random() < 0.35:
        boom = middle + np.array([[half, -0.02, 0.0], [half - 0.01, -0.07, 0.05], [0.035, -0.085, 0.105]])
        meshes.append(tube(boom, np.array([0.003, 0.003, 0.006]), material, sides=5))
    return meshes


def _long_hair(
    rng: Rng, body: DrawnBody, rest: FloatArray, head: FloatArray, chest: FloatArray, joints: FloatArray, look: Look
) -> Mesh:
    """A curtain from the temples round the back of the head, its lower part hanging on the back."""
    eye, neck = rest[SMPLX["left_eye_smplhf"]], rest[SMPLX["neck"]]
    top = eye[1] + 0.3 * (rest[SMPLX["head"], 1] + body.crown_m - eye[1])
    length = rng.uniform(0.12, 0.5)
    y = top - np.linspace(0, length, 12)[:, None]
    around = np.radians(np.linspace(-1, 1, 17) * rng.uniform(100, 128))[None]
    below = np.clip((eye[1] - 0.05 - y) / 0.16, 0, 1)  # 0 beside the face, 1 on the back
    volume = rng.uniform(0.006, 0.026)
    wave = 1 + 0.05 * np.sin(around * rng.uniform(4, 9) + y * rng.uniform(0, 40) + rng.uniform(0, 6))
    x = (0.074 + volume) * wave * np.sin(around) * (1 - below * rng.uniform(-0.2, 0.25))
    z = rest[SMPLX["head"]][2] - 0.012 - (0.098 + volume) * wave * np.cos(around)
    z = z + below * (np.minimum(z, neck[2] - 0.115 - 0.02 * (1 - np.abs(np.sin(around)))) - z)
    points = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    with_head = points @ head.T + joints[SMPLX["head"]] - head @ rest[SMPLX["head"]]
    with_chest = points @ chest.T + joints[SMPLX["spine3"]] - chest @ rest[SMPLX["spine3"]]
    hanging = np.clip((neck[1] + 0.06 - y) / 0.16, 0, 1)[..., None]
    material = Material(look.hair, look.hair * rng.uniform(1.3, 2.4), KNIT, rng.uniform(0.01, 0.08), _KIND_HEAD)
    return sheet(with_head + hanging * (with_chest - with_head), material)
