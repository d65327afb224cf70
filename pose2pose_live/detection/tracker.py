"""`PersonTracker`: one person is locked on to, followed from pose to pose, and found again when lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from ..frame import CameraFrame, Image
from ..processor import give_way
from .region import Region

_RECHECK_S = 4.0
_SEARCH_S = 0.2
_LOST_S = 1.0
_SAME_OVERLAP = 0.25
_JUMP_MAX = 0.35
_SCALE_STEP_MAX = 1.6
_STRAY_CHECKS = 2
# What a re-check found counts this many pictures later, so that no picture waits for it; always as many, so that the same clip always
# gives the same poses.
_VERDICT_PICTURES = 3


class PersonTracker:
    """Keeps the region of one person.

    detect: picture -> regions of people, the one to take first in front. It runs when nobody is tracked, and every few seconds, in the
    background, to see whether the track still lies on a person; not on every picture. A person is taken over another only when the
    first has been lost for more than a second.
    """

    def __init__(self, detect: Callable[[Image], list[Region]]) -> None:
        self._detect = detect
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="recheck", initializer=give_way)
        self._recheck: Future[list[Region]] | None = None
        self.reset()

    def close(self) -> None:
        """Wait for a detection that is still going on."""
        self._beside.shutdown()

    def reset(self) -> None:
        self._abandon_recheck()
        self.region: Region | None = None
        self._last: Region | None = None
        self._seen_s = -np.inf
        self._detected_s = -np.inf
        self._strays = 0
        self._searched: list[Region] | None = None

    def search(self, picture: CameraFrame) -> bool:
        """Run the detector now if `propose` would have to, which then answers for a later picture. False if it need not run.

        For live pictures: it takes longer than a picture lasts, and the pose is better that of a newer one.
        """
        if self.region is not None or not self._is_time_to_search(picture.time_s):
            return False
        self._searched = self._people_in(picture)
        return True

    def propose(self, picture: CameraFrame) -> tuple[Region | None, bool]:
        """Where to look in this picture, and whether that is a detector's rough region; None when there is nobody."""
        now_s = picture.time_s
        if self.region is not None:
            self._keep_checking(picture)
            if self.region is not None:
                return self.region, False
        people, self._searched = self._searched, None
        if people is None:
            if not self._is_time_to_search(now_s):
                return None, False
            people = self._people_in(picture)
        return self._choose(people, now_s), True

    def follow(self, picture: CameraFrame, region: Region) -> bool:
        """The pose of this picture ends in `region`. False when that is too far from the last one to be the same person."""
        last = self._last
        if last is not None and picture.time_s - self._seen_s <= _LOST_S and not _continuous(last, region):
            self.lose()
            return False
        self.region = self._last = region
        self._seen_s = picture.time_s
        return True

    def lose(self) -> None:
        """Nobody is in the region any more; search from the next picture on."""
        self.region = None

    def same_person(self, picture: CameraFrame) -> bool:
        """Whether a person found in this picture counts as the one that was tracked before."""
        return picture.time_s - self._seen_s <= _LOST_S

    def _is_time_to_search(self, now_s: float) -> bool:
        return now_s - self._detected_s >= _SEARCH_S or not np.isfinite(self._seen_s)

    def _people_in(self, picture: CameraFrame) -> list[Region]:
        self._abandon_recheck()
        self._detected_s = picture.time_s
        return self._detect(picture.image)

    def _choose(self, people: list[Region], now_s: float) -> Region | None:
        if self._last is not None and now_s - self._seen_s <= _LOST_S:
            near = [region for region in people if region.overlap(self._last) >= _SAME_OVERLAP]
            return max(near, key=lambda region: region.overlap(self._last or region), default=None)
        return people[0] if people else None

    def _keep_checking(self, picture: CameraFrame) -> None:
        """Start a re-check when its time has come, and act on the one that was started some pictures ago."""
        if self._recheck is None:
            if picture.time_s - self._detected_s >= _RECHECK_S:
                self._detected_s = picture.time_s
                # A source may use the picture's memory again.
                self._recheck = self._beside.submit(self._detect, picture.image.copy())
                self._pictures_until_verdict = _VERDICT_PICTURES
            return
        self._pictures_until_verdict -= 1
        if self._pictures_until_verdict:
            return
        people, self._recheck = self._recheck.result(), None
        region = self.region
        if region is None or not people or any(person.overlap(region) >= _SAME_OVERLAP for person in people):
            # A detector that sees nobody proves nothing: it misses people whom the body network follows well.
            self._strays = 0
            return
        self._strays += 1
        if self._strays >= _STRAY_CHECKS:
            self.reset()  # whoever is found next is somebody else

    def _abandon_recheck(self) -> None:
        """The detector looks at one picture at a time: whoever needs it waits for the one that is going on."""
        if self._recheck is not None:
            self._recheck.exception()
            self._recheck = None


def _continuous(last: Region, new: Region) -> bool:
    distance = np.hypot(*(new.centre_px - last.centre_px))
    scale = new.size_px / max(last.size_px, 1e-6)
    return bool(distance <= _JUMP_MAX * last.size_px and 1 / _SCALE_STEP_MAX <= scale <= _SCALE_STEP_MAX)
