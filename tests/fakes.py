"""Stand-ins for tests: a body made of capsules, a moving pose, a camera and an estimator that cost nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pose2pose_live import rotations, skeleton
from pose2pose_live.errors import SourceError
from pose2pose_live.frame import Camera, CameraFrame, PartConfidence, SmplxFrame
from pose2pose_live.sources import FrameSource, clock_s

if TYPE_CHECKING:
    from pose2pose_live.body import BodyModel

_REST = {
    "pelvis": (0, 0, 0), "hip": (0.1, -0.08, 0), "knee": (0.11, -0.48, 0), "ankle": (0.11, -0.9, -0.03), "foot": (0.12, -0.95, 0.1),
    "spine1": (0, 0.12, 0), "spine2": (0, 0.25, 0), "spine3": (0, 0.32, 0), "neck": (0, 0.52, 0), "collar": (0.06, 0.44, 0),
    "head": (0, 0.62, 0.02), "shoulder": (0.18, 0.45, 0), "elbow": (0.44, 0.45, 0), "wrist": (0.69, 0.45, 0),
    "jaw": (0, 0.62, 0.05), "eye_smplhf": (0.03, 0.68, 0.08),
}  # fmt: skip


def _rest_joints() -> np.ndarray:
    rest = np.zeros((55, 3))
    for i, name in enumerate(skeleton.SMPLX_JOINTS):
        side = 1 if name.startswith("left_") else -1
        base = name.removeprefix("left_").removeprefix("right_")
        if base in _REST:
            rest[i] = np.array(_REST[base]) * (side, 1, 1)
        else:  # fingers side by side along the arm
            finger, number = base[:-1], int(base[-1])
            spread = ("index", "middle", "ring", "pinky", "thumb").index(finger)
            rest[i] = (side * (0.77 + 0.03 * (number - 1)), 0.45, 0.03 - 0.02 * spread)
    return rest


def _capsule(start: np.ndarray, end: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Closed tube (rings of 12) from start to end: vertices, faces wound outwards."""
    axis = end - start
    length = np.linalg.norm(axis) or 1.0
    z = axis / length
    x = np.cross(z, (0.0, 0.0, 1.0) if abs(z[2]) < 0.9 else (1.0, 0.0, 0.0))
    x /= np.linalg.norm(x)
    y = np.cross(z, x)
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    profile = [(-1, 0.02), (-0.7, 0.7), (0, 1), (0, 1), (0.7, 0.7), (1, 0.02)]  # (along in radii, radius)
    rings = []
    for k, (along, r) in enumerate(profile):
        centre = (start if k < 3 else end) + z * along * radius
        rings.append(centre + radius * r * (np.cos(angle)[:, None] * x + np.sin(angle)[:, None] * y))
    n, faces = len(angle), []
    for k in range(len(profile) - 1):
        for i in range(n):
            a, b = k * n + i, k * n + (i + 1) % n
            faces += [(a, b, b + n), (a, b + n, a + n)]
    return np.concatenate(rings), np.array(faces)


@dataclass(frozen=True)
class PosedCapsules:
    vertices: np.ndarray
    joints: np.ndarray


class CapsuleBody:
    """Has what the viewport uses of `BodyModel`: a rigid capsule for each bone of the SMPL-X skeleton."""

    tag = "capsules"

    def __init__(self, *, is_coloured: bool = False) -> None:
        self._rest = _rest_joints()
        vertices: list[np.ndarray] = []
        faces: list[np.ndarray] = []
        owner: list[int] = []
        for child, parent in enumerate(skeleton.SMPLX_PARENTS):
            if parent < 0:
                continue
            name = skeleton.SMPLX_JOINTS[child]
            radius = 0.01 if child >= 25 else 0.03 if "eye" in name or name == "jaw" else 0.055
            v, f = _capsule(self._rest[parent], self._rest[child], radius)
            faces.append(f + sum(map(len, vertices)))
            vertices.append(v)
            owner += [parent] * len(v)
        head = self._rest[skeleton.SMPLX["head"]]
        v, f = _capsule(head, head + np.array([0, 0.1, 0]), 0.1)
        faces.append(f + sum(map(len, vertices)))
        vertices.append(v)
        owner += [skeleton.SMPLX["head"]] * len(v)
        self._vertices = np.concatenate(vertices)
        self._owner = np.array(owner)
        self.faces = np.concatenate(faces).astype(np.int32)
        self.vertex_count = len(self._vertices)
        colors = np.tile(np.array([[40, 90, 220]], np.uint8), (self.vertex_count, 1))
        self.vertex_colors = colors if is_coloured else None

    def coarse(self, edge_m: float) -> CapsuleBody:
        return self

    def _transforms(self, frame: SmplxFrame) -> tuple[np.ndarray, np.ndarray]:
        rotmats = rotations.rotvec_to_rotmat(frame.full_pose)
        world_rotmats, joints = np.empty((55, 3, 3)), np.empty((55, 3))
        for i, parent in enumerate(skeleton.SMPLX_PARENTS):
            if parent < 0:
                world_rotmats[i], joints[i] = rotmats[i], self._rest[i] + frame.transl
            else:
                world_rotmats[i] = world_rotmats[parent] @ rotmats[i]
                joints[i] = joints[parent] + world_rotmats[parent] @ (self._rest[i] - self._rest[parent])
        return world_rotmats, joints

    def joints(self, frame: SmplxFrame) -> np.ndarray:
        return self._transforms(frame)[1]

    def pose(self, frame: SmplxFrame) -> PosedCapsules:
        rotmats, joints = self._transforms(frame)
        local = self._vertices - self._rest[self._owner]
        vertices = joints[self._owner] + np.einsum("vij,vj->vi", rotmats[self._owner], local)
        return PosedCapsules(vertices.astype(np.float32), joints)


def capsule_body(*, is_coloured: bool = False) -> BodyModel:
    return cast("BodyModel", CapsuleBody(is_coloured=is_coloured))


ALL_SEEN = PartConfidence(1.0, 1.0, 1.0, 1.0, 1.0)


def waving_pose(time_s: float, *, width_px: int = 640, height_px: int = 480, index: int = 0) -> SmplxFrame:
    """A person 3 m in front of the camera who waves the left arm up and down once a second."""
    body_pose = np.zeros((21, 3))
    swing = np.sin(2 * np.pi * time_s)
    body_pose[skeleton.BODY["left_shoulder"], 2] = 0.9 * swing
    body_pose[skeleton.BODY["right_shoulder"], 2] = 1.1
    body_pose[skeleton.BODY["left_elbow"], 2] = 0.5
    return SmplxFrame(
        time_s=time_s,
        camera=Camera.from_field_of_view(width_px, height_px, 60.0),
        body_pose=body_pose,
        transl=np.array([0.0, -0.1, -3.0]),
        confidence=ALL_SEEN,
        tracked=True,
        index=index,
    )


class FakeSource(FrameSource):
    """A bar that moves 7 px a picture; live (at its own pace, late readers lose pictures) or delivering each picture at once.

    length: pictures until the end, None for none. fails_at: number of the picture at which the camera is unplugged.
    """

    name = "fake"
    size_px = (320, 240)

    def __init__(
        self, *, fps: float = 60.0, live: bool = True, length: int | None = None, fails_at: int | None = None
    ) -> None:
        self.fps, self.live, self.frame_count = fps, live, length
        self.closed = False
        self._fails_at = fails_at
        self._indices: Iterator[int] = count()
        self._start_s = clock_s()

    def read(self) -> CameraFrame | None:
        index = next(self._indices)
        if self.frame_count is not None and index >= self.frame_count:
            return None
        if index == self._fails_at:
            raise SourceError("the camera was unplugged; plug it in again")
        due_s = index / self.fps
        if self.live:
            due_s += self._start_s
            time.sleep(max(due_s - clock_s(), 0.0))
        image = np.full((240, 320, 3), 40, np.uint8)
        left = 7 * index % 280
        image[:, left : left + 40] = (40, 200, 240)
        return CameraFrame(image, due_s, index)

    def close(self) -> None:
        self.closed = True


class FakeMocap:
    """Answers every picture with `waving_pose` after delay_s. fails_at: index of the picture from which on it fails, in this step."""

    def __init__(self, *, delay_s: float = 0.0, fails_at: int | None = None, step: str = "observe") -> None:
        self.body = capsule_body()
        self.controls: Any = None
        self.closed = False
        self.resets = 0
        self._delay_s, self._fails_at, self._step = delay_s, fails_at, step

    def search(self, picture: CameraFrame) -> bool:
        return False

    def observe(self, picture: CameraFrame) -> CameraFrame:
        self._fail_in("observe", picture)
        time.sleep(self._delay_s)
        return picture

    def solve(self, picture: CameraFrame) -> SmplxFrame:
        self._fail_in("solve", picture)
        pose = waving_pose(picture.index / 60, width_px=320, height_px=240, index=picture.index)
        return replace(pose, time_s=picture.time_s)

    def _fail_in(self, step: str, picture: CameraFrame) -> None:
        if step == self._step and self._fails_at is not None and picture.index >= self._fails_at:
            raise ZeroDivisionError("a bug")

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None:
        self.closed = True
