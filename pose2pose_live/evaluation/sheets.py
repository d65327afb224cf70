"""The three contact sheets of an engine: photographs, clips and signing hands, each picture beside its posed mesh."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..frame import CameraFrame
from ..skeleton import LEFT_HAND_SLICE, RIGHT_HAND_SLICE, SMPLX
from ..viewport import OverlayRenderer
from .capture import Shot
from .contact_sheet import ContactSheet, square_around
from .figures import Sign

_PICTURES, _CLIPS, _SIGNS = "pictures", "clips", "signs"
_HANDS = (
    [SMPLX["left_wrist"], *range(LEFT_HAND_SLICE.start, LEFT_HAND_SLICE.stop)],
    [SMPLX["right_wrist"], *range(RIGHT_HAND_SLICE.start, RIGHT_HAND_SLICE.stop)],
)
_WHOLE = (slice(None), slice(None))


class Sheets:
    """draw: the mesh over a picture; None where nothing can be drawn, and then there are no sheets."""

    def __init__(self, draw: OverlayRenderer | None) -> None:
        self._draw = draw
        self._sheets = {
            _PICTURES: ContactSheet((320, 320), 3),
            _CLIPS: ContactSheet((320, 240), 3),
            _SIGNS: ContactSheet((320, 320), 3),
        }

    def add_picture(self, file: str, picture: CameraFrame, shot: Shot) -> None:
        """Where the person is; the whole picture where nobody was found."""
        self._add(_PICTURES, Path(file).stem, picture, shot, _around(picture, shot) if shot.pose.tracked else _WHOLE)

    def add_clip_picture(self, file: str, picture: CameraFrame, shot: Shot) -> None:
        """As the window shows it: smoothed."""
        self._add(_CLIPS, f"{Path(file).stem} {picture.time_s:.2f} s", picture, shot)

    def add_sign(self, sign: Sign, picture: CameraFrame, shot: Shot, side: int | None) -> None:
        """The hand that signs. Under its name the fingers that are extended (T I M R P), as they should be and as they are."""
        label = f"{Path(sign.file).stem}  {_letters(sign.expected)}"
        label += " no hand found" if sign.found is None else f" found {_letters(sign.found)}"
        self._add(_SIGNS, label, picture, shot, _WHOLE if side is None else _around(picture, shot, _HANDS[side]))

    def write(self, folder: Path, engine: str) -> list[str]:
        """Names of the files that were written."""
        names = {f"{engine}_{kind}.jpg": sheet for kind, sheet in self._sheets.items()}
        return [name for name, sheet in names.items() if sheet.write(folder / name)]

    def _add(
        self,
        kind: str,
        label: str,
        picture: CameraFrame,
        shot: Shot,
        where: tuple[slice, slice] = _WHOLE,
    ) -> None:
        if self._draw is not None:
            self._sheets[kind].add(label, [picture.image[where], self._draw(picture, shot.smooth)[where]])


def _around(picture: CameraFrame, shot: Shot, joints: Sequence[int] | slice = slice(None)) -> tuple[slice, slice]:
    height, width = picture.image.shape[:2]
    return square_around(shot.pose.camera.project(shot.smooth_joints[joints]), width, height)


def _letters(fingers: dict[str, bool]) -> str:
    return "".join(finger[0].upper() if is_extended else "-" for finger, is_extended in fingers.items())
