"""`PartTracker`: hands and face of one person from picture to picture, each looked for where it was or where the body says it is."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from ..detection.region import Region
from ..frame import Image
from ..inference import Engine
from ..processor import give_way
from ..skeleton import HAND_LANDMARK, POSE
from . import face_net, hand_net
from .estimator import ALL_PARTS, Wanted
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
# A hand that was just there may be blurred by its own motion: less is asked of it than of one that is found anew, while it is tracked and in the first
# looks after it was lost.
_TRACKED_PRESENCE_MIN = 0.25
_JUST_LOST_PRESENCE_MIN, _JUST_LOST_ATTEMPTS = 0.4, 3
# Looking for a part that is not tracked costs as much as tracking it. It is done in the picture in which it was lost and then at these
# times, the last of them over and over (hands behind a back stay there for a while); in live capture for one part in a picture only.
_RETRIES_S = (0.0, 0.03, 0.06, 0.1, 0.2)
_STEADY_PICTURES = 6
_DOUBTFUL_MIN = 0.15
# Of the way that a hand will have gone if it goes on: some hands brake. Of shares between a half and the whole it loses the fewest.
_CARRIED = 0.75
_WORKERS = 2


@dataclass(frozen=True)
class Parts:
    """Hands (left, right) and face of one picture; None where the network sees none."""

    hands: tuple[HandLandmarks | None, HandLandmarks | None]
    face: FaceLandmarks | None


@dataclass(frozen=True)
class Pending:
    """Networks that are already looking at a picture. names: of the parts that are wanted in it. is_live: see `Wanted`."""

    image: Image
    names: tuple[str, ...]
    is_live: bool
    looks: dict[str, _Look]


@dataclass(frozen=True)
class _Aim:
    """Where to look for a part. rough: the region is the body's guess, not the part's own; thorough: look twice if it is doubtful.
    otherwise: a rough region to look in when there is nothing in this one; done while the body network still works, that makes no
    pose late."""

    region: Region
    rough: bool
    thorough: bool = False
    otherwise: Region | None = None


@dataclass(frozen=True)
class _Look:
    aim: _Aim
    found: Future[HandLandmarks | FaceLandmarks]


@dataclass
class _Loss:
    """attempts: how often a lost part was looked for in vain; next_s: when it is worth looking again; was_there: it was tracked before."""

    attempts: int
    next_s: float
    was_there: bool


class PartTracker:
    """`start` sets the networks going on what is tracked, at the same time as the body network works; `finish` checks their answers
    against the body and chooses where to look in the next picture."""

    def __init__(self, engine: Engine) -> None:
        self._hand_net = HandNet(engine.graph("hand"))
        self._recrop_net = HandRecropNet(engine.graph("hand_recrop"))
        self._face_net = FaceNet(engine.graph("face"), engine.graph("blendshapes"), engine.graphs.get("face_head"))
        # One thread a network: two networks side by side use two cores better than one network on both.
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="parts")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="search", initializer=give_way)
        self.reset()

    def reset(self) -> None:
        self._aims: dict[str, _Aim] = {}
        self._losses: dict[str, _Loss] = {}
        self._ages: dict[str, int] = {}
        self._guesses: dict[str, Region] = {}
        self._search: dict[str, _Look] = {}
        self._is_new = True

    def close(self) -> None:
        self._pool.shutdown()
        self._beside.shutdown()

    def start(self, image: Image, wanted: Wanted = ALL_PARTS) -> Pending:
        names = (*(SIDES if wanted.hands else ()), *(("face",) if wanted.face else ()))
        return Pending(
            image,
            names,
            wanted.is_live,
            self._look_at(image, {n: aim for n, aim in self._aims.items() if n in names}, self._pool),
        )

    def finish(self, pending: Pending, pose: PoseLandmarks, time_s: float) -> Parts:
        image = pending.image
        height, width = image.shape[:2]
        candidates = {side: hand_region_from_pose(pose, side) for side in SIDES} | {"face": face_region_from_pose(pose)}
        guesses = {
            name: guess
            for name in pending.names
            if (guess := candidates[name]) is not None and guess.touches(width, height)
        }
        found = self._checked(pending.looks, guesses, pose, image)
        # What was tracked for a while and is not there any more, and everything of a person who was just found, is looked for at once; in live
        # capture beside the pictures, for that makes this pose late by as much as another picture takes.
        missing = {
            name: _Aim(guess, True, True)
            for name, guess in guesses.items()
            if name not in found
            and not pending.is_live
            and (self._is_new or self._ages.get(name, 0) >= _STEADY_PICTURES)
        }
        self._is_new = False
        found |= self._checked(self._look_at(image, missing, self._pool), guesses, pose, image)
        _keep_one_of_the_same_hand(found)
        left, right, face = (found.get(name) for name in (*SIDES, "face"))
        assert not isinstance(left, FaceLandmarks)
        assert not isinstance(right, FaceLandmarks)
        assert not isinstance(face, HandLandmarks)
        self._ages = {name: self._ages.get(name, 0) + 1 for name in found}
        # The body carries hands with it: where it will have them in the next picture if it goes on as from the last one. A face keeps its region, for
        # it is larger than its steps, and the networks read the trembling of a region that is moved as a blink.
        ahead = {name: _onwards(self._guesses.get(name), guess) for name, guess in guesses.items()}
        self._guesses = guesses
        self._aims = {
            name: _Aim(
                part.region if name == "face" else _moved(part.region, guesses[name], ahead[name], _CARRIED), False
            )
            for name, part in found.items()
        }
        search = self._ended_search()
        # What it saw is of an older picture; where the part is on the body still holds.
        for name, part in self._checked(search, guesses, pose, image).items():
            self._aims.setdefault(name, _Aim(_moved(part.region, search[name].aim.region, ahead[name]), False))
        if "face" in self._aims:
            self._aims["face"] = replace(self._aims["face"], otherwise=ahead["face"])
        lost = self._lost_parts({*pending.looks, *search}, guesses, time_s)
        if not pending.is_live:
            self._aims |= {name: _Aim(ahead[name], True) for name in lost}
        elif lost and not self._search:
            # One at a time, in a picture of its own: whoever gave this one may use its memory again.
            self._search = self._look_at(image.copy(), {lost[0]: _Aim(guesses[lost[0]], True)}, self._beside)
        return Parts((left, right), face)

    def abandon(self, pending: Pending) -> None:
        """Wait for networks whose answers nobody wants: they read the picture's memory."""
        for look in pending.looks.values():
            look.found.result()

    def _look_at(self, image: Image, aims: dict[str, _Aim], pool: ThreadPoolExecutor) -> dict[str, _Look]:
        return {name: _Look(aim, pool.submit(self._find, name, image, aim)) for name, aim in aims.items()}

    def _ended_search(self) -> dict[str, _Look]:
        """The search beside the pictures once it has ended, which makes room for another; empty before that."""
        if not all(look.found.done() for look in self._search.values()):
            return {}
        ended, self._search = self._search, {}
        return ended

    def _find(self, name: str, image: Image, aim: _Aim) -> HandLandmarks | FaceLandmarks:
        return self._find_face(image, aim) if name == "face" else self._find_hand(image, aim, name)

    def _find_hand(self, image: Image, aim: _Aim, side: str) -> HandLandmarks:
        if not aim.rough:
            return self._hand_net(image, aim.region, side)
        hand = self._hand_net(image, self._recrop_net(image, aim.region), side)
        # One that is not seen well is looked at again where it says itself that it is.
        if aim.thorough and _DOUBTFUL_MIN <= hand.presence < hand_net.PRESENCE_MIN:
            hand = self._hand_net(image, hand.region, side)
        return hand

    def _find_face(self, image: Image, aim: _Aim) -> FaceLandmarks:
        face = self._face_net(image, aim.region)
        if face.presence < face_net.PRESENCE_MIN:
            return face if aim.otherwise is None else self._find_face(image, _Aim(aim.otherwise, True))
        return self._face_net(image, face.region) if aim.rough else face

    def _checked(
        self, looks: dict[str, _Look], guesses: dict[str, Region], pose: PoseLandmarks, image: Image
    ) -> dict[str, HandLandmarks | FaceLandmarks]:
        """Those parts that the networks see, and see where the body has them."""
        found: dict[str, HandLandmarks | FaceLandmarks] = {}
        for name, look in looks.items():
            part, guess = look.found.result(), guesses.get(name)
            if guess is None:
                continue
            if isinstance(part, FaceLandmarks):
                is_real = _is_face_of(part, guess)
            else:
                presence_min = self._presence_min(name) if look.aim.rough else _TRACKED_PRESENCE_MIN
                is_real = _is_hand_of(part, guess, pose.image_px[POSE[f"{name}_wrist"]], image, presence_min)
            if is_real:
                found[name] = part
        return found

    def _presence_min(self, side: str) -> float:
        """For a hand where the body has it."""
        loss = self._losses.get(side)
        is_just_lost = loss is not None and loss.was_there and loss.attempts < _JUST_LOST_ATTEMPTS
        return _JUST_LOST_PRESENCE_MIN if is_just_lost else hand_net.PRESENCE_MIN

    def _lost_parts(self, looked_for: set[str], guesses: dict[str, Region], time_s: float) -> list[str]:
        """The lost parts whose time for another look has come, the one that has waited longest in front. looked_for: in vain if it is not aimed at."""
        for name in (*SIDES, "face"):
            if name in self._aims:
                self._losses.pop(name, None)
            elif name not in self._losses:
                self._losses[name] = _Loss(0, time_s, name in looked_for)
            elif name in looked_for:
                loss = self._losses[name]
                wait_s = _RETRIES_S[min(loss.attempts, len(_RETRIES_S) - 1)]
                self._losses[name] = replace(loss, attempts=loss.attempts + 1, next_s=time_s + wait_s)
        due = [name for name, loss in self._losses.items() if name in guesses and loss.next_s <= time_s]
        # The face before a hand: it also says where the person faces.
        return sorted(due, key=lambda name: (self._losses[name].next_s, name != "face"))


def _keep_one_of_the_same_hand(found: dict[str, HandLandmarks | FaceLandmarks]) -> None:
    """Where both sides looked at one hand, it is the one that the network takes it for."""
    left, right = (found.get(side) for side in SIDES)
    if not isinstance(left, HandLandmarks) or not isinstance(right, HandLandmarks):
        return
    if left.region.overlap(right.region) > _SAME_HAND_OVERLAP:
        del found["right" if left.right + right.right < 1 else "left"]


def _moved(region: Region, start: Region, goal: Region, share: float = 1.0) -> Region:
    """The region carried along by that share of the way from start to goal."""
    x_px, y_px = region.centre_px + share * (goal.centre_px - start.centre_px)
    return replace(region, centre_x_px=float(x_px), centre_y_px=float(y_px))


def _onwards(before: Region | None, now: Region) -> Region:
    """Where a region will be in the next picture if it goes on as from the one before."""
    if before is None or np.hypot(*(now.centre_px - before.centre_px)) > now.size_px:
        return now
    return replace(
        now,
        centre_x_px=2 * now.centre_x_px - before.centre_x_px,
        centre_y_px=2 * now.centre_y_px - before.centre_y_px,
    )


def _is_hand_of(hand: HandLandmarks, guess: Region, wrist_px: np.ndarray, image: Image, presence_min: float) -> bool:
    """Whether there is a hand, on the end of this arm, and in the picture."""
    if hand.presence < presence_min or not _agrees(hand.region, guess):
        return False
    distance_px = np.hypot(*(hand.image_px[HAND_LANDMARK["wrist"]] - wrist_px))
    palm_px = hand.image_px[_PALM]
    inside = ((palm_px >= 0) & (palm_px < image.shape[1::-1])).all(axis=1).mean()
    return bool(distance_px < _WRIST_DISTANCE_MAX * guess.size_px and inside >= _PALM_INSIDE_MIN)


def _is_face_of(face: FaceLandmarks, guess: Region) -> bool:
    if face.presence < face_net.PRESENCE_MIN:
        return False
    return _difference(face.region, guess)[0] < _FACE_DRIFT_MAX


def _agrees(found: Region, guess: Region) -> bool:
    distance, ratio = _difference(found, guess)
    return distance < _HAND_DRIFT_MAX and 1 / _HAND_SIZE_RATIO_MAX < ratio < _HAND_SIZE_RATIO_MAX


def _difference(region: Region, guess: Region) -> tuple[float, float]:
    """Distance of the centres in sizes of the guess, and ratio of the sizes."""
    distance_px = float(np.hypot(*(region.centre_px - guess.centre_px)))
    return distance_px / guess.size_px, region.size_px / guess.size_px
