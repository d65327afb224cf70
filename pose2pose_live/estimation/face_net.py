"""The face networks: a region of the picture becomes 478 face landmarks and 52 blendshapes (MediaPipe FaceLandmarker)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..detection.region import Region, blob, wrap_angle
from ..frame import FloatArray, Image
from ..inference import GraphSpec, Session
from ..skeleton import POSE
from . import face_measures
from .pose_net import PoseLandmarks

PRESENCE_MIN = 0.5
_LANDMARK_SCALE = 1.5
# The body network's eleven face points span the eyes, ears and mouth but not forehead and chin.
_POSE_SCALE = 2.1
_FACE_POINTS = slice(POSE["nose"], POSE["mouth_right"] + 1)
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263  # vertices of MediaPipe's canonical face


@dataclass(frozen=True)
class ReadFace:
    """What the head reads. jaw (3,3) relative to the head; expression (10,) of the open body."""

    jaw: FloatArray
    expression: FloatArray


@dataclass(frozen=True)
class FaceLandmarks:
    """What the face networks saw.

    points_px (478,3): x, y px of the source picture, z in the same px, smaller is nearer. presence: chance that there is a
    face. blendshapes (52,) in `skeleton.BLENDSHAPES` order. region: where to look in the next picture. read: None of an
    engine without a head.
    """

    points_px: FloatArray
    presence: float
    blendshapes: FloatArray
    region: Region
    read: ReadFace | None = None


class FaceNet:
    """MediaPipe's face mesh (with irises) and blendshape networks, and a head on them if there is one; may be called by several threads at once."""

    def __init__(self, mesh: GraphSpec, blendshapes: GraphSpec, head: GraphSpec | None = None) -> None:
        self._size_px = mesh.input_size_px
        self._mesh = Session(mesh.path, 1, ("landmarks", "presence"))
        self._blendshapes = Session(blendshapes.path, 1)
        self._head = None if head is None else Session(head.path, 1, ("jaw", "expression"))
        self._subset = np.array(blendshapes.table["input_indices"])

    def __call__(self, image: Image, region: Region) -> FaceLandmarks:
        out = self._mesh.run(blob(region.crop(image, self._size_px)))
        landmarks = out["landmarks"][0].astype(np.float64)
        points_px = np.column_stack(
            [region.to_image(landmarks[:, :2], self._size_px), landmarks[:, 2] * region.size_px / self._size_px]
        )
        presence = float(out["presence"].item())
        # The network takes out position and scale by itself, but not the turn: it wants picture px, as MediaPipe feeds it.
        answer = self._blendshapes.run(points_px[self._subset, :2].astype(np.float32)[None])
        shapes = next(iter(answer.values())).ravel().astype(np.float64)
        region = _region_from_landmarks(points_px)
        return FaceLandmarks(points_px, presence, shapes, region, self._read(points_px, shapes))

    def _read(self, points_px: FloatArray, shapes: FloatArray) -> ReadFace | None:
        if self._head is None:
            return None
        out = self._head.run(face_measures.evidence(points_px, shapes).astype(np.float32)[None])
        return ReadFace(out["jaw"][0].astype(np.float64), out["expression"][0].astype(np.float64))


def face_region_from_pose(pose: PoseLandmarks) -> Region:
    """Rough region of the face by the body network's eyes, ears, nose and mouth."""
    points = pose.image_px[_FACE_POINTS]
    across = pose.image_px[POSE["left_eye"]] - pose.image_px[POSE["right_eye"]]
    return _square(points, across, _POSE_SCALE)


def _region_from_landmarks(points_px: FloatArray) -> Region:
    across = points_px[LEFT_EYE_OUTER, :2] - points_px[RIGHT_EYE_OUTER, :2]
    return _square(points_px[:, :2], across, _LANDMARK_SCALE)


def _square(points_px: FloatArray, across_px: FloatArray, scale: float) -> Region:
    """Bounding square of points, scaled, its x axis along `across` (MediaPipe's DetectionsToRects, square_long)."""
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    centre = (low + high) / 2
    rotation = wrap_angle(np.arctan2(across_px[1], across_px[0]))
    return Region(float(centre[0]), float(centre[1]), float(scale * (high - low).max()), rotation)
