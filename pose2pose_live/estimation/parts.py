"""`PartTracker`: hands and face of one person from picture to picture, each looked for where the body says it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..detection.region import Region
from ..frame import Image
from ..inference import Engine
from ..skeleton import HAND_LANDMARK, POSE
from . import face_net, hand_net
from .face_net import FaceLandmarks, FaceNet, face_region_from_pose
from .hand_net import HandLandmarks, HandNet, HandRecropNet, hand_region_from_pose
from .pose_net import PoseLandmarks
from .rest import SIDES

# A tracked region that lies farther than this (in sizes of the region the body suggests) from it belongs to something else.
_HAND_DRIFT_MAX = 0.4
_HAND_SIZE_RATIO_MAX = 2.2
_WRIST_DISTANCE_MAX = 0.6
_SAME_HAND_OVERLAP = 0.5
_FACE_DRIFT_MAX = 0.5


@dataclass(frozen=True)
class Parts:
    """Hands (left, right) and face of one picture; None where the network sees none."""

    hands: tuple[HandLandmarks | None, HandLandmarks | None]
    face: FaceLandmarks | None


class PartTracker:
    def __init__(self, engine: Engine, threads: int) -> None:
        self._hand_net = HandNet(engine.graph("hand"), threads)
        self._recrop_net = HandRecropNet(engine.graph("hand_recrop"))
        self._face_net = FaceNet(engine.graph("face"), engine.graph("blendshapes"), threads)
        self.reset()

    def reset(self) -> None:
        self._hand_regions: list[Region | None] = [None, None]
        self._face_region: Region | None = None

    def __call__(self, image: Image, pose: PoseLandmarks) -> Parts:
        return Parts(self._hands(image, pose), self._face(image, pose))

    def _hands(self, image: Image, pose: PoseLandmarks) -> tuple[HandLandmarks | None, HandLandmarks | None]:
        height, width = image.shape[:2]
        rough = [hand_region_from_pose(pose, side) for side in SIDES]
        regions: list[Region | None] = []
        for tracked, guess in zip(self._hand_regions, rough, strict=True):
            if guess is None or not guess.touches(width, height):
                regions.append(None)
            elif tracked is not None and _agrees(tracked, guess):
                regions.append(tracked)
            else:
                regions.append(self._recrop_net(image, guess))
        wanted = [i for i, region in enumerate(regions) if region is not None]
        found: list[HandLandmarks | None] = [None, None]
        for i, hand in zip(wanted, self._hand_net(image, [r for r in regions if r is not None]), strict=True):
            guess = rough[i]
            wrist_px = hand.image_px[HAND_LANDMARK["wrist"]] - pose.image_px[POSE[f"{SIDES[i]}_wrist"]]
            near = guess is not None and np.hypot(*wrist_px) < _WRIST_DISTANCE_MAX * guess.size_px
            if hand.presence >= hand_net.PRESENCE_MIN and near:
                found[i] = hand
        left, right = found
        if left is not None and right is not None and left.region.overlap(right.region) > _SAME_HAND_OVERLAP:
            # Both looked at one hand: it is the one that the network takes it for.
            found[1 if left.right + right.right < 1 else 0] = None
        self._hand_regions = [None if hand is None else hand.region for hand in found]
        return found[0], found[1]

    def _face(self, image: Image, pose: PoseLandmarks) -> FaceLandmarks | None:
        guess = face_region_from_pose(pose)
        region = self._face_region
        if region is not None and np.hypot(*(region.centre_px - guess.centre_px)) > _FACE_DRIFT_MAX * guess.size_px:
            region = None
        self._face_region = None
        if region is None:
            if not guess.touches(image.shape[1], image.shape[0]):
                return None
            first = self._face_net(image, guess)
            if first.presence < face_net.PRESENCE_MIN:
                return None
            region = first.region  # the body's guess is rough: look again where the face itself says
        face = self._face_net(image, region)
        if face.presence < face_net.PRESENCE_MIN:
            return None
        self._face_region = face.region
        return face


def _agrees(tracked: Region, guess: Region) -> bool:
    distance = np.hypot(*(tracked.centre_px - guess.centre_px))
    ratio = tracked.size_px / guess.size_px
    return bool(distance < _HAND_DRIFT_MAX * guess.size_px and 1 / _HAND_SIZE_RATIO_MAX < ratio < _HAND_SIZE_RATIO_MAX)
