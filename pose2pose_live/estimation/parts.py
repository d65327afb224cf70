"""`PartTracker`: hands and face of one person from picture to picture, each looked for where it was or where the body says it is."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
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
_HAND_SIZE_RATIO_MAX = 3.0
_WRIST_DISTANCE_MAX = 0.6
_SAME_HAND_OVERLAP = 0.5
_FACE_DRIFT_MAX = 0.5
# Outside the picture the crop repeats its border, and the network makes a hand of that: the palm must be in the picture.
_PALM = [HAND_LANDMARK[name] for name in ("wrist", "thumb_cmc", "index_mcp", "middle_mcp", "ring_mcp", "pinky_mcp")]
_PALM_INSIDE_MIN = 0.6
# A hand that was just there may be blurred by its own motion: less is asked of it than of one that is found anew.
_TRACKED_PRESENCE_MIN = 0.25
# Where a part was looked for in vain it is looked for again after this time, or when the body has moved it by this share of its
# region: hands behind a back stay there for a while.
_RETRY_S = 0.08
_MOVED = 0.06
_DOUBTFUL_MIN = 0.05
_WORKERS = 2


@dataclass(frozen=True)
class Parts:
    """Hands (left, right) and face of one picture; None where the network sees none."""

    hands: tuple[HandLandmarks | None, HandLandmarks | None]
    face: FaceLandmarks | None


@dataclass(frozen=True)
class Pending:
    """Networks that are already looking at a picture's tracked regions; None for parts that are not tracked."""

    image: Image
    hands: tuple[Future[HandLandmarks] | None, ...]
    face: Future[FaceLandmarks] | None


class PartTracker:
    """`start` sets the networks going on what is tracked, at the same time as the body network works; `finish` checks their
    answers against the body and looks for what is missing."""

    def __init__(self, engine: Engine) -> None:
        self._hand_net = HandNet(engine.graph("hand"))
        self._recrop_net = HandRecropNet(engine.graph("hand_recrop"))
        self._face_net = FaceNet(engine.graph("face"), engine.graph("blendshapes"))
        # One thread a network: two networks side by side use two cores better than one network on both.
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="parts")
        self.reset()

    def reset(self) -> None:
        self._hand_regions: list[Region | None] = [None, None]
        self._face_region: Region | None = None
        self._missed: dict[str, tuple[float, Region]] = {}

    def close(self) -> None:
        self._pool.shutdown()

    def start(self, image: Image) -> Pending:
        hands = tuple(
            None if region is None else self._pool.submit(self._hand_net, image, region)
            for region in self._hand_regions
        )
        region = self._face_region
        return Pending(image, hands, None if region is None else self._pool.submit(self._face_net, image, region))

    def finish(self, pending: Pending, pose: PoseLandmarks, time_s: float) -> Parts:
        guesses = [hand_region_from_pose(pose, side) for side in SIDES]
        hands = [None if future is None else future.result() for future in pending.hands]
        face = None if pending.face is None else pending.face.result()
        for i, side in enumerate(SIDES):
            if not self._is_hand_of(hands[i], guesses[i], pose, side, pending.image, _TRACKED_PRESENCE_MIN):
                hands[i] = None
        searches: dict[int, Future[HandLandmarks]] = {}
        for i, (side, guess) in enumerate(zip(SIDES, guesses, strict=True)):
            if hands[i] is None and guess is not None and self._is_worth_a_search(side, guess, pending.image, time_s):
                searches[i] = self._pool.submit(self._search_hand, pending.image, guess)
        face_guess = face_region_from_pose(pose)
        if not _is_face_of(face, face_guess):
            face = None
            if self._is_worth_a_search("face", face_guess, pending.image, time_s):
                face = self._search_face(pending.image, face_guess)
                face = face if _is_face_of(face, face_guess) else None
        for i, search in searches.items():
            found = search.result()
            is_hand = self._is_hand_of(found, guesses[i], pose, SIDES[i], pending.image, hand_net.PRESENCE_MIN)
            hands[i] = found if is_hand else None
        left, right = hands
        if left is not None and right is not None and left.region.overlap(right.region) > _SAME_HAND_OVERLAP:
            # Both looked at one hand: it is the one that the network takes it for.
            hands[1 if left.right + right.right < 1 else 0] = None
        self._remember(hands, face)
        return Parts((hands[0], hands[1]), face)

    def abandon(self, pending: Pending) -> None:
        """Wait for networks whose answers nobody wants: they read the picture's memory."""
        for future in (*pending.hands, pending.face):
            if future is not None:
                future.result()

    def _is_worth_a_search(self, name: str, guess: Region, image: Image, time_s: float) -> bool:
        if not guess.touches(image.shape[1], image.shape[0]):
            return False
        if name in self._missed:
            missed_s, there = self._missed[name]
            moved = float(np.hypot(*(guess.centre_px - there.centre_px))) / there.size_px
            if 0 <= time_s - missed_s < _RETRY_S and moved < _MOVED:
                return False
        self._missed[name] = (time_s, guess)  # forgotten again when the search succeeds
        return True

    def _remember(self, hands: list[HandLandmarks | None], face: FaceLandmarks | None) -> None:
        self._hand_regions = [None if hand is None else hand.region for hand in hands]
        self._face_region = None if face is None else face.region
        for name, part in (*zip(SIDES, hands, strict=True), ("face", face)):
            if part is not None:
                self._missed.pop(name, None)

    def _search_hand(self, image: Image, guess: Region) -> HandLandmarks:
        hand = self._hand_net(image, self._recrop_net(image, guess))
        if (
            _DOUBTFUL_MIN <= hand.presence < hand_net.PRESENCE_MIN
        ):  # seen, but not well: look where the hand itself says
            hand = self._hand_net(image, hand.region)
        return hand

    def _search_face(self, image: Image, guess: Region) -> FaceLandmarks | None:
        first = self._face_net(image, guess)
        if first.presence < face_net.PRESENCE_MIN:
            return None
        return self._face_net(image, first.region)  # the body's guess is rough: look again where the face itself says

    @staticmethod
    def _is_hand_of(
        hand: HandLandmarks | None,
        guess: Region | None,
        pose: PoseLandmarks,
        side: str,
        image: Image,
        presence_min: float,
    ) -> bool:
        """Whether there is a hand, on the end of this arm, and in the picture."""
        if hand is None or guess is None or hand.presence < presence_min or not _agrees(hand.region, guess):
            return False
        wrist_px = hand.image_px[HAND_LANDMARK["wrist"]] - pose.image_px[POSE[f"{side}_wrist"]]
        palm_px = hand.image_px[_PALM]
        inside = ((palm_px >= 0) & (palm_px < image.shape[1::-1])).all(axis=1).mean()
        return bool(np.hypot(*wrist_px) < _WRIST_DISTANCE_MAX * guess.size_px and inside >= _PALM_INSIDE_MIN)


def _is_face_of(face: FaceLandmarks | None, guess: Region) -> bool:
    if face is None or face.presence < face_net.PRESENCE_MIN:
        return False
    return bool(np.hypot(*(face.region.centre_px - guess.centre_px)) < _FACE_DRIFT_MAX * guess.size_px)


def _agrees(found: Region, guess: Region) -> bool:
    distance = np.hypot(*(found.centre_px - guess.centre_px))
    ratio = found.size_px / guess.size_px
    return bool(distance < _HAND_DRIFT_MAX * guess.size_px and 1 / _HAND_SIZE_RATIO_MAX < ratio < _HAND_SIZE_RATIO_MAX)
