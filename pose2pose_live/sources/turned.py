"""Pictures of a camera that is mounted on its side or upside down."""

from __future__ import annotations

from dataclasses import replace

from ..frame import CameraFrame
from .opencv import cv2
from .source import FrameSource

ROTATIONS_DEG = (0, 90, 180, 270)
_CODES = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class TurnedSource(FrameSource):
    """Another source, its pictures turned clockwise by rotation_deg, one of `ROTATIONS_DEG`.

    `rotation_deg` may be set from any thread and holds from the next picture on, which then is a cut. `source`: the one that is turned.
    """

    def __init__(self, source: FrameSource, rotation_deg: int = 0) -> None:
        self.source = source
        self.name, self.fps, self.live, self.frame_count = source.name, source.fps, source.live, source.frame_count
        self.format = source.format
        self._cuts = 0
        self.rotation_deg = rotation_deg
        self._turn_to(rotation_deg)

    @property
    def rotation_deg(self) -> int:
        return self._wanted_deg

    @rotation_deg.setter
    def rotation_deg(self, rotation_deg: int) -> None:
        if rotation_deg not in ROTATIONS_DEG:
            raise ValueError(f"rotation: expected one of {ROTATIONS_DEG} degrees, found {rotation_deg}")
        self._wanted_deg = rotation_deg

    @property
    def warning(self) -> str:
        return self.source.warning

    def _turn_to(self, rotation_deg: int) -> None:
        self._present_deg = rotation_deg
        width, height = self.source.size_px
        self.size_px = (height, width) if rotation_deg in (90, 270) else (width, height)

    def read(self) -> CameraFrame | None:
        picture = self.source.read()
        wanted_deg = self._wanted_deg
        if wanted_deg != self._present_deg:
            self._cuts += 1
            self._turn_to(wanted_deg)
        if picture is None or (not self._present_deg and not self._cuts):
            return picture
        image = cv2.rotate(picture.image, _CODES[self._present_deg]) if self._present_deg else picture.image
        return replace(picture, image=image, cuts=picture.cuts + self._cuts)

    def interrupt(self) -> None:
        self.source.interrupt()

    def close(self) -> None:
        self.source.close()
